"""Brings revocation lists in by itself: from the addresses that are configured, and from a folder.

Each address is asked at its own time, a little by chance, so that not all sites ask at once; after a failure
ever later, but no later than usual. A file of the folder is read when it changes. Words of the operator that
come into force are told here, too. What is refused is logged, and leaves what is here as it was.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bridge.app import journal
from bridge.app.config import Revocation
from bridge.app.register import Older, Register, Taken
from bridge.app.site import Site
from bridge.sep2.shelf import Change, Conflict, Who
from bridge.transports.calls import Failed
from bridge.transports.fetch import fetch
from bridge.transports.store.fault import Unavailable
from bridge.trust.listing import LARGE, Refused

DOOR = "revocation"
LOOK = 2.0
"""Seconds between two looks at the folder, and at what comes into force."""
FIRST = 5.0
"""Seconds after the first failure of an address."""
SPREAD = 0.1
"""Part of the time between two fetches that is left to chance."""
TRIES = 5
Stamp = tuple[int, int, int]
"""Of a file: moment of its last change, size, number."""


@dataclass(slots=True)
class Fetcher:
    """The sources of one site."""

    site: Site
    said: Revocation
    context: ssl.SSLContext
    chance: Callable[[], float]
    """From 0 to 1."""
    tags: dict[str, str] = field(default_factory=dict)
    seen: dict[Path, Stamp] = field(default_factory=dict)
    log: journal.Logger = field(default_factory=lambda: journal.logger(part="revocation"))

    async def run(self) -> None:
        """Fetch and look until cancelled."""
        async with asyncio.TaskGroup() as group:
            for url in self.said.urls:
                group.create_task(self._every(url))
            group.create_task(self._watch())

    async def _every(self, url: str) -> None:
        """Fetch an address again and again."""
        failures = 0
        while True:
            try:
                await self.once(url)
                failures = 0
            except (Failed, Refused, Unavailable, Conflict) as error:
                failures += 1
                self.log.warning("list not fetched", url=url, reason=str(error), failures=failures)
            await asyncio.sleep(self._pause(failures))

    def _pause(self, failures: int) -> float:
        usual = self.said.every
        pause = min(FIRST * 2.0 ** (failures - 1), usual) if failures else usual
        return pause * (1 - SPREAD * self.chance())

    async def once(self, url: str) -> None:
        """Fetch an address now."""
        found = await fetch(url, self.context, tag=self.tags.get(url, ""), most=LARGE)
        if found.data is None:
            await self._confirm(url)
        else:
            await self._take(found.data, url, self.site.now())
            self.tags[url] = found.tag

    async def _watch(self) -> None:
        """Look at the folder, and at what comes into force."""
        while True:
            try:
                await self.look()
                await self._commit(self._ripen)
            except (Unavailable, Conflict, OSError) as error:
                self.log.warning("folder not read", reason=str(error))
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Read the files of the folder that changed."""
        if self.said.folder is None:
            return
        there = await asyncio.to_thread(_stamps, self.said.folder)
        for path, stamp in there.items():
            if self.seen.get(path) == stamp:
                continue
            try:
                data = await asyncio.to_thread(path.read_bytes)
                await self._take(data, path.name, min(stamp[0] // 1_000_000_000, self.site.now()))
            except (Older, Refused) as no:
                self.log.warning("list refused", file=path.name, reason=str(no))
            self.seen[path] = stamp
        self.seen = {path: stamp for path, stamp in self.seen.items() if path in there}

    # ------------------------------------------------------------------------------------ commits

    async def _take(self, data: bytes, source: str, checked: int) -> None:
        found: list[Taken] = []

        async def take(register: Register) -> Sequence[Change]:
            found.append(await register.take(data, self.site.revoked.pool, source, checked))
            return found[-1].changes

        await self._commit(take)
        said = found[-1]
        if said.fresh:
            one = said.listed
            self.log.info("list taken", source=source, issuer=one.title, number=one.number, count=one.count)

    async def _confirm(self, url: str) -> None:
        """Note that a list is still the newest there is."""

        async def confirm(register: Register) -> Sequence[Change]:
            return await register.confirm(url)

        await self._commit(confirm)

    async def _ripen(self, register: Register) -> Sequence[Change]:
        await register.ripen()
        return register.changes

    async def _commit(self, work: Callable[[Register], Awaitable[Sequence[Change]]]) -> None:
        """Commit what is put together, again where another came between."""
        for _ in range(TRIES):
            now = self.site.now()
            changes = await work(Register(self.site.store, now))
            if not changes:
                return None
            try:
                return await self.site.store.commit(changes, Who("core", DOOR, now))
            except Conflict:
                continue
        raise Conflict(f"other writes came between {TRIES} times")


def _stamps(folder: Path) -> dict[Path, Stamp]:
    """The files of a folder; hidden ones, as those that are being written, are left aside."""
    files = (path for path in sorted(folder.iterdir()) if not path.name.startswith(".") and path.is_file())
    found = ((path, path.stat()) for path in files)
    return {path: (stat.st_mtime_ns, stat.st_size, stat.st_ino) for path, stat in found}
