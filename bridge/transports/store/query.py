"""A statement as text with the order of its arguments, and the book of all of them for one database.

Each is built with SQLAlchemy once and kept. The databases differ in how a list is given as one argument, and
in nothing else. The members of a cut get a statement for each set of conditions that occurs, written so that
an index serves it. Nothing here runs a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Dialect,
    Select,
    Text,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.base import Executable

from bridge.sep2.shelf import Cut
from bridge.transports.store.tables import ORDER, ROWS

FIELDS = tuple(column for column in ROWS.c if column.name != "entry")
"""The columns of a row in the order of the fields of `bridge.sep2.shelf.Row`."""

EDGE = 2**63 - 1
EMPTY = literal_column("''", Text())
ZERO = literal_column("0", BigInteger())
"""Said in the statement itself, and no argument of it."""


def words(name: str) -> BindParameter[str]:
    """A text that is given."""
    return bindparam(name, type_=Text())


def whole(name: str) -> BindParameter[int]:
    """A number that is given."""
    return bindparam(name, type_=BigInteger())


class Query(NamedTuple):
    """A statement as text, the names of its arguments in their order, and those SQLAlchemy gave itself."""

    text: str
    names: tuple[str, ...]
    fixed: Mapping[str, object]

    def given(self, arguments: Mapping[str, object]) -> list[object]:
        """The arguments in their order."""
        fixed = self.fixed
        return [fixed[name] if name in fixed else arguments[name] for name in self.names]


def keepable(values: Iterable[object]) -> bool:
    """Whether a database could hold these; a client may ask for anything."""
    text = "".join([value for value in values if isinstance(value, str)])
    return "\0" not in text and (text.isascii() or text.encode(errors="replace").decode() == text)


def bounded(arguments: Mapping[str, object]) -> dict[str, object]:
    """The same, with figures that any database can take."""
    return {
        name: max(-EDGE, min(value, EDGE)) if isinstance(value, int) else value
        for name, value in arguments.items()
    }


class Tongue(NamedTuple):
    """What is particular to a database: how it is spoken to, and how a list becomes a query."""

    dialect: Dialect
    listed: Callable[[str], Select[Any]]
    """The items of the list of this name."""
    paired: Callable[[], Select[Any]]
    """The pairs of the lists `parents` and `marks`, that are given as `pairs`, too."""
    upsert: Callable[..., Any]


class Book:
    """The statements of one database: those of a table by name, those of cuts by their conditions."""

    def __init__(self, tongue: Tongue, statements: Mapping[str, Callable[[Tongue], Executable]]) -> None:
        self._tongue = tongue
        self._statements = statements
        self._made: dict[object, Query] = {}

    def __getitem__(self, name: str) -> Query:
        return self._made.get(name) or self._keep(name, self._statements[name](self._tongue))

    def cut(self, cut: Cut, *, count: bool) -> Query:
        """The statement for the members of a cut, or for how many there are."""
        shape = (count, cut.owner == "", cut.grp == "", *[value is None for value in cut[2:]])
        return self.made(shape, lambda tongue: members(cut, tongue, count=count))

    def made(self, shape: object, build: Callable[[Tongue], Executable]) -> Query:
        """The statement of a shape, built at its first use."""
        return self._made.get(shape) or self._keep(shape, build(self._tongue))

    def _keep(self, name: object, statement: Executable) -> Query:
        compiled: Any = statement.compile(dialect=self._tongue.dialect)  # type: ignore[attr-defined]
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        made = Query(str(compiled), tuple(compiled.positiontup or ()), fixed)
        self._made[name] = made
        return made


def aside(column: ColumnElement[str]) -> ColumnElement[str]:
    """A column that is no reason to choose an index."""
    return column.concat(EMPTY)


def filled(column: ColumnElement[str]) -> ColumnElement[bool]:
    """That a column is not empty, said so that an index of only those is recognised."""
    return column != EMPTY


def members(cut: Cut, tongue: Tongue, *, count: bool) -> Select[Any]:
    """How many rows a cut has, or its rows in their order, each with how many there are at that moment.

    The arguments are `parent` and the fields of the cut.
    """
    wanted = _where(cut, tongue)
    total = select(func.count()).select_from(ROWS).where(*wanted)
    if count:
        return total
    found = select(*FIELDS, total.scalar_subquery().label("total")).where(*wanted)
    return found.order_by(*ORDER).limit(whole("limit")).offset(whole("start"))


def _where(cut: Cut, tongue: Tongue) -> list[ColumnElement[bool]]:
    """The conditions of a cut; a device has few rows: where an owner is named, they are gone through."""
    wanted = _place(cut, tongue)
    if cut.after is not None:
        wanted.append(ROWS.c.at > whole("after"))
    if cut.owner is not None:
        wanted.append(ROWS.c.owner == words("owner"))
    if cut.owner:
        wanted.append(filled(ROWS.c.owner))
    if cut.grp is not None:
        wanted.append(ROWS.c.grp == words("grp"))
    if cut.grp:
        wanted.append(filled(ROWS.c.grp))
    if cut.active is not None:
        wanted += [ROWS.c.at <= whole("active"), or_(ROWS.c.until == ZERO, ROWS.c.until > whole("active"))]
    if cut.ending is not None:
        wanted.append(or_(ROWS.c.until == ZERO, ROWS.c.until > whole("ending")))
    return wanted


def _place(cut: Cut, tongue: Tongue) -> list[ColumnElement[bool]]:
    if cut.among is not None:
        return [ROWS.c.href.in_(tongue.listed("among"))]
    parent: ColumnElement[str] = ROWS.c.parent
    return [(aside(parent) if cut.owner else parent) == words("parent")]
