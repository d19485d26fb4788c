"""A store of energy: how full it is, and what it can take and give in a stretch of time.

The loss of a round trip is taken off while it is charged. What a stretch may not pass follows from what is
left, so that no step, however long, fills it above or empties it below its bounds. No clock.
"""

from __future__ import annotations

from bridge.app.sim.physics.grid import Build

HOUR = 3600.0


class Cell:
    """The store of one unit; one that holds nothing gives and takes nothing."""

    __slots__ = ("_build", "soc")

    def __init__(self, build: Build) -> None:
        self._build = build
        self.soc = build.soc if build.stores else 0.0

    def gives(self, seconds: float) -> float:
        """Greatest power that it can give all through a stretch of time."""
        if not self._build.stores:
            return 0.0
        left = max(self.soc - self._build.lowest, 0.0) * self._build.plate.wh * HOUR
        return min(self._build.plate.watts, left / seconds if seconds else self._build.plate.watts)

    def takes(self, seconds: float) -> float:
        """Greatest power that it can take all through a stretch of time."""
        if not self._build.stores:
            return 0.0
        left = max(self._build.highest - self.soc, 0.0) * self._build.plate.wh * HOUR
        most = self._build.plate.charge
        return min(most, left / seconds / self._build.efficiency if seconds else most)

    def move(self, w: float, seconds: float) -> None:
        """Give, or take where it is below zero."""
        if self._build.stores:
            w = w if w > 0 else w * self._build.efficiency
            self.soc -= w * seconds / HOUR / self._build.plate.wh
