"""Function sets through the whole server: what an operator says and a device hears, in every profile."""

from __future__ import annotations

import re
from typing import Any

import pytest
from py20305.connectors.print_demo import PrintDemoConnector
from py20305.telemetry.der_capability import build_der_capability
from py20305.xml.serialization import to_xml

from bridge.mapping.profile import load
from bridge.sep2 import dispatch, file, groups, permit
from bridge.sep2.shelf import Row
from tests.sep2 import client as people
from tests.sep2.client import DEVICE, HEAD, Client, done, hrefs, programme, text
from tests.sep2.memory import NOW
from tests.sep2.official import faults
from tests.sep2.test_flow import answer as granted
from tests.sep2.test_flow import request

PROFILES = ["2013", "2018", "csip", "csip-aus-1.2", "csip-aus-1.3", "2023"]


async def world() -> tuple[Client, Client, Row]:
    """A device in a group that a programme hangs from."""
    device = Client()
    await device.register()
    head = device.another(HEAD, "operator")
    answer = await head.ask("POST", "/derp", programme("D1", 2))
    place = await done(device.shelf, lambda work: groups.make(work, {"name": "feeder"}))
    row = device.shelf.rows[answer.location]
    await done(device.shelf, lambda work: _hang(work, row, place.href))
    mine = next(each for each in device.shelf.rows.values() if each.type == "EndDevice")
    await done(device.shelf, lambda work: groups.join(work, place.href, mine))
    return device, head, device.shelf.rows[answer.location]


async def _hang(work: Any, row: Row, group: str) -> Row:
    made: Row = work.amend(row, grp=group)
    return made


async def make(device: Client, row: Row, **facts: Any) -> Row:
    return await done(device.shelf, lambda work: dispatch.create(work, row, facts))


def status(found: Any) -> list[str]:
    return [each.text for each in found.iter("{urn:ieee:std:2030.5:ns}currentStatus")]


async def respond(device: Client, mark: str, code: int) -> int:
    said = f"<createdDateTime>{device.now}</createdDateTime><endDeviceLFDI>{DEVICE}</endDeviceLFDI>"
    said += f"<status>{code}</status><subject>{mark}</subject>"
    return await device.status("POST", "/rsps/1/rsp", people.document("DERControlResponse", said))


async def test_the_life_of_a_control_with_its_responses() -> None:
    """S-ALL-41: scheduled, active, gone; cancelled and still listed; superseded at once."""
    device, _, row = await world()
    control = await make(device, row, start=NOW + 60, duration=60, opModExpLimW=9000)
    path = f"{row.href}/derc?l=50"
    assert status(await device.get(path)) == ["0"]
    assert await respond(device, control.mark, 1) == 201
    device.now = NOW + 60
    assert status(await device.get(path)) == ["1"]
    assert (await device.get(f"{row.href}/actderc?l=50")).get("all") == "1"
    assert await respond(device, control.mark, 2) == 201
    device.now = NOW + 120
    found = await device.get(path)
    assert (found.get("all"), hrefs(found)) == ("0", [])
    assert await device.status("GET", control.href) == 404
    assert await respond(device, control.mark, 3) == 201
    device.now = NOW + 121
    assert await respond(device, control.mark, 2) == 400
    device.now = NOW + 130
    second = await make(device, row, start=NOW + 600, duration=600, opModExpLimW=9000)
    await done(device.shelf, lambda work: dispatch.cancel(work, device.shelf.rows[second.href]))
    device.now = NOW + 160
    assert status(await device.get(path)) == ["2"]
    assert await respond(device, second.mark, 6) == 201
    assert (await device.get("/rsps/1/rsp?l=50")).get("all") == "4"


async def test_what_an_answer_was_made_from_ends_with_the_next_change() -> None:
    device, _, row = await world()
    await make(device, row, start=NOW + 60, duration=60, opModConnect=True)
    answer = await device.ask("GET", f"{row.href}/derc", query=(("l", "9"),))
    assert answer.until == NOW + 60
    answer = await device.ask("GET", f"{row.href}/actderc")
    assert answer.until == NOW + 60
    programme_ = await device.ask("GET", row.href)
    assert programme_.until == NOW + 60


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_profile_reads_the_same_control_in_its_own_schema(profile: str) -> None:
    device, _, row = await world()
    await done(device.shelf, lambda work: permit.grant(work, DEVICE, profile=profile))
    facts = {"opModTargetW": 4000, "rampTms": 100, "randomizeStart": 10}
    await make(device, row, duration=600, **facts)
    await make(device, row, start=NOW + 900, duration=60, opModExpLimW=5000, opModTargetW=1)
    await done(device.shelf, lambda work: dispatch.default(work, row, {"opModConnect": True}))
    curve = {"curveType": 11, "CurveData": [[92, 44], [98, 0]], "yRefType": 2}
    await done(device.shelf, lambda work: dispatch.curve(work, row, curve))
    for path in ("/derc?l=9", "/actderc?l=9", "/dderc", "/dc?l=9", ""):
        answer = await device.ask("GET", row.href + path)
        assert answer.status == 200, (path, answer.reason)
        assert faults(answer.body, profile) == "", path
    answer = await device.ask("GET", f"{row.href}/derc?l=9")
    assert re.findall(rb"<currentStatus>(\d)<", answer.body) == [b"1", b"0"]
    assert (b"ExpLimW" in answer.body) == profile.startswith("csip-aus")


async def test_a_der_through_the_tree() -> None:
    device, _, row = await world()
    edev = hrefs(await device.get("/edev?l=9"))[0]
    assert hrefs(await device.get(f"{edev}/der?l=9")) == [f"{edev}/der/1"]
    assert await device.status("GET", f"{edev}/der/1/ders") == 404
    told = people.document("DERStatus", f"<readingTime>{NOW}</readingTime>")
    assert await device.status("PUT", f"{edev}/der/1/ders", told) == 204
    assert text(await device.get(f"{edev}/der/1/ders"), "readingTime") == str(NOW)
    assert hrefs(await device.get(f"{edev}/der/1/derp?l=9")) == [row.href]
    assert await device.status("GET", f"{edev}/der/1/cdp") == 404
    await make(device, row, duration=60, opModConnect=True)
    assert (await device.get(f"{edev}/der/1/cdp")).get("href") == row.href
    assert await device.another(people.OTHER).status("GET", f"{edev}/der/1") == 404
    assert await device.status("PUT", f"{edev}/der/9/ders", told) == 404


async def test_files_through_the_tree() -> None:
    device, head, _ = await world()
    facts = {"mfID": 1, "mfModel": "M", "mfVer": "1"}
    row = await done(device.shelf, lambda work: file.store(work, facts, b"0123456789"))
    assert hrefs(await device.get("/file?l=9")) == [row.href]
    assert text(await device.get(row.href), "size") == "10"
    answer = await device.ask("GET", f"{row.href}/content", span="bytes=2-4")
    assert (answer.status, answer.body, answer.until) == (206, b"234", 0)
    assert await head.status("DELETE", row.href) == 204
    assert await device.status("GET", f"{row.href}/content") == 404


async def test_a_reservation_through_the_tree() -> None:
    device, head, _ = await world()
    edev = hrefs(await device.get("/edev?l=9"))[0]
    asked = await device.ask("POST", f"{edev}/frq", request())
    assert asked.status == 201
    assert await device.status("POST", f"{edev}/frp", granted()) == 403
    reply = await head.ask("POST", f"{edev}/frp", granted())
    assert status(await device.get(reply.location)) == ["0"]
    assert await device.status("PUT", asked.location, request(status=1)) == 204
    assert status(await device.get(f"{edev}/frp?l=9")) == ["2"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("old", "australian"), [(True, False), (True, True), (False, False)])
async def test_the_capability_of_a_foreign_client_is_taken(
    profile: str, *, australian: bool, old: bool
) -> None:
    """py20305 says it with its own models; another server was seen to refuse it."""
    device, _, _ = await world()
    await done(device.shelf, lambda work: permit.grant(work, DEVICE, profile=profile))
    edev = hrefs(await device.get("/edev?l=9"))[0]
    rated = await PrintDemoConnector().fetch_nameplate()
    made = build_der_capability(rated, csip_aus_mode=australian)
    said = to_xml(made, include_csipaus=australian, server_2018_compat=old).decode()
    answer = await device.ask("PUT", f"{edev}/der/1/dercap", said)
    assert answer.status == 204, answer.reason
    found = await device.ask("GET", f"{edev}/der/1/dercap")
    assert found.status == 200
    assert load(profile).keeps or faults(found.body, profile) == ""
