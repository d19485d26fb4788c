"""Frequency droop: dead bands and slopes of 2030.5 FreqDroopType as HzStr and WGra of DHFW and DLFW.

HzStr = fn + dBOF above nominal and fn - dBUF below; WGra = 100 / (k x fn) percent per hertz, for charging as
well. The nominal frequency fn is a base or the peer's HzRef, and where both are known they agree; it is never
guessed. The least power (2023) is a limit of its own node. The codec carries whole droops only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    hertz = work.bases.figure("hertz", row.canonical)
    for side, node, sign in SIDES:
        band, slope = _in(row, leaves, f"{side}Deadband", "Hz"), _in(row, leaves, f"{side}Slope", "1")
        work.put(f"{node}.HzRef.setMag.f", real(hertz, row.canonical))
        work.put(f"{node}.HzStr.setMag.f", _start(row, band, sign, hertz))
        for do in ("WGra", "ChaWGra"):
            work.put(f"{node}.{do}.setMag.f", _gradient(row, slope, hertz))
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


def _start(row: Row, band: Decimal, sign: int, hertz: Decimal) -> float:
    start = hertz + sign * band
    if band < 0 or start < 0:
        raise Unrepresentable(row.canonical, f"a dead band of {band} Hz does not lie within the frequencies")
    return real(start, row.canonical)


def _gradient(row: Row, slope: Decimal, hertz: Decimal) -> float:
    if slope <= 0:
        raise Unrepresentable(row.canonical, f"a slope of {slope} has no gradient")
    return real(100 / (slope * hertz), row.canonical)


def nominal(nodes: Iterable[str], work: Work) -> Decimal | None:
    """Return the nominal frequency: the base, else what the nodes tell; refuse one that says otherwise."""
    hertz = None if work.bases.hertz is None else work.bases.figure("hertz", "HzRef")
    for node in nodes:
        said = work.sheet.analogue(f"{node}.HzRef", ("setMag",), unit="Hz")
        if said is not None and said <= 0:
            raise Unrepresentable(f"{node}.HzRef", f"{said} Hz is no nominal frequency")
        if hertz is not None and said is not None and real(said, node) != real(hertz, node):
            raise Unrepresentable(f"{node}.HzRef", f"{said} Hz, where {hertz} Hz is nominal")
        hertz = said if hertz is None else hertz
    return hertz


def read_droop(row: Row, work: Work) -> Leaves:
    """Read a droop of which both sides are there, and both are on or both are off; a lone one off is left."""
    leaves: Leaves = {}
    off = [node for _, node, _ in SIDES if work.mode(node) is False]
    there = [node for _, node, _ in SIDES if _there(node, work)]
    if off and set(there) - set(off):
        raise Unrepresentable(row.canonical, f"{off[0]} is off: 2030.5 has no droop of one side")
    if off and len(there) < len(SIDES):
        return {}
    for side, node, sign in SIDES:
        leaves |= _read_side(row, side, node, sign, work)
        time = take_time(f"{node}.OplTmsMax", work)
        time = Decimal() if work.sheet.flag(f"{node}.OutFilByp.setVal") else time
        if time is not None and leaves.setdefault("openLoop", time) != time:
            raise Unrepresentable("DHFW1.OplTmsMax, DLFW1.OplTmsMax", "they differ in one droop")
    leaves |= _read_least(row, work, off=bool(off))
    if leaves and not {"overDeadband.value", "underDeadband.value", "openLoop"} <= set(leaves):
        raise Unrepresentable(row.canonical, "a droop needs both sides and its open-loop time")
    return leaves


def _there(node: str, work: Work) -> bool:
    return any(ref.startswith((f"{node}.HzStr.", f"{node}.WGra.")) for ref in work.sheet.points)


def _read_least(row: Row, work: Work, *, off: bool) -> Leaves:
    """Read the least power; of a node that is off only with the whole droop, and it goes off with that."""
    before, do = set(work.sheet.read), row.also["minimum"]
    node = do.partition(".")[0]
    on = work.mode(node)
    least = None if on is False and not off else work.sheet.analogue(do, work.attributes(do), unit="W")
    if least is None:
        work.sheet.read = before
        return {}
    if on and off:
        raise Unrepresentable(row.canonical, f"{node} is on, though both sides of its droop are off")
    return {"minimum.value": least * work.sign(row.ecp), "minimum.unit": "W"}


def _read_side(row: Row, side: str, node: str, sign: int, work: Work) -> Leaves:
    start = work.sheet.analogue(f"{node}.HzStr", ("setMag",), unit="Hz")
    gradient = work.sheet.analogue(f"{node}.WGra", ("setMag",))
    charging = work.sheet.analogue(f"{node}.ChaWGra", ("setMag",))
    of = work.sheet.number(f"{node}.HzWCrvRef.setVal")
    if start is None or gradient is None:
        return {}
    if of not in (None, PERCENT_OF_MAXIMUM):
        raise Unrepresentable(f"{node}.HzWCrvRef", f"{of} is not a gradient in percent of the maximum")
    if charging not in (None, gradient) or gradient <= 0:
        raise Unrepresentable(f"{node}.WGra", f"{gradient}, charging {charging}: 2030.5 has one, above zero")
    known = nominal((name for _, name, _ in SIDES), work)
    hertz = work.bases.figure("hertz", row.canonical) if known is None else known
    if sign * (real(start, node) - real(hertz, node)) < 0:
        raise Unrepresentable(f"{node}.HzStr", f"{start} Hz is on the other side of {hertz} Hz, its nominal")
    away = max(sign * (start - hertz), Decimal(0))
    band = shortest(real(start, node), away, lambda value: _start(row, value, sign, hertz))
    slope = shortest(
        real(gradient, node), 100 / (gradient * hertz), lambda value: _gradient(row, value, hertz)
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
