"""Frequency droop: dead bands and slopes of 2030.5 FreqDroopType as HzStr and WGra of DHFW and DLFW.

HzStr = fn + dBOF above nominal and fn - dBUF below; WGra = 100 / (k x fn) percent per hertz, for charging as
well. The least power (2023) is a limit of its own node. The codec carries whole droops only.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bridge.mapping.leaves import Leaves
from bridge.mapping.nodes import Row
from bridge.mapping.points import real, shortest
from bridge.mapping.scalars import put_time, take_time
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import Codec, Work

PERCENT_OF_MAXIMUM = 2
SIDES = (("over", "DHFW1", 1), ("under", "DLFW1", -1))


def write_droop(row: Row, leaves: Leaves, work: Work) -> None:
    """Write both sides of a droop, and the least power where there is one."""
    for side, node, sign in SIDES:
        band, slope = _in(row, leaves, f"{side}Deadband", "Hz"), _in(row, leaves, f"{side}Slope", "1")
        work.put(f"{node}.HzRef.setMag.f", real(work.bases.hertz, row.canonical))
        work.put(f"{node}.HzStr.setMag.f", _start(row, band, sign, work))
        for do in ("WGra", "ChaWGra"):
            work.put(f"{node}.{do}.setMag.f", _gradient(row, slope, work))
        work.put(f"{node}.HzWCrvRef.setVal", PERCENT_OF_MAXIMUM)
        put_time(f"{node}.OplTmsMax", leaves["openLoop"], work)
    if "minimum.value" in leaves:
        least = _in(row, leaves, "minimum", "W") * work.sign(row.ecp)
        work.put(f"{work.attribute(row.also['minimum'])}.f", real(least, row.canonical))


def _in(row: Row, leaves: Leaves, name: str, unit: str) -> Decimal:
    if leaves[f"{name}.unit"] != unit:
        raise Unrepresentable(f"{row.canonical}.{name}", f"in {leaves[f'{name}.unit']}, not in {unit}")
    value: Decimal = leaves[f"{name}.value"]
    return value


def _start(row: Row, band: Decimal, sign: int, work: Work) -> float:
    start = work.bases.hertz + sign * band
    if band < 0 or start < 0:
        raise Unrepresentable(row.canonical, f"a dead band of {band} Hz does not lie within the frequencies")
    return real(start, row.canonical)


def _gradient(row: Row, slope: Decimal, work: Work) -> float:
    if slope <= 0:
        raise Unrepresentable(row.canonical, f"a slope of {slope} has no gradient")
    return real(100 / (slope * work.bases.hertz), row.canonical)


def read_droop(row: Row, work: Work) -> Leaves:
    """Read a droop of which both sides are there."""
    leaves: Leaves = {}
    off = all(work.mode(node) is False for _, node, _ in SIDES)
    for side, node, sign in SIDES:
        if work.mode(node) is False and not off:
            continue
        leaves |= _read_side(row, side, node, sign, work)
        time = take_time(f"{node}.OplTmsMax", work)
        if time is not None and leaves.setdefault("openLoop", time) != time:
            raise Unrepresentable("DHFW1.OplTmsMax, DLFW1.OplTmsMax", "they differ in one droop")
    least = work.sheet.analogue(row.also["minimum"], work.attributes(row.also["minimum"]), unit="W")
    if least is not None:
        leaves |= {"minimum.value": least * work.sign(row.ecp), "minimum.unit": "W"}
    if leaves and not {"overDeadband.value", "underDeadband.value", "openLoop"} <= set(leaves):
        raise Unrepresentable(row.canonical, "a droop needs both sides and its open-loop time")
    return leaves


def _read_side(row: Row, side: str, node: str, sign: int, work: Work) -> Leaves:
    start = work.sheet.analogue(f"{node}.HzStr", ("setMag",), unit="Hz")
    gradient = work.sheet.analogue(f"{node}.WGra", ("setMag",))
    nominal = work.sheet.analogue(f"{node}.HzRef", ("setMag",), unit="Hz")
    charging = work.sheet.analogue(f"{node}.ChaWGra", ("setMag",))
    of = work.sheet.number(f"{node}.HzWCrvRef.setVal")
    if start is None or gradient is None:
        return {}
    if of not in (None, PERCENT_OF_MAXIMUM):
        raise Unrepresentable(f"{node}.HzWCrvRef", f"{of} is not a gradient in percent of the maximum")
    if nominal not in (None, work.bases.hertz) or charging not in (None, gradient) or gradient <= 0:
        raise Unrepresentable(
            f"{node}.WGra", "another nominal frequency, or a gradient that 2030.5 cannot say"
        )
    band = shortest(
        real(start, node), sign * (start - work.bases.hertz), lambda value: _start(row, value, sign, work)
    )
    slope = shortest(
        real(gradient, node), 100 / (gradient * work.bases.hertz), lambda value: _gradient(row, value, work)
    )
    return {
        f"{side}Deadband.value": band,
        f"{side}Deadband.unit": "Hz",
        f"{side}Slope.value": slope,
        f"{side}Slope.unit": "1",
    }


AMOUNTS = ("overDeadband", "underDeadband", "overSlope", "underSlope", "minimum")
CARRIES = (*(f"{name}.{leaf}" for name in AMOUNTS for leaf in ("value", "unit")), "openLoop")
CODECS: Mapping[str, Codec] = {"droop": Codec(write_droop, read_droop, CARRIES)}
