"""The log of a device: newest first, bounded, each event with its alarm."""

from __future__ import annotations

import pytest

from bridge.sep2 import log
from bridge.sep2.shelf import Cut
from bridge.sep2.work import Policy
from models.der import messages
from tests.sep2 import scene
from tests.sep2.scene import HELD, LFDI, NOW, NS, Memory, body, commit, spot, world

LIST = "/edev/1/lel"


async def post(
    shelf: Memory, created: int, number: int = 1, keep: int = 100, path: str = LIST
) -> tuple[int, str]:
    made = body(
        f"<LogEvent {NS}><createdDateTime>{created}</createdDateTime><functionSet>11</functionSet>"
        f"<logEventCode>2</logEventCode><logEventID>{number}</logEventID><logEventPEN>37244</logEventPEN>"
        "<profileID>2</profileID></LogEvent>"
    )
    asked = scene.work(shelf, method="POST", path=path, policy=Policy(log_events=keep))
    answer = await log.posted(asked, spot(path), made)
    await commit(asked, shelf)
    return answer.status, answer.location


async def test_the_newest_is_first() -> None:
    shelf = await world()
    for created in (NOW + 1, NOW + 3, NOW + 2):
        assert (await post(shelf, created))[0] == 201
    rows = (await shelf.children(LIST, Cut(limit=255))).rows
    assert [row.at for row in rows] == [NOW + 3, NOW + 2, NOW + 1]


async def test_an_event_comes_with_its_alarm() -> None:
    shelf = await world()
    _, place = await post(shelf, NOW)
    alarm = messages.Alarm.model_validate_json(shelf.rows[place].record)
    assert (alarm.logEventCode, alarm.target.device) == (2, (LFDI,))
    _, other = await post(shelf, NOW, path="/edev/2/lel")
    assert shelf.rows[other].owner == HELD


@pytest.mark.parametrize(("keep", "left"), [(12, 12), (3, 10)])
async def test_as_many_are_kept_as_the_policy_says_but_never_fewer_than_ten(keep: int, left: int) -> None:
    shelf = await world()
    places = [(await post(shelf, NOW + number, number, keep))[1] for number in range(15)]
    assert sorted(row.href for row in (await shelf.children(LIST, Cut(limit=255))).rows) == places[-left:]


async def test_news_of_a_device_with_a_wrong_clock_is_kept() -> None:
    shelf = await world()
    for number in range(10):
        await post(shelf, NOW + number, number, 10)
    _, place = await post(shelf, 5, 77, 10)
    assert place in shelf.rows
    assert (await shelf.children(LIST, Cut())).total == 10


async def test_what_comes_twice_is_kept_once() -> None:
    shelf = await world()
    first = await post(shelf, NOW)
    assert await post(shelf, NOW) == (204, first[1])
    assert await post(shelf, NOW, 2) != first
    assert (await shelf.children(LIST, Cut())).total == 2


async def test_an_event_may_be_put_anew() -> None:
    shelf = await world()
    _, place = await post(shelf, NOW)
    made = body(shelf.rows[place].body.decode().replace("<logEventCode>2", "<logEventCode>3"))
    asked = scene.work(shelf, method="PUT", path=place)
    assert (await log.replaced(asked, spot(place), made, shelf.rows[place])).status == 204
    await commit(asked, shelf)
    assert messages.Alarm.model_validate_json(shelf.rows[place].record).logEventCode == 3
