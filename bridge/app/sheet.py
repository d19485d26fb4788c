"""Both mapping tables as lines a person can read, one for each row and 2030.5 name.

The lines come from the same records the conversion uses, so that what is shown is what is done. A canonical
path is given by the class that owns the field, which is how a row of one table finds its partners in the
other. Nothing is converted or checked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from bridge.app.fault import Fault
from bridge.mapping import nodes, rows, table
from models.der import messages


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table, ready to be shown."""

    table: str
    type: str
    """The type the row stands under in its table."""
    file: str
    line: int
    sep2: str = ""
    canonical: str = ""
    iec61850: str = ""
    how: str = ""
    note: str = ""
    source: str = ""
    grade: str = ""
    loss: str = ""
    editions: tuple[str, ...] = ()
    keys: frozenset[str] = field(default=frozenset(), compare=False)
    names: tuple[str, ...] = field(default=(), compare=False)
    """Further names that a search finds the row by."""

    @property
    def place(self) -> str:
        """File and line of the row."""
        return f"{self.file}:{self.line}"


@contextmanager
def sound() -> Iterator[None]:
    """Tell of a table that cannot be used as of any other input: file, line, reason."""
    try:
        yield
    except table.Hole as hole:
        raise Fault(hole.file, hole.reason, line=hole.line) from hole


@cache
def sep2() -> tuple[Line, ...]:
    """The rows between 2030.5 and the canonical messages."""
    return tuple(
        line for kind in rows.vocabulary().kinds for name in kind.sep2 for line in _of_kind(kind, name)
    )


def _of_kind(kind: rows.Kind, name: str) -> Iterator[Line]:
    return (pair(kind, name, row) for row in kind.rows if not row.only or name in row.only)


def pair(kind: rows.Kind, name: str, row: rows.Row) -> Line:
    """One row of the table of 2030.5, for one of the names of its type."""
    owned = _join(kind.canonical, row.canonical)
    return Line(
        table="der-sep2", type=kind.canonical, file=row.file, line=row.line,
        sep2=_join(name, row.sep2), canonical=owned, how=_how(row), note=_note(row),
        source=row.clause or kind.clause, grade=row.grade or "",
        loss=row.loss or "", editions=row.editions or kind.editions, keys=frozenset({owned} - {""}),
    )  # fmt: skip


@cache
def iec61850() -> tuple[Line, ...]:
    """The rows between the canonical messages and IEC 61850."""
    book = nodes.read()
    carried = [_of_node(kind, row) for kind, found in book.rows.items() for row in found]
    return (*carried, *(_of_node("", row) for row in book.losses.values()))


def _of_node(kind: str, row: nodes.Row) -> Line:
    paths = places(kind, row)
    return Line(
        table="der-iec61850", type=kind, file=row.file, line=row.line,
        canonical=paths[0], iec61850=_reference(row), how=_rule(row), note=_beside(row),
        source=row.source, grade=row.grade, loss=_cost(row),
        editions=row.editions, keys=frozenset(paths), names=(*row.constant, row.ecp),
    )  # fmt: skip


def places(kind: str, row: nodes.Row) -> list[str]:
    """The canonical paths a row speaks for: by its type where that is a class, and by each place of it."""
    heads = [head for head in (kind, *row.at) if head and (head != kind or hasattr(messages, kind))]
    return [_join(head, row.canonical) for head in heads] or [row.canonical]


def _cost(row: nodes.Row) -> str:
    return "; ".join(filter(None, (row.loss, f"rounded to {row.round}" if row.round else "")))


def _reference(row: nodes.Row) -> str:
    return " ".join(dict.fromkeys(filter(None, (row.iec61850, *row.also.values()))))


def _rule(row: nodes.Row) -> str:
    """Rule, unit, base, sign and connection point of a row in a few words."""
    words = (
        row.how,
        f"10^{row.scale}" if row.scale else "",
        row.unit,
        f"of {row.of}" if row.of else "",
        f"(negative: of {row.below})" if row.below else "",
        "negated" if row.sign < 0 else "",
        f"at {row.ecp}" if row.ecp else "",
        f"by {row.codes}" if row.codes else "",
    )
    return " ".join(filter(None, words))


def _beside(row: nodes.Row) -> str:
    """The values that a row always writes with its own."""
    return ", ".join(f"{name} = {_value(value)}" for name, value in row.constant.items())


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _join(name: str, path: str | None) -> str:
    if path is None:
        return ""
    return name if path == "." else f"{name}.{path}"


def _how(row: rows.Row) -> str:
    """Unit, step and base of a row in a few words."""
    step = f"10^{row.scale}" if row.scale else ""
    of = f"of {row.of}" if row.of else ""
    below = f"(negative: of {row.below})" if row.below else ""
    codes = f"by {row.codes}" if row.codes else ""
    return " ".join(part for part in (step, row.unit or "", of, below, codes) if part)


def _note(row: rows.Row) -> str:
    if row.keep:
        return f"kept: {row.keep}"
    return f"elsewhere: {row.apart}" if row.apart else ""
