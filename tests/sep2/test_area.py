"""Areas, organisations, separation of duties, claims of certificates, a second subject."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.core.access.roles import Grant, Role, named
from bridge.sep2 import access, assign, permit, server
from bridge.sep2.talk import Ask, Peer, Told
from bridge.sep2.work import Caller, Trace, Work
from bridge.trust.credential import Claim
from tests.sep2.client import DEVICE, HEAD, OTHER, THIRD, done, programme
from tests.sep2.feeders import CAPS, PEOPLE, SETTINGS, World, control, give, ruled, world
from tests.sep2.memory import NOW


async def test_a_role_in_an_area_reaches_no_further() -> None:
    one = await world(ruled())
    await give(one, PEOPLE[0], Role.ENGINEER, f"group/{one.group['north']}")
    engineer = replace(one.client, lfdi=PEOPLE[0], roles=frozenset())
    assert await engineer.status("GET", one.edev[DEVICE]) == 200
    assert await engineer.status("GET", one.edev[OTHER]) == 404
    assert await engineer.status("GET", one.derp["system"]) == 404
    assert await engineer.status("GET", "/edev") == 403
    assert await engineer.status("GET", "/dcap") == 200
    assert await engineer.status("PUT", f"{one.edev[DEVICE]}/der/1/derg", SETTINGS) == 204
    assert await engineer.status("PUT", f"{one.edev[OTHER]}/der/1/derg", SETTINGS) == 404
    assert await engineer.status("POST", "/derp", programme("AB09")) == 403


async def test_an_organisation_is_what_its_aggregator_holds() -> None:
    one = await world(ruled())
    row = one.client.shelf.rows[one.edev[OTHER]]
    await one.client.shelf.lay(row._replace(grp=THIRD))
    await give(one, PEOPLE[0], Role.OPERATOR, f"organisation/{THIRD}")
    operator = replace(one.client, lfdi=PEOPLE[0], roles=frozenset())
    assert await operator.status("POST", f"{one.derp['south']}/derc", control("A1")) == 201
    assert await operator.status("POST", f"{one.derp['system']}/derc", control("A2")) == 404
    assert await operator.status("GET", one.edev[OTHER]) == 200
    assert await operator.status("GET", one.edev[DEVICE]) == 404


async def test_what_is_written_stays_in_the_area() -> None:
    one = await world(ruled())
    await give(one, PEOPLE[0], Role.ENGINEER, f"group/{one.group['north']}")
    work = Work(
        Ask("PATCH", "/programmes", Peer(PEOPLE[0], 1), NOW),
        Caller(PEOPLE[0], 1, "operator", grants=(Grant(Role.ENGINEER, f"group/{one.group['north']}"),)),
        one.client.policy,
        Trace(one.client.shelf),
    )
    await access.judge(work, access.Wish("programme", "change", (one.derp["north"],)))
    row = one.client.shelf.rows[one.derp["north"]]
    work.amend(row, grp=f"/-/group/{one.group['system']}")
    with pytest.raises(Told, match="outside group"):
        await access.guard(work)
    work.changes.clear()
    work.amend(row)
    await access.guard(work)


async def test_duties_are_separated_where_that_is_switched_on() -> None:
    one = await world(ruled(separation=True))
    person = replace(one.client, lfdi=PEOPLE[0], roles=frozenset())
    place = f"{one.derp['north']}/derc"
    assert await one.client.status("POST", place, control("A1")) == 403, "the first operator is SECADM"
    await give(one, PEOPLE[0], Role.OPERATOR)
    with pytest.raises(Told, match="duties"):
        await give(one, PEOPLE[0], Role.SECADM)
    assert await person.status("POST", place, control("A2")) == 201
    loose = ruled()
    await done(one.client.shelf, lambda work: assign.give(work, PEOPLE[0], Grant(Role.SECADM)), loose)
    assert await person.status("POST", place, control("A3")) == 403
    found = await assign.staff(
        Trace(one.client.shelf),
        Peer(HEAD, 1, frozenset({"operator"})),
        permit.Permit(),
        one.client.policy.access,
        NOW,
    )
    assert [named(grant.role) for grant in found.grants] == ["VIEWER"], "somebody is SECADM now"


@pytest.mark.parametrize(("claim", "rooted", "status"), [
    (Claim((0,), "*", 1), True, 200),
    (Claim((0,), "*", 1), False, 404),
    (Claim((0,), "", 1), True, 403),
    (Claim((0,), "feeder 7", 1), True, 403),
    (Claim((4,), "*", 1), True, 403),
    (Claim((-4,), "*", 1), True, 403),
    (Claim((0,), "*", 1, "ours"), True, 403),
    (Claim((0,), "*", 1, "", 0), True, 403),
])  # fmt: skip
async def test_a_claim_is_believed_below_an_operators_root_and_in_full(
    claim: Claim, rooted: bool, status: int
) -> None:
    one = await world(ruled())
    peer = Peer(THIRD, 1, frozenset({"operator"} if rooted else ()), (), (claim,))
    asked = await access_status(one, peer, "GET", one.edev[DEVICE])
    assert asked == status
    assert await access_status(one, peer, "POST", f"{one.derp['north']}/derc") in {403, 404}
    await give(one, THIRD, Role.SECAUD)
    assert await access_status(one, peer, "GET", one.edev[DEVICE]) == 403, "what is assigned replaces claims"


async def access_status(one: World, peer: Peer, method: str, path: str) -> int:
    return (await server.answer(Ask(method, path, peer, NOW), one.client.shelf, one.client.policy)).status


@pytest.mark.parametrize(
    ("settings", "most", "status"), [(True, 5000, 201), (True, 4999, 202), (False, 5000, 202)]
)
async def test_power_that_nobody_told_counts_as_above(settings: bool, most: int, status: int) -> None:
    one = await world(ruled(CAPS.format(f"second = {most}")))
    if settings:
        device = replace(one.client, lfdi=DEVICE, roles=frozenset())
        assert await device.status("PUT", f"{one.edev[DEVICE]}/der/1/derg", SETTINGS) == 204
    place = f"{one.derp['north']}/derc"
    assert await one.client.status("POST", place, control("A1")) == status
    assert (await one.client.get(f"{place}?l=9")).get("all") == str(int(status == 201))
    kept = [row for row in one.client.shelf.rows.values() if row.type == "Pending"]
    assert len(kept) == int(status == 202)
    if kept:
        assert await one.client.status("POST", place, control("A1")) == 202
        assert len([row for row in one.client.shelf.rows.values() if row.type == "Pending"]) == 1
