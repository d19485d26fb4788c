"""Whole records by the rows of their type: which codec a row has, and which rows are only carried together.

A row of a group (a unit's state, an event's window, readings) is written and read with its neighbours; every
other row stands alone. Modes come first, because what else there is depends on the nodes they start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from bridge.mapping import bits, causes, figures, measures, modes, readings, scalars, schedule, states
from bridge.mapping.leaves import PRESENT, Leaves
from bridge.mapping.nodes import Row, Table, place
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import AMOUNT, Codec, Work, above, below

CODECS: Mapping[str, Codec] = {
    **figures.CODECS,
    **scalars.CODECS,
    **bits.CODECS,
    "modes": Codec(modes.write_modes, modes.read_modes, ()),
}


class Group(NamedTuple):
    """Rows of one type that are only carried together."""

    write: Callable[[Mapping[str, Row], Leaves, Work], None]
    read: Callable[[Mapping[str, Row], Work], Leaves]


GROUPS: Mapping[str, Group] = {
    "event": Group(
        lambda _, leaves, work: schedule.write_event(leaves, work), lambda _, work: schedule.read_event(work)
    ),
    "state": Group(states.write_states, states.read_states),
    "measured": Group(measures.write_measured, measures.read_measured),
    "readings": Group(
        lambda _, leaves, work: readings.write_readings(leaves, work),
        lambda _, work: readings.read_readings(work),
    ),
    "outcome": Group(
        lambda _, leaves, work: causes.write_outcome(leaves, work), lambda _, work: causes.read_outcome(work)
    ),
    "alarm": Group(
        lambda _, leaves, work: causes.write_alarm(leaves, work), lambda _, work: causes.read_alarm(work)
    ),
}
MODES = ("Control.modes", "Default.modes", "Status.modes")
ORDER = {"modes": 0, "group": 1, "event": 3, "each": 3}
STATED = frozenset({"Status", "Alarm", "Reading", "Outcome"})
"""Kinds that tell how things are rather than how they shall be."""


# ------------------------------------------------------------------------------------------- rows of one type


def _ordered(rows: tuple[Row, ...]) -> list[Row]:
    return sorted(rows, key=lambda row: ORDER.get(row.how, 2))


def write(kind: str, leaves: Leaves, work: Work, of: str = "") -> None:
    """Write what the rows of a kind, or of a type within it, carry."""
    done: set[str] = set()
    for row in _ordered(work.table.rows[of or kind]):
        given = below(leaves, row.canonical)
        if row.how in GROUPS:
            if row.how not in done and any(
                path.split(".")[0].split("[")[0] in _names(row.how, of or kind, work) for path in leaves
            ):
                GROUPS[row.how].write(_rows(row.how, of or kind, work), leaves, work)
            done.add(row.how)
        elif given and given != {"": PRESENT}:
            _write_row(kind, row, given, work)


def _write_row(kind: str, row: Row, given: Leaves, work: Work) -> None:
    if row.how == "group":
        write(kind, given, work, _type(kind, row, work.table))
    elif row.how == "each":
        modes.write_each(row, given, work)
    elif row.iec61850 or row.how:
        CODECS[_codec(row)].write(row, given, work)


def read(kind: str, work: Work, of: str = "") -> Leaves:
    """Read what the rows of a kind, or of a type within it, carry."""
    leaves: Leaves = {}
    done: set[str] = set()
    if kind == "Control" and not of:
        schedule.prepare(work)
    for row in _ordered(work.table.rows[of or kind]):
        if row.how in GROUPS:
            leaves |= {} if row.how in done else GROUPS[row.how].read(_rows(row.how, of or kind, work), work)
            done.add(row.how)
        else:
            leaves |= above(_read_row(kind, row, work), row.canonical)
    return leaves


def _read_row(kind: str, row: Row, work: Work) -> Leaves:
    if row.how == "group":
        of = _type(kind, row, work.table)
        return read(kind, work, of) if of else {}
    if row.how == "each":
        return modes.read_each(row, work)
    return CODECS[_codec(row)].read(row, work) if row.iec61850 or row.how else {}


def _rows(how: str, of: str, work: Work) -> dict[str, Row]:
    return {row.canonical: row for row in work.table.rows[of] if row.how == how}


def _names(how: str, of: str, work: Work) -> set[str]:
    return {row.canonical for row in work.table.rows[of] if row.how == how}


def _type(kind: str, row: Row, table: Table) -> str:
    """Return the type whose rows stand at a field of a kind."""
    at = f"{kind}.{row.canonical}"
    return next((name for name, rows in table.rows.items() if rows and at in rows[0].at), "")


def _codec(row: Row) -> str:
    if row.how:
        return row.how
    if row.codes:
        return "code"
    if row.unit:
        return "time" if row.unit == "s" and place(row.iec61850).cdc == "ING" else "amount"
    return "flag"


# ----------------------------------------------------------------------------------------------- curves alone


def write_curve(source: Leaves, work: Work) -> None:
    """Write a curve to the node of the mode that follows its type."""
    row = next((row for row in work.table.rows["Modes"] if row.kind == source["kind"]), None)
    if row is None:
        raise Unrepresentable("kind", f"there is no curve type {source['kind']}")
    modes.CODECS[row.how].write(row, {f"curve.{path}": value for path, value in source.items()}, work)


def read_curve(work: Work) -> Leaves:
    """Read the first curve that has points."""
    for row in (row for row in work.table.rows["Modes"] if row.kind >= 0):
        found = modes.CODECS[row.how].read(row, work)
        if found:
            return below(found, "curve")
    raise Unrepresentable("kind", "none of the points is of a curve")


# --------------------------------------------------------------------------------------------------- coverage


def carried(row: Row, rest: str) -> bool:
    """Tell whether a row carries what is left of a leaf's path below it."""
    if not (row.iec61850 or row.how) or row.how == "lost":
        return False
    if row.how in GROUPS or row.how in ("group", "mode"):
        return True
    return rest in _carriers(row)


def _carriers(row: Row) -> tuple[str, ...]:
    for name, codecs in ((modes.how(row), modes.CODECS), (_codec(row), CODECS)):
        if name in codecs and (row.at == MODES or codecs is not modes.CODECS):
            return codecs[name].carries
    return AMOUNT if row.unit and row.unit != "s" else ("",)
