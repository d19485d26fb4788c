"""Canonical curves as plain rows of numbers: values between points, and the bases that percent are of.

Points are joined by straight lines and the ends go on level (IEEE 1547-2018 figures H.1 to H.6). What a
percentage is of is `yOf` of the curve (2030.5 DERUnitRefType). Pure; nothing is kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from math import sqrt
from types import MappingProxyType
from typing import NamedTuple

from bridge.app.sim.physics.grid import Build
from models.der import messages


class Moment(NamedTuple):
    """What a law may look at: the active power at hand, the voltage, and what could be given."""

    w: float
    v: float = 1.0
    available: float = 0.0
    reference: float = 1.0
    """The voltage that a reference of its own has followed to."""


class Shape(NamedTuple):
    """A curve: its points in order of x."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    of: str = "setMaxW"
    response: float | None = None

    def at(self, x: float) -> float:
        """The value on the line through the points."""
        if x <= self.x[0]:
            return self.y[0]
        if x >= self.x[-1]:
            return self.y[-1]
        right = bisect_right(self.x, x)
        left = right - 1
        part = (x - self.x[left]) / (self.x[right] - self.x[left])
        return self.y[left] + part * (self.y[right] - self.y[left])


def shape(curve: messages.Curve, *, signed: bool = False) -> Shape:
    """A canonical curve; `signed` makes y below zero where a point says that var are absorbed."""
    points = sorted((float(one.x), _y(one, signed=signed)) for one in curve.point)
    openly = None if curve.openLoop is None else float(curve.openLoop)
    return Shape(tuple(x for x, _ in points), tuple(y for _, y in points), str(curve.yOf), openly)


def _y(point: messages.Point, *, signed: bool) -> float:
    y = float(point.y)
    return -abs(y) if signed and point.absorbing else y


def drawn(use: messages.CurveUse | None) -> messages.Curve | None:
    """The curve of a mode that is on; a curve that is only named, and not here, says nothing."""
    return None if use is None or use.disabled else use.curve


def spare(build: Build, moment: Moment) -> float:
    """Reactive power that active power leaves room for."""
    return min(build.plate.var, sqrt(max(build.plate.va**2 - moment.w**2, 0.0)))


BASES: Mapping[str, Callable[[Build, Moment], float]] = MappingProxyType(
    {
        "setMaxW": lambda build, _: build.plate.watts,
        "setMaxVar": lambda build, _: build.plate.var,
        "statVarAvail": spare,
        "setMaxVA": lambda build, _: build.plate.va,
        "setMaxChargeRateW": lambda build, _: build.plate.charge,
        "setMaxDischargeRateW": lambda build, _: build.plate.watts,
        "statWAvail": lambda _, moment: moment.available,
    }
)
"""What one hundred percent is, by the canonical name of a base."""


def base(name: str | None, build: Build, moment: Moment, other: str = "setMaxVar") -> float:
    """One hundred percent of a base; of `other` where no base of power is named."""
    return BASES.get(name or other, BASES[other])(build, moment)


def part(percent: float, name: str | None, build: Build, moment: Moment, other: str = "setMaxVar") -> float:
    """A percentage of a base; what is absorbed is a part of what can be absorbed."""
    full = base(name, build, moment, other)
    if percent < 0 and (name or other) == "setMaxVar":
        full = build.absorbs
    return percent * full / 100
