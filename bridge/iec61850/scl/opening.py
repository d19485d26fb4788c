"""The gate before SCL: bytes to a tree, with no document type, no entity, and bounds on everything.

A peer's file is a stranger's: nothing is fetched, nothing is expanded, size, depth, number and length are
bounded as those of any document are (bridge/mapping/guard.py); comments are dropped, since tools write them.
Reads no element.
"""

from __future__ import annotations

from lxml import etree
from lxml.etree import _Element

from bridge.iec61850.scl.fault import Faulty
from bridge.iec61850.scl.words import SPACE, tag
from bridge.mapping import guard

CAPS = guard.Caps(bytes=16 * 1024 * 1024, elements=400_000)
FOREIGN = (b"\xff\xfe", b"\xfe\xff", b"\x00")


def opened(data: bytes) -> _Element:
    """The root of an SCL document."""
    if len(data) > CAPS.bytes:
        raise Faulty(f"{len(data)} bytes, at most {CAPS.bytes} are read")
    if any(mark in data[:4] for mark in FOREIGN):
        raise Faulty("only UTF-8 is read")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Faulty("a document type or entity declaration, none is read")
    try:
        root = etree.fromstring(data, _parser())
        guard.shape(root, CAPS)
    except etree.XMLSyntaxError as fault:
        raise Faulty(f"not well-formed: {fault.msg}", fault.lineno or 0) from None
    except guard.Refused as fault:
        raise Faulty(fault.reason, fault.line) from None
    if root.tag != tag("SCL"):
        raise Faulty(f"no SCL document: {SPACE} is its name space")
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
