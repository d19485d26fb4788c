"""Measured values of a unit with their times: what is available, and the codec that a level of charge shares.

A reserve is a percentage of a base only where that base is known. The youngest of the times read is
remembered for the record. Nothing here knows a state.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bridge.mapping.figures import inverse, put_amount
from bridge.mapping.leaves import Leaves
from bridge.mapping.nodes import Row
from bridge.mapping.points import moment, stamp
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import Work, above, below

WHOLE = 100
"""All of a base, in percent."""


def time_of(do: str, work: Work) -> Decimal:
    """Return an object's time, and remember the youngest of all."""
    if work.sheet.points.get(f"{do}.q", ("", "", ""))[2] == "good":
        work.sheet.take(f"{do}.q")
    text = work.sheet.take(f"{do}.t")
    if text is None:
        at: Decimal = work.memory["issued"]
        return at
    at = moment(str(text).partition(";")[0], do)
    work.memory["youngest"] = max(work.memory.get("youngest", at), at)
    return at


def measure(row: Row, leaves: Leaves, at: Decimal, work: Work) -> None:
    """Write a measured value with its time."""
    value = leaves[""] if "" in leaves else leaves["value"]
    if "unit" in leaves and (leaves["unit"], leaves.get("of")) != (row.unit, row.of or None):
        raise Unrepresentable(
            row.canonical,
            f"in {leaves['unit']} of {leaves.get('of')}, not in {row.unit} of {row.of or 'nothing'}",
        )
    put_amount(row, row.iec61850, value, _by(row, work), work)
    work.put(f"{row.iec61850}.t", stamp(at, "at"))


def _by(row: Row, work: Work) -> Decimal:
    return work.bases.figure(row.of, row.canonical) / 100 if row.to else Decimal(1)


def measured(row: Row, work: Work) -> Leaves:
    """Read a measured value: a length of time, or an amount in the row's unit."""
    value = work.sheet.analogue(
        row.iec61850,
        work.attributes(row.iec61850),
        -2 if row.unit == "%" and not row.to else 0,
        "W" if row.to else row.unit,
    )
    if value is None:
        return {}
    value = inverse(value, _by(row, work), row.canonical)
    if row.unit == "s":
        return {"": value}
    return {"value": value, "unit": row.unit} | ({"of": row.of} if row.of else {})


def write_measured(rows: Mapping[str, Row], leaves: Leaves, work: Work) -> None:
    """Write what is available.

    A reserve in percent only where its base is known, and where no figure in watts stands at its object.
    """
    for name, row in rows.items():
        given = below(leaves, name)
        if row.iec61850 and given and not (row.to and not _derivable(name, row, given, leaves, work)):
            measure(row, given, leaves["at"], work)


def _derivable(name: str, row: Row, given: Leaves, leaves: Leaves, work: Work) -> bool:
    taken = name == "reservePercent" and "statWAvail.value" in leaves
    return _known(row, work) and not taken and 0 <= given["value"] <= WHOLE


def _known(row: Row, work: Work) -> bool:
    return getattr(work.bases, row.of) is not None


def read_measured(rows: Mapping[str, Row], work: Work) -> Leaves:
    """Read what is available; a reserve that is no percentage of 0 to 100 is not made up."""
    work.memory.pop("youngest", None)
    leaves: Leaves = {}
    for name, row in rows.items():
        if not row.iec61850 or (row.to and not _known(row, work)):
            continue
        read = set(work.sheet.read)
        found = measured(row, work)
        if found and row.to and not 0 <= found["value"] <= WHOLE:
            work.sheet.read = read
        elif found:
            time_of(row.iec61850, work)
            leaves |= above(found, name)
    return leaves and leaves | {"at": work.memory.get("youngest", work.memory["issued"])}
