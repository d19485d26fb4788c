"""A town for tests of the pump: a real store, a group with a programme, units behind a carrier, a clock.

The units are those of `tests.core.unit`: they do to the letter what they are told. What an operator does goes
through the same functions as the administration API; nothing of the pump is imitated.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from bridge.app.pump.books import Books
from bridge.app.pump.porter import Porter
from bridge.app.pump.pump import Pump
from bridge.core.delivery import Habit
from bridge.ports import Away, Carrier, Heard, Order, Present, Reach
from bridge.sep2 import canon, dispatch, draft, enrol, groups, notify, ours, plain
from bridge.sep2.shelf import Row, Who
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Caller, Policy, Trace, Work
from bridge.transports.store.store import Store
from models.der import messages
from tests.core.unit import Fake

NOW = 1_800_000_000
OPERATOR = "9" * 40
DIRECT = Reach(direct=frozenset({"maxLimW", "targetW", "voltVar"}))
AHEAD = Reach(scheduled=DIRECT.direct)
HABIT = Habit(first=1.0, longest=4.0, tries=4, trip=3, rest=10.0)
UNITS = tuple(f"{number:040X}" for number in range(1, 4))


@dataclass
class Street:
    """Units behind one carrier."""

    units: dict[str, Fake] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    answers: dict[str, list[int]] = field(default_factory=dict)
    """Statuses that a unit answers its next orders with; nothing for a plain yes."""
    causes: dict[str, int] = field(default_factory=dict)
    log: list[tuple[str, str, str, int]] = field(default_factory=list)
    """Unit, kind, record and number of each order that arrived."""
    hear: Heard = lambda _: None
    present: Present = lambda _: None

    def reach(self, unit: str) -> Reach | None:
        """As the units have it."""
        return self.units[unit].reach if unit in self.units else None

    async def carry(self, order: Order) -> tuple[messages.Outcome, ...]:
        """Tell the unit."""
        await asyncio.sleep(0)
        if order.unit in self.away:
            raise Away("nobody there")
        mark = str(order.record.mRID)
        self.log.append((order.unit, order.kind.value, mark, order.number))
        waiting = self.answers.get(order.unit, [])
        status = waiting.pop(0) if waiting else 0
        if status == 0 or status < 7:
            self.units[order.unit].carry(order)
        return (self.word(order.unit, mark, status),) if status else ()

    def word(self, unit: str, mark: str, status: int) -> messages.Outcome:
        """What a unit says."""
        return messages.Outcome(
            id=f"{unit}/{mark}/{status}",
            origin=messages.Origin(party=unit, door=messages.Door.iec61850),
            target=messages.Target(),
            issued=Decimal(NOW),
            device=unit,
            subject=mark,
            status=status,
            addCause=self.causes.get(unit),
            reason="blocked" if unit in self.causes else None,
        )

    def listen(self, heard: Heard) -> None:
        self.hear = heard

    def there(self, present: Present) -> None:
        self.present = present

    def told(self, unit: str) -> list[tuple[str, str]]:
        """Orders of a unit."""
        return [(kind, mark[:2]) for one, kind, mark, _ in self.log if one == unit]


@dataclass
class Town:
    """All of it."""

    store: Store
    street: Any
    """A Street, or another carrier."""
    pump: Pump
    policy: Policy
    moment: Decimal = Decimal(NOW)
    counts: dict[str, int] = field(default_factory=dict)
    programme: str = ""
    patience: float = 30.0

    def work(self) -> Work:
        """An operator's."""
        now = int(self.moment)
        caller = Caller(OPERATOR, 0, "operator")
        return Work(Ask("POST", "/", Peer(OPERATOR, 0), now), caller, self.policy, Trace(self.store))

    async def do(self, what: Callable[[Work], Awaitable[Any]]) -> Any:
        """Have an operator do something."""
        work = self.work()
        found = await what(work)
        parcels = await notify.parcels(work)
        await self.store.commit(work.changes, Who(OPERATOR, "admin", work.now), parcels)
        return found

    async def settle(self, units: Iterable[str] = UNITS) -> None:
        """A group, a programme, and units that are its members."""
        group = await self.do(lambda work: groups.make(work, {"name": "feeder"}))
        self.programme = (await self.lay(group.href, primacy=2)).href
        for unit in units:
            await self.do(partial(enrol.enrolled, lfdi=unit, join=(group.href,)))

    async def lay(self, group: str, primacy: int) -> Row:
        """Another programme of a group."""

        async def make(work: Work) -> Row:
            href = f"/derp/{await work.shelf.fresh()}"
            facts = {"mRID": f"{ours.number(href):032X}", "primacy": primacy}
            row = await plain.made(work, "/derp", draft.body("DERProgram", facts), href)
            return work.put(row._replace(grp=group))

        found: Row = await self.do(make)
        return found

    async def control(self, mark: str, start: int, length: int = 100, **facts: Any) -> Row:
        """A control, relative to the beginning."""
        said = {"mRID": mark * 16, "start": NOW + start, "duration": length, "responseRequired": "03"}
        modes = facts or {"opModMaxLimW": 5_000}

        async def make(work: Work) -> Row:
            programme = await work.shelf.get(self.programme)
            assert programme
            return await dispatch.create(work, programme, said | modes)

        found: Row = await self.do(make)
        return found

    async def cancel(self, href: str) -> None:
        """Cancel a control."""

        async def make(work: Work) -> Row:
            row = await work.shelf.get(href)
            assert row
            return await dispatch.cancel(work, row)

        await self.do(make)

    async def quiet(self) -> None:
        """Wait until the pump has nothing to do."""
        self.pump.stir()
        async with asyncio.timeout(self.patience):
            while True:
                await asyncio.sleep(0.001)
                if self.pump.idle:
                    return

    async def at(self, *moments: int) -> None:
        """Let time pass up to each moment after the beginning."""
        for one in moments:
            self.moment = Decimal(NOW + one)
            await self.quiet()

    async def said(self, mark: str, unit: str = UNITS[0]) -> list[int]:
        """Statuses that a head-end reads of a control at a unit, in order."""
        rows = await self.store.grouped("DERControlResponse", mark * 16)
        mine = sorted((row for row in rows if row.owner == unit), key=lambda row: ours.number(row.href))
        return [canon.obj(row).status for row in mine]

    def holds(self, mode: str = "maxLimW", unit: str = UNITS[0]) -> set[str]:
        """What a unit follows now."""
        return {mark[:2] for mark in self.street.units[unit].holds(mode, self.moment)}


def make(store: Store, street: Carrier, moment: Decimal = Decimal(NOW)) -> Town:
    """A town whose pump does not run yet."""
    policy, counts = Policy(), dict[str, int]()
    books = Books(store, lambda: policy, lambda: int(town.moment), b"town")

    def count(outcome: str) -> None:
        counts[outcome] = counts.get(outcome, 0) + 1

    def clock() -> Decimal:
        return town.moment

    porter = Porter(books, HABIT, 5.0, clock, lambda: 0.0, count)
    town = Town(store, street, Pump(books, porter, (street,), clock), policy, moment, counts)
    return town


@asynccontextmanager
async def running(town: Town, *, settled: bool = True) -> AsyncIterator[Town]:
    """Let its pump run."""
    stop = asyncio.Event()
    town.store.listen(town.pump.topics)
    town.pump.listen()
    task = asyncio.create_task(town.pump.run(stop))
    try:
        if settled:
            await town.quiet()
        yield town
    finally:
        stop.set()
        await task


@asynccontextmanager
async def lived(store: Store, reach: Reach, units: Iterable[str] = UNITS[:1]) -> AsyncIterator[Town]:
    """A town with units that can do something, whose pump runs."""
    street = Street({unit: Fake(reach) for unit in units})
    town = make(store, street)
    await town.settle(units)
    async with running(town):
        yield town
