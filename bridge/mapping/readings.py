"""Readings: the values of 2030.5 series at the objects of MMXU and MMTR, and back.

uom and SIUnit are the same numbers; a value in another unit is refused. A power factor is not read before
PFSign is known, and with EEI not without the active power. Where a series stands is the business of
`meters.py`. Holds no history.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bridge.mapping import nodes
from bridge.mapping.bases import Bases
from bridge.mapping.leaves import Leaves, flatten, plain
from bridge.mapping.meters import SITE, Spot, objects, site_of, spot_of
from bridge.mapping.points import UNITS, Point, Sheet, exact, moment, powered, real, stamp, whole
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import Work
from models.der import messages

UNIT = {numbers[0]: name for name, numbers in UNITS.items()}
"""Our word for a unit by its number, which is the uom too."""
INT64, INT48 = range(-(2**63), 2**63), range(-(2**47), 2**47)
VALID, EDITED, QUESTIONABLE = 1, 2, 16
IEC, EEI = 1, 2


def shown(record: messages.Reading, bases: Bases) -> tuple[Point, ...]:
    """Return the points of a record alone: for what comes often, and of which nothing is to be restored."""
    work = Work(Sheet(bases), bases, nodes.read())
    write_readings(flatten(record), work)
    return work.sheet.done()


def write_readings(leaves: Leaves, work: Work) -> None:
    """Write the single value of each series that has an object of its own."""
    site = (
        bool(int(leaves.get("point.roleFlags") or "0", 16) & SITE)
        if "point.roleFlags" in leaves
        else work.bases.site
    )
    for at in _series(leaves):
        kind = {
            name.removeprefix(f"{at}.type."): value
            for name, value in leaves.items()
            if name.startswith(f"{at}.type.")
        }
        spot = spot_of(kind, work, site=site)
        if (
            spot is None
            or f"{at}.value.value" not in leaves
            or f"{spot.do}.{spot.value}" in work.sheet.points
        ):
            continue
        _write(spot, leaves[f"{at}.value.value"], kind.get("powerOfTenMultiplier", 0), work)
        if f"{at}.value.start" in leaves:
            work.put(f"{spot.do}.t", stamp(leaves[f"{at}.value.start"], at))
        if f"{at}.value.qualityFlags" in leaves:
            work.put(f"{spot.do}.q", _quality(int(leaves[f"{at}.value.qualityFlags"] or "0", 16)))


def _series(leaves: Leaves) -> list[str]:
    return list(dict.fromkeys(path.partition(".")[0] for path in leaves if path.startswith("series[")))


def _write(spot: Spot, value: Decimal, power: int, work: Work) -> None:
    if spot.register:
        work.put(f"{spot.do}.{spot.value}", whole(value, spot.do, INT64))
        work.put(f"{spot.do}.pulsQty", real(Decimal(1).scaleb(power), spot.do))
        return
    if spot.row.get("factor"):
        if work.bases.PFSign == EEI:
            raise Unrepresentable(
                spot.do, "the peer's sign of a power factor (EEI) needs the direction of the vars"
            )
        work.put(f"{spot.do.partition('.')[0]}.PFSign.setVal", IEC)
    if spot.method is not None:
        work.put(f"{spot.do.partition('.')[0]}.ClcMth.setVal", spot.method)
    work.put(f"{spot.do}.{spot.value}", real(value.scaleb(power) * spot.sign, spot.do))


def _quality(flags: int) -> str:
    return ("questionable" if flags & QUESTIONABLE else "good") + (" substituted" if flags & EDITED else "")


# ---------------------------------------------------------------------------------------------------- reading


def read_readings(work: Work) -> Leaves:
    """Read one series from each object of a meter that has a value; an invalid one stays unread."""
    leaves: Leaves = {}
    site = site_of(work)
    for do, kind in objects(work, site=site):
        if str(work.sheet.points.get(f"{do}.q", ("", "", ""))[2]).startswith("invalid"):
            continue
        value = _value(do, kind, work, site=site)
        if value is not None:
            at = f"series[{len(_series(leaves))}]"
            leaves |= {f"{at}.mRID": "00"} | {
                f"{at}.{name}": leaf for name, leaf in (kind["type"] | value).items()
            }
    return leaves


def _value(do: str, kind: Mapping[str, Any], work: Work, *, site: bool) -> Leaves | None:
    row = kind["row"]
    leaves = _counted(do, row, work) if do.startswith("MMTR") else _measured(do, row, work, site=site)
    if leaves is None:
        return None
    work.sheet.take(f"{do.partition('.')[0]}.ClcMth.setVal")
    if (text := work.sheet.take(f"{do}.t")) is not None:
        leaves["value.start"] = moment(str(text).partition(";")[0], do)
    if (quality := work.sheet.take(f"{do}.q")) is not None:
        words = str(quality).split()
        doubt = {"questionable", "oldData", "test"} & set(words)
        flags = (QUESTIONABLE if doubt else VALID) | (EDITED if "substituted" in words else 0)
        leaves["value.qualityFlags"] = f"{flags:04X}"
    return leaves


def _counted(do: str, row: Mapping[str, Any], work: Work) -> Leaves | None:
    count, pulse = work.sheet.take(f"{do}.actVal"), work.sheet.take(f"{do}.pulsQty")
    power = work.sheet.number(f"{do}.units.multiplier") or 0
    told = work.sheet.number(f"{do}.units.SIUnit")
    if count is None or isinstance(count, bool) or not isinstance(count, int):
        return None
    if told not in (None, row["uom"]):
        raise Unrepresentable(do, f"a count in SIUnit {told}, where SIUnit {row['uom']} is meant")
    whole(Decimal(count), do, INT64)
    powered(Decimal(1), power, do)
    each = Decimal(1) if pulse is None else exact(pulse, do)
    exponent = each.normalize().as_tuple().exponent
    if each == Decimal(1).scaleb(int(exponent)):
        return _fitting(Decimal(count), int(exponent) + power, do)
    total = plain(count * each)
    lowest = int(total.as_tuple().exponent)
    return _fitting(total.scaleb(-lowest), lowest + power, do)


def _measured(do: str, row: Mapping[str, Any], work: Work, *, site: bool) -> Leaves | None:
    attributes = ("instCVal.mag", "cVal.mag") if do.count(".") > 1 else ("instMag", "mag")
    value = work.sheet.analogue(do, attributes, unit=UNIT[row["uom"]])
    if value is None:
        return None
    if row.get("factor"):
        value = _signed(do, value, work, site=site)
    value *= work.sign("DPCC1" if site else "DECP1") if row.get("frame") else 1
    lowest = min(int(plain(value).as_tuple().exponent), 0)
    return _fitting(value.scaleb(-lowest), lowest, do)


def _signed(do: str, value: Decimal, work: Work, *, site: bool) -> Decimal:
    """Return a power factor with the sign of the active power, as IEC has it; PFSign must be known first."""
    node = do.partition(".")[0]
    sign = work.sheet.number(f"{node}.PFSign.setVal") or work.bases.PFSign
    if sign == IEC:
        return value
    power = _power(node, work)
    if sign != EEI or not power:
        raise Unrepresentable(
            do,
            "a power factor whose sign cannot be told: PFSign, and with EEI the active power, must be known",
        )
    return abs(value) if power * work.sign("DPCC1" if site else "DECP1") > 0 else -abs(value)


def _power(node: str, work: Work) -> Decimal | None:
    """Return a meter's active power, which its own series reads; one of invalid quality says nothing."""
    before = set(work.sheet.read)
    power = work.sheet.analogue(f"{node}.TotW", ("instMag", "mag"), unit="W")
    work.sheet.read = before
    return power


def _fitting(value: Decimal, power: int, do: str) -> Leaves:
    """Return a value and its power of ten; one beyond 48 bits lends its last noughts to the power."""
    number = int(value)
    while number not in INT48 and number % 10 == 0:
        number, power = number // 10, power + 1
    return {"value.value": Decimal(whole(Decimal(number), do, INT48)), "type.powerOfTenMultiplier": power}
