"""The accounts that are disabled: a set in memory, read once and kept up by what the store says has changed.

`derbridge access revoke LFDI` disables one. For the relay that is as good as a revoked certificate: it asks
before each stanza, so the set has to be at hand. It changes nothing in the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.sep2 import ours, permit
from bridge.sep2.shelf import Cut
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from bridge.trust import identity

AGAIN = 1.0
"""Seconds before the store is asked again that could not be read."""
PAGE = 1_000


@dataclass(slots=True)
class Bars:
    """The disabled accounts of a store."""

    store: Store
    fallen: Callable[[], object] = lambda: None
    """Called when somebody was added."""
    lfdis: set[str] = field(default_factory=set)
    _due: set[str] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Read what there is, and listen from now on."""
        self.store.listen(self.hear)
        await self._all()

    async def close(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of accounts that changed."""
        start = f"{ours.PERMITS}/"
        found = {one.removeprefix(start) for one in topics if one == EVERY or one.startswith(start)}
        self._due |= {one for one in found if one == EVERY or identity.lfdi_ok(one)}
        if self._due and (self._task is None or self._task.done()):
            self._task = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while self._due:
            due, self._due = self._due, set()
            try:
                await (self._all() if EVERY in due else self._some(due))
            except Unavailable:
                self._due |= due
                await asyncio.sleep(AGAIN)

    async def _all(self) -> None:
        """Read every account."""
        found: set[str] = set()
        at = 0
        while rows := (await self.store.children(ours.PERMITS, Cut(start=at, limit=PAGE))).rows:
            found |= {row.mark for row in rows if row.mark and not permit.read(row).granted}
            at += len(rows)
        self._set(found, self.lfdis | found)

    async def _some(self, lfdis: set[str]) -> None:
        """Read some of them."""
        known = [(lfdi, await permit.of(self.store, lfdi)) for lfdi in lfdis]
        self._set({lfdi for lfdi, said in known if said is not None and not said.granted}, lfdis)

    def _set(self, barred: set[str], among: set[str]) -> None:
        fresh = barred - self.lfdis
        self.lfdis -= among - barred
        self.lfdis |= barred
        if fresh:
            self.fallen()
