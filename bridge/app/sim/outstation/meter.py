"""What a simulated unit measures, as values of its MMXU and MMTR.

One table: leaf and how it follows from the output. Energy is added up from power and time. Knows no link.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bridge.app.sim.unit import Output
from bridge.iec61850.device import Device
from bridge.iec61850.first import GOOD
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import stamp

HOUR = 3600.0


def apparent(output: Output) -> float:
    """VA."""
    return math.hypot(output.w, output.var)


def factor(output: Output) -> float:
    """Power factor, 1 where there is no power."""
    whole = apparent(output)
    return output.w / whole if whole else 1.0


FIGURES: Mapping[str, Callable[[Output], float]] = {
    "MMXU1$MX$TotW$mag$f": lambda output: output.w,
    "MMXU1$MX$TotVAr$mag$f": lambda output: output.var,
    "MMXU1$MX$TotVA$mag$f": apparent,
    "MMXU1$MX$TotPF$mag$f": factor,
    "MMXU1$MX$Hz$mag$f": lambda output: output.hz,
    "MMXU1$MX$PhV$phsA$cVal$mag$f": lambda output: output.v,
    "MMXU1$MX$A$phsA$cVal$mag$f": lambda output: apparent(output) / output.v if output.v else 0.0,
}


@dataclass(slots=True)
class Meter:
    """The registers of one unit."""

    given: float = 0.0
    taken: float = 0.0
    """Wh."""
    last: float | None = None
    told: Callable[[Output], Output] = lambda output: output
    """What it says of an output: the same, unless it is broken."""

    def read(self, device: Device, output: Output, now: float) -> dict[str, Value]:
        """The values at a moment, with quality and time."""
        passed = 0.0 if self.last is None else now - self.last
        self.last, output = now, self.told(output)
        self.given += max(output.w, 0.0) * passed / HOUR
        self.taken += max(-output.w, 0.0) * passed / HOUR
        told: dict[str, Value] = {item: float(figure(output)) for item, figure in FIGURES.items()}
        told |= {
            "MMTR1$ST$TotWh$actVal": int(self.given - self.taken),
            "MMTR1$ST$SupWh$actVal": int(self.given),
            "MMTR1$ST$DmdWh$actVal": int(self.taken),
        }
        leaves = device.domain.leaves
        found: dict[str, Value] = {}
        for item, value in told.items():
            if item in leaves:
                head = item.rpartition("$cVal")[0] or item.rpartition("$mag")[0] or item.rpartition("$")[0]
                found |= {item: value, f"{head}$q": GOOD, f"{head}$t": stamp(now)}
        return {item: value for item, value in found.items() if item in leaves}
