"""The keeper: what is due by the clock alone. Notices of events that turn, retention, regular backups.

A notice is committed with the moment up to which all were told, so none is lost or told twice by a restart,
nor by a second keeper. Retention removes a little at a time, so that no client waits for it. One worker runs
it; a round that fails is logged and tried again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bridge.app import journal
from bridge.app.config import Keep
from bridge.app.site import Site
from bridge.sep2 import notify, response, standing
from bridge.sep2.shelf import HIDDEN, Change, Conflict, Row, Who
from bridge.transports.store.fault import Unavailable

CLOCK = f"{HIDDEN}clock"
DOOR = "keeper"
DAY, MICROS = 86_400, 1_000_000
TICK = 1.0
"""Seconds between two looks at the clock."""
BEHIND = 2
"""Seconds that a notice waits. Time is in whole seconds, so a client's clock may be one behind ours; who
reads of an event's end before its own clock is there takes it for cancelled (2030.5-2023 10.2.2.3, p)."""
MARK = 60
"""Seconds after which the moment is written down although nothing was told."""
BACK = 3_600
"""Seconds of a standstill that are made up for; what turned before is told by the next poll."""
KINDS: Mapping[str, tuple[str, ...]] = {
    "readings": ("Reading", "ReadingSet"),
    "responses": (*response.SUBJECTS, "Response"),
    "outages": (standing.TURN,),
}
"""Types of rows by the key of the configuration that limits their age."""
PREFIX, SUFFIX = "derbridge-", ".backup"


@dataclass(slots=True)
class Keeper:
    """The rounds of one site."""

    site: Site
    keep: Keep
    removed: int = 0
    rounds: int = 0
    log: journal.Logger = field(default_factory=lambda: journal.logger(part="keeper"))

    async def run(self) -> None:
        """Go round until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(TICK, self.tell))
            group.create_task(self._every(self.keep.every, self.sweep))
            if self.keep.backups:
                group.create_task(self._every(MARK, self.save))

    async def _every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await work()
            except (Conflict, Unavailable, OSError) as error:
                self.log.warning("round failed", what=work.__name__, reason=str(error))
            except Exception:
                self.log.exception("round failed", what=work.__name__)
            await asyncio.sleep(seconds)

    async def tell(self) -> int:
        """Put out the notices of what has turned since the last time; how many."""
        site, now = self.site, self.site.now() - BEHIND
        row = await site.store.get(CLOCK)
        since = max(json.loads(row.body)["at"], now - BACK) if row else now
        if now <= since and row:
            return 0
        parcels = await notify.due(site.store, site.policy, since, now) if since < now else ()
        if parcels or row is None or now - since >= MARK:
            made = Row(CLOCK, HIDDEN.rstrip("/"), "Clock", json.dumps({"at": now}).encode())
            change = Change(CLOCK, made, expect=row.version if row else 0)
            await site.store.commit([change], Who("core", DOOR, now), parcels)
        return len(parcels)

    async def sweep(self) -> int:
        """Remove what is too old; how many rows and entries."""
        now, before = self.site.now(), self.removed
        for key, types in KINDS.items():
            if days := getattr(self.keep, key):
                for type_ in types:
                    await self._expire(type_, now - days * DAY, now)
        if self.keep.archive:
            self.removed += await self.site.store.forget(now - self.keep.archive * DAY)
        if self.keep.decisions:
            self.removed += await self._shorten((now - self.keep.decisions * DAY) * MICROS)
        self.rounds += 1
        self.site.meter.tally("removed", self.removed)
        self.site.meter.tally("rounds", self.rounds)
        self.site.meter.show({"outbox": await self.site.store.backlog()})
        if self.removed > before:
            self.log.info("removed what was too old", count=self.removed - before)
        return self.removed - before

    async def _shorten(self, before: int) -> int:
        """Remove what is too old of the decision log, a day of it at once, since each cut is told in it."""
        oldest = await self.site.store.decisions.oldest()
        if oldest is None or oldest[1] + DAY * MICROS >= before:
            return 0
        return await self.site.scribe.shorten(before)

    async def _expire(self, type_: str, before: int, now: int) -> None:
        while count := await self.site.store.expire(type_, before, Who("core", DOOR, now)):
            self.removed += count
            await asyncio.sleep(0)

    async def save(self) -> Path | None:
        """Make a backup if it is time, and remove those that are too many; the new one."""
        folder = self.keep.backups
        if folder is None:
            return None
        there = sorted(saved(folder))
        now = self.site.now()
        if there and now - there[-1].stat().st_mtime < self.keep.backup_hours * 3_600:
            return None
        name = f"{PREFIX}{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
        await self.site.store.backup(folder / name)
        for old in there[: len(there) + 1 - self.keep.backup_count]:
            old.unlink(missing_ok=True)
        self.log.info("backup made", file=str(folder / name), bytes=(folder / name).stat().st_size)
        return folder / name


def saved(folder: Path) -> Iterator[Path]:
    """The backups that were made before."""
    return folder.glob(f"{PREFIX}*{SUFFIX}")
