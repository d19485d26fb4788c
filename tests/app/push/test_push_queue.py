"""What waits for an endpoint: one subject that fails holds up no other, and keeps its own order."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from bridge.app.push import queue
from bridge.app.push.postman import LONGEST
from bridge.app.push.rows import Letter
from bridge.core.delivery import Habit
from bridge.core.push import notice
from bridge.core.push.notice import Notice
from tests.app.push.test_push_lapse import fleet, tell
from tests.app.push.town import DEVICE, HOUSE, Town, towns

SECOND = "C1" * 20
NOW = 1_000


def letter(version: int, subject: str, **more: Any) -> Letter:
    told = Notice("status", subject, version, version, "0" * 64, 1, NOW + 99)
    return Letter(version, 7, HOUSE, told, NOW, **more)


def test_a_subject_waits_for_its_own_first_letter_alone() -> None:
    bad = {"tries": 2, "since": NOW - 9}
    letters = [
        letter(1, "A", due=Decimal(NOW + 5), **bad), letter(2, "B"), letter(3, "A"),
        letter(4, "C", due=Decimal(NOW), **bad), letter(5, "C"), letter(6, "B"),
    ]  # fmt: skip
    found = queue.order(letters, NOW, 0)
    assert [one.number for one in found.go] == [2, 6, 4, 5]
    assert (found.due, found.since) == (Decimal(NOW + 5), NOW - 9)
    assert queue.order(letters, NOW, NOW - 9).since == 0  # it took something since
    assert queue.order((), NOW, 0) == queue.Queue()
    assert [one.number for one in queue.order(letters, NOW, 0, away=True).go] == [1, 2, 3, 4, 5, 6]
    assert [one.number for one in queue.order(letters, NOW, NOW - 9, away=True).go] == [2, 6, 4, 5]


def came(town: Town) -> list[Notice]:
    """The notices that were taken, by Notification."""
    told = [etree.fromstring(data).findtext("{*}subscribedResource") for data in town.door.got]
    return [notice.found(one or "") for one in told]


def plain(folder: Path, **more: Any) -> Any:
    """An endpoint whose notices can be told apart by whoever takes them."""
    return towns(folder, leg="notification", kinds=["status", "market"], **more)


async def test_one_bad_subject_holds_up_no_other_and_comes_in_order_at_last(tmp_path: Path) -> None:
    async with plain(tmp_path) as town:
        group, _ = await fleet(town)
        await town.office.device(SECOND, groups=[group], aggregator=HOUSE)
        town.door.bad = DEVICE.encode()
        for minute in range(120):
            await tell(town, minute % 2)
            await tell(town, minute % 2, SECOND)
            await town.at(1)
            assert [one.subject for one in came(town)] == [SECOND] * (minute + 1)
        tried = town.door.tries - 120
        assert 5 < tried < 12  # it backs off by itself
        town.door.bad = b""
        await town.at(*[100] * 3)
        versions = [one.version for one in came(town) if one.subject == DEVICE]
        assert len(versions) == 120
        assert versions == sorted(versions)
        assert town.outcomes.count("again") == tried


async def test_more_letters_of_a_bad_subject_than_are_read_at_first_hide_no_other(tmp_path: Path) -> None:
    async with plain(tmp_path) as town:
        await fleet(town)
        town.door.bad = DEVICE.encode()
        for at in range(queue.TURN + 20):
            await tell(town, at % 2)
        await town.at(1)
        await town.bulletin()
        await town.at(1)
        assert [one.kind for one in came(town)] == ["market"]


async def test_a_subject_that_fails_for_days_dies_and_the_endpoint_lives(tmp_path: Path) -> None:
    habit = Habit(first=1.0, longest=10.0, tries=10_000, trip=3, rest=60.0)
    async with plain(tmp_path, habit=habit, patience=600) as town:
        await fleet(town)
        town.door.bad = DEVICE.encode()
        await tell(town, 1)
        for _ in range(70):
            await town.bulletin()
            await town.at(10)
        (dead,) = (await town.office.get("/push", dead="true"))["items"]
        assert (dead["reason"], dead["subject"]) == ("answered 503", DEVICE)
        assert (await town.office.get(f"/endpoints/{town.endpoint}"))["state"] == "active"
        assert [one.kind for one in came(town)] == ["market"] * 70


async def test_nothing_is_asked_of_the_store_until_a_letter_comes_or_is_due(tmp_path: Path) -> None:
    async with plain(tmp_path) as town:
        await fleet(town)
        await town.at(1, 0)
        assert town.postman.idle() == LONGEST
        town.door.bad = DEVICE.encode()
        await tell(town, 1)
        await town.at(1, 0)
        assert 0 < town.postman.idle() <= 1
        town.door.bad = b""
        town.office.moment += 1
        running = asyncio.create_task(town.postman.run())
        try:
            async with asyncio.timeout(20):
                await town.door.came(1)
                await town.bulletin()  # nobody but its commit says so
                while await town.feed.round():
                    pass
                await town.door.came(2)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
