"""Who minds the units: telemetry for each that is there, and a word to the others when one has gone.

A unit that goes takes its telemetry with it; what it told turns old at once where the bridge serves it, and
its next word makes it good again. Telemetry that breaks is begun anew. Decides nothing about a value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bridge.app.facility.facilities import Facilities
from bridge.app.facility.memory import Memory
from bridge.app.facility.session import Away, Session
from bridge.app.facility.telemetry import Telemetry
from bridge.iec61850.hooks import Refusal
from bridge.transports.store.fault import Unavailable

AGAIN = 5.0
"""Seconds before telemetry that broke is begun anew."""
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True)
class Watch:
    """Minds every unit."""

    facilities: Facilities
    telemetry: Callable[[Session, Memory], Telemetry]
    lost: Callable[[str], None]
    """Told of a unit that has gone."""
    counted: Callable[[int], None] = lambda _count: None
    """Told how many units are there."""
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def open(self) -> None:
        """Mind them from now on."""
        self.facilities.listen(self.changed)
        self.facilities.excused = self.excused

    async def close(self) -> None:
        """Mind nobody any more."""
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def changed(self, lfdi: str, there: bool) -> None:
        """A unit has come or gone."""
        before = self._tasks.pop(lfdi, None)
        if before is not None:
            before.cancel()
        session = self.facilities.session(lfdi)
        if session is not None:
            self._tasks[lfdi] = asyncio.create_task(self._mind(session, there=there))
        if not there:
            self.lost(lfdi)
        self.counted(sum(each.there for each in self.facilities.sessions.values()))

    def excused(self, lfdi: str) -> None:
        """A unit cannot be reached: why stands in its row."""
        session, before = self.facilities.session(lfdi), self._tasks.pop(lfdi, None)
        if before is not None:
            before.cancel()
        if session is not None and not session.there:
            self._tasks[lfdi] = asyncio.create_task(self._mind(session, there=False))

    async def _mind(self, session: Session, *, there: bool) -> None:
        endpoint = self.facilities.ground.endpoint
        while True:
            try:
                memory = Memory(session.unit.lfdi, self.facilities.store, endpoint.house.clock)
                await memory.open()
                await memory.tell(there=there, why=session.why, since=int(endpoint.house.clock()))
                if there:
                    await self.telemetry(session, memory).run()
            except (Away, Refusal, Unavailable) as error:
                reason = str(error)[:200]
                LOG.info("telemetry broken off", part="facility", lfdi=session.unit.lfdi, reason=reason)
            except Exception:
                LOG.exception("telemetry broke", part="facility", lfdi=session.unit.lfdi)
            else:
                return
            await asyncio.sleep(AGAIN)
