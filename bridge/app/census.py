"""Who uses which version of an interface: counted in memory, written now and then, never with a request.

A pair of version and party is written soon after it was first seen, then once in a while, and when the worker
ends; a crash loses what was counted since (docs/lifecycle.md). Each worker counts for itself and adds to what
is written. Decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bridge.sep2 import interfaces
from bridge.sep2.interfaces import Use
from bridge.sep2.shelf import Change, Conflict, Who
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store

DOOR = "census"
TOGETHER = 200
Pair = tuple[str, str]


@dataclass(slots=True)
class Census:
    """The count of one worker."""

    store: Store
    now: Callable[[], int]
    every: float = 60.0
    """Seconds between two looks at what is to be written."""
    exact: int = 3_600
    """Seconds after which what is known of a party's use is written again."""
    _names: dict[str, str] = field(default_factory=dict)
    _counts: dict[Pair, Use] = field(default_factory=dict)
    """What is not written yet."""
    _written: dict[Pair, int] = field(default_factory=dict)

    def met(self, name: str, lfdi: str) -> None:
        """Take which version a party is served at the 2030.5 listener."""
        self._names[lfdi] = name

    def heard(self, lfdi: str) -> None:
        """Count a request at the 2030.5 listener, be it answered from a kept page."""
        if name := self._names.get(lfdi):
            self.used(name, lfdi)

    def used(self, name: str, lfdi: str) -> None:
        """Count a use."""
        now, was = self.now(), self._counts.get((name, lfdi))
        first, times = (was.first, was.times) if was else (now, 0)
        self._counts[name, lfdi] = Use(lfdi, times + 1, first, now)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write as long as the context lasts, and all of it at the end."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._tried(whole=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self.every)
            await self._tried()

    async def _tried(self, *, whole: bool = False) -> None:
        """Write what is due; what cannot be written now stays counted."""
        try:
            await self.write(whole=whole)
        except (Conflict, Unavailable):
            return

    async def write(self, *, whole: bool = False) -> None:
        """Write what is due, or all that was counted."""
        now = self.now()
        due = [pair for pair in self._counts if whole or now - self._written.get(pair, 0) >= self.exact]
        for start in range(0, len(due), TOGETHER):
            await self._some(due[start : start + TOGETHER], now)

    async def _some(self, pairs: list[Pair], now: int) -> None:
        taken = {pair: said for pair in pairs if (said := self._counts.pop(pair, None))}
        try:
            changes = [await self._change(name, said) for (name, _), said in taken.items()]
            await self.store.commit(changes, Who("core", DOOR, now))
        except (Conflict, Unavailable):
            for pair, said in taken.items():
                self._counts[pair] = _added(said, self._counts.get(pair))
            raise
        self._written.update(dict.fromkeys(taken, now))

    async def _change(self, name: str, said: Use) -> Change:
        row = interfaces.used(name, said)
        was = await self.store.get(row.href)
        if was is not None:
            row = interfaces.used(name, _added(interfaces.use(was), said))
        return Change(row.href, row, expect=was.version if was else 0)


def _added(was: Use, more: Use | None) -> Use:
    """Give two counts of one party as one."""
    if more is None:
        return was
    return Use(was.lfdi, was.times + more.times, min(was.first, more.first), max(was.last, more.last))
