"""Points: object references with a functional constraint and a value, and the number rules behind them.

Follows IEC 61850-7-2/7-3: FLOAT32 and INT32 ranges, units with a power of ten, scaled integers, timestamps
with a 24-bit fraction. Whatever does not fit raises; a float is always the shortest decimal of its FLOAT32.
Knows no DER object.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import NamedTuple

from bridge.mapping.bases import Bases
from bridge.mapping.leaves import plain
from bridge.mapping.table import Unrepresentable

Scalar = bool | int | float | str
INT32 = range(-(2**31), 2**31)
SECONDS = range(2**32)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HALF_ULP = Decimal(2) ** -24
TICK = Decimal("1E-7")
STAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?Z?")
UNITS: Mapping[str, tuple[int, ...]] = {
    "W": (38,),
    "VA": (61,),
    "var": (63,),
    "V": (29,),
    "A": (5,),
    "Hz": (33,),
    "s": (4,),
    "Wh": (72,),
    "Ah": (106,),
    "S": (27,),
    "%": (1,),
    "% of VRef": (1,),
    "%/s": (87,),
    "1": (65, 1),
}
"""SIUnitKind of what a figure is in; percentages and factors have no dimension."""
TIMES = {85: 60, 84: 3600}
"""SIUnitKind of minutes and hours, in seconds."""
VOLTS = 29
POWERS = range(-24, 25)
"""MultiplierKind: from yocto to yotta."""


class Point(NamedTuple):
    """One value of one attribute: `DWMX1.WMaxSptPct.ctlVal.f` under CO."""

    ref: str
    fc: str
    value: Scalar

    @property
    def due(self) -> str:
        """When a control's point is sent: settings and schedules before, a command when the control starts.

        A peer that runs the schedules is sent no command: they hold the same values.
        """
        return "start" if self.fc == "CO" and not self.ref.startswith("FSCH") else "before"


def real(value: Decimal, path: str) -> float:
    """Return the FLOAT32 of a decimal as its shortest decimal.

    Raise where more than half a unit in the last place is lost.
    """
    packed = _packed(float(value))
    single = struct.unpack(">f", packed)[0] if packed else float("inf")
    if single in (float("inf"), float("-inf")):
        raise Unrepresentable(path, f"{value} is beyond FLOAT32")
    if abs(Decimal(single) - value) > abs(value) * HALF_ULP * Decimal("1.000001"):
        raise Unrepresentable(path, f"{value} is too near zero for FLOAT32")
    return _short(single, packed)


def _packed(value: float) -> bytes:
    """Return the octets of a FLOAT32; none for what is beyond it."""
    try:
        return struct.pack(">f", value)
    except OverflowError:
        return b""


def _short(single: float, packed: bytes) -> float:
    for digits in range(1, 10):
        short = float(f"{single:.{digits}g}")
        if _packed(short) == packed:
            return short
    return single


def exact(value: Scalar, path: str) -> Decimal:
    """Return the decimal that a FLOAT32 stands for; raise for what is no number."""
    try:
        finite = not isinstance(value, bool | str) and isfinite(value)
    except OverflowError:
        raise Unrepresentable(path, "an integer beyond FLOAT32") from None
    if not finite:
        raise Unrepresentable(path, f"{value!r} is not a number")
    return plain(Decimal(repr(real(Decimal(value), path) + 0.0)))


def shortest(value: float, guess: Decimal, forward: Callable[[Decimal], float]) -> Decimal:
    """Return the decimal of fewest digits that `forward` turns into `value`.

    The guess if none of 12 digits does.
    """
    for digits in range(1, 13):
        short = plain(Decimal(f"{guess:.{digits - 1}e}"))
        try:
            if forward(short) == value:
                return short
        except (Unrepresentable, ArithmeticError):
            continue
    return plain(Decimal(f"{guess:.11e}"))


def whole(value: Decimal, path: str, within: range = INT32) -> int:
    """Return an integer of the range, or raise."""
    if value != value.to_integral_value() or int(value) not in within:
        raise Unrepresentable(path, f"{value} is not an integer of {within.start} to {within.stop - 1}")
    return int(value)


def powered(value: Decimal, power: int, path: str) -> Decimal:
    """Return a figure times a power of ten; raise for one that no multiplier names or that is too long."""
    if power not in range(POWERS.start * 2, POWERS.stop * 2):
        raise Unrepresentable(path, f"{power} is no power of ten that a multiplier has")
    try:
        return plain(value.scaleb(power))
    except ArithmeticError as error:
        raise Unrepresentable(path, f"{value} times ten to the {power} is beyond every figure") from error


def stamp(instant: Decimal, path: str) -> str:
    """Return a timestamp as text, in UTC with as many digits as are needed; its resolution is 2^-24 s."""
    if not 0 <= instant < SECONDS.stop:
        raise Unrepresentable(path, f"{instant} is before 1970 or beyond the 32 bits of a timestamp")
    rounded = instant.quantize(TICK)
    if int(rounded // 1) not in SECONDS or rounded < 0:
        raise Unrepresentable(path, f"{instant} is before 1970 or beyond the 32 bits of a timestamp")
    text = (EPOCH + timedelta(seconds=int(rounded // 1))).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{rounded % 1:.7f}"[1:].rstrip("0").rstrip(".")
    return f"{text}{fraction}Z"


def moment(value: Scalar, path: str) -> Decimal:
    """Return the instant of a timestamp's text."""
    found = STAMP.fullmatch(str(value))
    try:
        at = datetime.strptime(found[1] if found else "", "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise Unrepresentable(path, f"{value!r} is not a timestamp in UTC") from error
    fraction = found[2] if found else None
    return plain((at - EPOCH) // timedelta(seconds=1) + Decimal(fraction or 0))


class Sheet:
    """The points of one translation: written in order, or read and ticked off."""

    def __init__(self, bases: Bases, points: tuple[Point, ...] = ()) -> None:
        self.bases = bases
        back = {peer: ours for ours, peer in bases.names.items()}
        self.points: dict[str, Point] = {}
        for point in points:
            self._told(_named(point.ref, bases, back, into=False), point)
        self.read: set[str] = set()
        self.invalid = tuple(
            ref[:-1]
            for ref, point in self.points.items()
            if ref.endswith(".q") and str(point.value).startswith("invalid")
        )
        """Objects whose value is not read, because their quality is invalid."""

    def _told(self, ref: str, point: Point) -> None:
        there = self.points.setdefault(ref, point)
        if (type(there.value), there.value) != (type(point.value), point.value):
            raise Unrepresentable(ref, f"{there.value!r} under {there.fc}, {point.value!r} under {point.fc}")

    def put(self, ref: str, fc: str, value: Scalar) -> None:
        """Write a point; the same reference twice must say the same."""
        there = self.points.setdefault(ref, Point(ref, fc, value))
        if there.value != value:
            raise Unrepresentable(ref, f"two modes ask for {there.value!r} and {value!r}")

    def take(self, ref: str) -> Scalar | None:
        """Read a point and tick it off; None when it is not there."""
        if ref not in self.points or (self.invalid and ref.startswith(self.invalid)):
            return None
        self.read.add(ref)
        return self.points[ref].value

    def flag(self, ref: str) -> bool | None:
        """Read a boolean."""
        value = self.take(ref)
        if value is not None and not isinstance(value, bool):
            raise Unrepresentable(ref, f"{value!r} is not a boolean")
        return value

    def number(self, ref: str) -> int | None:
        """Read an INT32."""
        value = self.take(ref)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value not in INT32:
            raise Unrepresentable(ref, f"{value!r} is not an INT32")
        return value

    def analogue(self, do: str, attributes: tuple[str, ...], ref: int = 0, unit: str = "") -> Decimal | None:
        """Read an analogue value in the object's unit: f, or a scaled i.

        `ref` is the power of ten when none is given; another unit than `unit` is converted or refused.
        """
        power = self.number(f"{do}.units.multiplier")
        told = self.number(f"{do}.units.SIUnit")
        value = next((found for name in attributes if (found := self._raw(do, name)) is not None), None)
        if value is None:
            return None
        if not unit or told in (None, *UNITS[unit]):
            return powered(value, (ref if power is None else power) - ref, do)
        return plain(powered(value, power or 0, do) * self._converted(do, told, unit))

    def _converted(self, do: str, told: int | None, unit: str) -> Decimal:
        """Return what a figure in the unit told is multiplied by; refuse what does not convert."""
        if unit == "s" and told in TIMES:
            return Decimal(TIMES[told])
        if unit == "% of VRef" and told == VOLTS:
            return 100 / self.bases.figure("VRef", do)
        raise Unrepresentable(
            do, f"a figure in SIUnit {told}, where {unit} (SIUnit {UNITS[unit][0]}) is meant"
        )

    def _raw(self, do: str, name: str) -> Decimal | None:
        single, scaled = self.take(f"{do}.{name}.f"), self.number(f"{do}.{name}.i")
        if single is not None or scaled is None:
            return None if single is None else exact(single, f"{do}.{name}.f")
        factor = self.take(f"{do}.sVC.scaleFactor")
        offset = self.take(f"{do}.sVC.offset")
        if factor is None:
            raise Unrepresentable(f"{do}.{name}.i", "a scaled integer without sVC.scaleFactor")
        return scaled * exact(factor, do) + (Decimal(0) if offset is None else exact(offset, do))

    def nodes(self) -> set[str]:
        """Return the names of the logical nodes that have a point."""
        return {ref.partition(".")[0] for ref in self.points}

    def rest(self) -> tuple[Point, ...]:
        """Return the points that nothing has read."""
        return tuple(point for ref, point in self.points.items() if ref not in self.read)

    def done(self) -> tuple[Point, ...]:
        """Return the points under the peer's names."""
        return tuple(
            Point(_named(point.ref, self.bases, self.bases.names, into=True), point.fc, self._value(point))
            for point in self.points.values()
        )

    def _value(self, point: Point) -> Scalar:
        if point.ref.endswith(".setSrcRef"):
            return _named(str(point.value), self.bases, self.bases.names, into=True)
        return point.value

    def target(self, ref: str) -> str | None:
        """Read an object reference, under the table's names."""
        value = self.take(f"{ref}.setSrcRef")
        back = {peer: ours for ours, peer in self.bases.names.items()}
        return None if value is None else _named(str(value), self.bases, back, into=False)


def _named(ref: str, bases: Bases, names: Mapping[str, str], *, into: bool) -> str:
    prefix = f"{bases.ld}/" if bases.ld else ""
    bare = ref if into else ref.removeprefix(prefix)
    node, dot, rest = bare.partition(".")
    return f"{prefix if into else ''}{names.get(node, node)}{dot}{rest}"
