"""Elements of an SCL document made one at a time: name, attributes, text.

Thin over lxml, which escapes what has to be. Knows no element of SCL.
Takes no text that XML cannot hold.
"""

from __future__ import annotations

from typing import cast

from lxml import etree
from lxml.etree import _Element

from bridge.iec61850.scl.words import SPACE, tag


def made(name: str, /, **attributes: str) -> _Element:
    """An element without a parent."""
    return etree.Element(name, attributes, nsmap=cast("dict[str, str]", {None: SPACE}))


def child(parent: _Element, name: str, /, text: str = "", **attributes: str) -> _Element:
    """An element of SCL below another one; attributes that are empty texts are left out."""
    found = etree.SubElement(parent, tag(name), {key: value for key, value in attributes.items() if value})
    if text:
        found.text = text
    return found


def document(root: _Element) -> bytes:
    """The bytes of a document, indented."""
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
