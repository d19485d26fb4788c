"""What the committed schemas of xsd/der say, read with lxml alone, and the smallest document a type allows.

The tests compare this with tests/xsd/facts, which an independent reader took from the IEC definitions.
It uses nothing of the generator and nothing of the models.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lxml import etree

FOLDER = Path(__file__).resolve().parents[2] / "xsd" / "der"
XS = "{http://www.w3.org/2001/XMLSchema}"
DER = "urn:derbridge:der"
EXTENSION = "urn:derbridge:der:extension"
SAMPLES = {
    "BOOLEAN": "true",
    "FLOAT32": "1.5",
    "Octet64": "00FF",
    "ObjRef": "DER1/DECP1",
    "Timestamp": "2030-01-01T00:00:00.5Z;q=0A",
    "Quality": "questionable oldData test",
}


class Element(NamedTuple):
    """One element of a complex type."""

    name: str
    type: str
    least: str
    most: str
    cond: str
    args: tuple[str, ...]
    facts: dict[str, str]
    text: str


@cache
def compiled() -> etree.XMLSchema:
    """The whole schema, ready to validate."""
    return etree.XMLSchema(etree.parse(FOLDER / "device.xsd"))


@cache
def roots() -> dict[str, etree._Element]:
    """Each file's root by file name."""
    return {path.stem: etree.parse(path).getroot() for path in sorted(FOLDER.glob("*.xsd"))}


@cache
def named(kind: str, space: str = DER) -> dict[str, etree._Element]:
    """Every global declaration of a kind in one namespace."""
    found = [
        e
        for root in roots().values()
        if root.get("targetNamespace") == space
        for e in root.iterchildren(XS + kind)
    ]
    names = [e.get("name", "") for e in found]
    assert len(set(names)) == len(names)
    return dict(zip(names, found, strict=True))


@cache
def elements(type_: str, space: str = DER) -> dict[str, Element]:
    """The children a complex type declares, in order."""
    sequence = named("complexType", space)[type_].find(f"{XS}sequence")
    assert sequence is not None
    found = [_element(e) for e in sequence.iterchildren(f"{XS}element")]
    return {e.name: e for e in found}


def _element(e: etree._Element) -> Element:
    presence = e.find(f"{XS}annotation/{XS}appinfo/presence")
    cond = "O" if presence is None else presence.get("cond", "")
    args = () if presence is None else tuple(presence.get("args", "").split())
    facts = {
        str(k): str(v) for fact in e.iterfind(f"{XS}annotation/{XS}appinfo/*") for k, v in fact.attrib.items()
    }
    text = e.findtext(f"{XS}annotation/{XS}documentation", "")
    least, most = e.get("minOccurs", "1"), e.get("maxOccurs", "1")
    return Element(e.get("name", ""), bare(e.get("type", "")), least, most, cond, args, facts, text)


def bare(name: str) -> str:
    """A qualified name without its prefix."""
    return name.partition(":")[2] or name


def conditions(type_: str, space: str = DER) -> list[tuple[str, str, tuple[str, ...]]]:
    """The rows models/presence.py takes."""
    return [(e.name, e.cond, e.args) for e in elements(type_, space).values()]


def smallest(name: str, space: str = DER) -> etree._Element:
    """The smallest document with this node at its root."""
    node = etree.Element(f"{{{space}}}{name}")
    if name != "LLN0":
        node.set("inst", "1")
    fill(node, name, space)
    return node


def fill(parent: etree._Element, type_: str, space: str = DER) -> None:
    """Give an element of a type its mandatory content."""
    if type_ in named("complexType") or space != DER:
        base = _numbered(parent, type_)
        for e in elements(base, space).values():
            if e.least == "1":
                fill(etree.SubElement(parent, f"{{{space}}}{e.name}"), e.type)
    else:
        parent.text = sample(type_)


def _numbered(parent: etree._Element, type_: str) -> str:
    extension = (
        named("complexType")[type_].find(f"{XS}complexContent/{XS}extension") if type_ in _twins() else None
    )
    if extension is None:
        return type_
    parent.set("n", "33")
    return bare(extension.get("base", ""))


@cache
def _twins() -> frozenset[str]:
    return frozenset(n for n, e in named("complexType").items() if e.find(f"{XS}complexContent") is not None)


def sample(type_: str) -> str:
    """A value of a simple type."""
    first = next(literals(type_), None)
    return SAMPLES.get(type_, first[1] if first else "1")


def literals(type_: str) -> Iterator[tuple[str, str]]:
    """Name and value of each literal of an enumeration."""
    for e in named("simpleType")[type_].iterfind(f"{XS}restriction/{XS}enumeration"):
        fact = e.find(f"{XS}annotation/{XS}appinfo/literal")
        assert fact is not None
        yield fact.get("name", ""), e.get("value", "")
