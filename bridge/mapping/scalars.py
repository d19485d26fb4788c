"""Codecs of single values that are no amounts: times, switches, codes and power factors.

Times are integers of milliseconds or of seconds with a power of ten (IEC 61850-7-3 ING). The side of a power
factor has the opposite polarity of 2030.5 unless configured. Nothing here knows which object is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from typing import Any

from bridge.mapping.figures import put_amount
from bridge.mapping.leaves import Leaves
from bridge.mapping.nodes import Row, place
from bridge.mapping.points import TIMES, UNITS, Scalar, powered, whole
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import Codec, Work

LONGEST = 2**32


def put_time(do: str, value: Decimal, work: Work) -> None:
    """Write a length of time: milliseconds to a Tmms object, seconds with a power of ten to others."""
    if abs(value) > LONGEST:
        raise Unrepresentable(do, f"{value} s is longer than an INT32 of seconds")
    if place(do).do.endswith("Tmms"):
        work.put(f"{do}.setVal", whole((value * 1000).quantize(Decimal(1), ROUND_HALF_EVEN), do))
        return
    if work.bases.wholeSeconds:
        value = value.to_integral_value(ROUND_CEILING)
    fine = value.quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    power = next(power for power in (0, -2, -3) if fine.scaleb(-power) % 1 == 0)
    work.put(f"{do}.setVal", whole(fine.scaleb(-power), do))
    if power:
        work.put(f"{do}.units.SIUnit", 4)
        work.put(f"{do}.units.multiplier", power)


def take_time(do: str, work: Work) -> Decimal | None:
    """Read a length of time in seconds."""
    value = work.sheet.number(f"{do}.setVal")
    power = work.sheet.number(f"{do}.units.multiplier")
    told = work.sheet.number(f"{do}.units.SIUnit")
    if value is None:
        return None
    if told in TIMES:
        return powered(Decimal(value * TIMES[told]), power or 0, do)
    if told not in (None, *UNITS["s"]):
        raise Unrepresentable(do, f"a time in SIUnit {told}, not in seconds (SIUnit 4)")
    usual = -3 if place(do).do.endswith("Tmms") else 0
    return powered(Decimal(value), usual if power is None else power, do)


def write_time(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a length of time."""
    if leaves[""] < 0:
        raise Unrepresentable(row.canonical, f"{leaves['']} s is a negative time")
    put_time(row.iec61850, leaves[""], work)


def read_time(row: Row, work: Work) -> Leaves:
    """Read a length of time."""
    value = take_time(row.iec61850, work)
    return {} if value is None else {"": value}


def write_flag(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a yes or no."""
    work.put(work.attribute(row.iec61850), leaves[""])


def read_flag(row: Row, work: Work) -> Leaves:
    """Read a yes or no."""
    value = work.value(row.iec61850)
    if value is not None and not isinstance(value, bool):
        raise Unrepresentable(row.iec61850, f"{value!r} is not a boolean")
    return {} if value is None else {"": value}


def code_of(work: Work, name: str, ours: object) -> Scalar | None:
    """Return the other side's code."""
    found = (item["iec"] for item in work.table.codes[name]["row"] if item["ours"] == ours)
    return next(found, None)


def ours_of(work: Work, name: str, iec: object) -> Any:
    """Return our code of the other side's; several may share one, the list says which comes back."""
    codes = work.table.codes[name]
    pairs = [item for item in (*codes["row"], *codes.get("back", ())) if item.get("back") is not False]
    return next((item["ours"] for item in pairs if item["iec"] == iec), None)


def write_code(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a code by its list; a text object takes the digits of what is not listed."""
    code = code_of(work, row.codes, leaves[""])
    if code is None and place(row.iec61850).cdc == "VSG":
        code = str(leaves[""])
    if code is not None:
        work.put(work.attribute(row.iec61850), code)


def read_code(row: Row, work: Work) -> Leaves:
    """Read a code by its list."""
    value = work.value(row.iec61850)
    ours = None if value is None else ours_of(work, row.codes, value)
    if ours is None and isinstance(value, str) and value.isdigit():
        ours = int(value)
    if ours is None and value is not None:
        raise Unrepresentable(row.iec61850, f"{value!r} is not in the list {row.codes}")
    return {} if ours is None else {"": ours}


def write_factor(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a displacement factor.

    Magnitude, and the side by the peer's polarity (inverted unless configured).
    """
    if not 0 <= leaves["value"] <= 1:
        raise Unrepresentable(row.canonical, f"{leaves['value']} is not a displacement factor of 0 to 1")
    put_amount(row, row.iec61850, leaves["value"], Decimal(1), work)
    work.put(work.attribute(row.also["quad"]), leaves["absorbing"] is work.bases.quadTrueAbsorbs)


def read_factor(row: Row, work: Work) -> Leaves:
    """Read a displacement factor; without a side, only a signed one whose convention (PFSign) is known."""
    value = work.sheet.analogue(row.iec61850, work.attributes(row.iec61850), unit="1")
    quad = work.value(row.also["quad"])
    if value is None:
        return {}
    if abs(value) > 1:
        raise Unrepresentable(row.iec61850, f"{value} is not a power factor")
    if isinstance(quad, bool):
        return {"value": abs(value), "absorbing": quad is work.bases.quadTrueAbsorbs}
    sign = work.sheet.number("DGEN1.PFSign.setVal") or work.bases.PFSign
    if sign != 2:  # noqa: PLR2004 - PFSignKind: 2 is EEI, the only one whose sign tells the side
        raise Unrepresentable(
            row.iec61850, "a power factor without excitation, and no PFSign that makes its sign tell"
        )
    return {"value": abs(value), "absorbing": (value < 0) is work.bases.eeiNegativeAbsorbs}


CODECS: Mapping[str, Codec] = {
    "time": Codec(write_time, read_time, ("",)),
    "flag": Codec(write_flag, read_flag, ("",)),
    "code": Codec(write_code, read_code, ("",)),
    "factor": Codec(write_factor, read_factor, ("value", "absorbing")),
}
