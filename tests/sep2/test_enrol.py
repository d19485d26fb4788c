"""Registration by every way there is, what it makes in one commit, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.sep2 import enrol, groups, permit
from bridge.sep2.talk import Told
from bridge.sep2.work import Policy
from bridge.trust import identity
from tests.sep2.client import (
    DEVICE,
    HEAD,
    HOLDER,
    IN_BAND,
    OTHER,
    THIRD,
    Client,
    device,
    document,
    done,
    hrefs,
    text,
)
from tests.sep2.memory import NOW

AUS = replace(IN_BAND, profile="csip-aus-1.2")


async def holder(policy: Policy = IN_BAND) -> Client:
    client = Client(lfdi=HOLDER, policy=policy)
    await done(client.shelf, lambda work: permit.grant(work, HOLDER, role="aggregator"))
    await client.get("/dcap")
    return client


async def test_a_device_registers_itself_with_all_that_belongs_to_it_in_one_commit() -> None:
    client = Client()
    await done(client.shelf, lambda work: permit.grant(work, DEVICE, pin=11111))
    before = len(client.shelf.commits)
    edev = await client.register()
    assert len(client.shelf.commits) == before + 1
    changed = [change.href for change in client.shelf.commits[-1].changes]
    assert changed == [edev, f"{edev}/rg", f"{edev}/der/1"]
    row = client.shelf.rows[edev]
    assert (row.owner, row.mark, row.grp) == (DEVICE, DEVICE, "")
    found = await client.get(edev)
    assert (text(found, "lFDI"), text(found, "sFDI")) == (DEVICE, str(identity.sfdi(DEVICE)))
    registration = await client.get(f"{edev}/rg")
    assert (text(registration, "pIN"), text(registration, "dateTimeRegistered")) == ("111115", str(NOW))
    assert hrefs(await client.get(f"{edev}/der?l=9")) == [f"{edev}/der/1"]


async def test_lfdi_may_be_left_to_the_certificate() -> None:
    client = Client()
    answer = await client.ask("POST", "/edev", device(DEVICE, said=""))
    assert answer.status == 201
    assert text(await client.get(answer.location), "lFDI") == DEVICE
    agg = await holder()
    assert await agg.status("POST", "/edev", device(OTHER, said="")) == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (device(OTHER), 403),
        (device(DEVICE, said="ZZZZZZZZZZZZZZZZ"), 400),
        (device(DEVICE, said="ABCD"), 400),
        (device(DEVICE, sfdi=identity.sfdi(DEVICE) + 1), 400),
        (device(DEVICE, sfdi=identity.sfdi(OTHER)), 400),
        (document("EndDevice", f"<lFDI>{DEVICE}</lFDI>"), 400),
        (document("DER", ""), 400),
        ("", 400),
    ],
)
async def test_a_registration_that_is_wrong_is_refused_and_changes_nothing(body: str, status: int) -> None:
    client = Client()
    assert await client.status("POST", "/edev", body) == status
    assert client.shelf.rows == {}


async def test_lower_case_is_the_same_device() -> None:
    client = Client()
    answer = await client.ask("POST", "/edev", device(DEVICE, said=DEVICE.lower()))
    assert text(await client.get(answer.location), "lFDI") == DEVICE


async def test_the_same_device_twice_is_refused_and_learns_where_it_is() -> None:
    client = Client()
    edev = await client.register()
    again = await client.ask("POST", "/edev", device(DEVICE))
    assert (again.status, again.location) == (409, edev)
    agg = Client(client.shelf, HOLDER)
    await done(client.shelf, lambda work: permit.grant(work, HOLDER, role="aggregator"))
    taken = await agg.ask("POST", "/edev", device(DEVICE))
    assert (taken.status, taken.location) == (409, "")
    assert client.shelf.rows[edev].grp == ""


@pytest.mark.parametrize(("registration", "listed", "status"), [
    ("out-of-band", False, 403),
    ("out-of-band", True, 403),
    ("listed", False, 403),
    ("listed", True, 201),
    ("in-band", False, 201),
])  # fmt: skip
async def test_policy_decides_who_may_register(registration: str, listed: bool, status: int) -> None:
    client = Client(policy=Policy(registration=registration))
    if listed:
        await done(client.shelf, lambda work: permit.grant(work, DEVICE))
    assert await client.status("POST", "/edev", device(DEVICE)) == status
    assert await client.status("POST", "/edev", device(DEVICE, sfdi=7)) == (400 if status == 201 else 403)
    head = client.another(HEAD, "operator")
    assert await head.status("POST", "/edev", device(THIRD)) == 201


async def test_an_aggregator_registers_its_devices_and_never_itself() -> None:
    agg = await holder()
    edev = await agg.register(DEVICE)
    assert agg.shelf.rows[edev].grp == HOLDER
    assert await agg.status("POST", "/edev", device(HOLDER)) == 403
    again = await agg.ask("POST", "/edev", device(DEVICE))
    assert (again.status, again.location) == (409, edev)


async def test_a_device_that_is_kept_for_one_aggregator_is_no_one_elses() -> None:
    agg = await holder()
    await done(agg.shelf, lambda work: permit.grant(work, DEVICE, aggregator=THIRD, pin="111115"))
    await done(agg.shelf, lambda work: permit.grant(work, OTHER, granted=False))
    await done(agg.shelf, lambda work: permit.grant(work, THIRD, role="aggregator"))
    assert await agg.status("POST", "/edev", device(DEVICE)) == 403
    assert await agg.status("POST", "/edev", device(OTHER)) == 403
    assert await agg.status("POST", "/edev", device(THIRD)) == 403
    assert await agg.another(DEVICE).status("POST", "/edev", device(DEVICE)) == 403
    third = agg.another(THIRD)
    edev = await third.register(DEVICE)
    assert text(await third.get(f"{edev}/rg"), "pIN") == "111115"


async def test_the_aggregators_own_entry_has_subscriptions_and_neither_groups_nor_der() -> None:
    agg = await holder(AUS)
    group = await done(agg.shelf, lambda work: groups.make(work, {"name": "x"}))
    edev = await agg.register(DEVICE)
    await done(agg.shelf, lambda work: groups.join(work, group.href, agg.shelf.rows[edev]))
    found = await agg.get("/edev?l=1")
    names = {each.tag.partition("}")[2] for each in found[0]}
    assert "SubscriptionListLink" in names
    assert not names & {"FunctionSetAssignmentsListLink", "ConnectionPointLink", "RegistrationLink"}
    own = found[0].get("href") or ""
    assert (await agg.get(f"{own}/fsa?l=9")).get("all") == "0"
    assert (await agg.get(f"{edev}/fsa?l=9")).get("all") == "1"
    assert await agg.status("GET", f"{own}/cp") == 404
    assert await agg.status("GET", f"{edev}/cp") == 200
    assert await agg.status("DELETE", own) == 403


async def test_groups_that_policy_and_permit_name_are_joined_at_once() -> None:
    client = Client()
    all_ = await done(client.shelf, lambda work: groups.make(work, {"name": "all"}))
    own = await done(client.shelf, lambda work: groups.make(work, {"name": "own"}))
    await done(client.shelf, lambda work: permit.grant(work, DEVICE, groups=(own.href, all_.href)))
    client.policy = replace(IN_BAND, groups=(all_.href,))
    edev = await client.register()
    held = [row.href for row in await groups.groups(client.shelf, DEVICE)]
    assert sorted(held) == sorted([all_.href, own.href])
    assert (await client.get(f"{edev}/fsa?l=9")).get("all") == "2"


async def test_a_group_that_is_not_there_stops_the_whole_registration() -> None:
    client = Client(policy=replace(IN_BAND, groups=("/-/group/77",)))
    assert await client.status("POST", "/edev", device(DEVICE)) == 404
    assert client.shelf.rows == {}


async def test_put_says_anew_what_a_device_is_but_not_who() -> None:
    client = Client()
    edev = await client.register()
    body = device(DEVICE).replace("<lFDI>", "<deviceCategory>02</deviceCategory><lFDI>")
    assert await client.status("PUT", edev, body) == 204
    assert text(await client.get(edev), "deviceCategory") == "02"
    before = client.shelf.rows[edev]
    for wrong in (
        device(OTHER),
        device(DEVICE, sfdi=7),
        device(OTHER, said=DEVICE),
        device(DEVICE, said=OTHER),
    ):
        assert await client.status("PUT", edev, wrong) == 400
    assert client.shelf.rows[edev] == before
    assert await client.status("PUT", edev, device(DEVICE, said="")) == 204
    assert text(await client.get(edev), "lFDI") == DEVICE
    assert await client.another(HEAD, "operator").status("PUT", "/edev/99", device(DEVICE)) == 404


async def test_delete_takes_everything_of_a_device() -> None:
    client = Client()
    group = await done(client.shelf, lambda work: groups.make(work, {"name": "all"}))
    client.policy = replace(IN_BAND, groups=(group.href,))
    edev = await client.register()
    await client.ask("PUT", f"{edev}/dstat", document("DeviceStatus", "<changedTime>5</changedTime>"))
    mirror = document(
        "MirrorUsagePoint",
        f"<mRID>AB01</mRID><roleFlags>03</roleFlags><serviceCategoryKind>0</serviceCategoryKind>"
        f"<status>1</status><deviceLFDI>{DEVICE}</deviceLFDI>",
    )
    assert await client.status("POST", "/mup", mirror) == 201
    assert await client.status("DELETE", edev) == 204
    assert list(client.shelf.rows) == [group.href]
    assert await client.status("GET", edev) == 404
    assert await client.register() != edev


async def test_the_operator_registers_out_of_band_with_a_connection_point() -> None:
    client = Client(policy=replace(AUS, registration="out-of-band"))
    row = await done(
        client.shelf,
        lambda work: enrol.enrolled(work, DEVICE.lower(), pin="123455", category="02", point="20019857328"),
    )
    found = await client.get(row.href)
    assert (text(found, "lFDI"), text(found, "deviceCategory")) == (DEVICE, "02")
    assert text(await client.get(f"{row.href}/rg"), "pIN") == "123455"
    assert b">20019857328<" in (await client.ask("GET", f"{row.href}/cp")).body
    with pytest.raises(Told) as told:
        await done(client.shelf, lambda work: enrol.enrolled(work, DEVICE))
    assert told.value.status == 409
    with pytest.raises(Told):
        await done(client.shelf, lambda work: enrol.enrolled(work, OTHER, aggregator=OTHER))


async def test_no_registration_is_served_where_policy_says_so() -> None:
    client = Client(policy=Policy(pin=False))
    row = await done(client.shelf, lambda work: enrol.enrolled(work, DEVICE, pin=11111))
    assert await client.status("GET", f"{row.href}/rg") == 404
    assert await Client(client.shelf).status("GET", f"{row.href}/rg") == 200


async def test_a_pin_is_set_by_the_operator_in_either_form() -> None:
    client = Client()
    edev = await client.register()
    head = client.another(HEAD, "operator")
    body = document("Registration", "<dateTimeRegistered>5</dateTimeRegistered><pIN>11111</pIN>")
    assert await client.status("GET", f"{edev}/rg") == 404
    assert await head.status("PUT", f"{edev}/rg", body) == 201
    assert text(await client.get(f"{edev}/rg"), "pIN") == "111115"
    assert await client.status("PUT", f"{edev}/rg", body) == 403
    assert await head.status("PUT", f"{edev}/rg", body.replace("11111", "111112")) == 400


async def test_an_aggregators_entry_is_made_once_and_not_from_anothers_device() -> None:
    agg = await holder()
    edev = await agg.register(DEVICE)
    row = await done(agg.shelf, lambda work: enrol.headed(work, HOLDER))
    assert row.grp == row.mark == HOLDER
    with pytest.raises(Told):
        await done(agg.shelf, lambda work: enrol.headed(work, DEVICE))
    alone = await Client(agg.shelf, OTHER).register()
    turned = await done(agg.shelf, lambda work: enrol.headed(work, OTHER))
    assert (turned.href, turned.grp) == (alone, OTHER)
    assert max(turned.rank, row.rank) < agg.shelf.rows[edev].rank
    assert edev != alone


async def test_a_device_changes_hands_with_its_groups() -> None:
    agg = await holder()
    await done(agg.shelf, lambda work: permit.grant(work, THIRD, role="aggregator"))
    third = agg.another(THIRD)
    edev = await agg.register(DEVICE)
    group = await done(agg.shelf, lambda work: groups.make(work, {"name": "x"}))
    await done(agg.shelf, lambda work: groups.join(work, group.href, agg.shelf.rows[edev]))
    await done(agg.shelf, lambda work: enrol.entrusted(work, agg.shelf.rows[edev], THIRD))
    assert await agg.status("GET", edev) == 404
    assert await third.status("GET", edev) == 200
    assert await groups.groups(agg.shelf, HOLDER) == ()
    assert [row.href for row in await groups.groups(agg.shelf, THIRD)] == [group.href]
    assert [row.href for row in await groups.groups(agg.shelf, DEVICE)] == [group.href]
