"""Groups, programmes and rates: made by an operator, read by a client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.sep2.shelf import Change, Row, Who
from tests.app.office.bureau import LFDI, NOW, OTHER, bureau, seen


async def test_the_topology_is_built_moved_and_removed(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        top = await office.post("/groups", {"name": "system", "level": "system"})
        feeders = [await office.post("/groups", {"name": name, "parent": top["id"]}) for name in ("a", "b")]
        leaf = await office.post("/groups", {"name": "street", "parent": feeders[0]["id"]})
        tree = await office.get("/groups/tree")
        assert [branch["group"]["name"] for branch in tree["roots"][0]["below"]] == ["a", "b"]
        moved = await office.post(f"/groups/{leaf['id']}/move", {"parent": feeders[1]["id"]}, 200)
        assert moved["parent"] == feeders[1]["id"]
        circle = await office.ask("POST", f"/groups/{top['id']}/move", {"parent": leaf["id"]})
        assert circle.status == 409
        assert (await office.ask("DELETE", f"/groups/{top['id']}")).status == 409
        assert (await office.ask("DELETE", f"/groups/{top['id']}", params={"deep": "true"})).status == 204
        assert (await office.get("/groups"))["total"] == 0


async def test_a_group_shows_itself_to_its_devices_as_an_assignment(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        said = {"name": "feeder", "fsa": {"description": "north", "primacy": 3}}
        group = await office.post("/groups", said)
        device = await office.device()
        joined = await office.ask("PUT", f"/groups/{group['id']}/members/{LFDI}")
        assert (await joined.json())["device"] == device["id"]
        assert (
            "<description>north</description>" in (await seen(office, f"{device['href']}/fsa")).body.decode()
        )
        changed = await office.ask("PATCH", f"/groups/{group['id']}", {"fsa": {"description": "south"}})
        assert (await changed.json())["fsa"]["description"] == "south"
        assert "south" in (await seen(office, f"{device['href']}/fsa")).body.decode()
        assert (await office.ask("DELETE", f"/groups/{group['id']}/members/{device['id']}")).status == 204
        assert b'all="0"' in (await seen(office, f"{device['href']}/fsa")).body


async def test_members_are_those_of_the_groups_below_too(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        top = await office.post("/groups", {"name": "top"})
        leaf = await office.post("/groups", {"name": "leaf", "parent": top["id"]})
        await office.device(groups=[leaf["id"]])
        await office.device(OTHER, groups=[top["id"], leaf["id"]])
        own = await office.get(f"/groups/{top['id']}/members")
        assert [each["lfdi"] for each in own["items"]] == [OTHER]
        deep = await office.get(f"/groups/{top['id']}/members", deep="true")
        assert sorted(each["lfdi"] for each in deep["items"]) == sorted([LFDI, OTHER])


async def test_a_programme_is_seen_by_the_devices_of_its_group(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        made = await office.programme(description="limits", subscribable=False)
        other = await office.post("/groups", {"name": "other"})
        await office.device(groups=[made["group"]])
        assert f'href="{made["href"]}"' in (await seen(office, "/derp")).body.decode()
        assert 'subscribable="0"' in (await seen(office, f"{made['href']}/derc")).body.decode()
        said = {"primacy": 9, "description": None, "group": other["id"], "subscribable": True}
        changed = await (await office.ask("PATCH", f"/programmes/{made['id']}", said)).json()
        assert (changed["primacy"], changed["description"], changed["group"]) == (9, "", other["id"])
        assert (changed["mrid"], changed["subscribable"]) == (made["mrid"], True)
        assert b'all="0"' in (await seen(office, "/derp")).body
        assert (await office.get("/programmes", group=other["id"]))["total"] == 1
        assert (await office.ask("DELETE", f"/programmes/{made['id']}")).status == 204
        assert (await office.ask("GET", f"/programmes/{made['id']}")).status == 404


async def test_a_device_sees_programmes_in_order_of_primacy(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        low = await office.programme(description="low")
        high = await office.post("/programmes", {"primacy": 0, "group": low["group"]})
        await office.device(groups=[low["group"]])
        page = await office.get(f"/devices/{LFDI}/programmes")
        assert [each["id"] for each in page["items"]] == [high["id"], low["id"]]


# -------------------------------------------------------------------------------------------------- rates


async def test_a_rate_is_that_of_the_list_then_of_the_type_then_of_the_table(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        assert b'pollRate="600"' in (await seen(office, "/derp")).body
        answer = await office.ask("PUT", "/polls/DERProgramList", {"seconds": 60})
        told = await answer.json()
        assert (told["source"], told["seconds"]) == ("type", 60)
        assert b'pollRate="60"' in (await seen(office, "/derp")).body
        await office.ask("PUT", "/polls/lists", {"href": "/derp", "seconds": 30, "subscribable": 0})
        assert b'pollRate="30"' in (await seen(office, "/derp")).body
        own = await office.get("/polls/lists")
        assert [(each["href"], each["seconds"], each["subscribable"]) for each in own["items"]] == [
            ("/derp", 30, 0)
        ]
        assert (await office.ask("DELETE", "/polls/lists", params={"href": "/derp"})).status == 204
        assert (await office.ask("DELETE", "/polls/DERProgramList")).status == 204
        assert b'pollRate="600"' in (await seen(office, "/derp")).body
        assert (await office.ask("DELETE", "/polls/DERProgramList")).status == 404


@pytest.mark.parametrize(("said", "pointer"), [
    ({"href": "/nothing"}, "/href"),
    ({"href": "/tm"}, "/href"),
    ({"href": "/derp/1/derc", "seconds": 60}, "/seconds"),
    ({"href": "/edev/77/fsa", "seconds": 60}, "/href"),
])  # fmt: skip
async def test_only_lists_have_rates_of_their_own(tmp_path: Path, said: dict[str, Any], pointer: str) -> None:
    async with bureau(tmp_path) as office:
        await office.store.commit(
            [Change("/derp/1", Row("/derp/1", "/derp", "DERProgram"))], Who("", "", NOW)
        )
        answer = await office.ask("PUT", "/polls/lists", said)
        assert answer.status in {409, 422}
        assert (await answer.json())["errors"][0]["pointer"] == pointer
        assert (await office.ask("PUT", "/polls/Nonsense", {"seconds": 60})).status == 404
