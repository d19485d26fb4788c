"""Units in the administration API: added, completed from a file, shown, removed; what is refused, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.app.facility import unit
from tests.app.office.bureau import LFDI, OTHER, Bureau, bureau

PLACE = f"/facilities/{LFDI}"
ADDRESS = "plant@relay.example/IEC"


async def put(office: Bureau, body: dict[str, Any], status: int = 200, lfdi: str = LFDI) -> Any:
    answer = await office.ask("PUT", f"/facilities/{lfdi}", body)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def test_a_unit_is_added_changed_and_removed(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        made = await put(office, {"address": "plant@relay.example"})
        assert (made["address"], made["sealed"], made["there"]) == (ADDRESS, True, False)
        made = await put(office, {"address": ADDRESS, "device": "plantD1", "sealed": False})
        assert (made["device"], made["sealed"]) == ("plantD1", False)
        assert [each["lfdi"] for each in (await office.get("/facilities"))["items"]] == [LFDI]
        asked = await office.post(f"{PLACE}/discover", status=200)
        assert asked["version"] != made["version"]
        row = await office.store.get(unit.href(LFDI))
        assert row is not None
        assert unit.read(row).asked == 1
        assert (await office.ask("DELETE", PLACE)).status == 204
        assert (await office.ask("GET", PLACE)).status == 404
        assert (await office.get("/devices"))["items"][0]["lfdi"] == LFDI


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/address"),
        ({"address": "nobody"}, "/address"),
        ({"address": "a@b", "device": "1 2"}, "/device"),
        ({"address": "a@b", "scl": "<SCL/>"}, "/scl"),
        ({"scl": "<"}, "/scl"),
        ({"address": "a@b", "sealed": "no"}, "/sealed"),
    ],
)
async def test_what_is_no_unit_is_refused_and_not_kept(
    tmp_path: Path, body: dict[str, Any], pointer: str
) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        said = await put(office, body, 422)
        assert [each["pointer"] for each in said["errors"]] == [pointer]
        assert (await office.ask("GET", PLACE)).status == 404


async def test_whoever_is_not_registered_is_no_unit(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        assert "no device" in (await put(office, {"address": ADDRESS}, 404))["detail"]


async def test_who_may_only_look_adds_nobody(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        await put(office, {"address": ADDRESS})
        await office.post(f"/access/{OTHER}/roles/VIEWER", {}, 200)
        office.roles, office.caller = frozenset(), OTHER
        assert (await office.get(PLACE))["address"] == ADDRESS
        await put(office, {"address": "other@relay.example"}, 403)
        assert (await office.ask("DELETE", PLACE)).status == 403
