"""The rows of mappings/der-iec61850.toml, with every name on both sides resolved when the table is read.

A reference is checked against `models.der` (logical node class, data object, its common data class), a
canonical path against `models.der.messages`. A name that leads nowhere is a `Hole` with file and line.
Converts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import cache, lru_cache
from importlib import import_module
from typing import Annotated, Any, NamedTuple

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

import models.der.index as der
import models.der.messages as canon
from bridge.mapping import table
from models import kit

NODE = re.compile(r"(?P<prefix>[A-Z][a-z]+)?(?P<cls>[A-Z]{4}|LLN0)(?P<inst>\d*)")
COMMANDED = frozenset({"APC", "SPC", "DPC", "ENC"})
CLOSED = ConfigDict(extra="forbid")
EQUIPMENT = frozenset({"DGEN", "DSTO", "DECP", "DPCC", "CSWI", "XCBR"})
"""Nodes that are things rather than functions: a mode never switches them on or off."""
STEPS = 10
"""Instances of a protection node that stand for the points of one curve (2030.5 allows ten)."""


@dataclass(frozen=True, config=CLOSED)
class Row:
    """One line of the table; what each field means is said at the head of the table."""

    canonical: str
    file: str
    line: int
    iec61850: str = ""
    how: str = ""
    unit: str = ""
    of: str = ""
    below: str = ""
    sign: int = 1
    scale: int = 0
    ecp: str = ""
    frame: bool = False
    shared: bool = False
    codes: str = ""
    refs: str = ""
    to: str = ""
    x: str = ""
    y: str = ""
    axes: str = ""
    kind: int = -1
    also: Mapping[str, str] = field(default_factory=dict)
    constant: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    grade: str = ""
    round: str = ""
    loss: str = ""
    default: Any = None
    editions: tuple[str, ...] = ()
    at: tuple[str, ...] = ()

    def hole(self, reason: str) -> table.Hole:
        """Return the error that points at this row."""
        return table.Hole(self.file, self.line, reason)


@dataclass(frozen=True, config=CLOSED)
class Schedule:
    """The instance number of the schedule that controls an object."""

    file: str
    line: int
    number: Annotated[int, Field(ge=1, lt=200)]
    object: str


class Place(NamedTuple):
    """What a reference names.

    The class of its node, its data object, the object's common data class, its attribute.
    """

    node: str
    do: str
    cdc: str
    rest: str


class Table(NamedTuple):
    """Rows by the canonical type they stand for, the losses by type and field, and the code lists."""

    rows: Mapping[str, tuple[Row, ...]]
    losses: Mapping[str, Row]
    codes: Mapping[str, Mapping[str, Any]]
    entities: Mapping[str, int]


@cache
def read() -> Table:
    """Read and resolve the table; a second call costs nothing."""
    return resolved(table.load("der-iec61850"), table.load("iec61850-codes"))


def resolved(entry: table.Entry, codes: table.Entry) -> Table:
    """Resolve a table and its code lists."""
    rows = {str(kind.data["canonical"]): tuple(_rows(kind)) for kind in entry.rows("type")}
    lists = {str(item.data["list"]): item.data for item in codes.rows("code")}
    for row in (row for found in rows.values() for row in found):
        for name in filter(None, (row.codes, row.refs)):
            if name not in lists:
                raise row.hole(f"there is no list {name} in {codes.file}")
    losses = {row.canonical: row for row in (table.shape(item, Row) for item in entry.rows("lost"))}
    for row in losses.values():
        _canonical(row, *row.canonical.rpartition(".")[::2])
    return Table(rows, losses, lists, _numbered(entry, rows.get("Modes", ())))


def _numbered(entry: table.Entry, modes: Iterable[Row]) -> dict[str, int]:
    """Return the instance number of the schedule of each object, which the table fixes."""
    commanded = {name: row for row in modes for name in _entities(row)}
    numbers: dict[str, int] = {}
    for item in entry.rows("schedule"):
        said = table.shape(item, Schedule)
        if said.object not in commanded:
            raise item.hole(f"no row commands {said.object}")
        if said.object in numbers or said.number in numbers.values():
            raise item.hole(
                f"{said.number}, {said.object}: a schedule has one number, and a number one schedule"
            )
        numbers[said.object] = said.number
    for name, row in commanded.items():
        if name not in numbers:
            raise row.hole(f"{name} has no schedule")
    return numbers


def _rows(kind: table.Entry) -> Iterator[Row]:
    of, at = str(kind.data["canonical"]), tuple(kind.data.get("at", ("",)))
    for item in kind.rows("row"):
        row = replace(table.shape(item, Row), at=at)
        _canonical(row, str(kind.data.get("class", of)), row.canonical)
        for name in filter(None, (row.iec61850, *row.also.values(), *row.constant)):
            _checked(row, name)
        if not (row.iec61850 or row.loss or row.how):
            raise row.hole(f"{row.canonical} is neither carried nor declared lost")
        yield row


def _entities(row: Row) -> Iterator[str]:
    """Yield the objects of a mode that a schedule may control."""
    for ref in filter(None, (row.iec61850, *row.also.values())):
        found = place(ref)
        if found.cdc in COMMANDED or (found.node in EQUIPMENT and found.cdc == "SPG"):
            yield f"{ref.partition('.')[0]}.{found.do}"
        if found.node not in {"", "*", *EQUIPMENT}:
            node = ref.partition(".")[0]
            many = [f"{node[:-1]}{number}" for number in range(1, STEPS + 1)]
            yield from (f"{name}.Mod" for name in (many if row.how == "steps" else [node]))


def _canonical(row: Row, cls: str, path: str) -> None:
    kind = getattr(canon, cls, None)
    if kind is None:
        raise row.hole(f"there is no canonical type {cls}")
    try:
        if path != ".":
            table.resolve(kind, path)
    except table.Unknown as error:
        raise row.hole(str(error)) from error


def _checked(row: Row, name: str) -> None:
    try:
        place(name)
    except table.Unknown as error:
        raise row.hole(str(error)) from error


@cache
def place(ref: str) -> Place:
    """Resolve a reference `DWMX1.WMaxSptPct.ctlVal.f`; `*` stands for the node that the mode runs on."""
    node, _, path = ref.partition(".")
    if node in ("*", "Service"):
        return Place(node, path, "", "")
    cls = node_class(node)
    do, _, rest = path.partition(".")
    if not do:
        return Place(cls.__name__, "", "", "")
    place = Place(cls.__name__, do, _object(cls, do).__name__.partition("_")[0], rest)
    if rest:
        constraint(ref)
    return place


def _object(cls: type[kit.Model], do: str) -> type[kit.Model]:
    fields = table.steps(cls)
    name = do if do in fields else do.rstrip("0123456789")
    if name not in fields or (name != do and not fields[name].many):
        raise table.Unknown(f"{cls.__name__} has no data object {do}")
    found: type[kit.Model] = fields[name].type
    return found


@cache
def node_class(node: str) -> type[kit.Model]:
    """Return the generated class of a logical node by its name with prefix and instance."""
    found = NODE.fullmatch(node)
    known = _known()
    if found is None or found["cls"] not in known:
        raise table.Unknown(f"{node} is no logical node of models.der")
    module, _, name = known[found["cls"]].rpartition(".")
    cls: type[kit.Model] = getattr(import_module(f"models.der.{module}"), name)
    return cls


@cache
def _known() -> dict[str, str]:
    return {name.rpartition("}")[2]: where for name, where in der.TYPES.items()}


def constraint(ref: str) -> str:
    """Return the functional constraint of a reference with its attribute; settings are SP."""
    return constraints(ref)[0]


@lru_cache(maxsize=4096)  # a peer may send references without end
def constraints(ref: str) -> tuple[str, ...]:
    """Return all functional constraints that the attribute may stand under."""
    node, _, path = ref.partition(".")
    do, _, rest = path.partition(".")
    cls = _object(node_class(node), do)
    name = rest.partition(".")[0].partition("(")[0]
    if name in cls.FC:
        return cls.FC[name]
    inner = table.steps(cls).get(name)
    attribute = rest.partition(".")[2].partition(".")[0]
    if inner is None or attribute not in getattr(inner.type, "FC", {}):
        raise table.Unknown(f"{ref}: {cls.__name__} has no attribute {rest}")
    found: tuple[str, ...] = inner.type.FC[attribute]
    return found


@cache
def has(node: str, do: str) -> bool:
    """Tell whether the class of a node has a data object."""
    try:
        _object(node_class(node), do)
    except table.Unknown:
        return False
    return True
