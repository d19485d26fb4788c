"""The courier with the real store and a real receiver: order, persistence, ends, nothing lost on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from bridge.app.courier import Courier, Habit
from bridge.sep2 import server
from bridge.sep2.shelf import Change, Parcel, Row, Who
from bridge.sep2.talk import MEDIA, Ask, Peer
from bridge.sep2.work import Policy
from bridge.transports import tls
from bridge.transports.calls import Bounds, Calls
from bridge.transports.store import opening
from bridge.transports.store.store import Store
from bridge.trust import identity
from tests.sep2.client import DEVICE, device
from tests.sep2.subscribed import wanted
from tests.transports.receiver import PATIENCE, Receiver, receiving
from tests.transports.site import pki

POLICY = Policy(registration="in-band", hosts=frozenset({"localhost"}), plain_http=True)
QUICK = Habit(first=1.0, longest=4.0, pause=0.02)
SPEED = 50
"""Seconds of the courier's clock in one of ours."""
CHANCE = Random(1)  # noqa: S311 - for pauses, no secret
SUB = "/edev/1/sub/{}"


@dataclass
class Desk:
    """A store, and what its courier says of its work."""

    store: Store
    heard: list[tuple[str, str, str]] = field(default_factory=list)
    settled: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def hear(self, outcome: str, parcel: Parcel, why: str) -> None:
        self.heard.append((outcome, parcel.subscription, why))
        self.settled.put_nowait(outcome)

    async def until(self, outcome: str) -> None:
        while await asyncio.wait_for(self.settled.get(), PATIENCE) != outcome:
            pass


@asynccontextmanager
async def working(url: str, habit: Habit = QUICK, whole: float = 5.0) -> AsyncIterator[Desk]:
    """Run a courier on a store."""
    stop = asyncio.Event()
    context = tls.client([pki().roots], pki().certificate, pki().key)
    async with opening.open(url) as store, Calls(POLICY, context, Bounds(whole=whole)) as calls:
        desk = Desk(store)
        courier = Courier(store, calls, POLICY, habit, clock=_clock, chance=CHANCE, heard=desk.hear)
        task = asyncio.create_task(courier.run(stop))
        try:
            yield desk
        finally:
            stop.set()
            await asyncio.wait_for(task, PATIENCE)


def _clock() -> float:
    return time.time() * SPEED


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


def news(number: int, status: int = 0) -> bytes:
    return f"<Notification><n>{number}</n><status>{status}</status></Notification>".encode()


async def subscribed(store: Store, *numbers: int) -> None:
    """Put subscriptions in place."""
    for number in numbers:
        href = SUB.format(number)
        row = Row(
            href, "/edev/1/sub", "Subscription", b"", "2018", DEVICE, grp="/edev", mark=f"AB{number:02d}"
        )
        watch = f"/-/watch/EndDeviceList/{number}"
        body = b'{"on":"/edev","sub":"' + href.encode() + b'"}'
        hidden = Row(watch, "/-/watch/EndDeviceList", "Watch", body, owner=DEVICE)
        await store.commit([Change(each.href, each) for each in (row, hidden)], Who("x", "test", 1))


async def send(
    store: Store, there: Receiver, sub: int, *numbers: int, path: str = "/hook", status: int = 0
) -> None:
    """Put parcels in the outbox, each with a commit of its own."""
    for number in numbers:
        parcel = Parcel(SUB.format(sub), there.url(path), news(number, status), MEDIA)
        await store.commit((), Who("x", "test", 1), [parcel])


async def test_what_is_in_the_outbox_arrives_in_order_over_tls(url: str) -> None:
    async with receiving() as there, working(url) as desk:
        await subscribed(desk.store, 1)
        await send(desk.store, there, 1, *range(20))
        got = [await there.next() for _ in range(20)]
        assert [each.body for each in got] == [news(number) for number in range(20)]
        assert {(each.media, each.shown) for each in got} == {(MEDIA, True)}
        for _ in range(20):
            await desk.until("sent")
        assert await desk.store.backlog() == 0


async def test_what_fails_is_sent_again_and_nothing_overtakes_it(url: str) -> None:
    async with receiving(plain=True) as there, working(url) as desk:
        there.statuses["/hook"] = [500, 302, 503, 401]
        await subscribed(desk.store, 1)
        await send(desk.store, there, 1, 1, 2, 3)
        got = [(await there.next()).body for _ in range(7)]
        assert got == [news(number) for number in (1, 1, 1, 1, 1, 2, 3)]
        for _ in range(3):
            await desk.until("sent")
        assert [why for outcome, _, why in desk.heard if outcome == "retried"] == ["500", "302", "503", "401"]


async def test_one_that_hangs_holds_up_no_other(url: str) -> None:
    async with receiving(plain=True) as there, working(url) as desk:
        there.held["/slow"] = asyncio.Event()
        await subscribed(desk.store, 1, 2)
        await send(desk.store, there, 1, 1, 2, path="/slow")
        await send(desk.store, there, 2, *range(5))
        for _ in range(5):
            await desk.until("sent")
        assert {sub for _, sub, _ in desk.heard} == {SUB.format(2)}
        assert [each.path for each in there.got].count("/slow") == 1
        there.held["/slow"].set()
        for _ in range(2):
            await desk.until("sent")


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_a_subscriber_that_wants_no_more_loses_its_subscription(url: str, status: int) -> None:
    async with receiving(plain=True) as there, working(url) as desk:
        there.statuses["/hook"] = [status]
        await subscribed(desk.store, 1, 2)
        await send(desk.store, there, 1, 1, 2)
        await desk.until("ended")
        assert await desk.store.get(SUB.format(1)) is None
        assert await desk.store.get("/-/watch/EndDeviceList/1") is None
        assert await desk.store.get(SUB.format(2)) is not None
        assert await desk.store.backlog() == 0
        assert len(there.got) == 1


async def test_a_parcel_is_given_up_in_the_end_and_the_next_one_goes(url: str) -> None:
    async with receiving(plain=True) as there, working(url, Habit(1.0, 2.0, 3.0, 0.02)) as desk:
        there.statuses["/hook"] = [500] * 3
        await subscribed(desk.store, 1)
        await send(desk.store, there, 1, 1, 2)
        await desk.until("given up")
        await desk.until("sent")
        assert [each.body for each in there.got] == [news(1)] * 3 + [news(2)]


async def test_an_address_that_is_closed_by_now_is_not_called(url: str) -> None:
    async with working(url, Habit(1.0, 2.0, 1.0, 0.02)) as desk:
        await subscribed(desk.store, 1)
        parcel = Parcel(SUB.format(1), "http://10.0.0.1/", news(1), MEDIA)
        await desk.store.commit((), Who("x", "test", 1), [parcel])
        await desk.until("given up")
        assert "no public" in desk.heard[-1][2]


async def test_news_for_a_subscription_that_is_no_more_is_dropped_but_its_end_is_told(url: str) -> None:
    async with receiving(plain=True) as there, working(url) as desk:
        await send(desk.store, there, 1, 1)
        await send(desk.store, there, 1, 2, status=1)
        await desk.until("forgotten")
        await desk.until("sent")
        assert [each.body for each in there.got] == [news(2, 1)]


async def test_what_one_life_could_not_send_the_next_one_sends(url: str) -> None:
    async with receiving(plain=True) as there:
        there.statuses["/hook"] = [503]
        async with working(url) as desk:
            await subscribed(desk.store, 1)
            await send(desk.store, there, 1, 1)
            await desk.until("retried")
            await send(desk.store, there, 1, 2)
        async with working(url) as desk:
            await desk.until("sent")
            await desk.until("sent")
            assert await desk.store.get(SUB.format(1)) is not None
    assert [each.body for each in there.got] == [news(1), news(1), news(2)]


async def test_a_stop_lets_what_is_on_its_way_arrive(url: str) -> None:
    async with receiving(plain=True) as there:
        there.held["/hook"] = asyncio.Event()
        async with working(url) as desk:
            await subscribed(desk.store, 1)
            await send(desk.store, there, 1, 1)
            await there.next()
            asyncio.get_running_loop().call_later(0.2, there.held["/hook"].set)
        assert desk.heard == [("sent", SUB.format(1), "204")]


async def test_a_change_made_by_a_client_is_told_to_its_subscriber(url: str) -> None:
    async with receiving() as there, working(url) as desk:
        edev = await asked(desk.store, "POST", "/edev", device(DEVICE))
        assert await asked(desk.store, "POST", f"{edev}/sub", wanted("/edev", there.url()))
        body = device(DEVICE).replace("<changedTime>1<", "<changedTime>2<")
        await asked(desk.store, "PUT", edev, body)
        got = await there.next()
        assert b'xsi:type="EndDeviceList"' in got.body
        assert b"<changedTime>2</changedTime>" in got.body


async def asked(store: Store, method: str, path: str, body: str) -> str:
    """Let a device do something; where it led."""
    peer = Peer(DEVICE, identity.sfdi(DEVICE))
    ask = Ask(method, path, peer, int(time.time()), (), body.encode(), MEDIA)
    answer = await server.answer(ask, store, POLICY)
    assert answer.status in {201, 204}, answer.reason
    return answer.location


def test_the_time_between_tries_grows_up_to_its_limit_and_varies() -> None:
    habit = Habit(first=1.0, longest=45.0)
    for tries, most in ((0, 1), (1, 2), (5, 32), (6, 45), (60, 45), (5000, 45)):
        found = {habit.delay(tries, CHANCE) for _ in range(100)}
        assert most / 2 <= min(found) < max(found) <= most
        assert len(found) == 100


def test_a_parcel_is_kept_about_as_long_as_was_said() -> None:
    habit = Habit(first=1.0, longest=45.0, give_up=3600.0)
    tries = next(tries for tries in range(10_000) if habit.over(tries))
    whole = sum(habit.delay(at, CHANCE) for at in range(tries))
    assert 3000 < whole < 4200
    assert not habit.over(0)
