"""Versions of interfaces over the administration API: announced, retired, taken back; users; notices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.app import announced, doorway
from bridge.app.census import Census
from bridge.app.section import Lifecycle
from bridge.sep2 import interfaces
from models.der import messages
from tests.app.office.bureau import ADMIN, LFDI, NOW, OTHER, Bureau, bureau

OLD = "sep2-2018"


async def met(office: Bureau, lfdi: str = LFDI, times: int = 1, name: str = OLD) -> None:
    """Somebody uses a version at the 2030.5 listener."""
    office.census.met(name, lfdi)
    for _ in range(times):
        office.census.heard(lfdi)


async def users(office: Bureau, name: str = OLD, **query: Any) -> list[tuple[Any, ...]]:
    found = (await office.get(f"/interfaces/{name}/users", **query))["items"]
    return [(each["lfdi"], each["times"], each["first"] - NOW, each["last"] - NOW) for each in found]


async def test_every_version_is_listed_and_served(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        found = (await office.get("/interfaces"))["items"]
        assert {each["state"] for each in found} == {"served"}
        assert {each["kind"] for each in found} == {"2030.5", "administration", "SOAP", "8-2"}
        assert next(each for each in found if each["name"] == OLD)["successor"] == "sep2-2023"


async def test_who_uses_a_version_is_counted_and_kept(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        await met(office, times=3)
        office.moment += 10
        await met(office, OTHER)
        assert await users(office) == [(LFDI, 3, 0, 0), (OTHER, 1, 10, 10)]
        await met(office, times=2)
        assert await users(office) == [(LFDI, 5, 0, 10), (OTHER, 1, 10, 10)]
        assert await users(office, since=NOW + 10) == [(LFDI, 5, 0, 10), (OTHER, 1, 10, 10)]
        assert await users(office, since=NOW + 11) == []
        listed = (await office.get(f"/interfaces/{OLD}/users"))["items"]
        assert [each["device"] for each in listed] == [1, None]
        again = Census(office.store, office.now)
        again.used(OLD, LFDI)
        await again.write()
        assert (await users(office))[0][1] == 6


async def test_a_use_is_written_with_no_request_but_once_in_a_while(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        row = interfaces.used(OLD, interfaces.Use(LFDI, 1, 0, 0)).href
        await met(office)
        assert await office.store.get(row) is None
        await office.census.write()
        for _ in range(5):
            office.moment += 60
            await met(office)
            await office.census.write()
        kept = await office.store.get(row)
        assert kept
        assert (kept.version, interfaces.use(kept).times) == (1, 1)
        office.moment += 3_600
        await office.census.write()
        kept = await office.store.get(row)
        assert kept
        assert (kept.version, interfaces.use(kept).times) == (2, 6)


async def test_an_announcement_is_kept_and_its_users_are_told(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await met(office)
        said = {"at": NOW + 100, "link": "https://example.org/end", "reason": "old"}
        shown = await office.post(f"/interfaces/{OLD}/deprecate", said, 200)
        assert (shown["state"], shown["deprecated"], shown["successor"], shown["to"]) == (
            "announced", NOW + 100, "sep2-2023", "/dcap",
        )  # fmt: skip
        shown = await office.post(f"/interfaces/{OLD}/retire", {"at": NOW + 500}, 200)
        assert (shown["deprecated"], shown["sunset"], shown["reason"]) == (NOW + 100, NOW + 500, "old")
        first, second = (await office.get(f"/interfaces/{OLD}/notices"))["items"]
        assert (first["lfdis"], second["lfdis"]) == ([LFDI], [LFDI])
        assert "sep2-2023" in second["text"]
        assert "retired" in second["text"]
        (row,) = await office.store.marked(interfaces.NOTICE, second["mrid"])
        notice = messages.Notice.model_validate_json(row.record)
        assert (notice.target.device, notice.priority) == ((LFDI,), interfaces.URGENT)
        office.moment = NOW + 500
        assert (await office.get(f"/interfaces/{OLD}"))["state"] == "retired"
        shown = await office.post(f"/interfaces/{OLD}/restore", status=200)
        assert (shown["state"], shown["deprecated"]) == ("served", None)


@pytest.mark.parametrize(("path", "said", "status"), [
    ("nothing/deprecate", {}, 404),
    (f"{OLD}/deprecate", {"successor": OLD}, 422),
    (f"{OLD}/deprecate", {"link": 'x"><y'}, 422),
    ("sep2-2023/retire", {"at": NOW + 9}, 422),
    ("api-v1/retire", {"at": NOW + 9}, 422),
])  # fmt: skip
async def test_what_cannot_be_announced_is_refused(tmp_path: Path, path: str, said: Any, status: int) -> None:
    async with bureau(tmp_path) as office:
        answer = await office.ask("POST", f"/interfaces/{path}", said)
        assert answer.status == status, await answer.text()


async def test_the_api_itself_says_its_end_and_is_gone_after_it(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        assert "Deprecation" not in (await office.ask("GET", "/devices")).headers
        said = {"at": NOW + 50, "to": "https://next.example/api/v2"}
        await office.post("/interfaces/api-v1/retire", said, 200)
        told = await office.ask("GET", "/devices")
        assert told.status == 200
        assert told.headers["Deprecation"] == f"@{NOW}"
        assert "GMT" in told.headers["Sunset"]
        assert told.headers["Link"] == '<https://next.example/api/v2>; rel="successor-version"'
        office.moment = NOW + 50
        gone = await office.ask("GET", "/devices")
        assert (gone.status, gone.headers["Link"]) == (410, told.headers["Link"])
        assert (await gone.json())["detail"] == "api-v1 is retired; use https://next.example/api/v2"
        assert (await users(office, "api-v1"))[0][0] == ADMIN
        await office.post("/interfaces/api-v1/restore", status=200)
        assert (await office.ask("GET", "/devices")).status == 200


async def test_what_the_configuration_announces_is_changed_there_alone(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        site: Any = office
        said = Lifecycle(deprecated={OLD: "2026-01-01"}, retired={OLD: "2030-06-01T12:00:00+02:00"})
        await doorway.settle(office.store, site, said)
        await doorway.settle(office.store, site, said)
        shown = await office.get(f"/interfaces/{OLD}")
        assert (shown["by"], shown["deprecated"], shown["sunset"]) == (
            "configuration", 1_767_225_600, 1_906_538_400,
        )  # fmt: skip
        assert shown["version"] == "1"
        assert (await office.ask("POST", f"/interfaces/{OLD}/restore")).status == 409
        await doorway.settle(office.store, site, Lifecycle())
        assert (await office.get(f"/interfaces/{OLD}"))["state"] == "served"


@pytest.mark.parametrize("said", [
    {"deprecated": {"sep9": "2026-01-01"}},
    {"retired": {"sep2-2023": "2026-01-01"}},
    {"deprecated": {OLD: "2026-02-01"}, "retired": {OLD: "2026-01-01"}},
])  # fmt: skip
def test_a_configuration_that_cannot_be_meant_is_told(said: Any) -> None:
    with pytest.raises(ValueError, match=r"there is no|needs a successor|before it is deprecated"):
        announced.announced(Lifecycle(**said))
