"""The books of the pump: what one unit was told and its orders on their way, read and written in one commit.

A look makes orders durable together with the marks of what the unit was told by them; an order's end is
committed together with the statuses that follow. So a restart at any point finds either all of it or
nothing. Sends nothing and keeps nothing in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from bridge.app.pump import answers, rows
from bridge.app.pump.rows import Letter
from bridge.app.pump.scene import Scene, scene
from bridge.core import fleet, primacy, told
from bridge.core.case import Case
from bridge.core.owing import Owed
from bridge.core.told import Told
from bridge.ports import Order, Reach
from bridge.sep2 import groups, notify, ours
from bridge.sep2.shelf import Change, Conflict, Cut, Row, Who
from bridge.sep2.work import Policy, Trace
from bridge.transports.store.store import Store
from models.der import messages

DOOR = "pump"
TRIES = 8
"""How often something is done again that met another's commit."""
TURNS = 16
"""How often one look leads to the next: a status may close a record, and so change what is wanted."""
Step = tuple[Told, tuple[Owed, ...]]


class Seen(NamedTuple):
    """A unit as a look left it."""

    told: Told
    letters: tuple[Letter, ...]
    """Orders on their way, the first one first."""
    until: Decimal
    topics: frozenset[str]
    said: tuple[messages.Outcome, ...] = ()
    """What was said for the unit by this look."""


class Entry(NamedTuple):
    """What a unit was told, as it is to stand in the books in place of what stands there."""

    unit: str
    was: Row | None
    told: Told


class Turned(NamedTuple):
    """What a look leads to."""

    told: Told
    orders: tuple[Order, ...]
    owed: tuple[Owed, ...]
    until: Decimal


@dataclass(slots=True)
class Books:
    """Those of all units."""

    store: Store
    policy: Callable[[], Policy]
    clock: Callable[[], int]
    """Seconds since 1970."""
    seed: bytes
    """What the random part of events is drawn from, the same for as long as the store lives."""

    async def look(self, unit: str, reach: Reach, now: Decimal) -> Seen:
        """Compare what a unit was told with what it is to hold, and write down what follows."""
        for left in reversed(range(TRIES)):
            try:
                return await self._look(unit, reach, now)
            except Conflict:
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _look(self, unit: str, reach: Reach, now: Decimal) -> Seen:
        trace = Trace(self.store)
        row = await self.store.get(f"{ours.TOLD}/{unit}")
        letters = await self.letters(unit)
        found = await scene(trace, unit, int(now))
        was = rows.told(row) if row else Told(now)
        queued = frozenset((one.order.kind, primacy.key(one.order.record)) for one in letters)
        done = turned(was, found, Case(fleet.Picture(unit), unit, reach, queued=queued, seed=self.seed), now)
        fresh = tuple(Letter(order, int(now), due=now) for order in done.orders)
        said: tuple[messages.Outcome, ...] = ()
        if row is None or done.told != was:
            changes = [Change(each.href, each, expect=0) for each in map(rows.posted, fresh)]
            said = await self._commit(Entry(unit, row, done.told), changes, done.owed)
        return Seen(done.told, (*letters, *fresh), done.until, frozenset(trace.topics), said)

    async def letters(self, unit: str) -> tuple[Letter, ...]:
        """Give the orders of a unit that wait."""
        found = (await self.store.children(ours.ORDERS, Cut(limit=groups.EVERY, owner=unit))).rows
        return tuple(rows.letter(row) for row in found if row.type == rows.WAITING)

    async def settle(
        self, letter: Letter, after: Letter | None, step: Callable[[Told], Step],
        said: Sequence[messages.Outcome] = (),
    ) -> tuple[messages.Outcome, ...]:  # fmt: skip
        """Write down what became of an order: gone or as it is now, with what its unit was told then."""
        unit = letter.order.unit
        href = rows.number(unit, letter.order.number)
        for left in reversed(range(TRIES)):
            row, there = await self.store.get(f"{ours.TOLD}/{unit}"), await self.store.get(href)
            was = rows.told(row) if row else Told(Decimal(letter.made))
            state, owed = step(was)
            changes = [] if there is None else [_changed(there, after)]
            try:
                return await self._commit(Entry(unit, row, state), changes, owed, said)
            except Conflict:
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def heard(self, unit: str, word: messages.Outcome, now: Decimal) -> tuple[messages.Outcome, ...]:
        """Write down what a unit says by itself of something that it was told."""
        for _ in range(TRIES):
            row = await self.store.get(f"{ours.TOLD}/{unit}")
            found = await scene(Trace(self.store), unit, int(now))
            records = {primacy.key(one): one for one in found.records} if found else {}
            record = records.get(primacy.folded(word.subject))
            if row is None or record is None:
                return ()
            state, owed = told.heard(rows.told(row), record, word)
            try:
                return await self._commit(Entry(unit, row, state), [], owed, (word,)) if owed else ()
            except Conflict:
                continue
        return ()

    async def _commit(
        self,
        entry: Entry,
        changes: Iterable[Change],
        owed: Iterable[Owed],
        said: Iterable[messages.Outcome] = (),
    ) -> tuple[messages.Outcome, ...]:
        """Commit a unit's new state with everything beside it; what is said goes to its owners."""
        now = self.clock()
        work = answers.work(self.store, self.policy(), entry.unit, now)
        found = await answers.post(work, owed, said)
        row, version = rows.kept(entry.unit, entry.told), entry.was.version if entry.was else 0
        work.changes += [Change(row.href, row, expect=version), *changes]
        parcels = await notify.parcels(work)
        await self.store.commit(work.changes, Who(entry.unit, DOOR, now), parcels)
        return found


def turned(was: Told, found: Scene | None, blank: Case, now: Decimal) -> Turned:
    """Give where looking leads to, when nothing more follows from it; who is gone is to hold nothing."""
    since, queued = max(was.since, Decimal(found.joined if found else 0)), set(blank.queued)
    state, orders, owed, until = was, list[Order](), list[Owed](), now
    for _ in range(TURNS):
        case = blank._replace(
            picture=found.picture(state.said, now) if found else blank.picture,
            marks=state.marks, queued=frozenset(queued), said=state.said, since=since,
        )  # fmt: skip
        done = told.look(state, case, now)
        state, until = done.told, done.until
        orders += done.orders
        owed += done.owed
        queued |= {(one.kind, primacy.key(one.record)) for one in done.orders}
        if not (done.orders or done.owed):
            break
    return Turned(state, tuple(orders), tuple(owed), until)


def _changed(there: Row, after: Letter | None) -> Change:
    return Change(there.href, None if after is None else rows.posted(after), expect=there.version)
