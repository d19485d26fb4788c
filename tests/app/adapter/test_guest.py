"""An adapter that breaks, hangs or lies harms nobody: its breaker, its thread, what is let out of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from bridge.app.adapter import carrier
from bridge.app.adapter.guest import Guest
from bridge.app.adapter.plug import Plug
from bridge.app.adapter.section import Adapter
from bridge.core.delivery import State
from bridge.ports import Away, Kind, Order, Reach, Unable
from models.der import messages

UNIT, OTHER = "A1" * 20, "A2" * 20
HEAD: Any = carrier.head(UNIT, 1_800_000_000.0)


class Odd:
    """An adapter whose `tell` does what a test says."""

    Settings = BaseModel

    def __init__(self, does: Callable[[], Any]) -> None:
        self.does = does
        self.calls: list[str] = []
        self.failing = 0

    units = frozenset({UNIT, OTHER})
    health = "a little slow"

    async def begin(self) -> None:
        self.calls.append("begin")
        if self.failing:
            self.failing -= 1
            raise OSError("no interface")

    async def end(self) -> None:
        self.calls.append("end")

    async def meet(self, unit: str) -> Reach:
        self.calls.append(f"meet {unit[:2]}")
        return Reach(direct=frozenset({"maxLimW", "fly"}), why="we are not free")

    async def part(self, unit: str) -> None:
        raise RuntimeError(unit)

    async def carry(self, order: Order) -> None:
        self.calls.append(f"carry {order.number}")
        self.does()

    async def tell(self, unit: str, head: Any) -> Any:
        assert head["origin"].party == unit
        self.calls.append(f"tell {unit[:2]}")
        found = self.does()
        return await found if asyncio.iscoroutine(found) else found


def no_reading() -> Any:
    return ()


class Desk:
    """A guest with a clock that a test moves."""

    def __init__(self) -> None:
        self.now = Decimal(1_800_000_000)
        self.odd = Odd(no_reading)
        said = Adapter(patience=0.5, trip=2, rest=60.0)
        self.guest = Guest(Plug("odd", "odd", "odd 1", said, self.odd), lambda: self.now)

    async def tell(self) -> Any:
        return await self.guest.tell(UNIT, HEAD)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    await made.guest.end()


def broken() -> Any:
    raise KeyError("no such register")


async def test_faults_of_its_own_open_its_breaker_which_lets_one_through_after_its_rest(desk: Desk) -> None:
    desk.odd.does = broken
    for _ in range(2):
        with pytest.raises(Away, match=r"the adapter odd broke: KeyError\('no such register'\)"):
            await desk.tell()
    assert desk.guest.state.value == "open"
    count = len(desk.odd.calls)
    with pytest.raises(Away, match="left alone"):
        await desk.tell()
    assert len(desk.odd.calls) == count
    desk.now += 61
    desk.odd.does = no_reading
    assert desk.guest.state.value == "half-open"
    assert await desk.tell() == ()
    assert (desk.guest.state, await desk.guest.health()) == (State.closed, "a little slow")


async def test_meeting_a_unit_does_not_hide_that_it_breaks(desk: Desk) -> None:
    desk.odd.does = broken
    for _ in range(2):
        await desk.guest.meet(UNIT)
        with pytest.raises(Away):
            await desk.tell()
    assert desk.guest.state.value == "open"


async def test_a_unit_that_is_away_or_slow_is_no_fault_of_the_adapter(desk: Desk) -> None:
    def away() -> Any:
        raise Away("no carrier")

    for does in (away, lambda: asyncio.sleep(30)):
        desk.odd.does = does
        for _ in range(3):
            with pytest.raises(Away):
                await desk.tell()
    assert desk.guest.state is State.closed
    assert desk.guest.why == ""


async def test_a_loop_that_is_blocked_blocks_no_other(desk: Desk) -> None:
    desk.odd.does = lambda: time.sleep(3)
    slow = asyncio.create_task(desk.tell())
    while "tell A1" not in desk.odd.calls:  # noqa: ASYNC110 - it stands in another thread
        await asyncio.sleep(0.01)
    beats = 0
    with pytest.raises(Away, match="nothing has moved in it"):  # our own loop goes on, and says so
        await desk.guest.tell(OTHER, carrier.head(OTHER, 0.0))
    while not slow.done():
        beats += 1
        await asyncio.sleep(0.01)
    assert isinstance(slow.exception(), Away)
    assert "Blocked" in desk.guest.why


async def test_an_exit_of_the_adapter_is_not_ours(desk: Desk) -> None:
    def leave() -> Any:
        raise SystemExit(3)

    desk.odd.does = leave
    with suppress(Away), pytest.raises(Away):
        await desk.tell()
    desk.odd.does = no_reading
    assert await desk.tell() == ()


async def test_what_fails_to_begin_is_begun_again_and_then_once(desk: Desk) -> None:
    desk.odd.failing = 1
    with pytest.raises(Away, match="no interface"):
        await desk.tell()
    await desk.tell()
    await desk.tell()
    assert desk.odd.calls == ["begin", "begin", "tell A1", "tell A1"]


async def test_it_speaks_for_the_unit_that_was_asked_and_of_nothing_else(desk: Desk) -> None:
    foreign = messages.Origin(party=OTHER, door=messages.Door.operator)
    reading = messages.Reading(**{**HEAD, "origin": foreign, "issued": Decimal(5)})
    notice = messages.Outcome(**HEAD, device=OTHER, subject="AB", status=3)
    desk.odd.does = lambda: (reading, notice, "text")
    (found,) = await desk.tell()
    assert isinstance(found, messages.Reading)
    assert (found.origin.party, found.issued) == (UNIT, HEAD["issued"])


async def test_it_can_promise_modes_only_and_bars_nobody(desk: Desk) -> None:
    assert await desk.guest.meet(UNIT) == Reach(direct=frozenset({"maxLimW"}))


async def test_what_goes_wrong_at_the_end_stops_nobody(desk: Desk) -> None:
    await desk.guest.part(UNIT)


async def test_a_refusal_comes_through(desk: Desk) -> None:
    def refuse() -> Any:
        raise Unable("in local mode", 253)

    desk.odd.does = refuse
    record = messages.Control(
        **HEAD, start=Decimal(0), duration=Decimal(1), modes=messages.Modes(connect=True)
    )
    order = Order(UNIT, 1, Kind.take, record, frozenset({"connect"}), Decimal(0), Decimal(1))
    with pytest.raises(Unable, match="in local mode") as told:
        await desk.guest.carry(order)
    assert told.value.status == 253
