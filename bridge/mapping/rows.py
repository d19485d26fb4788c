"""The rows of `mappings/der-sep2.toml` as frozen records, and the code lists of `mappings/sep2-codes.toml`.

The file's own head explains every key. Here rows are given their shape and the rules that need no model:
what a row must say, what it may not say together, and that nothing is said twice. Names are resolved later,
in `bonds`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from bridge.mapping.table import Entry, Hole, load, shape
from models.der.messages import Unit

Edition = Literal["2018", "2023", "aus12", "aus13"]
EDITIONS: tuple[Edition, ...] = ("2018", "2023", "aus12", "aus13")
CLOSED = ConfigDict(extra="forbid")
Names = Annotated[
    tuple[str, ...], BeforeValidator(lambda names: (names,) if isinstance(names, str) else names)
]
PERCENT = (Unit("%"), Unit("%/s"))


@dataclass(frozen=True, config=CLOSED)
class Row:
    """One pair of fields, or one field that only one side has."""

    file: str
    line: int
    sep2: str | None = None
    canonical: str | None = None
    unit: Unit | None = None
    scale: Annotated[int, Field(strict=True, ge=-9, le=9)] | None = None
    of: str | None = None
    below: str | None = None
    codes: str | None = None
    xScale: str | None = None  # noqa: N815 - named after the canonical field
    yScale: str | None = None  # noqa: N815
    keep: str | None = None
    absent: Literal["count"] | None = None
    loss: str | None = None
    apart: str | None = None
    only: Names = ()
    editions: tuple[Edition, ...] = ()
    clause: str | None = None
    grade: Literal["N", "J"] | None = None

    def hole(self, reason: str) -> Hole:
        """Return the error that points at this row."""
        return Hole(self.file, self.line, reason)


@dataclass(frozen=True, config=CLOSED)
class Keep:
    """A field name that is kept wherever it stands."""

    file: str
    line: int
    name: str
    keep: str
    absent: Literal["count"] | None = None
    editions: tuple[Edition, ...] = EDITIONS


@dataclass(frozen=True, config=CLOSED)
class Asked:
    """A module of the wire models, or a type of theirs, that must be covered."""

    file: str
    line: int
    module: str | None = None
    type: str | None = None
    editions: tuple[Edition, ...] = EDITIONS


@dataclass(frozen=True, config=CLOSED)
class Kind:
    """A 2030.5 type (or several of one shape) and the canonical type it is paired with."""

    file: str
    line: int
    sep2: Names
    canonical: str
    clause: str
    editions: tuple[Edition, ...] = EDITIONS
    root: bool = False
    sign: str | None = None
    like: str | None = None
    constant: Mapping[str, str] = Field(default_factory=dict)
    rows: tuple[Row, ...] = ()

    def rows_for(self, name: str, edition: str) -> Iterator[Row]:
        """Yield the rows that hold for one 2030.5 name in one edition."""
        return (
            row
            for row in self.rows
            if edition in (row.editions or EDITIONS) and name in (row.only or self.sep2)
        )


class Vocabulary(NamedTuple):
    """The whole table."""

    kinds: tuple[Kind, ...]
    keeps: tuple[Keep, ...]
    asked: tuple[Asked, ...]
    codes: Mapping[str, tuple[Code, ...]]

    def kind(self, sep2: str, canonical: str, edition: str) -> Kind | None:
        """Return the type that pairs these two names in this edition."""
        found = (kind for kind in self.kinds if kind.canonical == canonical and sep2 in kind.sep2)
        return next((kind for kind in found if edition in kind.editions), None)

    def keep(self, name: str, edition: str) -> Keep | None:
        """Return why a field of this name is kept everywhere."""
        return next((k for k in self.keeps if edition in k.editions and fnmatchcase(name, k.name)), None)

    def words(self, name: str, edition: str) -> dict[int, str]:
        """Return the words of one code list in one edition."""
        return {code.code: code.word for code in self.codes.get(name, ()) if edition in code.editions}


@dataclass(frozen=True, config=CLOSED)
class Code:
    """The word for a number."""

    file: str
    line: int
    code: Annotated[int, Field(ge=0, le=255)]
    word: str
    editions: tuple[Edition, ...] = EDITIONS


@cache
def vocabulary() -> Vocabulary:
    """Return the table that ships with the package."""
    return read(load("der-sep2"), load("sep2-codes"))


def read(table: Entry, codes: Entry) -> Vocabulary:
    """Give a parsed table its shape, refusing what contradicts itself."""
    kinds: tuple[Kind, ...] = ()
    for entry in table.rows("type"):
        kinds = (*kinds, _kind(entry, kinds))
    keeps = tuple(shape(entry, Keep) for entry in table.rows("keep"))
    asked = tuple(shape(entry, Asked) for entry in table.rows("asked"))
    _once(kinds)
    lists = {
        str(part.data["list"]): tuple(shape(row, Code) for row in part.rows("row"))
        for part in codes.rows("code")
    }
    return Vocabulary(kinds, keeps, asked, lists)


def _kind(entry: Entry, before: tuple[Kind, ...]) -> Kind:
    head = shape(entry, Kind, without=("row",))
    rows = tuple(shape(row, Row) for row in entry.rows("row"))
    for row in rows:
        _sound(row, head)
    if head.like is not None:
        like = next((k for k in before if head.like in k.sep2 and k.canonical == head.canonical), None)
        if like is None or rows:
            raise entry.hole(
                f"like {head.like}: no type above pairs it with {head.canonical}, or there are rows here too"
            )
        rows = like.rows
    kind = replace(head, rows=rows)
    for name in kind.sep2:
        for edition in kind.editions:
            _unrepeated(tuple(kind.rows_for(name, edition)))
    return kind


def _sound(row: Row, kind: Kind) -> None:
    """Refuse a row whose keys do not go together."""
    sides = (row.sep2 is not None, row.canonical is not None)
    wanted = (True, False) if row.keep else (False, True) if row.loss or row.apart else (True, True)
    if sides != wanted:
        raise row.hole("a row names both sides, or one side with keep, loss or apart")
    if wanted == (True, True) and row.grade is None:
        raise row.hole("a row that carries a value needs a grade")
    if row.unit in PERCENT and not (row.of or row.codes):
        raise row.hole(f"{row.sep2} is a percentage: say of what (of, or codes)")
    if row.below and not row.of:
        raise row.hole("below is for percentages that have an of")
    if not set(row.editions) <= set(kind.editions):
        raise row.hole("an edition that the type is not of")
    if not set(row.only) <= set(kind.sep2):
        raise row.hole("only names a type that this is not")


def _unrepeated(rows: tuple[Row, ...]) -> None:
    """Refuse a field that two rows of one type claim in the same edition."""
    seen: dict[tuple[str, str], Row] = {}
    for row in rows:
        for side, path in (("sep2", row.sep2), ("canonical", row.canonical)):
            if path is None or path == ".":
                continue
            first = seen.setdefault((side, path), row)
            if first is not row:
                raise row.hole(f"{path} is already in line {first.line}")


def _once(kinds: tuple[Kind, ...]) -> None:
    """Refuse two types that pair the same two names in the same edition."""
    seen: dict[tuple[str, str, str], Kind] = {}
    for kind in kinds:
        for name in kind.sep2:
            for edition in kind.editions:
                first = seen.setdefault((name, kind.canonical, edition), kind)
                if first is not kind:
                    raise Hole(
                        kind.file,
                        kind.line,
                        f"{name} and {kind.canonical} are already paired in line {first.line}",
                    )
