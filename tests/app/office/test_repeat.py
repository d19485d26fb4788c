"""Idempotency keys: done once, answered alike, whoever else is at work."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from bridge.app.office import repeat
from tests.app.office.bureau import LFDI, NOW, OTHER, Bureau, bureau


async def test_the_same_request_under_the_same_key_is_done_once(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        key = {"Idempotency-Key": "k-1"}
        first = await office.ask("POST", "/groups", {"name": "a"}, headers=key)
        again = await office.ask("POST", "/groups", {"name": "a"}, headers=key)
        assert (again.status, await again.read()) == (201, await first.read())
        assert (again.headers["Location"], again.headers["Idempotency-Replayed"]) == (
            first.headers["Location"],
            "true",
        )
        assert again.headers["ETag"] == first.headers["ETag"]
        assert (await office.get("/groups"))["total"] == 1
        other = await office.ask("POST", "/groups", {"name": "b"}, headers=key)
        assert other.status == 422
        elsewhere = await office.ask("POST", "/access", {"lfdi": LFDI}, headers=key)
        assert elsewhere.status == 422
        assert (await office.get("/access"))["total"] == 0


async def test_a_key_is_its_callers_own_and_ends(tmp_path: Path) -> None:
    async with bureau(tmp_path, kept=60) as office:
        key = {"Idempotency-Key": "k"}
        await office.ask("POST", "/groups", {"name": "a"}, headers=key)
        office.caller = OTHER
        assert (await office.ask("POST", "/groups", {"name": "b"}, headers=key)).status == 201
        office.moment += 61
        assert (await office.ask("POST", "/groups", {"name": "c"}, headers=key)).status == 201


async def test_a_refusal_is_not_remembered(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        key = {"Idempotency-Key": "k"}
        said = {"lfdi": LFDI, "groups": [1]}
        assert (await office.ask("POST", "/devices", said, headers=key)).status == 409
        await office.post("/groups", {"name": "a"})
        assert (await office.ask("POST", "/devices", said, headers=key)).status == 201


async def test_many_at_once_under_one_key_do_it_once(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        key = {"Idempotency-Key": "k"}
        asked = [office.ask("POST", "/groups", {"name": "a"}, headers=key) for _ in range(8)]
        statuses = [answer.status for answer in await asyncio.gather(*asked)]
        assert set(statuses) <= {201, 409}
        assert 201 in statuses
        assert (await office.get("/groups"))["total"] == 1


async def test_a_removal_is_repeated_without_harm(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        key = {"Idempotency-Key": "k"}
        statuses = [(await office.ask("DELETE", f"/devices/{LFDI}", headers=key)).status for _ in range(2)]
        assert statuses == [204, 204]


async def test_writers_that_meet_are_run_again(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        made = await office.device()
        asked = [office.ask("PATCH", f"/devices/{LFDI}", {"post_rate": rate}) for rate in range(1, 6)]
        statuses = {answer.status for answer in await asyncio.gather(*asked)}
        assert statuses <= {200, 409}
        assert 200 in statuses
        row = await office.store.get(made["href"])
        assert row is not None
        assert row.version > 1


async def test_an_answer_that_was_lost_is_not_given_as_another(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        key = {"Idempotency-Key": "k"}
        first = await office.ask("POST", "/groups", {"name": "a"}, headers=key)
        rows_ = await office.store.engine.read(office.store.engine.book["remembered"], _remembered(office))
        said = {**json.loads(rows_[0][0]), "whole": False, "data": ""}
        await office.store.remember(_remembered(office)["key"], json.dumps(said).encode(), NOW + 60)
        again = await office.ask("POST", "/groups", {"name": "a"}, headers=key)
        assert (again.status, again.headers["Location"]) == (409, first.headers["Location"])


def _remembered(office: Bureau) -> dict[str, Any]:
    return {"key": f"office/{repeat.digest(office.caller, 'k')}", "now": NOW}
