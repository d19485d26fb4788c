"""Visits to many parties: one at a time to each, as many at once as there is room, each when it is due.

Who is to be visited when stands in the agenda; whoever wants a visit sooner stirs. A visit that breaks off is
made again a little later. What a visit does is its owner's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

import structlog

from bridge.app.pump.agenda import Agenda
from bridge.sep2.shelf import Conflict
from bridge.transports.store.fault import Unavailable

AGAIN = Decimal(1)
"""Seconds before a party is visited again whose rows could not be read or written."""
LONGEST = 0.5
"""Seconds between two looks at the clock, which may be set, and at what other processes have written."""
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True)
class Visits:
    """Those of one engine."""

    part: str
    """The engine's name in the log."""
    visit: Callable[[str], Coroutine[object, object, None]]
    clock: Callable[[], Decimal]
    together: int = 64
    agenda: Agenda = field(default_factory=Agenda)
    busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when something is to be done now."""
    _looked: Decimal = Decimal(0)
    """When it was last asked who is due."""

    def wake(self, whom: str, at: Decimal | None = None) -> None:
        """Have a party visited now, or no later than that."""
        self.agenda.wake(whom, self.clock() if at is None else at)
        self.stirred.set()

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do until the clock or somebody says so."""
        return not (self.busy or self.stirred.is_set() or self.agenda.next() <= self.clock())

    def set_off(self) -> None:
        """Set off to every party whose time has come, as far as there is room."""
        self._looked = self.clock()
        for whom in self.agenda.due(self._looked, self.together - len(self.busy), self.busy):
            task = asyncio.create_task(self.visit(whom))
            self.busy[whom] = task
            task.add_done_callback(partial(self._done, whom))

    async def rest(self) -> None:
        """Wait until something is to be done, though never for long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stirred.wait(), self._pause())

    async def close(self, grace: float = 0.0) -> None:
        """End what is under way, once it had so many seconds more."""
        tasks = tuple(self.busy.values())
        if tasks and grace:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _pause(self) -> float:
        due = self.agenda.next()
        if due <= self._looked:  # there was no room, or it is busy: when that ends, we are stirred
            return LONGEST
        return min(max(float(due - self.clock()), 0.0), LONGEST)

    def _done(self, whom: str, task: asyncio.Task[None]) -> None:
        del self.busy[whom]
        self.stirred.set()
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if not isinstance(error, Conflict | Unavailable):
            LOG.error("broken off", part=self.part, unit=whom, reason=repr(error))
        self.wake(whom, self.clock() + AGAIN)
