"""What is on its way to units: in order, tried again, given up, told of; the teller is what a test bends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from bridge.app.facility import unit as units
from bridge.app.gateway import entities
from bridge.app.market import result
from bridge.app.market.asked import Address
from bridge.app.market.crier import Crier
from bridge.app.market.desk import Desk
from bridge.core.delivery import Habit
from bridge.ports import Away, Present, Unable
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut
from bridge.soap.entity import Entity, Kind
from models.der import messages
from tests.app.market.stall import NOW, Stall, lfdi, price, stall, text

Word = messages.Price | messages.Notice
HABIT = Habit(first=8.0, longest=8.0, tries=3, trip=100)


@dataclass
class Teller:
    """Units as a test wants them: a status, or what is raised."""

    ways: list[int | Exception] = field(default_factory=list)
    told: list[tuple[str, Word]] = field(default_factory=list)
    came: list[Present] = field(default_factory=list)

    async def tell(self, unit: str, word: Word, until: int) -> messages.Outcome:
        del until
        self.told.append((unit, word))
        way = self.ways.pop(0) if self.ways else 1
        if isinstance(way, Exception):
            raise way
        return messages.Outcome(
            id="o", origin=messages.Origin(party=unit, door=messages.Door.iec61850), issued=Decimal(NOW),
            target=messages.Target(), device=unit, subject=word.mRID or "", status=way,
        )  # fmt: skip

    def there(self, present: Present) -> None:
        self.came.append(present)


@dataclass
class Street:
    """A market whose first device is a unit behind the relay."""

    site: Stall
    teller: Teller
    crier: Crier

    async def quiet(self, moment: int = NOW) -> None:
        """Let the crier do all that is to be done now."""
        self.site.moment = moment
        running = asyncio.create_task(self.crier.run())
        while True:
            await asyncio.sleep(0)
            if self.crier.visits.idle and not self.crier._all:  # noqa: SLF001
                break
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    async def line(self, number: int = 0) -> result.Line:
        """What became of the first address of a request."""
        now = await self.site.state(number)
        row = await self.site.store.get(now.request)
        assert row is not None
        to = tuple(Address(*one) for one in ours.read(row)["to"])
        return (await result.lines(self.site.store, to, now))[0]

    async def waiting(self) -> int:
        return (await self.site.store.children(ours.WORDS, Cut())).total


@asynccontextmanager
async def street(place: Path, **market: Any) -> AsyncIterator[Street]:
    async with stall(place, **market) as site:
        entity = Entity("REP", Kind.REP, 0, "account", "957877905", (), "")
        await site.put(units.row(units.Unit(lfdi(1), "unit@relay.example/IEC")), entities.row(entity))
        teller = Teller()
        desk = Desk(
            site.store, lambda: site.policy, site.market, lambda: site.moment, heard=site.counter.heard
        )
        crier = Crier(desk, teller, HABIT, 5.0, lambda: Decimal(site.moment), lambda: 0.0)
        site.store.listen(crier.topics)
        yield Street(site, teller, crier)


async def test_units_alone_are_told_and_all_others_are_served(tmp_path: Path) -> None:
    async with street(tmp_path) as made:
        await made.site.send(price((1, 2), Duration=55))
        await made.quiet()
        ((unit, word),) = made.teller.told
        assert (unit, word.mRID) == (lfdi(1), (await made.site.state()).mark)
        assert len(await made.site.intervals(1)) == len(await made.site.intervals(2)) == 1
        assert ((await made.line()).verdict, await made.waiting()) == ("delivered", 0)


async def test_the_response_is_posted_where_it_was_asked_for(tmp_path: Path) -> None:
    for receipts in (True, False):
        place = tmp_path / str(receipts)
        place.mkdir()
        async with street(place, receipts=receipts) as made:
            await made.site.send(text())
            await made.quiet()
            rows = await made.site.store.owned("TextResponse", lfdi(1))
            assert (len(rows), (await made.line()).verdict) == (int(receipts), "delivered")


async def test_one_unit_is_told_in_order_and_again_until_it_answers(tmp_path: Path) -> None:
    async with street(tmp_path) as made:
        made.teller.ways = [Away("not there"), 1, 1]
        await made.site.send(price())
        await made.site.send(text())
        await made.quiet()
        assert [type(word).__name__ for _, word in made.teller.told] == ["Price"]
        line = await made.line()
        assert (line.verdict, line.reason) == ("accepted", "not told yet: not there")
        await made.quiet(NOW + 8)
        assert [type(word).__name__ for _, word in made.teller.told] == ["Price", "Price", "Notice"]
        assert [(await made.line(at)).verdict for at in (0, 1)] == ["delivered", "delivered"]


async def test_who_comes_is_told_at_once(tmp_path: Path) -> None:
    async with street(tmp_path) as made:
        made.teller.ways = [Away("not there")]
        await made.site.send(price())
        await made.quiet()
        made.crier.present(lfdi(1))
        await made.quiet()
        assert (await made.line()).verdict == "delivered"


async def test_it_is_given_up_after_so_many_tries(tmp_path: Path) -> None:
    async with street(tmp_path) as made:
        made.teller.ways = [Away("gone")] * 9
        await made.site.send(price())
        for at in range(5):
            await made.quiet(NOW + at * 8)
        assert len(made.teller.told) == HABIT.tries
        assert ((await made.line()).verdict, (await made.line()).reason) == ("failed", "gone")


async def test_what_a_unit_refuses_has_failed(tmp_path: Path) -> None:
    async with street(tmp_path) as made:
        made.teller.ways = [252, Unable("it takes no such thing"), 11]
        for number in (7001, 7002):
            await made.site.send(price(IssuerEventID=number))
        await made.site.send(text())
        await made.quiet()
        found = [await made.line(at) for at in range(3)]
        assert [one.verdict for one in found] == ["failed", "failed", "confirmed"]
        assert [one.reason for one in found] == ["the device says 252", "it takes no such thing", ""]


async def test_a_cancellation_follows_what_it_cancels(tmp_path: Path) -> None:
    async with street(tmp_path, endless="cancel") as made:
        await made.site.send(text(DurationTime=30))
        await made.site.send(text(DurationTime=0))
        await made.quiet()
        assert [int(word.duration) for _, word in made.teller.told] == [1800, 0]
        assert len({word.mRID for _, word in made.teller.told}) == 1
        assert (await made.line(1)).verdict == "delivered"


async def test_the_sender_is_told_of_units_too(tmp_path: Path) -> None:
    async with street(tmp_path) as made:
        made.teller.ways = [Unable("it takes no such thing")]
        await made.site.send(price(about={"CallbackUri": "https://rep.example/"}))
        await made.site.counter.tell()
        await made.quiet()
        made.site.counter._due = 0.0  # noqa: SLF001 - as if the time between two reports were over
        await made.site.counter.tell()
        found = [report.SMTxPProgressReport.AddressResult for _, _, report in made.site.told]
        assert [[one.Verdict.value for one in each] for each in found] == [[], ["failed"]]


async def test_a_company_that_is_let_in_no_more_has_no_word(tmp_path: Path) -> None:
    for change, reason in (({"enabled": False}, "let in no more"), ({"rights": ("message",)}, "no price")):
        place = tmp_path / reason
        place.mkdir()
        async with street(place) as made:
            await made.site.send(price())
            entity = Entity("REP", Kind.REP, 0, "account", "957877905", (), "", **change)
            await made.site.put(entities.row(entity))
            await made.quiet()
            assert reason in (await made.line()).reason
            assert made.teller.told == []
