"""Outages over the administration API: declared ahead, in force, cleared; told by units; groups; history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.app.warden import Warden
from bridge.core.outage import State
from bridge.sep2 import ours, standing
from bridge.sep2.shelf import Cut
from models.der import messages
from tests.app.office.bureau import LFDI, NOW, OTHER, Bureau, bureau, seen

CAPABILITY = (
    '<DERCapability xmlns="urn:ieee:std:2030.5:ns"><modesSupported>00000001</modesSupported>'
    "<rtgMaxW><multiplier>0</multiplier><value>5000</value></rtgMaxW><type>83</type></DERCapability>"
)
STATUS = (
    '<DERStatus xmlns="urn:ieee:std:2030.5:ns"><genConnectStatus><dateTime>{now}</dateTime><value>{connect}'
    "</value></genConnectStatus><inverterStatus><dateTime>{now}</dateTime><value>{inverter}</value>"
    "</inverterStatus><readingTime>{now}</readingTime></DERStatus>"
)
LEFT = (
    '<DERAvailability xmlns="urn:ieee:std:2030.5:ns"><readingTime>1</readingTime><statWAvail><multiplier>0'
    "</multiplier><value>1200</value></statWAvail></DERAvailability>"
)


async def status(office: Bureau, device: Any, inverter: int, connect: str = "07") -> None:
    """Have a device say how it is."""
    body = STATUS.format(now=office.moment, connect=connect, inverter=inverter)
    done = await seen(office, f"{device['href']}/der/1/ders", device["lfdi"], "PUT", body)
    assert done.status == 204, done.reason


async def rated(office: Bureau, lfdi: str = LFDI, **more: Any) -> Any:
    """A device of 5 kW."""
    device = await office.device(lfdi, **more)
    await seen(office, f"{device['href']}/der/1/dercap", lfdi, "PUT", CAPABILITY)
    return device


async def patrolled(office: Bureau, moment: int) -> None:
    """Let the clock come to a moment, and the warden see it."""
    office.moment = moment
    await WARDENS[office.store].round()


WARDENS: dict[Any, Warden] = {}


async def warded(office: Bureau) -> None:
    warden = Warden(office)  # type: ignore[arg-type] # it asks for no more than the double has
    office.store.listen(warden.hear)
    WARDENS[office.store] = warden
    await warden.round()


def short(said: Any) -> tuple[Any, ...]:
    return said["state"], said["source"], said["left"], said["rated"]


async def history(office: Bureau, **query: Any) -> list[tuple[Any, ...]]:
    found = (await office.get("/outages/history", **query))["items"]
    return [(each["at"] - NOW, each["state"], each["source"], each["left"]) for each in found]


async def test_an_outage_is_planned_ahead_begins_and_ends_by_the_clock(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        device = await rated(office)
        await warded(office)
        said = {"device": LFDI, "state": "planned", "start": NOW + 100, "end": NOW + 200, "reason": "fuses"}
        made = await office.post("/outages/entries", said)
        assert (made["phase"], made["device"], made["group"]) == ("ahead", LFDI, None)
        assert short(await office.get(f"/outages/devices/{device['id']}"))[:2] == ("none", None)
        await patrolled(office, NOW + 100)
        now = await office.get(f"/outages/devices/{LFDI}")
        assert short(now) == ("planned", "operator", 0, 5000)
        assert (now["since"], now["until"], now["reason"], now["entry"]) == (
            NOW + 100, NOW + 200, "fuses", made["id"],
        )  # fmt: skip
        assert (await office.get(f"/devices/{device['id']}"))["outage"]["state"] == "planned"
        await patrolled(office, NOW + 199)
        assert short(await office.get(f"/outages/devices/{LFDI}"))[0] == "planned"
        await patrolled(office, NOW + 200)
        assert short(await office.get(f"/outages/devices/{LFDI}")) == ("none", None, 5000, 5000)
        assert await history(office, device=LFDI) == [
            (100, "planned", "operator", 0), (200, "restored", "operator", 5000),
        ]  # fmt: skip
        assert (await office.get("/outages/entries"))["items"] == []
        (over,) = (await office.get("/outages/entries", over="true"))["items"]
        assert over["phase"] == "over"


async def test_an_outage_holds_at_once_until_it_is_cleared(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        device = await rated(office)
        made = await office.post(
            "/outages/entries", {"device": str(device["id"]), "state": "derated", "percent": 40}
        )
        assert made["phase"] == "now"
        (listed,) = (await office.get("/outages"))["items"]
        assert (listed["lfdi"], *short(listed)) == (LFDI, "derated", "operator", 2000, 5000)
        assert (await office.get("/outages", state="forced"))["items"] == []
        office.moment = NOW + 50
        cleared = await office.post(f"/outages/entries/{made['id']}/clear", status=200)
        assert (cleared["phase"], cleared["end"]) == ("over", NOW + 50)
        assert (await office.get("/outages"))["items"] == []
        again = await office.ask("POST", f"/outages/entries/{made['id']}/clear")
        assert again.status == 409
        assert [each[:2] for each in await history(office)] == [(0, "derated"), (50, "restored")]


async def test_one_that_lies_ahead_is_changed_and_withdrawn(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await rated(office)
        await warded(office)
        made = await office.post(
            "/outages/entries", {"device": LFDI, "state": "derated", "left": 3000, "start": NOW + 100}
        )
        change = {"start": NOW + 50, "percent": 10, "reason": "sooner"}
        changed = await (await office.ask("PATCH", f"/outages/entries/{made['id']}", change)).json()
        assert (changed["left"], changed["percent"], changed["start"]) == (None, 10, NOW + 50)
        await patrolled(office, NOW + 50)
        assert short(await office.get(f"/outages/devices/{LFDI}")) == ("derated", "operator", 500, 5000)
        later = await office.post("/outages/entries", {"device": LFDI, "state": "forced", "start": NOW + 99})
        await office.post(f"/outages/entries/{later['id']}/clear", status=200)
        await patrolled(office, NOW + 99)
        assert short(await office.get(f"/outages/devices/{LFDI}"))[0] == "derated"


@pytest.mark.parametrize(("said", "status_", "pointer"), [
    ({"state": "forced"}, 422, "/device"),
    ({"state": "forced", "device": LFDI, "group": 1}, 422, "/device"),
    ({"state": "forced", "group": 9}, 409, "/group"),
    ({"state": "forced", "device": LFDI, "percent": 5}, 422, "/left"),
    ({"state": "derated", "device": LFDI, "percent": 5, "left": 1}, 422, "/percent"),
    ({"state": "forced", "device": LFDI, "start": NOW + 9, "end": NOW + 9}, 422, "/end"),
    ({"state": "forced", "device": LFDI, "start": NOW - 9, "end": NOW - 5}, 422, "/end"),
    ({"state": "gone", "device": LFDI}, 422, "/state"),
])  # fmt: skip
async def test_what_cannot_be_meant_is_refused(tmp_path: Path, said: Any, status_: int, pointer: str) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        answer = await office.ask("POST", "/outages/entries", said)
        assert answer.status == status_
        assert (await answer.json())["errors"][0]["pointer"] == pointer
        assert (await office.store.children(ours.OUTAGES, Cut())).total == 0


async def test_what_a_unit_says_of_itself_is_an_outage_in_the_same_commit(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        device = await rated(office)
        await status(office, device, 4)
        assert await office.store.get(standing.href(LFDI)) is None  # nothing is kept of who was never out
        office.moment += 10
        await status(office, device, 7, "10")
        row = await office.store.get(standing.href(LFDI))
        cause = await office.store.get(f"{device['href']}/der/1/ders")
        assert row
        assert cause
        assert (row.changed, row.version) == (cause.changed, 1)
        told = messages.Status.model_validate_json(row.record)
        assert told.outage
        assert told.outage.state is State.forced
        assert told.target.device == (LFDI,)
        assert short(await office.get(f"/outages/devices/{LFDI}")) == ("forced", "unit", 0, 5000)
        await status(office, device, 7, "10")
        office.moment += 10
        await status(office, device, 4)
        assert await history(office) == [(10, "forced", "unit", 0), (20, "restored", "unit", 5000)]


async def test_what_a_derated_unit_could_do_is_what_is_left_unless_a_control_asks_it(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        programme = await office.programme()
        device = await rated(office, groups=[programme["group"]])
        await seen(office, f"{device['href']}/der/1/dera", LFDI, "PUT", LEFT)
        await status(office, device, 5)
        assert short(await office.get(f"/outages/devices/{LFDI}")) == ("derated", "unit", 1200, 5000)
        limit = {"modes": {"opModMaxLimW": 20}, "duration": 600}
        answer = await office.ask("POST", f"/programmes/{programme['id']}/controls", limit)
        assert answer.status == 201, await answer.text()
        await status(office, device, 5)
        assert short(await office.get(f"/outages/devices/{LFDI}"))[0] == "none"


async def test_an_operator_may_say_that_a_unit_is_in_service_after_all(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        device = await rated(office)
        await status(office, device, 7, "10")
        made = await office.post("/outages/entries", {"device": LFDI, "state": "restored"})
        assert short(await office.get(f"/outages/devices/{LFDI}"))[0] == "none"
        await office.post(f"/outages/entries/{made['id']}/clear", status=200)
        assert short(await office.get(f"/outages/devices/{LFDI}"))[:2] == ("forced", "unit")


async def test_a_group_is_what_its_members_are_and_an_entry_of_it_is_theirs(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        top = await office.post("/groups", {"name": "feeder"})
        low = await office.post("/groups", {"name": "street", "parent": top["id"]})
        first = await rated(office, groups=[low["id"]])
        await rated(office, OTHER, groups=[top["id"]])
        await warded(office)
        whole = await office.get(f"/outages/groups/{top['id']}")
        assert (whole["state"], whole["serving"], whole["left"]) == ("none", 2, 10000)
        assert (await office.get(f"/groups/{top['id']}"))["outage"] is None
        await status(office, first, 7, "10")
        await patrolled(office, NOW + 5)
        whole = await office.get(f"/outages/groups/{top['id']}")
        assert (whole["state"], whole["forced"], whole["serving"], whole["left"]) == ("derated", 1, 1, 5000)
        assert (await office.get(f"/outages/groups/{low['id']}"))["state"] == "forced"
        assert (await office.get(f"/groups/{top['id']}"))["outage"]["left"] == 5000
        made = await office.post("/outages/entries", {"group": top["id"], "state": "planned"})
        await patrolled(office, NOW + 9)
        whole = await office.get(f"/outages/groups/{top['id']}")
        assert (whole["state"], whole["planned"], whole["members"]) == ("planned", 2, 2)
        await office.post(f"/outages/entries/{made['id']}/clear", status=200)
        await patrolled(office, NOW + 12)
        assert await history(office, group=top["id"]) == [
            (5, "derated", "members", 5000), (9, "planned", "members", 0), (12, "derated", "members", 5000),
        ]  # fmt: skip
        row = await office.store.get(f"{ours.SUMS}/{top['id']}")
        assert row
        assert (told := messages.Status.model_validate_json(row.record).outage)
        assert (told.members, told.forced, told.state) == (2, 1, "derated")


async def test_who_joins_a_group_that_is_out_is_out_and_who_leaves_is_not(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        group = await office.post("/groups", {"name": "feeder"})
        device = await rated(office)
        await office.post("/outages/entries", {"group": group["id"], "state": "forced"})
        await warded(office)
        place = f"/groups/{group['id']}/members/{device['id']}"
        assert (await office.ask("PUT", place)).status == 200
        await patrolled(office, NOW + 1)
        assert short(await office.get(f"/outages/devices/{LFDI}"))[0] == "forced"
        assert (await office.ask("DELETE", place)).status == 204
        await patrolled(office, NOW + 2)
        assert short(await office.get(f"/outages/devices/{LFDI}"))[0] == "none"


async def test_a_warden_that_comes_late_finds_what_began_and_ended_meanwhile(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await rated(office)
        said = {"device": LFDI, "state": "planned", "start": NOW + 100, "end": NOW + 200}
        await office.post("/outages/entries", said)
        office.moment = NOW + 150
        await warded(office)
        assert short(await office.get(f"/outages/devices/{LFDI}"))[0] == "planned"
        office.moment = NOW + 900
        await warded(office)
        assert short(await office.get(f"/outages/devices/{LFDI}"))[0] == "none"


async def test_a_device_that_is_removed_takes_its_outages_along(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        device = await rated(office)
        await office.post("/outages/entries", {"device": LFDI, "state": "forced"})
        assert (await office.ask("DELETE", f"/devices/{device['id']}")).status == 204
        assert (await office.get("/outages"))["items"] == []
        assert (await office.get("/outages/entries", over="true"))["items"] == []
        assert [each[1] for each in await history(office)] == ["forced"]


async def test_a_2030_5_client_reads_power_and_what_is_left(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        device = await rated(office)
        assert (await seen(office, f"{device['href']}/ps")).status == 404
        await status(office, device, 4)
        told = (await seen(office, f"{device['href']}/ps")).body.decode()
        assert "<batteryStatus>4</batteryStatus>" in told
        assert f"<changedTime>{NOW}</changedTime>" in told
        assert "<currentPowerSource>1</currentPowerSource>" in told
        await status(office, device, 4, "06")
        told = (await seen(office, f"{device['href']}/ps")).body.decode()
        assert "<currentPowerSource>3</currentPowerSource>" in told
        assert (await seen(office, f"{device['href']}/der/1/dera")).status == 404
        await office.post("/outages/entries", {"device": LFDI, "state": "derated", "left": 1500})
        told = (await seen(office, f"{device['href']}/der/1/dera")).body.decode()
        assert "<statWAvail><multiplier>0</multiplier><value>1500</value></statWAvail>" in told
        await seen(office, f"{device['href']}/der/1/dera", LFDI, "PUT", LEFT)
        told = (await seen(office, f"{device['href']}/der/1/dera")).body.decode()
        assert "<value>1200</value>" in told


async def test_who_may_only_look_declares_nothing(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        await office.ask("POST", f"/access/{OTHER}/roles/VIEWER", {})
        office.caller, office.roles = OTHER, frozenset()
        assert (await office.get("/outages"))["items"] == []
        answer = await office.ask("POST", "/outages/entries", {"device": LFDI, "state": "forced"})
        assert answer.status == 403
