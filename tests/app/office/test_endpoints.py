"""Endpoints and accounts, administered for one organisation: who may, where to, in which order, by whom."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.app.push import register
from bridge.core.push.states import Event
from bridge.transports.exchange import Terms
from bridge.trust.decision import Decision
from bridge.trust.log import Facts
from tests.app.office.bureau import ADMIN, Bureau, bureau

HOUSE, OTHER, PARTY, DEVICE = "A0" * 20, "A1" * 20, "B0" * 20, "C0" * 20
FIRST, SECOND, FOREIGN = "F0" * 20, "F1" * 20, "F2" * 20
DOORS = Terms(frozenset({"localhost"}), frozenset({443, 9443}))
URL = "https://endpoint.example.com/told"


async def peopled(office: Bureau) -> None:
    """Two organisations, with two administrators for one and one for the other."""
    for lfdi in (HOUSE, OTHER):
        await office.post("/aggregators", {"lfdi": lfdi, "name": "house"})
    for lfdi, organisation in ((FIRST, HOUSE), (SECOND, HOUSE), (FOREIGN, OTHER)):
        await office.post(f"/access/{lfdi}/roles/UAA", {"area": f"organisation/{organisation}"}, 200)
    office.caller = FIRST
    await office.post("/accounts", {"organisation": HOUSE, "party": PARTY})


def wish(**more: Any) -> dict[str, Any]:
    return {"organisation": HOUSE, "leg": "notification", "address": URL, "recipient": PARTY, **more}


async def proved(office: Bureau, number: int) -> None:
    for event in (Event.challenge, Event.echo, Event.check):
        assert await register.happened(office.store, number, event, office.moment)


async def test_an_administrator_does_everything_for_its_own_organisation_and_nothing_else(
    tmp_path: Path,
) -> None:
    async with bureau(tmp_path, doors=DOORS) as office:
        await peopled(office)
        made = await office.post("/endpoints", wish(contact="duty officer"))
        place = f"/endpoints/{made['id']}"
        assert (made["state"], made["contact"], made["by"]) == ("draft", "duty officer", FIRST)
        await proved(office, made["id"])
        assert (await office.post(f"{place}/activate", None, 200))["state"] == "active"
        assert (await office.post(f"{place}/suspend", {"why": "works"}, 200))["why"] == "works"
        await office.post(f"{place}/resume", None, 200)
        await office.post(f"{place}/test", None, 200)
        assert len((await office.get("/endpoints", organisation=HOUSE))["items"]) == 1
        assert (await office.get("/push", endpoint=made["id"]))["items"] == []
        for path in ("/devices", "/controls", "/access", "/archive"):
            assert (await office.ask("GET", path)).status == 403, path
        office.caller = FOREIGN
        asked = [
            ("GET", place, None), ("POST", f"{place}/suspend", {}), ("POST", f"{place}/retire", None),
            ("PATCH", place, {"contact": "x"}), ("GET", f"/accounts/{PARTY}", None),
            ("POST", f"/accounts/{PARTY}/retire", None), ("GET", f"/endpoints?organisation={HOUSE}", None),
            ("POST", "/endpoints", wish()), ("POST", "/accounts", {"organisation": HOUSE, "party": DEVICE}),
        ]  # fmt: skip
        for method, path, body in asked:
            assert (await office.ask(method, path, body)).status == 404, path
        office.caller = ADMIN
        assert (await office.get(place))["state"] == "active"


async def test_who_administers_one_organisation_lists_its_own_without_naming_it(tmp_path: Path) -> None:
    async with bureau(tmp_path, doors=DOORS) as office:
        await peopled(office)
        theirs = await office.post("/endpoints", wish())
        office.caller = FOREIGN
        assert (await office.get("/endpoints"))["items"] == (await office.get("/accounts"))["items"] == []
        assert (await office.ask("GET", f"/push?endpoint={theirs['id']}")).status == 404
        await office.post("/accounts", {"organisation": OTHER, "party": DEVICE})
        mine = [each["lfdi"] for each in (await office.get("/accounts", limit=1))["items"]]
        assert mine == [DEVICE]
        office.caller = FIRST
        assert [each["id"] for each in (await office.get("/endpoints", state="draft"))["items"]] == [
            theirs["id"]
        ]
        assert (await office.get("/push"))["items"] == []
        assert (await office.ask("GET", f"/accounts?organisation={OTHER}")).status == 404
        office.caller = ADMIN
        assert len((await office.get("/accounts"))["items"]) == 2
        await office.post(f"/access/{SECOND}/roles/UAA", {"area": f"organisation/{OTHER}"}, 200)
        office.caller = SECOND  # of two: it has to say which
        assert (await office.ask("GET", "/accounts")).status == 403
        assert len((await office.get("/accounts", organisation=OTHER))["items"]) == 1


async def test_every_change_is_in_the_decision_log_and_in_the_archive(tmp_path: Path) -> None:
    told: list[tuple[str, str, str]] = []
    async with bureau(tmp_path, doors=DOORS) as office:
        record = office.policy.access.record

        def note(one: Decision, facts: Facts) -> None:
            told.append((one.subject, one.function, one.action))
            record(one, facts)

        office.policy = replace(office.policy, access=replace(office.policy.access, record=note))
        await peopled(office)
        told.clear()
        made = await office.post("/endpoints", wish())
        await office.post(f"/endpoints/{made['id']}/retire", None, 200)
        assert told == [(FIRST, "party", "create"), (FIRST, "party", "change")]
        entries = await office.store.history(f"/-/endpoint/{made['id']}")
        assert [one.party for one in entries] == [FIRST, FIRST]


INWARDS = [
    "http://endpoint.example.com/", "https://127.0.0.1/", "https://10.0.0.1/x", "https://192.168.1.1/",
    "https://169.254.169.254/latest", "https://[::1]/", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/",
    "https://printer.local/", "https://intranet/", "https://user:word@endpoint.example.com/",
    "https://endpoint.example.com:22/", "https://endpoint.example.com:8080/", "ftp://endpoint.example.com/",
    "https://0.0.0.0/", "https://100.64.0.1/", "https://[64:ff9b::a00:1]/", "https:///x", "/told", "https://2130706433/",
]  # fmt: skip


@pytest.mark.parametrize("address", INWARDS)
async def test_an_address_that_leads_inwards_is_not_kept(tmp_path: Path, address: str) -> None:
    async with bureau(tmp_path, doors=DOORS) as office:
        await peopled(office)
        said = await office.ask("POST", "/endpoints", wish(address=address))
        assert said.status == 422, await said.text()
        assert (await said.json())["errors"][0]["pointer"] == "/address"


async def test_a_host_and_a_port_that_are_named_may_be(tmp_path: Path) -> None:
    async with bureau(tmp_path, doors=DOORS) as office:
        await peopled(office)
        await office.post("/endpoints", wish(address="https://localhost:9443/"))
        assert (await office.ask("POST", "/endpoints", wish(address="https://localhost:9444/"))).status == 422


@pytest.mark.parametrize(("body", "status"), [
    ({"recipient": DEVICE}, 409),
    ({"leg": "https"}, 422),
    ({"leg": "xmpp", "address": "a@b/c"}, 422),
    ({"certificate": "no certificate"}, 422),
    ({"recipient": None}, 422),
    ({"within": [99]}, 409),
    ({"kinds": ["weather"]}, 422),
    ({"leg": "pigeon"}, 422),
])  # fmt: skip
async def test_what_cannot_be_an_endpoint(tmp_path: Path, body: dict[str, Any], status: int) -> None:
    async with bureau(tmp_path, doors=DOORS) as office:
        await peopled(office)
        said = await office.ask("POST", "/endpoints", wish(**body))
        assert said.status == status, await said.text()


async def test_nothing_is_done_out_of_order(tmp_path: Path) -> None:
    async with bureau(tmp_path, doors=DOORS) as office:
        await peopled(office)
        made = await office.post("/endpoints", wish())
        place = f"/endpoints/{made['id']}"
        for verb in ("activate", "test", "resume"):
            assert (await office.ask("POST", f"{place}/{verb}")).status == 409, verb
        assert (await office.post(f"{place}/challenge", None, 200))["state"] == "challenged"
        await proved(office, made["id"])
        await office.post(f"/accounts/{PARTY}/suspend", None, 200)
        assert (await office.ask("POST", f"{place}/activate")).status == 409
        await office.post(f"/accounts/{PARTY}/resume", None, 200)
        await office.post(f"{place}/activate", None, 200)
        changed = await office.ask("PATCH", place, {"address": "https://other.example.com/"})
        assert (await changed.json())["state"] == "draft"
        await office.post(f"{place}/retire", None, 200)
        for verb in ("challenge", "activate", "retire"):
            assert (await office.ask("POST", f"{place}/{verb}")).status == 409, verb


async def test_four_eyes_where_they_are_wanted(tmp_path: Path) -> None:
    async with bureau(tmp_path, doors=DOORS, second=True) as office:
        await peopled(office)
        made = await office.post("/endpoints", wish())
        place = f"/endpoints/{made['id']}"
        await proved(office, made["id"])
        assert (await office.get(f"/accounts/{PARTY}"))["state"] == "proposed"
        assert (await office.ask("POST", f"/accounts/{PARTY}/activate")).status == 403
        assert (await office.ask("POST", f"{place}/activate")).status == 403
        office.caller = SECOND
        await office.post(f"/accounts/{PARTY}/activate", None, 200)
        assert (await office.post(f"{place}/activate", None, 200))["state"] == "active"


async def test_somebody_of_another_organisation_is_no_account_of_this_one(tmp_path: Path) -> None:
    async with bureau(tmp_path, doors=DOORS) as office:
        await office.post("/aggregators", {"lfdi": OTHER, "name": "other"})
        await office.device(DEVICE, aggregator=OTHER)
        await peopled_without(office)
        for lfdi in (DEVICE, OTHER, PARTY):
            body = {"organisation": HOUSE, "party": lfdi}
            assert (await office.ask("POST", "/accounts", body)).status == 409, lfdi


async def peopled_without(office: Bureau) -> None:
    await office.post("/accounts", {"organisation": OTHER, "party": PARTY})


async def test_bulletins_are_for_operators_and_are_withdrawn_once(tmp_path: Path) -> None:
    async with bureau(tmp_path, doors=DOORS) as office:
        made = await office.post("/bulletins", {"market": "DAM", "title": "Market Closed"})
        (row,) = await office.store.marked("Bulletin", made["mrid"])
        assert json.loads(row.record)["text"] == "Market Closed"
        assert (await office.post(f"/bulletins/{made['id']}/withdraw", None, 200))["withdrawn"]
        assert (await office.ask("POST", f"/bulletins/{made['id']}/withdraw")).status == 409
        assert [one["title"] for one in (await office.get("/bulletins"))["items"]] == ["Market Closed"]
        await peopled(office)
        assert (await office.ask("POST", "/bulletins", {"market": "DAM", "title": "x"})).status == 403
