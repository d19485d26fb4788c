"""What a unit stands in, and what it is made of: the grid at its terminals, and its build.

`Grid` is the state of the network at a moment, `Build` what no message changes: ratings, the categories of
IEEE 1547-2018 (clauses 1.4 and 5.2), response times, the store. No step is taken here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bridge.app.sim.unit import Plate

NOMINAL = 60.0
"""Hertz that the figures of IEEE 1547-2018 are given for; another grid's are in proportion."""


class Grid(NamedTuple):
    """The network at the terminals: voltage as a part of the nominal one, frequency, the site's own load."""

    v: float = 1.0
    hz: float = NOMINAL
    load: float = 0.0
    """Watts that the site takes beside the unit: what limits at the connection point leave room for."""


@dataclass(frozen=True, slots=True)
class Build:
    """How a unit is made. A share is of one, a response is the open-loop time to nine tenths of a change."""

    plate: Plate
    absorb: float | None = None
    """Greatest reactive power absorbed, where it is not as much as is injected."""
    hertz: float = NOMINAL
    category: str = "III"
    """Abnormal operating category: which trip settings hold until others are ordered."""
    watts_first: bool = False
    """Active power before reactive, beyond the reactive power that clause 5.2 asks for."""
    response: float = 5.0
    """Seconds, for a function that names no time of its own."""
    efficiency: float = 1.0
    """Of a round trip through the store, taken off while it is charged."""
    soc: float = 0.5
    lowest: float = 0.0
    highest: float = 1.0
    eager: bool = False
    """Trip as soon as it may, not only where it must."""
    chance: float = 0.0
    """This unit's part of a random delay, from 0 to 1."""

    @property
    def absorbs(self) -> float:
        """Greatest reactive power absorbed."""
        return self.plate.var if self.absorb is None else self.absorb

    @property
    def stores(self) -> bool:
        """Whether it has a store."""
        return self.plate.wh > 0

    def scaled(self, hz: float) -> float:
        """A frequency of the standard's tables on this unit's grid."""
        return hz * self.hertz / NOMINAL
