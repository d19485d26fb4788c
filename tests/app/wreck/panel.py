"""What a party of the crash test is made of: a unit that follows at once what it is told, and remembers it.

It is no physics: what is looked at is what it was told, one after the other. Speaks nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.app.sim.outstation.station import words
from bridge.app.sim.unit import Output, Plate
from models.der import messages

WATTS = 10_000.0
PLATE = Plate(WATTS, 12_000.0, 5_280.0)
PROFILE = "2018"
FEW = frozenset({"connect", "maxLimW"})
MODES = (FEW, frozenset[str]())
"""Of units of IEC 61850, and of 2030.5 inverters, which follow all."""
NOTHING = words(messages.Modes())


@dataclass
class Panel:
    """What follows at once what it is told, and remembers it."""

    stir: Callable[[], None]
    plate: Plate = PLATE
    output: Output = Output(WATTS, 0.0, 240.0, 60.0)  # noqa: RUF009 - it is immutable
    told: list[str] = field(default_factory=list)

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        """Follow, and note what is other than before."""
        del entry
        limit = modes.maxLimW
        share = 1.0 if limit is None else float(limit.value) / 100
        self.output = self.output._replace(w=share * WATTS)
        said = words(modes)
        if not self.told or self.told[-1] != said:
            self.told.append(said)
            self.stir()
