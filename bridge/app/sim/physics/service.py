"""Entering service: when a unit that is off comes back, after which wait, and how softly.

IEEE 1547-2018 clause 4.10: voltage and frequency have been within the window for the delay, then output
comes up in a ramp. Settings are those of `GridEntry` (2030.5 `setES...`, `setSoftGradW`), else the table of
the standard. A unit is off by order, waits, starts, or runs. No clock: time is what has gone by.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from bridge.app.sim.physics.grid import Build, Grid
from models.der import messages


class State(Enum):
    """Where a unit stands."""

    OFF = auto()
    """Disconnected by order."""
    CEASED = auto()
    """Connected, and giving nothing by order."""
    WAITING = auto()
    """Tripped, or let on again, and waiting for the grid."""
    STARTING = auto()
    RUNNING = auto()


class Entry(NamedTuple):
    """The settings: a window of voltage and frequency, the delay, and the ramp, in seconds."""

    low: float = 0.917
    high: float = 1.05
    slow: float = 59.5
    fast: float = 60.1
    delay: float = 300.0
    ramp: float = 300.0

    def admits(self, grid: Grid) -> bool:
        """Whether the grid is within the window."""
        return self.low <= grid.v <= self.high and self.slow <= grid.hz <= self.fast


def entry(said: messages.GridEntry, build: Build) -> Entry:
    """What holds of what was ordered and what the standard says."""
    usual = Entry(slow=build.scaled(59.5), fast=build.scaled(60.1))
    wait = 0.0 if said.setESRandomDelay is None else build.chance * float(said.setESRandomDelay)
    delay = usual.delay if said.setESDelay is None else float(said.setESDelay)
    return Entry(
        _value(said.setESLowVolt, usual.low, 100),
        _value(said.setESHighVolt, usual.high, 100),
        _value(said.setESLowFreq, usual.slow),
        _value(said.setESHighFreq, usual.fast),
        delay + wait,
        _ramp(said, usual.ramp),
    )


def _value(said: messages.Amount | None, other: float, share: int = 1) -> float:
    return other if said is None else float(said.value) / share


def _ramp(said: messages.GridEntry, other: float) -> float:
    """Seconds to full power: as ordered, or from the rate of a soft start."""
    if said.setESRampTms is not None:
        return float(said.setESRampTms)
    if said.setSoftGradW is not None and said.setSoftGradW.value > 0:
        return 100 / float(said.setSoftGradW.value)
    return other


class Service:
    """Where one unit stands on its way into service."""

    __slots__ = ("_good", "entry", "share", "state")

    def __init__(self, settings: Entry, *, running: bool = True) -> None:
        self.entry = settings
        self.state = State.RUNNING if running else State.WAITING
        self.share = 1.0 if running else 0.0
        self._good = 0.0

    def leave(self, state: State) -> None:
        """Go out of service, at once."""
        self.state, self.share, self._good = state, 0.0, 0.0

    def step(self, grid: Grid, seconds: float) -> None:
        """Let time go by while nothing stands against service."""
        if self.state in {State.OFF, State.CEASED}:
            self.state = State.WAITING
        if self.state is State.WAITING:
            seconds = self._wait(grid, seconds)
        if self.state is State.STARTING:
            self.share += seconds / self.entry.ramp if self.entry.ramp > 0 else 1.0
            if self.share >= 1:
                self.state, self.share = State.RUNNING, 1.0

    def _wait(self, grid: Grid, seconds: float) -> float:
        """Wait for a good grid to have lasted; what is left of the time is for the ramp."""
        if not self.entry.admits(grid):
            self._good = 0.0
            return 0.0
        self._good += seconds
        over = self._good - self.entry.delay
        if over < 0:
            return 0.0
        self.state = State.STARTING
        return over
