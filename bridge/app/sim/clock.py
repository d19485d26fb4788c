"""Time for simulators: as it goes by, or faster. What needs time takes a `Clock`; nothing else is asked.

A clock of speed 60 lets an hour go by in a minute; its sleep is as much shorter. What runs without a network
needs no clock at all: it counts its own steps, and is done as fast as it can be computed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds since 1970, `speed` times as fast from the moment it is made."""

    speed: float = 1.0
    begin: float = field(default_factory=time.time)
    """What it says when it is made."""
    ticks: Callable[[], float] = time.monotonic
    _since: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        """Note when it was made."""
        object.__setattr__(self, "_since", self.ticks())

    def now(self) -> float:
        """What time it is."""
        return self.begin + (self.ticks() - self._since) * self.speed

    async def sleep(self, seconds: float) -> None:
        """Let so much of its time go by."""
        await asyncio.sleep(max(seconds, 0.0) / self.speed)
