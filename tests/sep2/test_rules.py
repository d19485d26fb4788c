"""Who may see and do what: by certificate, registration, aggregator, group, role and permit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from bridge.sep2 import enrol, groups, permit, rules
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Policy, Trace, Work
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
    programme,
)
from tests.sep2.memory import NOW, Memory

STATUS = document("DeviceStatus", "<changedTime>5</changedTime>")


async def caller(shelf: Memory, lfdi: str, *roles: str) -> str:
    ask = Ask("GET", "/dcap", Peer(lfdi, 1, frozenset(roles)), NOW)
    return (await rules.caller(ask, Trace(shelf), IN_BAND)).role


async def test_a_role_is_what_certificate_permit_and_registration_say() -> None:
    client = Client()
    assert await caller(client.shelf, DEVICE) == "stranger"
    await client.register()
    assert await caller(client.shelf, DEVICE) == "device"
    assert await caller(client.shelf, OTHER, "operator") == "operator"
    assert await caller(client.shelf, OTHER, "else") == "stranger"
    for role in ("aggregator", "operator"):
        await done(client.shelf, lambda work, role=role: permit.grant(work, HOLDER, role=role))  # type: ignore[misc]
        assert await caller(client.shelf, HOLDER) == role
    await done(client.shelf, lambda work: permit.grant(work, THIRD))
    assert await caller(client.shelf, THIRD) == "stranger"


async def test_a_caller_is_written_to_in_the_profile_of_its_permit() -> None:
    client = Client(policy=replace(IN_BAND, profile="csip"))
    ask = Ask("GET", "/dcap", Peer(DEVICE, 1), NOW)
    assert (await rules.caller(ask, Trace(client.shelf), client.policy)).profile == "csip"
    await done(client.shelf, lambda work: permit.grant(work, DEVICE, profile="csip-aus-1.2"))
    assert (await rules.caller(ask, Trace(client.shelf), client.policy)).profile == "csip-aus-1.2"


@pytest.mark.parametrize(
    "path", ["", "/der", "/der/1", "/dstat", "/fsa", "/lel", "/sub", "/rg", "/der/1/ders"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
async def test_another_devices_subtree_is_not_there(method: str, path: str) -> None:
    client = Client()
    edev = await client.register()
    other = client.another(OTHER)
    await other.register()
    for each in (other, client.another(THIRD)):
        body = STATUS if method in {"PUT", "POST"} else ""
        missing = await each.status(method, f"/edev/9999{path}", body)
        assert await each.status(method, f"{edev}{path}", body) == missing
        assert missing in {404, 405}


async def test_an_aggregator_sees_exactly_its_devices_itself_first() -> None:
    client = Client(lfdi=HOLDER)
    await done(client.shelf, lambda work: permit.grant(work, HOLDER, role="aggregator"))
    await client.another(THIRD).register()
    second = await client.register(OTHER)
    first = await client.register(DEVICE)
    found = hrefs(await client.get("/edev?l=9"))
    assert found[1:] == [first, second]
    assert await client.status("PUT", f"{first}/dstat", STATUS) == 201
    alone = Client(client.shelf, DEVICE)
    assert hrefs(await alone.get("/edev?l=9")) == [first]
    assert await alone.status("GET", second) == 404
    assert (await client.get("/edev?s=1&l=1")).get("results") == "1"
    assert found[0] not in {first, second}


async def test_an_operator_sees_all_and_writes_what_is_the_utilitys() -> None:
    client = Client()
    edev = await client.register()
    await client.another(OTHER).register()
    head = client.another(HEAD, "operator")
    assert (await head.get("/edev?l=9")).get("all") == "2"
    assert await head.status("PUT", f"{edev}/dstat", STATUS) == 201
    made = await head.ask("POST", "/derp", programme("AB01"))
    assert made.status == 201
    for method, path in (("POST", "/derp"), ("POST", "/tp"), ("POST", "/msg"), ("POST", "/file")):
        assert await client.status(method, path, programme("AB02")) == 403
    assert await client.status("DELETE", made.location) == 404


async def test_a_programme_is_there_for_its_group_and_those_below() -> None:
    client = Client()
    edev = await client.register()
    other = client.another(OTHER)
    await other.register()
    head = client.another(HEAD, "operator")
    location = (await head.ask("POST", "/derp", programme("AB01"))).location
    system = await done(client.shelf, lambda work: groups.make(work, {"name": "system"}))
    feeder = await done(client.shelf, lambda work: groups.make(work, {"name": "feeder"}, system.href))
    await done(client.shelf, lambda work: groups.join(work, feeder.href, client.shelf.rows[edev]))
    await client.shelf.lay(client.shelf.rows[location]._replace(grp=system.href))
    for path in ("", "/derc", "/actderc", "/dc"):
        assert await client.status("GET", f"{location}{path}") == 200
        assert await other.status("GET", f"{location}{path}") == 404
        assert await client.another(THIRD).status("GET", f"{location}{path}") == 404
    assert hrefs(await client.get("/derp?l=9")) == [location]
    assert hrefs(await other.get("/derp?l=9")) == []
    assert await client.status("DELETE", location) == 403
    assert await client.status("POST", f"{location}/derc", programme("AB02")) == 403


async def test_an_aggregator_reads_the_programmes_of_its_devices_groups_only() -> None:
    client = Client(lfdi=HOLDER)
    await done(client.shelf, lambda work: permit.grant(work, HOLDER, role="aggregator"))
    edev = await client.register(DEVICE)
    head = client.another(HEAD, "operator")
    mine, other = [(await head.ask("POST", "/derp", programme(name))).location for name in ("AB01", "AB02")]
    for location in (mine, other):
        group = await done(client.shelf, lambda work: groups.make(work, {"name": "x"}))
        await client.shelf.lay(client.shelf.rows[location]._replace(grp=group.href))
    place = client.shelf.rows[mine].grp
    await done(client.shelf, lambda work: groups.join(work, place, client.shelf.rows[edev]))
    assert hrefs(await client.get("/derp?l=9")) == [mine]
    assert await client.status("GET", f"{other}/derc") == 404
    await done(client.shelf, lambda work: groups.leave(work, place, client.shelf.rows[edev]))
    assert hrefs(await client.get("/derp?l=9")) == []
    assert await client.status("GET", mine) == 404


async def test_a_stranger_writes_nothing() -> None:
    client = Client(policy=Policy())
    for path in ("/mup", "/derp", "/upt", "/rsps/1/rsp", "/sdev/di/loc", "/ntfy"):
        assert await client.status("POST", path, STATUS) in {403, 404}
    assert await client.status("POST", "/edev", device(DEVICE)) == 403
    assert client.shelf.commits == []


async def test_what_is_for_operators_is_there_for_nobody_else() -> None:
    client = Client()
    await client.register()
    assert await client.status("GET", "/ntfy") == 404
    assert await client.another(HEAD, "operator").status("GET", "/ntfy") == 200


async def test_what_a_group_may_read_only_its_owner_may_write() -> None:
    client = Client()
    edev = await client.register()
    other = client.another(OTHER)
    theirs = await other.register()
    group = await done(client.shelf, lambda work: groups.make(work, {"name": "x"}))
    for row in (client.shelf.rows[edev], client.shelf.rows[theirs]):
        await done(client.shelf, partial(groups.join, href=group.href, device=row))
    account = document(
        "Prepayment",
        "<mRID>AB</mRID><AccountBalanceLink href='/x'/><CreditRegisterListLink href='/x'/>"
        "<prepayMode>0</prepayMode><PrepayOperationStatusLink href='/x'/>"
        "<SupplyInterruptionOverrideListLink href='/x'/>",
    )
    head = client.another(HEAD, "operator")
    made = await head.ask("POST", "/ppy", account)
    assert made.status == 201, made.reason
    await client.shelf.lay(client.shelf.rows[made.location]._replace(grp=group.href, owner=DEVICE))
    credit = document(
        "CreditRegister",
        "<mRID>AC</mRID><creditAmount><monetaryUnit>36</monetaryUnit><multiplier>0</multiplier><value>1</value></creditAmount>"
        "<effectiveTime>5</effectiveTime><token>x</token>",
    )
    assert await client.status("POST", f"{made.location}/cr", credit) == 201
    assert await other.status("GET", f"{made.location}/cr") == 200
    assert await other.status("POST", f"{made.location}/cr", credit.replace(">AC<", ">AD<")) == 403


async def test_holding_asks_whose_device_it_is() -> None:
    client = Client(lfdi=HOLDER)
    await done(client.shelf, lambda work: permit.grant(work, HOLDER, role="aggregator"))
    edev = await client.register(DEVICE)
    await client.another(OTHER).register()
    ask = Ask("GET", "/dcap", Peer(HOLDER, 1), NOW)
    trace = Trace(client.shelf)
    work = Work(ask, await rules.caller(ask, trace, IN_BAND), IN_BAND, trace)
    assert [await rules.holds(work, lfdi) for lfdi in (HOLDER, DEVICE, OTHER)] == [True, True, False]
    await done(client.shelf, lambda work: enrol.entrusted(work, client.shelf.rows[edev], ""))
    assert not await rules.holds(work, DEVICE)


async def test_rows_of_ours_are_never_served() -> None:
    head = Client(lfdi=HEAD, roles=frozenset({"operator"}))
    await head.shelf.lay(Row(f"/-/permit/{DEVICE}", "/-/permit", "Permit", b"{}", mark=DEVICE))
    for path in (f"/-/permit/{DEVICE}", "/-/permit", "/-/", "//-/permit"):
        assert await head.status("GET", path) == 404
