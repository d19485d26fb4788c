"""An endpoint that is down for an hour, and whatever else takes time: the clock is an argument here."""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bridge.app.push import engine, rows
from bridge.app.warden import Warden
from bridge.core.delivery import Habit
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut
from tests.app.office.bureau import seen
from tests.app.push.town import DEVICE, ELSEWHERE, HABIT, HOUSE, LIFE, PARTY, Town, registered, towns

NS = 'xmlns="urn:ieee:std:2030.5:ns"'
HOUR, MINUTE = 3_600, 60


def status(town: Town, connected: int) -> str:
    return (
        f"<DERStatus {NS}><genConnectStatus><dateTime>{town.office.moment}</dateTime>"
        f"<value>{connected:02X}</value></genConnectStatus><readingTime>{town.office.moment}</readingTime></DERStatus>"
    )


async def tell(town: Town, connected: int, lfdi: str = DEVICE) -> None:
    """A device says of its DER whether it is connected."""
    (row,) = await town.office.store.marked("EndDevice", lfdi)
    answer = await seen(town.office, f"{row.href}/der/1/ders", lfdi, "PUT", status(town, connected))
    assert answer.status in {201, 204}, answer


async def fleet(town: Town) -> tuple[int, int]:
    """A feeder with the house's device and another's, and a programme on it."""
    group = await town.office.post("/groups", {"name": "feeder"})
    for lfdi, more in ((DEVICE, {"aggregator": HOUSE}), (ELSEWHERE, {})):
        await town.office.device(lfdi, groups=[group["id"]], **more)
    programme = await town.office.post("/programmes", {"primacy": 1, "group": group["id"]})
    return group["id"], programme["id"]


async def test_an_hour_away_and_back(tmp_path: Path) -> None:
    """Every notice comes, in its order, none with its effect twice; and it was not hammered."""
    async with towns(tmp_path) as town:
        _, programme = await fleet(town)
        await town.bulletin("Market 0")
        await town.at(1)
        assert len(town.dealt()) == 1
        await town.door.shut()
        moment = town.office.moment
        control = await town.office.post(
            f"/programmes/{programme}/controls",
            {"start": moment + 600, "duration": 1_200, "modes": {"opModMaxLimW": 50}},
        )
        for minute in range(60):
            await town.at(30)
            await town.bulletin(f"Market {minute + 1}")
            await tell(town, minute % 2)
            await town.at(30)
        assert town.outcomes.count("again") <= HABIT.trip + HOUR // HABIT.rest
        assert len(town.door.got) == 1
        await town.door.open()
        await town.at(*[MINUTE] * 10)
        await whole(town, control["mrid"])
        assert (await town.office.get(f"/endpoints/{town.endpoint}"))["waiting"] == 0


async def whole(town: Town, mark: str) -> None:
    """All of the hour was told, in its order, each thing once."""
    effects = town.dealt()
    versions = [one.version for one in effects]
    assert versions == sorted(set(versions))
    titles = [(await body(town, one))["title"] for one in effects if one.kind == "market"]
    assert sorted(titles) == sorted(f"Market {minute}" for minute in range(61))
    states = [(await body(town, one))["state"] for one in effects if one.kind == "event"]
    assert states == ["scheduled", "active", "completed"]
    assert {one.subject for one in effects if one.kind == "event"} == {mark}
    assert sum(one.kind == "status" for one in effects) == 60


async def body(town: Town, one: Any) -> Any:
    answer = await town.pick(one.href)
    assert answer.status == 200, answer
    assert sha256(answer.body).hexdigest() == one.digest
    return json.loads(answer.body)


async def test_what_was_answered_in_vain_is_told_twice_and_has_its_effect_once(tmp_path: Path) -> None:
    """The bridge ends between the answer and its note of it: at least once, and the version says so."""
    async with towns(tmp_path) as town:
        await town.bulletin()
        town.office.moment += 1
        while await town.feed.round():
            pass
        (row,) = (await town.office.store.children(ours.LETTERS, Cut(limit=9))).rows
        one = rows.endpoint((await town.office.store.children(ours.ENDPOINTS, Cut(limit=1))).rows[0])
        await town.postman.legs.tell(one, rows.letter(row).notice, town.office.moment)
        await town.at(1)
        assert len(town.notices()) == 2
        assert len(town.dealt()) == 1


async def test_pick_up_by_a_stranger_after_suspension_and_after_its_time(tmp_path: Path) -> None:
    async with towns(tmp_path) as town:
        await town.bulletin()
        await town.at(1)
        (one,) = town.dealt()
        whole_ = await town.pick(one.href)
        assert whole_.status == 200
        held = f'"{"0" * 64}", W/"{one.digest}"'
        same = await town.pick(one.href, held=held, span="bytes=0-3")
        assert (same.status, same.body, dict(same.headers)) == (304, b"", {"ETag": f'"{one.digest}"'})
        assert (await town.pick(one.href, held='"1"')).body == whole_.body
        assert (await town.pick(one.href, "EE" * 20, held=held)).status == 404
        assert (await town.pick(one.href, "EE" * 20)).status == 404
        assert (await town.pick("/claims/999999")).status == 404
        assert (await town.pick("/claims", "EE" * 20)).status == 404
        assert (await town.pick(one.href, method="DELETE")).status == 405
        await town.office.post(f"/access/{PARTY}/revoke", None, 200)
        assert (await town.pick(one.href, held="*")).status == 403
        await town.office.post(f"/access/{PARTY}/grant", None, 200)
        town.office.moment += LIFE
        assert (await town.pick(one.href)).status == 410
        assert json.loads((await town.pick("/claims")).body)["items"] == []
        await engine.swept(town.office.store, town.office.moment, LIFE + 10)
        assert (await town.pick(one.href)).status == 410
        assert (await town.pick(one.href, "EE" * 20)).status == 404
        town.office.moment += 11
        await engine.swept(town.office.store, town.office.moment, LIFE + 10)
        assert (await town.pick(one.href)).status == 404
        assert (await town.office.store.children(ours.BODIES, Cut())).total == 0


async def test_changes_since_a_version_are_given_in_pages(tmp_path: Path) -> None:
    async with towns(tmp_path) as town:
        for at in range(7):
            await town.bulletin(f"Market {at}")
        await town.at(1)
        found, after, more = list[str](), 0, True
        while more:
            page = json.loads((await town.pick(f"/claims?since={after}&limit=3")).body)
            assert all(one["version"] > after for one in page["items"])
            found += [one["digest"] for one in page["items"]]
            after, more = page["latest"], page["more"]
        assert found == [one.digest for one in town.dealt()]
        assert (await town.pick("/claims?since=x")).status == 400


async def test_the_same_body_is_kept_once_and_claimed_by_each(tmp_path: Path) -> None:
    async with towns(tmp_path) as town:
        other = "B1" * 20
        await town.office.post("/accounts", {"organisation": HOUSE, "party": other})
        await registered(town, recipient=other, kinds=["market"])
        await town.bulletin()
        await town.at(1)
        store = town.office.store
        assert (await store.children(ours.BODIES, Cut())).total == 1
        assert {row.owner for row in (await store.children(ours.CLAIMS, Cut(limit=9))).rows} == {PARTY, other}


async def test_an_organisation_hears_of_its_own_devices_alone(tmp_path: Path) -> None:
    async with towns(tmp_path, kinds=["status", "event", "market"]) as town:
        await fleet(town)
        await tell(town, 1)
        await tell(town, 1, ELSEWHERE)
        await town.bulletin("For others", organisations=["EE" * 20])
        await town.bulletin("For the house", organisations=[HOUSE])
        await town.at(1)
        kinds = [(one.kind, one.subject[:4]) for one in town.dealt()]
        assert kinds[0] == ("status", "C0C0")
        assert len(kinds) == 2
        assert (await body(town, town.dealt()[1]))["title"] == "For the house"


async def test_the_same_status_again_is_no_news(tmp_path: Path) -> None:
    async with towns(tmp_path, kinds=["status"]) as town:
        await fleet(town)
        for connected in (1, 1, 0, 0, 1):
            await tell(town, connected)
            await town.at(MINUTE)
        assert len(town.dealt()) == 3


async def test_a_cancelled_event_and_one_that_is_superseded(tmp_path: Path) -> None:
    async with towns(tmp_path, kinds=["event"]) as town:
        _, programme = await fleet(town)
        place, moment = f"/programmes/{programme}/controls", town.office.moment
        said = {"start": moment + 100, "duration": 600, "modes": {"opModMaxLimW": 50}}
        first = await town.office.post(place, said)
        await town.at(10)
        second = await town.office.post(place, said)
        await town.at(10, 100)
        await town.office.post(f"{place}/{second['id']}/cancel", {}, 200)
        await town.at(10)
        states = [(one.subject, (await body(town, one))["state"]) for one in town.dealt()]
        assert [state for mark, state in states if mark == first["mrid"]] == ["scheduled", "superseded"]
        assert [state for mark, state in states if mark == second["mrid"]] == [
            "scheduled",
            "active",
            "cancelled",
        ]


async def test_a_letter_that_is_refused_is_dead_and_the_next_goes_on(tmp_path: Path) -> None:
    async with towns(tmp_path) as town:
        town.door.status = 415
        await town.bulletin("First")
        await town.at(1)
        town.door.status = 204
        await town.bulletin("Second")
        await town.at(1)
        assert [(await body(town, one))["title"] for one in town.dealt()] == ["Second"]
        (dead,) = (await town.office.get("/push", dead="true"))["items"]
        assert (dead["reason"], dead["tries"]) == ("answered 415", 1)
        await town.office.post(f"/push/{dead['id']}/repeat", None, 200)
        await town.at(1)
        assert len(town.notices()) == 2
        assert (await town.office.get("/push"))["items"] == []


async def test_an_endpoint_that_fails_gets_rest_and_is_suspended_at_last(tmp_path: Path) -> None:
    habit = Habit(first=1.0, longest=10.0, tries=10_000, trip=3, rest=60.0)
    async with towns(tmp_path, habit=habit, patience=10 * MINUTE) as town:
        town.door.status = 503
        await town.bulletin()
        moments = []
        for _ in range(700):
            before = town.door.tries
            await town.at(1)
            moments += [town.office.moment] * (town.door.tries - before)
        gaps = [later - early for early, later in pairwise(moments)]
        assert min(gaps[2:]) >= 60
        shown = await town.office.get(f"/endpoints/{town.endpoint}")
        assert (shown["state"], shown["waiting"]) == ("suspended", 1)
        assert "failing for" in shown["why"]
        tries, town.door.status = town.door.tries, 204
        await town.bulletin("Meanwhile")
        await town.at(*[MINUTE] * 3)
        assert town.door.tries == tries
        await town.office.post(f"/endpoints/{town.endpoint}/resume", None, 200)
        await town.at(*[MINUTE] * 2)
        assert len(town.dealt()) == 2


async def test_what_is_over_before_it_could_be_told_is_a_dead_letter(tmp_path: Path) -> None:
    async with towns(tmp_path) as town:
        await town.door.shut()
        await town.bulletin()
        await town.at(1, LIFE, 61)
        (dead,) = (await town.office.get("/push", dead="true"))["items"]
        assert dead["reason"] == "expired"
        refused = await town.office.ask("POST", f"/push/{dead['id']}/repeat")
        assert refused.status == 409


@pytest.mark.parametrize("count", [250])
async def test_a_feed_that_begins_anew_tells_each_change_once(tmp_path: Path, count: int) -> None:
    """A new process goes on behind the cursor: what was told is not, what was not is."""
    async with towns(tmp_path, kinds=["market"]) as town:
        for at in range(count):
            await town.bulletin(f"{at}")
            if at % 90 == 40:
                await town.feed.round()
                town.feed.cursor, town.feed._written = -1, 0  # noqa: SLF001 - what a restart forgets
        await town.at(1, 1, 1)
        titles = [(await body(town, one))["title"] for one in town.dealt()]
        assert titles == [f"{at}" for at in range(count)]
        assert len(town.notices()) == count


async def test_an_outage_of_a_device_and_of_its_group(tmp_path: Path) -> None:
    """What the operator says of a device is told of it and, once the group is summed, of the group."""
    async with towns(tmp_path, kinds=["outage"]) as town:
        group, _ = await fleet(town)
        warden = Warden(town.office)  # type: ignore[arg-type] # it asks for no more than the double has
        town.office.store.listen(warden.hear)
        await warden.round()
        said = {"device": DEVICE, "state": "forced", "reason": "storm"}
        made = await town.office.post("/outages/entries", said)
        await town.office.post("/outages/entries", {**said, "device": ELSEWHERE})
        await warden.round()
        await town.at(1)
        assert [one.subject for one in town.dealt()] == [DEVICE, f"group-{group}"]
        first, of_all = [(await body(town, one)) for one in town.dealt()]
        assert (first["outage"]["state"], first["device"]) == ("forced", DEVICE)
        assert (of_all["group"], of_all["outage"]["forced"]) == (group, 2)
        town.office.moment += 60
        cleared = await town.office.ask("POST", f"/outages/entries/{made['id']}/clear")
        assert cleared.status in {200, 204}, await cleared.text()
        await town.at(1)
        last = [one for one in town.dealt() if one.subject == DEVICE][-1]
        assert (await body(town, last))["outage"]["state"] == "restored"
