"""Reading IEC 61850 namespace definitions (NSD, "light" form) into plain records.

Follows the element and attribute names of the NSD files of 7-2, 7-3, 7-4 and 7-420. A folder is scanned
for files by the namespace identifier inside them, never by file name. Reads names, types, functional
constraints, presence conditions and literals; never reads or keeps a text of the standard, and never
writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

SPACE = "{http://www.iec.ch/61850/2016/NSD}"
WANTED = ("IEC 61850-7-2", "IEC 61850-7-3", "IEC 61850-7-4", "IEC 61850-7-420")


@dataclass(frozen=True, slots=True)
class Source:
    """One namespace definition file: what the header of each schema says about it."""

    id: str
    release: str
    digest: str


@dataclass(frozen=True, slots=True)
class Presence:
    """A presence condition with its arguments; the one for nodes of derived statistics is not read."""

    cond: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """A data attribute, sub data attribute, sub data object or service parameter."""

    name: str
    type: str
    kind: str
    fc: tuple[str, ...]
    presence: Presence
    triggers: tuple[str, ...] = ()
    array: str = ""
    default: str = ""
    limits: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Structure:
    """A constructed attribute or a common data class: a named list of attributes."""

    name: str
    items: tuple[Attribute, ...]
    enumerated: bool = False


@dataclass(frozen=True, slots=True)
class DataObject:
    """A data object as one logical node class declares it."""

    name: str
    cdc: str
    enum: str
    presence: Presence
    owner: str
    deprecated: bool = False
    transient: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A logical node class, abstract or not, with the data objects it declares itself."""

    name: str
    base: str
    abstract: bool
    source: str
    objects: tuple[DataObject, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """One literal of an enumeration."""

    name: str
    value: int
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class Library:
    """Everything read from a folder of namespace definitions."""

    sources: tuple[Source, ...]
    nodes: Mapping[str, tuple[Node, ...]]
    cdcs: Mapping[str, Structure]
    constructed: Mapping[str, Structure]
    enums: Mapping[str, tuple[Literal, ...]]


class NsdError(ValueError):
    """The folder does not hold the namespace definitions, or one of them holds what nobody expects."""


def read(folder: Path) -> Library:
    """Read the four definitions from a folder."""
    roots = dict(_roots(folder))
    missing = [name for name in WANTED if name not in roots]
    if missing:
        raise NsdError(f"{folder}: no namespace definition of {', '.join(missing)}")
    trees = [roots[name] for name in WANTED]
    return Library(
        sources=tuple(_source(raw, tree) for raw, tree in trees),
        nodes=_nodes([tree for _, tree in trees]),
        cdcs=_cdcs([tree for _, tree in trees]),
        constructed={
            e.get("name", ""): Structure(e.get("name", ""), tuple(_attributes(e)))
            for _, tree in trees
            for e in tree.iter(f"{SPACE}ConstructedAttribute")
        },
        enums={
            e.get("name", ""): tuple(_literals(e))
            for _, tree in trees
            for e in tree.iter(f"{SPACE}Enumeration")
        },
    )


def _roots(folder: Path) -> Iterator[tuple[str, tuple[bytes, etree._Element]]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for path in sorted(folder.glob("*.nsd")):
        raw = path.read_bytes()
        tree = etree.fromstring(raw, parser)
        yield tree.get("id", ""), (raw, tree)


def _source(raw: bytes, tree: etree._Element) -> Source:
    release = "".join(tree.get(part, "") for part in ("version", "revision", "release"))
    return Source(tree.get("id", ""), release, hashlib.sha256(raw).hexdigest()[:8])


def _nodes(trees: list[etree._Element]) -> dict[str, tuple[Node, ...]]:
    """Classes by name; an extension class (7-420 adds to MMXU of 7-4) stands after the class it extends."""
    nodes: dict[str, tuple[Node, ...]] = {}
    for tree in trees:
        for e in tree.iter(f"{SPACE}LNClass", f"{SPACE}AbstractLNClass"):
            node = _node(e, tree.get("id", ""))
            nodes[node.name] = (*nodes.get(node.name, ()), node)
    return nodes


def _node(e: etree._Element, source: str) -> Node:
    name = e.get("name", "")
    return Node(
        name=name,
        base=e.get("base", ""),
        abstract=e.tag == f"{SPACE}AbstractLNClass",
        source=source,
        objects=tuple(_object(o, name) for o in e.iterchildren(f"{SPACE}DataObject")),
    )


def _object(e: etree._Element, owner: str) -> DataObject:
    return DataObject(
        name=e.get("name", ""),
        cdc=e.get("type", ""),
        enum=e.get("underlyingType", ""),
        presence=_presence(e),
        owner=owner,
        deprecated=e.get("deprecated") == "true",
        transient=e.get("transient") == "true",
    )


def _presence(e: etree._Element) -> Presence:
    args = tuple(e.get("presCondArgs", "").replace(",", " ").split())
    return Presence(e.get("presCond", ""), args)


def _cdcs(trees: list[etree._Element]) -> dict[str, Structure]:
    """Common data classes; the SP, SG and SE variants of a setting become one, with three constraints."""
    cdcs: dict[str, Structure] = {}
    for tree in trees:
        for e in tree.iter(f"{SPACE}CDC"):
            name = e.get("name", "")
            cdc = Structure(name, tuple(_attributes(e)), e.get("enumParameterized") == "true")
            cdcs[name] = _fold(cdcs[name], cdc) if name in cdcs else cdc
    return cdcs


def _fold(one: Structure, two: Structure) -> Structure:
    if [(a.name, a.type, a.presence) for a in one.items] != [(a.name, a.type, a.presence) for a in two.items]:
        raise NsdError(f"{one.name}: the variants differ in more than their functional constraint")
    return Structure(one.name, tuple(map(_both, one.items, two.items)), one.enumerated)


def _both(a: Attribute, b: Attribute) -> Attribute:
    return Attribute(
        a.name,
        a.type,
        a.kind,
        tuple(dict.fromkeys(a.fc + b.fc)),
        a.presence,
        tuple(dict.fromkeys(a.triggers + b.triggers)),
        a.array,
        a.default,
        a.limits,
    )


def _attributes(e: etree._Element) -> Iterator[Attribute]:
    for child in e:
        kind = KINDS.get(str(child.tag).removeprefix(SPACE))
        if kind:
            yield _attribute(child, kind)


# What a child element of a class has where it does not say: functional constraint, type kind, presence. A
# service parameter travels only in control services (constraint CO of 8-1), so it is optional.
KINDS: Mapping[str, tuple[str, str, str]] = {
    "DataAttribute": ("", "BASIC", ""),
    "SubDataAttribute": ("", "BASIC", ""),
    "SubDataObject": ("", "OBJECT", ""),
    "ServiceParameter": ("CO", "BASIC", "O"),
}


def _attribute(e: etree._Element, defaults: tuple[str, str, str]) -> Attribute:
    fc, kind, cond = defaults
    presence = _presence(e)
    return Attribute(
        name=e.get("name", ""),
        type=e.get("type", ""),
        kind=e.get("typeKind", kind),
        fc=tuple(e.get("fc", fc).split()),
        presence=presence if presence.cond else Presence(cond),
        triggers=tuple(t for t in ("dchg", "qchg", "dupd") if e.get(t) == "true"),
        array=e.get("sizeAttribute", "") if e.get("isArray") == "true" else "",
        default=e.get("defaultValue", ""),
        limits=(e.get("minValue", ""), e.get("maxValue", "")),
    )


def _literals(e: etree._Element) -> Iterator[Literal]:
    """The literals; the nameless one (unit one, multiplier one) is called none, as 7-3 does in a default."""
    for child in e.iterchildren(f"{SPACE}Literal"):
        value = int(child.get("literalVal", ""))
        yield Literal(child.get("name") or "none", value, child.get("deprecated") == "true")
