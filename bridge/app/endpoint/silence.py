"""Devices that say nothing for too long: what they told turns old, and is good again at their next word.

IEC 61850-7-3 quality: invalid, oldData. A word is anything that the store takes from a device, or about it
from whoever tells in its place. Knows when somebody was heard last, reads nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bridge.iec61850.estate import Estate

SHORTEST = 0.01
"""Seconds that are waited at least."""


@dataclass(slots=True, repr=False)
class Silence:
    """Who was heard last when, and who is lost."""

    estate: Estate
    of: Callable[[str], Iterable[str]]
    """The logical devices of a device."""
    clock: Callable[[], float]
    lost: float
    """Seconds; 0 for never."""
    stirred: Callable[[], None] = lambda: None
    """Called when values have changed."""
    heard: dict[str, float] = field(default_factory=dict)
    old: set[str] = field(default_factory=set)
    _timer: asyncio.TimerHandle | None = None

    def word(self, lfdi: str, at: float) -> None:
        """Something came from a device: one that was lost is back."""
        before = self.heard.get(lfdi)
        self.heard[lfdi] = at if before is None else max(before, at)
        if before is not None and at > before:
            self.back(lfdi)

    def back(self, lfdi: str) -> None:
        """A device is there again."""
        if lfdi in self.old:
            self.old.discard(lfdi)
            for each in self.of(lfdi):
                self.estate.returned(each, self.clock())
            self.stirred()

    def lose(self, lfdi: str) -> None:
        """Whoever speaks with a device knows that it is gone: it is lost at once."""
        if lfdi in self.heard and lfdi not in self.old:
            self.old.add(lfdi)
            for each in self.of(lfdi):
                self.estate.aged(each, self.clock())
            self.stirred()

    def forget(self, lfdi: str) -> None:
        """Know nothing of a device any more."""
        self.heard.pop(lfdi, None)
        self.old.discard(lfdi)

    def age(self) -> None:
        """Age what is lost by now, and look again when the next one may be."""
        self.close()
        if not self.lost:
            return
        now = self.clock()
        for lfdi, heard in self.heard.items():
            if lfdi not in self.old and heard + self.lost <= now:
                self.old.add(lfdi)
                for each in self.of(lfdi):
                    self.estate.aged(each, now)
        waiting = [heard for lfdi, heard in self.heard.items() if lfdi not in self.old]
        if waiting:
            wait = max(min(waiting) + self.lost - now, SHORTEST)
            self._timer = asyncio.get_running_loop().call_later(wait, self.look)

    def look(self) -> None:
        """Look who is silent for too long by now."""
        self.age()
        self.stirred()

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
