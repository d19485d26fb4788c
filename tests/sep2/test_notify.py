"""Notifications: who is told what of lists by which commit, and in which form."""

from __future__ import annotations

from bridge.sep2 import groups, ours
from bridge.sep2.shelf import Parcel, Row
from bridge.sep2.work import Work
from tests.sep2 import official
from tests.sep2.client import NS, programme, text
from tests.sep2.memory import NOW
from tests.sep2.subscribed import content, groups_made, joined, told, town


def of(parcels: list[Parcel]) -> list[str]:
    return [parcel.subscription for parcel in parcels]


def members(parcel: Parcel) -> list[str]:
    resource = told(parcel).find(f"{{{NS}}}Resource")
    assert resource is not None
    return [each.get("href", "") for each in resource]


# --------------------------------------------------------------------------------------------------- in lists


async def test_a_control_is_told_to_those_who_watch_its_list() -> None:
    made = await town()
    href = await made.subscribe(made.holder, f"{made.programme}/derc")
    own = await made.subscribe(made.device, f"{made.programme}/derc")
    parcels = await made.controlled("C1")
    assert of(parcels) == [href, own]
    found = told(parcels[0])
    assert official.faults(parcels[0].body, "2018") == ""
    assert (text(found, "subscribedResource"), text(found, "status")) == (f"{made.programme}/derc", "0")
    assert text(found, "subscriptionURI") == href
    assert content(parcels[0]) == ("DERControlList", "1", "1", 1)
    assert parcels[0].media == "application/sep+xml"


async def test_only_what_changed_is_in_it_and_no_more_than_was_asked_for() -> None:
    made = await town()
    await made.controlled("C1", NOW + 1000)
    await made.subscribe(made.holder, f"{made.programme}/derc")
    none = await made.subscribe(made.device, f"{made.programme}/derc", limit=0)
    parcels = await made.controlled("C2", NOW + 5000)
    assert content(parcels[0]) == ("DERControlList", "2", "1", 1)
    assert parcels[1].subscription == none
    assert content(parcels[1]) == ("DERControlList", "2", "0", 0)


async def test_a_control_that_takes_anothers_place_is_told_with_it() -> None:
    made = await town()
    await made.controlled("C1", NOW, 600, created=NOW - 50)
    await made.subscribe(made.holder, f"{made.programme}/derc")
    (parcel,) = await made.controlled("C2", NOW, 600, created=NOW)
    assert content(parcel) == ("DERControlList", "2", "2", 2)
    states = [each.text or "" for each in told(parcel).iter(f"{{{NS}}}currentStatus")]
    assert sorted(states) == ["1", "4"]


async def test_the_active_list_is_told_as_well() -> None:
    made = await town()
    href = await made.subscribe(made.holder, f"{made.programme}/actderc")
    assert await made.controlled("C1", NOW + 1000) == []
    (parcel,) = await made.controlled("C2")
    assert (parcel.subscription, content(parcel)) == (href, ("DERControlList", "1", "1", 1))


async def test_nobody_is_told_of_what_it_may_not_read() -> None:
    made = await town()
    await made.subscribe(made.holder, "/edev")
    await made.subscribe(made.other, "/edev")
    changed = await made.device.ask("GET", made.edev)
    body = changed.body.decode().replace("<changedTime>1<", "<changedTime>2<")
    parcels = await made.said(made.device, "PUT", made.edev, body)
    assert len(parcels) == 1
    assert (content(parcels[0]), members(parcels[0])) == (("EndDeviceList", "2", "1", 1), [made.edev])
    assert official.faults(parcels[0].body, "2018") == ""


async def test_a_new_device_is_told_to_its_aggregator_alone() -> None:
    made = await town()
    href = await made.subscribe(made.holder, "/edev")
    await made.subscribe(made.other, "/edev")
    before = len(made.shelf.parcels)
    place = await made.holder.register("D1" * 20)
    (parcel,) = made.shelf.parcels[before:]
    assert (parcel.subscription, members(parcel)) == (href, [place])
    assert content(parcel) == ("EndDeviceList", "3", "1", 1)


async def test_a_poll_rate_is_told_with_the_list_as_it_is() -> None:
    made = await town()
    href = await made.subscribe(made.holder, "/edev", limit=1)

    async def polled(work: Work) -> None:
        work.put(Row(f"{ours.POLLS}/EndDeviceList", ours.POLLS, "Poll", ours.body({"seconds": 30})))

    (parcel,) = await made.done(polled)
    assert (parcel.subscription, content(parcel)) == (href, ("EndDeviceList", "2", "1", 1))
    assert b'pollRate="30"' in parcel.body


# ----------------------------------------------------------------------------------- lists made from groups


async def test_joining_and_leaving_a_group_is_told_on_the_lists_of_the_device() -> None:
    made = await town()
    fsa = await made.subscribe(made.holder, f"{made.edev}/fsa")
    mine = await made.subscribe(made.device, "/derp")
    await made.subscribe(made.other, f"{made.alien}/fsa")
    second = await groups_made(made)
    parcels = await made.done(lambda work: joined(work, second.href, made.edev))
    assert of(parcels) == [fsa]
    assert members(parcels[0]) == [f"{made.edev}/fsa/{ours.number(second.href)}"]

    async def leave(work: Work) -> None:
        await groups.leave(work, made.group, made.row(made.edev))

    parcels = await made.done(leave)
    assert sorted(of(parcels)) == sorted([fsa, mine])
    assert {content(parcel)[1:] for parcel in parcels} == {("1", "0", 0), ("0", "0", 0)}
    assert official.faults(parcels[0].body, "2018") == ""


async def test_a_programme_is_told_on_the_list_of_its_assignment() -> None:
    made = await town()
    number = ours.number(made.group)
    href = await made.subscribe(made.holder, f"{made.edev}/fsa/{number}/derp")
    second = await groups_made(made)
    assert await made.said(made.head, "POST", "/derp", programme("CD" * 16)) == []
    place = next(row.href for row in made.shelf.rows.values() if row.mark == "CD" * 16)

    async def hang(work: Work, group: str) -> None:
        work.amend(made.row(place), grp=group)

    assert await made.done(lambda work: hang(work, second.href)) == []
    (parcel,) = await made.done(lambda work: hang(work, made.group))
    assert (parcel.subscription, members(parcel)) == (href, [place])
    assert content(parcel) == ("DERProgramList", "2", "1", 1)
    (parcel,) = await made.done(lambda work: hang(work, ""))
    assert content(parcel) == ("DERProgramList", "1", "0", 0)


async def test_a_primacy_is_told_on_every_list_that_shows_the_programme() -> None:
    made = await town()
    number = ours.number(made.group)
    watched = [f"{made.edev}/fsa/{number}/derp", "/derp", f"{made.edev}/der/1/derp", made.programme]
    subs = [await made.subscribe(made.holder, each) for each in watched]
    body = (await made.head.ask("GET", made.programme)).body.decode().replace("<primacy>1<", "<primacy>9<")
    parcels = await made.said(made.head, "POST", "/derp", body)
    assert sorted(of(parcels)) == sorted(subs)
    assert {each.text for parcel in parcels for each in told(parcel).iter(f"{{{NS}}}primacy")} == {"9"}
    for parcel in parcels:
        assert official.faults(parcel.body, "2018") == ""


async def test_a_group_that_moves_takes_its_members_lists_along() -> None:
    made = await town()
    above = await groups_made(made)
    answer = await made.head.ask("POST", "/derp", programme("CD" * 16))
    await made.done(lambda work: _hang(work, answer.location, above.href))
    fsa = await made.subscribe(made.holder, f"{made.edev}/fsa")
    derp = await made.subscribe(made.holder, "/derp")
    await made.subscribe(made.other, f"{made.alien}/fsa")

    async def move(work: Work) -> None:
        await groups.move(work, made.group, above.href)

    parcels = await made.done(move)
    assert sorted(of(parcels)) == sorted([fsa, derp])
    kept = next(parcel for parcel in parcels if parcel.subscription == fsa)
    assert f"{made.edev}/fsa/{ours.number(above.href)}" in members(kept)
    assert members(next(parcel for parcel in parcels if parcel.subscription == derp)) == [answer.location]


async def _hang(work: Work, href: str, group: str) -> None:
    row = await work.shelf.get(href)
    assert row is not None
    work.amend(row, grp=group)


async def test_a_group_that_is_renamed_is_told_to_its_members() -> None:
    made = await town()
    fsa = await made.subscribe(made.holder, f"{made.edev}/fsa")
    one = await made.subscribe(made.device, f"{made.edev}/fsa/{ours.number(made.group)}")
    await made.subscribe(made.other, f"{made.alien}/fsa")
    parcels = await made.done(lambda work: groups.change(work, made.group, {"name": "north"}))
    assert sorted(of(parcels)) == sorted([fsa, one])
    assert all(b"<description>north</description>" in parcel.body for parcel in parcels)
