"""A unit of the light model that time drives by itself: whoever looks at it sees what it does at that moment.

The physics are `sim.physics.light`; the network is steady and the source gives a fixed share of its power,
for runs in which the protocol is looked at. The clock is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.app.sim.physics.grid import Grid
from bridge.app.sim.physics.light import Light
from bridge.app.sim.unit import Output, Plate
from models.der import messages


@dataclass(slots=True)
class Driven:
    """One such unit."""

    light: Light
    now: Callable[[], float]
    share: float = 0.6
    """What its source gives, as a share of its greatest power."""
    grid: Grid = Grid()  # noqa: RUF009 - a tuple, which nobody changes
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin now."""
        self._at = self.now()

    @property
    def plate(self) -> Plate:
        """Its ratings."""
        return self.light.plate

    @property
    def output(self) -> Output:
        """What it does now."""
        self._go()
        return self.light.output

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        """Take what is in force from now on."""
        self._go()
        self.light.demand(modes, entry)

    def _go(self) -> None:
        """Let the time go by that has passed since the last look."""
        now = self.now()
        if now > self._at:
            self.light.step(self.grid, self.share * self.light.plate.watts, now - self._at)
            self._at = now
