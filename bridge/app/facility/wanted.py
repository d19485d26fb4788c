"""Which objects of a unit a record is made of, by the rows of the mapping's table; and what to ask for them.

A record of a kind (Capability, Setting, Status, Reading) looks at the objects that its rows name, and at no
others: only these are read, and only their points are given to the mapping. What a unit can do shows by the
objects that it has. Reads no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from bridge.iec61850.image import Index
from bridge.iec61850.shape import Value
from bridge.mapping import bits, nodes, states
from bridge.mapping.bases import Bases
from bridge.mapping.nodes import Row, place
from bridge.mapping.points import Point, Sheet
from bridge.mapping.work import Work

CONSTRAINTS = ("ST", "MX", "SP", "SG", "CF")
"""Where what a record needs stands."""
METERS = frozenset({"MMXU", "MMTR"})
PLACES = ("DECP1.RefFrm", "DPCC1.RefFrm")
"""How a connection point counts: every figure with a direction needs it."""
KINDS = ("Capability", "Setting", "Status", "Reading")
READING = "Reading"
REMEMBERED = 65_536
"""Names of items that are taken apart once only."""
MODELS = 64
"""Models whose wanted objects are sought once only."""
STATUS_ONLY = 0
"""ctlModel of an object that takes no control."""


class Object(NamedTuple):
    """A data object of a unit, under one constraint."""

    node: str
    fc: str
    name: str

    @property
    def item(self) -> str:
        """What it is asked for by."""
        return f"{self.node}${self.fc}${self.name}"


@lru_cache(maxsize=REMEMBERED)
def split(item: str) -> Object | None:
    """The object that an item is, or is a part of; None for a whole node."""
    parts = item.split("$", 3)
    return Object(*parts[:3]) if len(parts) > 2 else None  # noqa: PLR2004 - node, constraint, object


def wants(kind: str, node: str, name: str) -> bool:
    """Whether a record of a kind looks at an object."""
    ref = f"{node}.{name}"
    if kind == READING:
        return meter(node) or ref in PLACES
    return ref in objects(kind) or ref in PLACES


def meter(node: str) -> bool:
    """Whether a node measures."""
    found = nodes.NODE.fullmatch(node)
    return found is not None and found["cls"] in METERS


@cache
def objects(kind: str) -> frozenset[str]:
    """The objects of a kind, as `DGEN1.WMax`."""
    return frozenset(".".join(ref.split(".")[:2]) for ref in _refs(kind, kind) if ref)


def _refs(kind: str, of: str) -> Iterator[str]:
    """Every reference that rows of a type name, and those of the types within it."""
    table = nodes.read()
    for row in table.rows[of]:
        if row.how == "group":
            at = f"{kind}.{row.canonical}"
            for name, rows in table.rows.items():
                if rows and at in rows[0].at:
                    yield from _refs(kind, name)
        elif row.how == "enabled":
            yield from (f"{do.partition('.')[0]}.Beh" for do in _modes(row))
        elif row.how != "present":
            yield from (row.iec61850, *row.also.values())
            for item in table.codes[row.codes].get("row", ()) if row.how == "state" and row.codes else ():
                yield from (item["iec61850"], item.get("or", ""))
    if of == "Operation":
        yield from states.BINDING


def _modes(row: Row) -> Iterator[str]:
    """The object of each mode that a bit of a row stands for."""
    bases = Bases()
    work = Work(Sheet(bases), bases, nodes.read(), {})
    yield from (do for _, _, do in bits.objects(row, work) if not do.startswith("*"))


@cache
def modes() -> frozenset[str]:
    """The object of every mode: that it takes control says that the unit can do it."""
    rows = (row for row in nodes.read().rows["Capability"] if row.how == "present")
    return frozenset(".".join(do.split(".")[:2]) for row in rows for do in _modes(row))


def present(index: Index, leaves: Mapping[str, Value]) -> Iterator[Point]:
    """Say of each mode's object that the unit has it; one that takes no control only shows a state."""
    for node, name in _present(index.names):
        if leaves.get(f"{node}$CF${name}$ctlModel") != STATUS_ONLY:
            yield Point(f"{node}.{name}.cdcName", "EX", place(f"{node}.{name}").cdc)


@lru_cache(maxsize=MODELS)
def _present(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Which objects of modes there are: node and name."""
    there = {(found.node, found.name) for item in names if (found := split(item))}
    wanted = (ref.partition(".") for ref in sorted(modes()))
    return tuple((node, name) for node, _, name in wanted if (node, name) in there)


def items(index: Index, kinds: Iterable[str]) -> tuple[Object, ...]:
    """The objects of a unit that records of some kinds look at, each under each of its constraints."""
    return _items(index.names, tuple(kinds))


@lru_cache(maxsize=MODELS)
def _items(names: tuple[str, ...], asked: tuple[str, ...]) -> tuple[Object, ...]:
    found = dict.fromkeys(each for item in names if (each := split(item)))
    controls = modes() if "Capability" in asked else frozenset()
    return tuple(
        each
        for each in found
        if (each.fc in CONSTRAINTS and any(wants(kind, each.node, each.name) for kind in asked))
        or (each.fc == "CF" and f"{each.node}.{each.name}" in controls)
    )


def kinds_of(leaves: Iterable[str]) -> frozenset[str]:
    """The kinds of records that look at some leaves."""
    return frozenset(kind for item in leaves for kind in looking(item))


@lru_cache(maxsize=REMEMBERED)
def looking(item: str) -> tuple[str, ...]:
    """The kinds of records that look at an item."""
    found = split(item)
    return tuple(kind for kind in KINDS if found and wants(kind, found.node, found.name))


def of_kind(kind: str, leaves: Mapping[str, Value]) -> dict[str, Value]:
    """The leaves that a record of a kind looks at."""
    return {item: value for item, value in leaves.items() if kind in looking(item)}


def behind(path: str) -> frozenset[str]:
    """The objects of the rows of a field, as `operation.DEROpSt`."""
    name = path.rpartition(".")[2]
    rows = (row for rows in nodes.read().rows.values() for row in rows if row.canonical == name)
    refs = (ref for row in rows for ref in (row.iec61850, *row.also.values()) if ref)
    return frozenset(".".join(ref.split(".")[:2]) for ref in refs)
