"""Ride-through: when a unit trips, when it ceases for a moment, when it goes on (IEEE 1547-2018 clause 6).

A trip setting is a level and a time; it acts when the voltage or frequency has been beyond the level for the
time. Points of a must-trip curve are such settings, read as steps. Between a may-trip curve and a must-trip
curve this unit goes on, or trips where it is built `eager`. Default settings are in `TRIPS`, by category.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from bridge.app.sim.physics.grid import Build, Grid
from bridge.app.sim.physics.shape import drawn
from models.der import messages


class Verdict(Enum):
    """What abnormal conditions ask of a unit."""

    GO_ON = auto()
    CEASE = auto()
    TRIP = auto()


class Kind(NamedTuple):
    """A row of the table of ride-through modes."""

    mode: str
    axis: str
    above: bool
    verdict: Verdict
    alarm: int


class Level(NamedTuple):
    """A setting: beyond it for so long, and the verdict holds."""

    axis: str
    above: bool
    level: float
    seconds: float
    verdict: Verdict
    alarm: int

    def beyond(self, grid: Grid) -> bool:
        """Whether the grid is beyond it now."""
        value = grid.v if self.axis == "v" else grid.hz
        return value > self.level if self.above else value < self.level


OVER_VOLTAGE, UNDER_VOLTAGE, OVER_FREQUENCY, UNDER_FREQUENCY = 2, 4, 8, 16
"""Bits of DERStatus.alarmStatus."""
MUST = (
    Kind("HVRTMustTrip", "v", True, Verdict.TRIP, OVER_VOLTAGE),
    Kind("LVRTMustTrip", "v", False, Verdict.TRIP, UNDER_VOLTAGE),
    Kind("HFRTMustTrip", "hz", True, Verdict.TRIP, OVER_FREQUENCY),
    Kind("LFRTMustTrip", "hz", False, Verdict.TRIP, UNDER_FREQUENCY),
)
MAY = tuple(one._replace(mode=one.mode.replace("Must", "May")) for one in MUST)
CEASING = (
    Kind("HVRTMomentaryCessation", "v", True, Verdict.CEASE, OVER_VOLTAGE),
    Kind("LVRTMomentaryCessation", "v", False, Verdict.CEASE, UNDER_VOLTAGE),
)

Points = tuple[tuple[float, float], ...]
HIGH: Points = ((61.2, 300), (62, 0.16))
LOW: Points = ((58.5, 300), (56.5, 0.16))
TRIPS: Mapping[str, Mapping[str, Points]] = MappingProxyType(
    {
        "I": {"HVRTMustTrip": ((1.1, 2), (1.2, 0.16)), "LVRTMustTrip": ((0.7, 2), (0.45, 0.16))},
        "II": {"HVRTMustTrip": ((1.1, 2), (1.2, 0.16)), "LVRTMustTrip": ((0.7, 10), (0.45, 0.16))},
        "III": {"HVRTMustTrip": ((1.1, 13), (1.2, 0.16)), "LVRTMustTrip": ((0.88, 21), (0.5, 2))},
    }
)
"""Levels and seconds that hold where none are ordered: tables 11 to 13."""
FREQUENCIES: Mapping[str, Points] = MappingProxyType({"HFRTMustTrip": HIGH, "LFRTMustTrip": LOW})
"""The same of table 18, for every category."""


def levels(modes: messages.Modes, build: Build) -> tuple[Level, ...]:
    """All settings that hold under these modes."""
    kinds = (*MUST, *CEASING, *(MAY if build.eager else ()))
    return tuple(one for kind in kinds for one in _levels(kind, modes, build))


def _levels(kind: Kind, modes: messages.Modes, build: Build) -> Iterator[Level]:
    use: messages.CurveUse | None = getattr(modes, kind.mode)
    curve = drawn(use)
    if curve is None:
        usual = use is None or not use.disabled
        yield from _usual(kind, build) if usual else ()
        return
    for point in curve.point:
        level = float(point.y) / (100 if kind.axis == "v" else 1)
        seconds = 0.0 if kind.verdict is Verdict.CEASE else float(point.x)
        yield Level(kind.axis, kind.above, level, seconds, kind.verdict, kind.alarm)


def _usual(kind: Kind, build: Build) -> Iterator[Level]:
    """The standard's own settings, on this unit's grid."""
    for level, seconds in TRIPS[build.category].get(kind.mode, ()):
        yield Level(kind.axis, kind.above, level, seconds, kind.verdict, kind.alarm)
    for level, seconds in FREQUENCIES.get(kind.mode, ()):
        yield Level(kind.axis, kind.above, build.scaled(level), seconds, kind.verdict, kind.alarm)


class Guard:
    """The settings of one unit, and how long the grid has been beyond each."""

    __slots__ = ("_levels", "_since", "alarms")

    def __init__(self, settings: tuple[Level, ...]) -> None:
        self._levels = settings
        self._since = [0.0] * len(settings)
        self.alarms = 0

    def set(self, settings: tuple[Level, ...]) -> None:
        """Take other settings; a time that runs goes on where its setting stays."""
        if settings != self._levels:
            held = dict(zip(self._levels, self._since, strict=True))
            self._levels, self._since = settings, [held.get(one, 0.0) for one in settings]

    def judge(self, grid: Grid, seconds: float) -> Verdict:
        """What this stretch of time asks for."""
        found, self.alarms = Verdict.GO_ON, 0
        for index, level in enumerate(self._levels):
            if not level.beyond(grid):
                self._since[index] = 0.0
                continue
            self._since[index] += seconds
            self.alarms |= level.alarm
            if self._since[index] >= level.seconds and found is not Verdict.TRIP:
                found = level.verdict
        return found
