"""Notifications of single resources and of ends, those that the clock brings about, and what they cost."""

from __future__ import annotations

import pytest

from bridge.sep2 import groups, notify, permit
from bridge.sep2.shelf import Change, Parcel, Row, Who
from bridge.sep2.work import Work
from tests.sep2 import memory, metered, official
from tests.sep2.client import DEVICE, HEAD, NS, text
from tests.sep2.memory import NOW
from tests.sep2.subscribed import POLICY, content, default, told, town


def of(parcels: list[Parcel]) -> list[str]:
    return [parcel.subscription for parcel in parcels]


def members(parcel: Parcel) -> list[str]:
    resource = told(parcel).find(f"{{{NS}}}Resource")
    assert resource is not None
    return [each.get("href", "") for each in resource]


# ------------------------------------------------------------------------------------------- single resources


async def test_a_default_control_is_told_whole_or_as_news_alone() -> None:
    made = await town()
    place = f"{made.programme}/dderc"
    assert await made.said(made.head, "PUT", place, default("DE" * 16, 20)) == []
    await made.subscribe(made.holder, place)
    await made.subscribe(made.device, place, limit=0)
    parcels = await made.said(made.head, "PUT", place, default("DE" * 16, 30))
    resource = told(parcels[0]).find(f"{{{NS}}}Resource")
    assert resource is not None
    assert resource.findtext(f"{{{NS}}}setGradW") == "30"
    assert told(parcels[1]).find(f"{{{NS}}}Resource") is None
    assert [official.faults(parcel.body, "2018") for parcel in parcels] == ["", ""]


async def test_what_is_put_without_a_change_is_told_to_nobody() -> None:
    made = await town()
    place = f"{made.programme}/derc"
    await made.subscribe(made.holder, place)
    await made.controlled("C1")
    row = next(row for row in made.shelf.rows.values() if row.type == "DERControl")

    async def same(work: Work) -> None:
        work.put(row, row)

    assert await made.done(same) == []


async def test_a_subscriber_is_written_to_in_its_own_profile() -> None:
    for profile in ("2018", "csip-aus-1.2", "csip-aus-1.3", "2023"):
        made = await town(profile)
        await made.subscribe(made.holder, f"{made.programme}/derc")
        await made.subscribe(made.holder, "/edev")
        parcels = await made.controlled("C1")
        before = len(made.shelf.parcels)
        await made.holder.register("D1" * 20)
        for parcel in (*parcels, *made.shelf.parcels[before:]):
            assert official.faults(parcel.body, profile) == "", profile
        assert len(parcels) + len(made.shelf.parcels[before:]) == 2


async def test_a_reading_is_told_where_it_is_outside_of_the_thresholds() -> None:
    made = await town()
    place = await metered.made(made.device)
    await made.device.ask("POST", place, metered.reading(metered.WATTS, metered.value(1)))
    latest = f"{await metered.upt(made.device, place)}/r"
    plain = await made.subscribe(made.holder, latest)
    bounds = "<lowerThreshold>0</lowerThreshold><upperThreshold>9</upperThreshold>"
    bound = await made.subscribe(
        made.device,
        latest,
        condition=f"<Condition><attributeIdentifier>0</attributeIdentifier>{bounds}</Condition>",
    )
    found = []
    for step, number in enumerate((5, 10, 9, -1), 1):
        one = metered.reading(metered.WATTS, metered.value(number, NOW + 300 * step))
        found.append(of(await made.said(made.device, "POST", place, one)))
    assert found == [[plain], [plain, bound], [plain], [plain, bound]]
    late = metered.reading(metered.WATTS, metered.value(77, NOW))
    (parcel, *_) = await made.said(made.device, "POST", place, late)
    assert b"<value>-1</value>" in parcel.body


# ------------------------------------------------------------------------------------------------------- ends


async def test_a_resource_that_goes_ends_its_subscriptions_and_says_so() -> None:
    made = await town()
    await made.said(made.head, "PUT", f"{made.programme}/dderc", default("DE" * 16, 20))
    watched = [made.programme, f"{made.programme}/derc", f"{made.programme}/dderc"]
    subs = [await made.subscribe(made.holder, each) for each in watched]
    kept = await made.subscribe(made.holder, "/derp")
    parcels = await made.said(made.head, "DELETE", made.programme)
    states = {parcel.subscription: text(told(parcel), "status") for parcel in parcels}
    assert states == {**dict.fromkeys(subs, "4"), kept: "0"}
    assert [official.faults(parcel.body, "2018") for parcel in parcels] == [""] * 4
    left = [row.href for row in made.shelf.rows.values() if row.type == "Subscription"]
    assert left == [kept]
    assert len([row for row in made.shelf.rows.values() if row.type == "Watch"]) == 1


async def test_a_device_that_goes_is_told_to_its_aggregator_and_loses_its_own() -> None:
    made = await town()
    devices = await made.subscribe(made.holder, "/edev")
    fsa = await made.subscribe(made.holder, f"{made.edev}/fsa")
    own = await made.subscribe(made.device, "/edev")
    parcels = await made.said(made.holder, "DELETE", made.edev)
    states = {parcel.subscription: text(told(parcel), "status") for parcel in parcels}
    assert states == {own: "1", fsa: "4", devices: "0"}
    assert content(next(parcel for parcel in parcels if parcel.subscription == devices))[1:] == ("1", "0", 0)
    assert [row.owner for row in made.shelf.rows.values() if row.type == "Watch"] == [made.holder.lfdi]


async def test_a_device_that_changes_hands_is_lost_to_its_first_aggregator() -> None:
    made = await town()
    devices = await made.subscribe(made.holder, "/edev")
    fsa = await made.subscribe(made.holder, f"{made.edev}/fsa")
    own = await made.subscribe(made.device, f"{made.edev}/fsa")

    async def entrust(work: Work) -> None:
        await groups.entrust(work, made.row(made.edev), "")

    parcels = await made.done(entrust)
    states = {parcel.subscription: text(told(parcel), "status") for parcel in parcels}
    assert states == {fsa: "1", devices: "0"}
    assert own in made.shelf.rows
    assert fsa not in made.shelf.rows


async def test_a_subscription_that_an_operator_ends_is_told() -> None:
    made = await town()
    href = await made.subscribe(made.holder, "/edev")
    (parcel,) = await made.said(made.head, "DELETE", href)
    assert (parcel.subscription, text(told(parcel), "status")) == (href, "1")
    assert await made.holder.status("GET", href) == 404


async def test_a_device_that_left_the_group_is_told_nothing_of_its_programme() -> None:
    made = await town()
    await made.subscribe(made.device, f"{made.programme}/derc")
    assert len(await made.controlled("C1")) == 1
    await made.done(lambda work: groups.leave(work, made.group, made.row(made.edev)))
    assert await made.controlled("C2") == []


async def test_a_client_whose_access_is_withdrawn_is_told_nothing() -> None:
    made = await town()
    await made.subscribe(made.holder, f"{made.programme}/derc")
    await made.done(lambda work: permit.grant(work, made.holder.lfdi, granted=False))
    assert await made.controlled("C1") == []


# ---------------------------------------------------------------------------------------------- by the clock


async def test_the_clock_tells_what_begins_and_what_is_over() -> None:
    made = await town()
    href = await made.subscribe(made.holder, f"{made.programme}/derc")
    active = await made.subscribe(made.device, f"{made.programme}/actderc")
    await made.controlled("C1", NOW + 100, 50)
    found = {}
    for since, now in (
        (NOW, NOW + 99),
        (NOW + 99, NOW + 100),
        (NOW + 100, NOW + 149),
        (NOW + 149, NOW + 150),
    ):
        parcels = await notify.due(made.shelf, POLICY, since, now)
        found[now - NOW] = {parcel.subscription: content(parcel)[1:] for parcel in parcels}
    assert found == {
        99: {},
        100: {href: ("1", "1", 1), active: ("1", "1", 1)},
        149: {},
        150: {href: ("0", "0", 0), active: ("0", "0", 0)},
    }


@pytest.mark.parametrize(
    ("since", "now"), [(NOW - 2, NOW - 1), (NOW - 1, NOW), (NOW - 1, NOW + 5), (NOW, NOW + 5)]
)
async def test_what_begins_as_it_is_written_was_told_with_that(since: int, now: int) -> None:
    made = await town()
    href = await made.subscribe(made.holder, f"{made.programme}/derc")
    assert of(await made.controlled("C1", NOW, 50)) == [href]
    assert await notify.due(made.shelf, POLICY, since, now) == ()
    (parcel,) = await notify.due(made.shelf, POLICY, since, NOW + 50)
    assert content(parcel)[1:] == ("0", "0", 0)


async def test_the_clock_asks_nothing_where_nobody_watches() -> None:
    made = await town()
    await made.controlled("C1", NOW + 100, 50)
    made.shelf.reads = 0
    assert await notify.due(made.shelf, POLICY, NOW, NOW + 200) == ()
    assert made.shelf.reads == 1


# ---------------------------------------------------------------------------------------------------- at cost


async def test_a_commit_that_nobody_watches_costs_one_look() -> None:
    made = await town()
    await made.subscribe(made.holder, "/edev")
    work = memory.work(made.shelf, lfdi=DEVICE)
    row = Row("/upt/1/mr/1/rs/1/r/1", "/upt/1/mr/1/rs/1/r", "Reading", b"", "2018")
    work.changes.append(Change(row.href, row))
    made.shelf.reads = 0
    assert await notify.parcels(work) == ()
    assert made.shelf.reads == 1


@pytest.mark.parametrize("count", [3])
async def test_one_commit_is_one_notification_for_each_subscription(count: int) -> None:
    made = await town()
    href = await made.subscribe(made.holder, f"{made.programme}/derc")
    await made.controlled("C0")
    row = next(row for row in made.shelf.rows.values() if row.type == "DERControl")

    async def several(work: Work) -> None:
        for number in range(count):
            mark = f"F{number}"
            place = f"{row.parent}/{900 + number}"
            body = row.body.replace(b"<mRID>C0<", f"<mRID>{mark}<".encode())
            work.put(
                Row(
                    place,
                    row.parent,
                    row.type,
                    body,
                    row.profile,
                    mark=mark,
                    at=row.at,
                    until=row.until,
                    record=row.record,
                )
            )

    parcels = await made.done(several)
    assert of(parcels) == [href]
    assert content(parcels[0])[1] == str(count + 1)


async def test_parcels_go_with_the_commit_that_they_tell_of() -> None:
    made = await town()
    await made.subscribe(made.holder, f"{made.programme}/derc")
    await made.controlled("C1")
    last = made.shelf.commits[-1]
    assert [change.row.type for change in last.changes if change.row] == ["DERControl"]
    assert len(last.parcels) == 1
    assert last.who == Who(HEAD, "sep2", NOW)
