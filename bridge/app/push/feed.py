"""The feed: reads what was committed, behind a cursor, and makes claims and letters of what others may know.

The archive has an entry for every change, written in the change's own transaction, whichever door it came by:
it is the outbox that nobody can forget to write to. What follows from some entries is committed together
with the cursor behind them, so a restart finds each told once. One worker runs it. Sends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from bridge.app.push import rows, sources, turns
from bridge.app.push.rows import DOOR, Endpoint, Letter
from bridge.app.push.sources import Draft
from bridge.core.push import interest
from bridge.core.push.notice import Notice
from bridge.core.push.states import HEARS
from bridge.sep2 import groups, ours
from bridge.sep2.shelf import Change, Conflict, Cut, Row, Who
from bridge.sep2.work import Policy, Trace
from bridge.transports.pages import EVERY
from bridge.transports.store import archive
from bridge.transports.store.archive import Entry
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store

TYPES = tuple(sorted({*sources.SOURCES, *sources.TURNING}))
HEARD = frozenset(TYPES)
CURSOR = f"{ours.PUSHED}/cursor"
BATCH = 100
"""Entries of which the claims and letters are one commit."""
APART = 5_000
"""Entries without consequence after which the cursor is written down all the same."""
LONGEST = 0.5
"""Seconds between two looks at the clock, and at what other processes have written."""


@dataclass(slots=True)
class Feed:
    """One at work; `run` it until it is to stop."""

    store: Store
    policy: Callable[[], Policy]
    now: Callable[[], int]
    life: int
    """Seconds that a body may be picked up."""
    cursor: int = -1
    """The last entry that was dealt with; -1 before the first look."""
    _written: int = 0
    _idle: bool = True
    """Whether nobody was told anything at the last look."""
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of what has changed in the store."""
        if EVERY in topics or any(one.partition("~")[0] in HEARD for one in topics if "~" in one):
            self._stirred.set()
        if f"{ours.ENDPOINTS}/" in topics:
            self._stirred.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._stirred.clear()
            self.store.current()
            with suppress(Conflict, Unavailable):
                while await self.round():
                    pass
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), LONGEST)

    async def round(self) -> bool:
        """Deal with what comes next; whether there may be more."""
        shelf = Trace(self.store)
        hearing = [one for one in await endpoints(shelf) if one.state in HEARS]
        top = await archive.top(self.store.engine)
        if not hearing:
            self.cursor, self._idle = top, True
            return False
        cursor = await shelf.get(CURSOR)
        self._begin(cursor, hearing)
        stirred = set(await turns.due(shelf, self.now()))
        if self._idle:
            stirred |= set(await turns.lists(shelf))
        if self.cursor >= top and not stirred:
            return False
        entries = await archive.behind(self.store.engine, self.cursor, top, TYPES, BATCH)
        last = entries[-1].number if len(entries) == BATCH else max(top, self.cursor)
        stirred |= {one.row.parent for one in entries if one.row.type in sources.TURNING}
        changes = await turns.changes(shelf, self.policy(), stirred, self.now())
        told = await Telling(shelf, self.policy().lfdi, hearing, self.now(), self.life).told(entries)
        await self._commit([*changes, *told], last, cursor)
        self._idle = False
        return bool(changes) or len(entries) == BATCH

    def _begin(self, cursor: Row | None, hearing: Sequence[Endpoint]) -> None:
        """Go on where the last process was; nothing before the first activation is anybody's to hear."""
        if self.cursor < 0:
            first = min(one.after for one in hearing)
            self._written = ours.read(cursor).get("number", first)
            self.cursor = max(self._written, first)

    async def _commit(self, changes: Sequence[Change], last: int, cursor: Row | None) -> None:
        """Make what follows durable, together with how far we are."""
        if changes or last - self._written >= APART:
            row = Row(CURSOR, ours.PUSHED, "Cursor", ours.body({"number": last}))
            mark = Change(CURSOR, row, expect=cursor.version if cursor else 0)
            await self.store.commit([*changes, mark], Who("core", DOOR, self.now()))
            self._written = last
        self.cursor = last


@dataclass(slots=True)
class Telling:
    """What follows from some entries."""

    shelf: Trace
    utility: str
    """LFDI of our own organisation, which may know everything."""
    hearing: Sequence[Endpoint]
    now: int
    life: int
    changes: list[Change] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    """What was told last of a subject, of these entries."""
    bodies: dict[str, bytes] = field(default_factory=dict)

    async def told(self, entries: Iterable[Entry]) -> list[Change]:
        """Give the rows for all of them."""
        for entry in entries:
            draft = await sources.draft(self.shelf, entry)
            if draft is not None and (found := self._for(draft, entry.number)) and await self._news(draft):
                await self._claimed(draft, entry.number, found)
        for digest, data in self.bodies.items():
            row = rows.body(digest, data, self.now + self.life)
            was = await self.shelf.get(row.href)
            self.changes.append(Change(row.href, row, expect=was.version if was else 0))
        return self.changes

    def _for(self, draft: Draft, number: int) -> list[Endpoint]:
        """The endpoints that something is told to."""
        return [one for one in self.hearing if number > one.after and self._wants(one, draft)]

    def _wants(self, one: Endpoint, draft: Draft) -> bool:
        if draft.alone:
            return draft.alone == one.number
        if draft.to and one.organisation not in draft.to:
            return False
        subjects = frozenset({draft.subject}) | draft.also
        mine = interest.known(one.organisation, self.utility, draft.target)
        return mine and interest.wanted(one.interest, draft.kind, subjects, draft.target)

    async def _news(self, draft: Draft) -> bool:
        """Whether something else is told of a subject than was told last."""
        if not draft.state:
            return True
        href = f"{ours.SAID}/{draft.kind}-{draft.subject}"
        row = await self.shelf.get(href)
        if self.said.get(href, ours.read(row).get("state")) == draft.state:
            return False
        fresh = Row(href, ours.SAID, "Said", ours.body({"state": draft.state}))
        kept = [change for change in self.changes if change.href != href]
        self.changes = [*kept, Change(href, fresh, expect=row.version if row else 0)]
        self.said[href] = draft.state
        return True

    async def _claimed(self, draft: Draft, number: int, found: Sequence[Endpoint]) -> None:
        """One claim for each who picks up, one letter for each endpoint, the body once."""
        digest = sha256(draft.body).hexdigest()
        self.bodies[digest] = draft.body
        claims: dict[str, Notice] = {}
        for one in found:
            if one.recipient not in claims:
                claims[one.recipient] = Notice(
                    draft.kind, draft.subject, number, await self.shelf.fresh(), digest, len(draft.body),
                    self.now + self.life,
                )  # fmt: skip
                self._put(rows.claimed(claims[one.recipient], one.recipient, draft.media))
            about = one.number, one.organisation, claims[one.recipient], self.now
            self._put(rows.sent(Letter(await self.shelf.fresh(), *about)))

    def _put(self, row: Row) -> None:
        self.changes.append(Change(row.href, row, expect=0))


async def endpoints(shelf: Trace) -> Sequence[Endpoint]:
    """Give all endpoints."""
    found = (await shelf.children(ours.ENDPOINTS, Cut(limit=groups.EVERY))).rows
    return [rows.endpoint(row) for row in found]


def numbered(some: Iterable[Endpoint]) -> Mapping[int, Endpoint]:
    """Give endpoints by number."""
    return {one.number: one for one in some}
