"""Amounts: analogue values, percentages and their bases, directions, what is stored without its sign.

Follows the unit and scale rules of the table's columns. A percentage is never converted without its base,
and what comes back is the shortest decimal that is written as what was read. Nothing here knows which object
is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bridge.mapping.leaves import Leaves
from bridge.mapping.nodes import Row, place
from bridge.mapping.points import real, shortest
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import AMOUNT, ANALOGUE, Codec, Work


def factor(row: Row, of: str | None, work: Work, *, negative: bool = False) -> Decimal:
    """Return what the canonical figure is multiplied by to become the object's."""
    sign = Decimal(row.sign).scaleb(row.scale) * (work.sign(row.ecp) if row.frame else 1)
    if of is not None and of != row.of and of == row.below and negative:
        return sign * work.bases.ratio(of, row.of, row.canonical)
    if of != (row.of or None):
        raise Unrepresentable(row.canonical, f"a percentage of {of}, not of {row.of or 'nothing'}")
    return sign


def put_amount(row: Row, do: str, value: Decimal, by: Decimal, work: Work) -> None:
    """Write an analogue value."""
    work.put(f"{work.attribute(do)}.f", real(value * by, row.canonical))


def take_amount(row: Row, do: str, by: Decimal, work: Work) -> Decimal | None:
    """Read an analogue value: the shortest decimal that is written as this one."""
    unit = "% of VRef" if (row.unit, row.of) == ("%", "VRef") else row.unit
    found = work.sheet.analogue(do, work.attributes(do), -2 if row.unit == "%" else 0, unit)
    return None if found is None else inverse(found, by, row.canonical)


def inverse(found: Decimal, by: Decimal, path: str) -> Decimal:
    """Divide by a factor, giving the shortest decimal that the factor turns into the same FLOAT32."""
    return shortest(real(found, path), found / by, lambda value: real(value * by, path))


def check_unit(row: Row, leaves: Mapping[str, Any]) -> None:
    """Refuse a figure in another unit than the row's."""
    if leaves.get("unit") != row.unit:
        raise Unrepresentable(row.canonical, f"a figure in {leaves.get('unit')}, not in {row.unit}")


def write_amount(row: Row, leaves: Leaves, work: Work) -> None:
    """Write an amount to the row's object, and to the others that share it."""
    check_unit(row, leaves)
    value = leaves["value"]
    by = factor(row, leaves.get("of"), work, negative=value < 0)
    for do in (row.iec61850, *(other for other in row.also.values() if place(other).cdc in ANALOGUE)):
        put_amount(row, do, value, by, work)
        if row.unit == "%" and "Pct" not in do:
            work.put(f"{do}.units.SIUnit", 1)
            work.put(f"{do}.units.multiplier", -2)


def read_amount(row: Row, work: Work) -> Leaves:
    """Read an amount from the row's object, else from another that shares it."""
    dos = (row.iec61850, *(other for other in row.also.values() if place(other).cdc in ANALOGUE))
    by = factor(row, row.of or None, work)
    found = [(do, value) for do in dos if (value := take_amount(row, do, by, work)) is not None]
    for do, value in found[1:]:
        if value != found[0][1]:
            raise Unrepresentable(f"{found[0][0]}, {do}", f"they differ: {found[0][1]} and {value}")
    return amount(row, found[0][1] if found else None, work)


def amount(row: Row, value: Decimal | None, work: Work) -> Leaves:
    """Return the leaves of an amount in the row's unit and base."""
    if value is None:
        return {}
    if row.below and value < 0 and row.how != "absolute":
        value = inverse(value, work.bases.ratio(row.below, row.of, row.canonical), row.canonical)
        return {"value": value, "unit": row.unit, "of": row.below}
    return {"value": value, "unit": row.unit} | ({"of": row.of} if row.of else {})


def write_magnitude(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a figure that the object stores without its sign."""
    write_amount(row, leaves | {"value": abs(leaves["value"])}, work)


def read_magnitude(row: Row, work: Work) -> Leaves:
    """Read a figure that the object stores without its sign: 2030.5 has it negative."""
    leaves = read_amount(row, work)
    return leaves | {"value": -abs(leaves["value"])} if leaves else {}


def write_twin(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a figure, and its magnitude to the object of the other direction where that has none of its own.

    An absent limit of absorbed vars is that of delivered ones (IEEE 2030.5 rtgMaxVarNeg, setMaxVarNeg).
    """
    write_amount(replace(row, also={}), leaves, work)
    do = row.also["twin"]
    if f"{work.attribute(do)}.f" not in work.sheet.points:
        put_amount(row, do, abs(leaves["value"]), Decimal(1), work)


def read_twin(row: Row, work: Work) -> Leaves:
    """Read a figure from its own object; the other direction's is another row's."""
    return read_amount(replace(row, also={}), work)


def write_absolute(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a percentage as an absolute figure; the base must be known."""
    check_unit(row, leaves)
    put_amount(row, row.iec61850, leaves["value"], _absolute(row, str(leaves.get("of")), work), work)


def read_absolute(row: Row, work: Work) -> Leaves:
    """Read an absolute figure as a percentage of the row's own base."""
    found = work.sheet.analogue(row.iec61850, work.attributes(row.iec61850), unit=row.to)
    return (
        {}
        if found is None
        else amount(row, inverse(found, _absolute(row, row.of, work), row.canonical), work)
    )


def _absolute(row: Row, of: str, work: Work) -> Decimal:
    base = row.below if row.below and of == row.of else of
    return work.bases.figure(base, row.canonical) / 100 * row.sign * (work.sign(row.ecp) if row.frame else 1)


def write_reference(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a percentage with the literal of its base.

    One of setMaxVA, which has none, as an absolute figure.
    """
    check_unit(row, leaves)
    of = leaves.get("of")
    literal = next((item["iec"] for item in work.table.codes[row.refs]["row"] if item["ours"] == of), None)
    sign = Decimal(work.sign(row.ecp))
    if literal is not None:
        put_amount(row, row.iec61850, leaves["value"], sign, work)
        work.put(work.attribute(row.also["ref"]), literal)
    elif of == "setMaxVA":
        put_amount(
            row,
            row.also["absolute"],
            leaves["value"],
            sign * work.bases.figure(of, row.canonical) / 100,
            work,
        )
    else:
        raise Unrepresentable(row.canonical, f"there is no literal for a percentage of {of}")


def read_reference(row: Row, work: Work) -> Leaves:
    """Read a percentage with its literal, or an absolute figure as a percentage of setMaxVA."""
    sign = Decimal(work.sign(row.ecp))
    value = take_amount(row, row.iec61850, sign, work)
    literal = work.value(row.also["ref"])
    if value is not None:
        of = next(
            (item["ours"] for item in work.table.codes[row.refs]["row"] if item["iec"] == literal), None
        )
        if of is None:
            raise Unrepresentable(row.also["ref"], f"{literal!r} does not say what the percentage is of")
        return {"value": value, "unit": row.unit, "of": of}
    absolute = work.sheet.analogue(row.also["absolute"], work.attributes(row.also["absolute"]), unit="var")
    if absolute is None:
        return {}
    by = sign * work.bases.figure("setMaxVA", row.canonical) / 100
    return {"value": inverse(absolute, by, row.canonical), "unit": row.unit, "of": "setMaxVA"}


def write_level(row: Row, leaves: Leaves, work: Work) -> None:
    """Write an absolute figure as a percentage of a base; nothing where the base is not known."""
    check_unit(row, leaves)
    if getattr(work.bases, row.of) is not None:
        put_amount(row, row.iec61850, leaves["value"], 100 / work.bases.figure(row.of, row.canonical), work)


def read_level(row: Row, work: Work) -> Leaves:
    """Read a percentage of a known base as an absolute figure."""
    if getattr(work.bases, row.of) is None:
        return {}
    found = work.sheet.analogue(row.iec61850, work.attributes(row.iec61850), -2, row.to)
    by = 100 / work.bases.figure(row.of, row.canonical)
    return {} if found is None else {"value": inverse(found, by, row.canonical), "unit": row.unit}


def write_gradient(row: Row, given: Leaves, work: Work) -> None:
    """Write a ramp rate everywhere it counts; 0 is no limit, so that nothing but that is written."""
    work.put(f"{row.also['use']}.setVal", given["value"] != 0)
    if given["value"] == 0:
        check_unit(row, given)
        return
    write_amount(row, given, work)


def read_gradient(row: Row, work: Work) -> Leaves:
    """Read a ramp rate; a node that uses none has no limit, whatever rate stands there."""
    use = work.sheet.flag(f"{row.also['use']}.setVal")
    if use is False:
        return {"value": Decimal(0), "unit": row.unit, "of": row.of}
    return read_amount(row, work)


CODECS: Mapping[str, Codec] = {
    "gradient": Codec(write_gradient, read_gradient, AMOUNT),
    "amount": Codec(write_amount, read_amount, AMOUNT),
    "magnitude": Codec(write_magnitude, read_magnitude, AMOUNT),
    "twin": Codec(write_twin, read_twin, AMOUNT),
    "absolute": Codec(write_absolute, read_absolute, AMOUNT),
    "reference": Codec(write_reference, read_reference, AMOUNT),
    "level": Codec(write_level, read_level, AMOUNT),
}
