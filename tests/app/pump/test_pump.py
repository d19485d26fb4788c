"""The pump on a real store: what an operator asks for reaches units, and what became of it is read at /rsps.

Time is the town's own and moves when a test says so; each step is waited for until the pump has nothing left
to do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bridge.app.pump import rows
from bridge.ports import Order
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut
from bridge.sep2.work import Work
from bridge.transports.store import opening
from bridge.transports.store.store import Store
from models.der import messages
from tests.app.pump import town as towns
from tests.app.pump.town import AHEAD, DIRECT, NOW, UNITS, Town, lived
from tests.core.unit import Fake


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opening.open(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


async def letters(town: Town, *, dead: bool = False) -> list[rows.Letter]:
    found = (await town.store.children(ours.ORDERS, Cut(limit=1_000))).rows
    return [one for one in map(rows.letter, found) if one.dead is dead]


async def test_a_control_is_commanded_at_its_time_and_left_at_its_end(store: Store) -> None:
    async with lived(store, DIRECT) as town:
        await town.control("0A", 10)
        await town.at(1)
        assert town.street.log == []
        assert await town.said("0A") == [1]
        await town.at(10)
        assert (town.street.told(UNITS[0]), town.holds()) == ([("take", "0A")], {"0A"})
        await town.at(50, 110)
        assert (town.street.told(UNITS[0]), town.holds()) == ([("take", "0A"), ("leave", "0A")], set())
        assert await town.said("0A") == [1, 2, 3]
        assert await letters(town) == []


async def test_a_control_is_scheduled_ahead(store: Store) -> None:
    async with lived(store, AHEAD) as town:
        await town.control("0A", 10)
        await town.quiet()
        assert town.street.told(UNITS[0]) == [("take", "0A")]
        await town.at(9)
        assert town.holds() == set()
        await town.at(10, 15, 109)
        assert town.holds() == {"0A"}
        await town.at(110)
        assert (town.holds(), await town.said("0A")) == (set(), [1, 2, 3])
        assert town.street.told(UNITS[0]) == [("take", "0A")]


async def test_a_cancelled_control_is_left_and_its_owner_hears_it_once_it_is(store: Store) -> None:
    async with lived(store, AHEAD) as town:
        row = await town.control("0A", 10)
        await town.at(12)
        town.street.away.add(UNITS[0])
        await town.cancel(row.href)
        await town.at(13)
        assert (town.holds(), await town.said("0A")) == ({"0A"}, [1])
        town.street.away.clear()
        town.street.present(UNITS[0])
        await town.quiet()
        assert (town.holds(), await town.said("0A")) == (set(), [1, 6])


async def test_one_rule_decides_and_the_loser_is_told(store: Store) -> None:
    async with lived(store, DIRECT) as town:
        await town.control("0A", 10)
        group = await store.get(town.programme)
        assert group
        first, town.programme = town.programme, (await town.lay(group.grp, primacy=1)).href
        await town.control("0B", 20)
        await town.at(10, 20)
        assert town.holds() == {"0B"}
        assert town.street.told(UNITS[0]) == [("take", "0A"), ("take", "0B")]
        assert (await town.said("0A"), await town.said("0B")) == ([1, 2, 14], [1, 2])
        assert first != town.programme


async def test_a_refusal_is_told_with_its_cause(store: Store) -> None:
    async with lived(store, AHEAD) as town:
        town.street.answers[UNITS[0]] = [252]
        town.street.causes[UNITS[0]] = 10
        await town.control("0A", 10)
        await town.quiet()
        assert await town.said("0A") == [252]
        (row,) = await store.grouped("DERControlResponse", "0A" * 16)
        assert (json.loads(row.record)["addCause"], json.loads(row.record)["reason"]) == (10, "blocked")
        assert json.loads(row.record)["origin"]["door"] == "iec61850"
        await town.at(60, 200)
        assert await town.said("0A") == [252]


async def test_what_a_unit_says_by_itself_is_told(store: Store) -> None:
    async with lived(store, AHEAD) as town:
        await town.control("0A", 10)
        await town.at(11)
        town.street.hear(town.street.word(UNITS[0], "0A" * 16, 2))
        town.street.hear(town.street.word(UNITS[0], "0A" * 16, 2))
        await town.quiet()
        assert await town.said("0A") == [1, 2]
        town.street.hear(town.street.word(UNITS[0], "0A" * 16, 10))
        town.street.hear(town.street.word(UNITS[0], "FF" * 16, 3))
        await town.quiet()
        assert await town.said("0A") == [1, 2, 10]
        assert town.street.told(UNITS[0]) == [("take", "0A"), ("leave", "0A")]


async def test_a_unit_that_is_away_is_tried_again_ever_later_and_left_alone(store: Store) -> None:
    async with lived(store, AHEAD) as town:
        town.street.away.add(UNITS[0])
        await town.control("0A", 100)
        await town.at(0)
        assert [(one.tries, one.reason) for one in await letters(town)] == [(1, "nobody there")]
        await town.at(1)
        assert [one.tries for one in await letters(town)] == [2]
        await town.at(2)
        assert [one.tries for one in await letters(town)] == [2]
        await town.at(3, 5, 7, 12)
        assert [one.tries for one in await letters(town)] == [3]  # the breaker is open until 13
        await town.at(13)
        assert (await letters(town), [one.tries for one in await letters(town, dead=True)]) == ([], [4])
        assert await town.said("0A") == [10]
        assert town.counts == {"again": 3, "dead": 1}


async def test_an_order_whose_window_is_over_is_dead(store: Store) -> None:
    async with lived(store, DIRECT) as town:
        town.street.away.add(UNITS[0])
        await town.control("0A", 1, 2)
        await town.at(1, 3)
        (dead,) = await letters(town, dead=True)
        assert dead.reason == "its window is over: nobody there"
        assert await town.said("0A") == [1, 254]  # at once, although the unit is still to leave it
        town.street.away.clear()
        town.street.present(UNITS[0])
        await town.quiet()
        assert await town.said("0A") == [1, 254]
        assert [kind for kind, _ in town.street.told(UNITS[0])] == ["leave"]  # it may have heard


async def test_a_response_that_nobody_asked_for_is_not_kept(store: Store) -> None:
    async with lived(store, DIRECT) as town:
        await town.control("0A", 1, 5, opModMaxLimW=5_000, responseRequired="00")
        await town.at(1, 6)
        assert await town.said("0A") == []
        assert [kind for kind, _ in town.street.told(UNITS[0])] == ["take", "leave"]


async def test_what_goes_from_the_store_is_left(store: Store) -> None:
    """A programme that is removed, and a device that is, take their orders with them."""
    for gone in ("programme", "device"):
        async with lived(store, DIRECT, UNITS[:1] if gone == "programme" else UNITS[1:2]) as town:
            (unit,) = town.street.units
            await town.control("0A" if gone == "programme" else "0B", 1)
            await town.at(1)
            assert town.holds(unit=unit)
            href = town.programme
            if gone == "device":
                (row,) = await store.marked("EndDevice", unit)
                href = row.href

            async def remove(work: Work, href: str = href) -> None:
                row = await work.shelf.get(href)
                assert row
                work.drop(row)

            await town.do(remove)
            await town.quiet()
            assert town.holds(unit=unit) == set()


async def test_a_pump_that_begins_again_knows_what_was_told(store: Store) -> None:
    street = towns.Street({unit: Fake(AHEAD) for unit in UNITS})
    first = towns.make(store, street)
    await first.settle()
    async with towns.running(first):
        await first.control("0A", 10)
        await first.quiet()
    assert len(street.log) == len(UNITS)
    again = towns.make(store, street, first.moment)
    async with towns.running(again):
        again.programme = first.programme
        assert len(street.log) == len(UNITS)
        await again.at(15, 110)
        for unit in UNITS:
            assert await again.said("0A", unit) == [1, 2, 3]
    assert [number for *_, number in street.log] == [1, 1, 1]
    assert again.moment == NOW + 110


async def test_it_does_not_turn_while_those_who_are_due_find_no_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, asked, carry = asyncio.Event(), 0, towns.Street.carry

    async def slowly(street: towns.Street, order: Order) -> tuple[messages.Outcome, ...]:
        await free.wait()
        return await carry(street, order)

    def clock() -> Decimal:
        nonlocal asked
        asked += 1
        return town.moment

    monkeypatch.setattr(towns.Street, "carry", slowly)
    async with lived(store, AHEAD, UNITS) as town:
        town.pump.visits.together, town.pump.visits.clock = 1, clock
        await town.control("0A", 10)
        for _ in range(2_000):
            await asyncio.sleep(0.0001)
        assert asked < 200
        free.set()
        await town.quiet()
        assert [town.street.told(unit) for unit in UNITS] == [[("take", "0A")]] * 3


async def test_a_carrier_that_breaks_is_told_in_the_log_and_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lived(store, AHEAD) as town:
        with monkeypatch.context() as patch:
            patch.setattr(town.street.units[UNITS[0]], "carry", None)
            await town.control("0A", 10)
            await town.quiet()
            (letter,) = await letters(town)
            assert letter.tries == 1
            assert "not callable" in letter.reason
        await town.at(1)
        assert town.counts == {"again": 1, "done": 1}
