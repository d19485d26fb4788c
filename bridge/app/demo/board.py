"""What the demonstration shows at a moment: the fleet, what was said, how each part of the story goes.

The terminal, the page and the report of `--json` read this and nothing else, so they cannot disagree. Whoever
plays a part writes here what it saw itself. Holds values; draws and decides nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

KEPT = 600
"""Moments of an inverter that are drawn, and lines of the conversation that are shown."""


class Moment(NamedTuple):
    """What an inverter did at a moment, by its physics."""

    at: float
    w: float
    var: float
    v: float
    hz: float


class Hold(NamedTuple):
    """For how long somebody's word holds for a mode of an inverter."""

    mode: str
    start: float
    end: float
    """Infinity where nothing ends it."""
    text: str
    source: str
    """mRID of the control or default, or the inverter that follows it."""
    default: bool = False


class Said(NamedTuple):
    """One thing that somebody saw, sent or did."""

    at: float
    who: str
    text: str


class Pair(NamedTuple):
    """One figure of a control in the words of both sides."""

    sep2: str
    canonical: str
    iec61850: str


@dataclass(slots=True)
class Mapped:
    """The control that came last, as each side says it."""

    mrid: str = ""
    whence: str = ""
    document: tuple[str, ...] = ()
    canonical: tuple[tuple[str, str], ...] = ()
    points: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Tile:
    """An inverter."""

    name: str
    lfdi: str
    protocol: str
    kind: str
    watts: float
    """Greatest active power that it gives."""
    link: str = "down"
    """`up`, `down`, `revoked`."""
    soc: float | None = None
    connected: bool = False
    doing: str = ""
    """The modes in force, in words."""
    moments: deque[Moment] = field(default_factory=lambda: deque(maxlen=KEPT))
    holds: tuple[Hold, ...] = ()

    @property
    def now(self) -> Moment:
        """What it did last."""
        return self.moments[-1] if self.moments else Moment(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(slots=True)
class Chapter:
    """A part of the story, with what each party saw of it."""

    name: str
    title: str
    state: str = "waiting"
    """`waiting`, `running`, `passed`, `failed`."""
    seconds: float = 0.0
    seen: list[tuple[str, str]] = field(default_factory=list)
    """Who saw what."""
    wrong: list[str] = field(default_factory=list)
    """What was not as it should be."""
    took: dict[str, float] = field(default_factory=dict)
    """Seconds that something took, by what it was."""


@dataclass(slots=True)
class Board:
    """All of it."""

    began: float
    tiles: dict[str, Tile] = field(default_factory=dict)
    said: deque[Said] = field(default_factory=lambda: deque(maxlen=KEPT))
    chapters: dict[str, Chapter] = field(default_factory=dict)
    mapped: Mapped = field(default_factory=Mapped)
    grid: tuple[float, float] = (1.0, 0.0)
    """Voltage per unit and frequency."""
    now: float = 0.0

    def say(self, at: float, who: str, text: str) -> None:
        """Note what somebody saw."""
        self.now = max(self.now, at)
        self.said.append(Said(at, who, text))
