"""The warden of outages: what the clock and the topology change of how units stand, and how groups follow.

A unit's own word and an operator's are settled in their own commits (bridge/sep2/outage.py). What is left is
done here: an entry that begins or ends, a unit that joins a group with one, ratings that change; and the sum
of each group, made anew when one of its members stands otherwise. All is found again after a restart, and
doing it twice changes nothing. One worker runs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal

from bridge.app.site import Site
from bridge.core import outage
from bridge.core.outage import Source, Standing, Sum
from bridge.sep2 import groups, notify, ours, standing
from bridge.sep2 import outage as rows
from bridge.sep2.shelf import Conflict, Cut, Row, Who
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Caller, Trace, Work
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable

DOOR = "core"
NOBODY = "00"
"""Party of what the bridge says itself, where it knows no certificate of its own."""
TOGETHER = 100
"""Units that are settled in one commit."""
LONGEST = 0.5
"""Seconds between two looks at the clock, and at what other processes have written."""
AGAIN = 1.0
"""Seconds before something is tried again that met another's commit."""
OWN = tuple(f"{type_}~" for type_ in ("DERSettings", "DERCapability"))
"""Topics of what a unit can do, before its LFDI."""
COUNTS = ("members", "planned", "forced", "derated")
STANDS = f"{standing.STANDING}~"


@dataclass(slots=True)
class Warden:
    """One at work."""

    site: Site
    _units: set[str] = field(default_factory=set)
    """Units to be looked at."""
    _turned: set[str] = field(default_factory=set)
    """Units whose groups are to be looked at."""
    _groups: set[str] = field(default_factory=set)
    _all: bool = True
    _entries: bool = True
    """Whether the entries are to be read again for the next edge."""
    _edge: int | None = None
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of what has changed."""
        for one in topics:
            if one == EVERY or one.startswith(ours.GROUPS):
                self._all = True
            elif one.startswith(f"{ours.OUTAGES}/"):
                self._entries = True
            elif one.startswith(STANDS):
                self._turned.add(one.removeprefix(STANDS))
            elif one.startswith(OWN):
                self._units.add(one.partition("~")[2])
        if self._all or self._entries or self._turned or self._units:
            self._stirred.set()

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            self._stirred.clear()
            try:
                await self.round()
            except (Conflict, Unavailable):
                await asyncio.sleep(AGAIN)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), LONGEST)

    async def round(self) -> None:
        """Settle all that is due by now."""
        self.site.store.current()
        now = self.site.now()
        try:
            await self._look(now)
        except (Conflict, Unavailable):
            self._all = True
            raise
        await self._each(self._units, self._settled)
        self.site.store.current()
        await self._each(self._turned, self._lined)
        await self._each(self._groups, self._summed)

    async def _look(self, now: int) -> None:
        """Find what is due; what is heard meanwhile is for the next look."""
        everything, self._all = self._all, False
        entries, self._entries = self._entries or everything, False
        if everything:
            await self._everything(now)
        if entries or (self._edge is not None and self._edge <= now):
            await self._edges(now)

    async def _lined(self, units: Iterable[str]) -> None:
        """Take the groups of units to be looked at; those of one device alone are left out."""
        for lfdi in units:
            line = await groups.groups(Trace(self.site.store), lfdi)
            self._groups |= {each.href for each in line if not each.owner}

    async def _each(self, due: set[str], work: Callable[[list[str]], Awaitable[None]]) -> None:
        """Do what is due a part at a time; what is not done stays due."""
        while due:
            some = sorted(due)[:TOGETHER]
            due.difference_update(some)
            try:
                await work(some)
            except (Conflict, Unavailable):
                due.update(some)
                raise

    # ------------------------------------------------------------------------------------------- what is due

    async def _everything(self, now: int) -> None:
        """Look at all that is out, all that entries are about, and all groups that were ever summed."""
        store = self.site.store
        cut = Cut(limit=groups.EVERY)
        self._units |= {row.owner for row in await self._now(ours.STANDINGS, now)}
        self._turned |= {row.owner for row in (await store.children(ours.STANDINGS, cut)).rows}
        self._groups |= {row.grp for row in (await store.children(ours.SUMS, cut)).rows}
        for row in await self._now(ours.OUTAGES, now):
            self._units |= set(await rows.concerned(store, row))

    async def _now(self, parent: str, now: int) -> tuple[Row, ...]:
        """Give what a list holds that is not over."""
        return (await self.site.store.children(parent, Cut(limit=groups.EVERY, ending=now))).rows

    async def _edges(self, now: int) -> None:
        """Look at the units of entries that have begun or ended since, and find the next edge."""
        last = self._edge if self._edge is not None else now
        found = [(row, standing.entry(row)) for row in await self._now(ours.OUTAGES, min(last, now) - 1)]
        for row, one in found:
            if any(last <= at <= now for at in (one.start, one.end) if at):
                self._units |= set(await rows.concerned(self.site.store, row))
        self._edge = outage.edge((one for _, one in found), now)

    # ------------------------------------------------------------------------------------------ what is done

    async def _settled(self, units: Iterable[str]) -> None:
        work = self._work()
        for lfdi in units:
            if await work.shelf.marked("EndDevice", lfdi):
                await rows.settle(work, lfdi)
        await self._commit(work)

    async def _summed(self, hrefs: Iterable[str]) -> None:
        work = self._work()
        for href in hrefs:
            if await work.shelf.get(href):
                await self._sum(work, href)
        await self._commit(work)

    async def _sum(self, work: Work, href: str) -> None:
        """Say how a group stands, where that is other than what was said last."""
        at = f"{ours.SUMS}/{ours.number(href)}"
        row, made = await work.shelf.get(at), await rows.of(work.shelf, href)
        said = ours.read(row)
        fields = {name: None if value is None else str(value) for name, value in made._asdict().items()}
        if said.get("sum", _serving(fields)) == fields:
            return
        same = row is not None and said["sum"]["state"] == fields["state"]
        since = row.at if row is not None and same else work.now
        now = Standing(made.state, Source.members, since, 0, made.left)
        record = standing.status(work, at, now, made.rated, group=href, sum_=made)
        body = ours.body({"sum": fields})
        work.put(Row(at, ours.SUMS, standing.SUM, body, grp=href, at=since, record=record), row)
        turn = f"{ours.TURNS}/{await work.shelf.fresh()}"
        work.put(Row(turn, ours.TURNS, standing.TURN, b"{}", grp=href, at=work.now, record=record))

    def _work(self) -> Work:
        own, policy = self.site.policy.lfdi or NOBODY, self.site.policy
        ask = Ask("PUT", "/", Peer(own, 0), self.site.now())
        caller = Caller(own, 0, "operator", profile=policy.profile)
        return Work(ask, caller, policy, Trace(self.site.store), door=DOOR)

    async def _commit(self, work: Work) -> None:
        if work.changes:
            parcels = await notify.parcels(work)
            await self.site.store.commit(work.changes, Who(work.caller.lfdi, DOOR, work.now), parcels)


def _serving(fields: dict[str, str | None]) -> dict[str, str | None]:
    """What is as good as said of a group of which nothing was said: all of it is in service."""
    return fields if fields["state"] is None else {}


def read(row: Row) -> Sum:
    """Give what is said of a group."""
    said = ours.read(row)["sum"]
    members, planned, forced, derated = (int(said[name]) for name in COUNTS)
    left, rated = (None if said[name] is None else Decimal(said[name]) for name in ("left", "rated"))
    state = outage.State(said["state"]) if said["state"] else None
    return Sum(state, members, planned, forced, derated, left, rated)
