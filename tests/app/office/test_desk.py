"""How the administration API is spoken to: who may, editions, idempotency keys, pages, problems."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientConnectionError

from bridge.app.office.routes import functions, rows
from bridge.sdk.operation import ROOT
from bridge.sdk.table import TABLE
from tests.app.office.bureau import ADMIN, LFDI, OTHER, bureau


def test_every_row_has_a_function_of_its_own() -> None:
    assert len(set(functions().values())) == len(TABLE)


SPECIAL = {
    "account": LFDI,
    "adapter": "sunspec",
    "certificate": LFDI,
    "esiid": "1044372" + "0" * 10,
    "kind": "Time",
    "lfdi": LFDI,
    "list": LFDI.lower(),
    "mode": "maxLimW",
}
"""What stands in a path where a number cannot."""


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_path_leads_to_its_row(row: Any) -> None:
    path = row.place(**{name: SPECIAL.get(name, "7") for name in row.parameters})
    assert rows(path)[row.method].operation == row


# ---------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize(("caller", "roles", "status"), [
    (ADMIN, {"operator"}, 200),
    (OTHER, set(), 403),
    ("", set(), 401),
])  # fmt: skip
async def test_operators_only(tmp_path: Path, caller: str, roles: set[str], status: int) -> None:
    async with bureau(tmp_path) as office:
        office.caller, office.roles = caller, frozenset(roles)
        assert (await office.ask("GET", "/devices")).status == status
        assert (await office.ask("GET", "/health")).status == (200 if caller else 401)


async def test_a_permit_makes_an_operator_and_withdraws_one(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.post("/access", {"lfdi": OTHER, "role": "operator"})
        office.caller, office.roles = OTHER, frozenset()
        assert (await office.ask("GET", "/devices")).status == 200
        await office.post(f"/access/{ADMIN}/revoke", status=200)
        office.caller, office.roles = ADMIN, frozenset({"operator"})
        assert (await office.ask("GET", "/devices")).status == 403
        assert (await office.ask("POST", f"/access/{ADMIN}/grant")).status == 403


# ---------------------------------------------------------------------------------------------- methods


async def test_each_path_says_what_it_takes(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        options = await office.ask("OPTIONS", "/devices")
        assert (options.status, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
        wrong = await office.ask("PUT", "/devices", {})
        assert (wrong.status, wrong.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
        assert (await office.ask("TRACE", "/devices")).status == 405
        head, get = await office.ask("HEAD", "/devices"), await office.ask("GET", "/devices")
        assert head.headers["Content-Length"] == get.headers["Content-Length"]
        assert await head.read() == b""
        described = await office.ask("GET", "/openapi.json")
        assert (await described.json())["openapi"] == "3.1.0"
        assert (await office.ask("POST", "/openapi.json", {})).status == 405


BAD: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/nothing", {}, 404),
    ("GET", "/devices/abc", {}, 404),
    ("GET", "/devices/%0A", {}, 404),
    ("GET", "/devices/99999999999999999999", {}, 404),
    ("GET", "/devices?limit=0", {}, 400),
    ("GET", "/devices?limit=501", {}, 400),
    ("GET", "/devices?colour=red", {}, 400),
    ("GET", "/devices?limit=1&limit=2", {}, 400),
    ("GET", "/devices?cursor=nonsense", {}, 400),
    ("GET", "/devices?cursor=W10", {}, 400),
    ("GET", "/groups/tree?x=1", {}, 400),
    ("GET", "/devices", {"headers": {"Accept": "text/html"}}, 406),
    ("GET", "/devices", {"headers": {"Accept": "application/json;q=0"}}, 406),
    ("GET", "/devices", {"headers": {"If-None-Match": "W/"}}, 400),
    ("POST", "/devices", {"data": b"{"}, 415),
    ("POST", "/devices", {"data": b"{", "headers": {"Content-Type": "application/json"}}, 400),
    ("POST", "/devices", {"data": b"\xff", "headers": {"Content-Type": "application/json"}}, 400),
    ("POST", "/devices", {"data": b"[]", "headers": {"Content-Type": "application/json"}}, 422),
    ("POST", "/devices", {"data": b'{"lfdi": NaN}', "headers": {"Content-Type": "application/json"}}, 422),
    ("POST", f"/access/{LFDI}/grant", {"data": b"{}"}, 400),
    ("POST", "/groups", {"json": {"name": "x"}, "headers": {"Idempotency-Key": ""}}, 400),
    ("POST", "/groups", {"json": {"name": "x"}, "headers": {"Idempotency-Key": "k" * 256}}, 400),
    ("POST", "/groups", {"json": {"name": "x"}, "headers": {"Idempotency-Key": "a b"}}, 400),
    ("PATCH", "/devices/1", {"json": {}, "headers": {"If-Match": "1"}}, 400),
    ("PATCH", "/devices/1", {"json": {}, "headers": {"If-Match": '"1"'}}, 412),
    ("PUT", "/resources/dcap", {"json": {"type": "DeviceCapability", "document": {}}}, 409),
    ("POST", "/resources/tm", {"json": {"type": "Time", "document": {}}}, 409),
    ("PUT", "/resources/nothing", {"json": {"type": "Time", "document": {}}}, 404),
    ("POST", "/resources/tp", {"json": {"type": "TariffProfile", "document": {}}}, 422),
    ("POST", "/resources/tp", {"json": {"type": "Nonsense", "document": {}}}, 422),
    ("POST", "/resources/tp", {"data": b"<x/>", "headers": {"Content-Type": "application/sep+xml"}}, 400),
    ("POST", "/files?edition=1&manufacturer=1", {"data": b"x"}, 400),
]


@pytest.mark.parametrize(("method", "path", "more", "status"), BAD, ids=lambda each: str(each)[:45])
async def test_what_cannot_be_done_is_told_as_a_problem(
    tmp_path: Path, method: str, path: str, more: dict[str, Any], status: int
) -> None:
    async with bureau(tmp_path) as office:
        answer = await office.ask(method, path, **more)
        assert answer.status == status, await answer.text()
        assert answer.content_type == "application/problem+json"
        told = await answer.json()
        assert told["status"] == status
        assert told["title"]
        assert told["instance"] == ROOT + path.partition("?")[0]
        assert await office.store.history(limit=5) == []


async def test_a_body_is_read_no_further_than_its_limit(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 32_768

    async with bureau(tmp_path) as office:
        said = {"Content-Type": "application/json"}
        told = await office.ask("POST", "/devices", data=BytesIO(b" " * 1_048_577), headers=said)
        assert (told.status, told.content_type) == (413, "application/problem+json")
        with suppress(
            ClientConnectionError
        ):  # the server ends the connection, maybe before its answer is seen
            assert (await office.ask("POST", "/devices", data=endless(), headers=said)).status == 413


async def test_a_failure_of_ours_shows_nothing_of_the_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("bridge.app.office.routes.functions", lambda: {"devices.list": broken})
    async with bureau(tmp_path) as office:
        answer = await office.ask("GET", "/devices")
        assert answer.status == 500
        assert "secret" not in await answer.text()


# --------------------------------------------------------------------------------------------- editions


async def test_an_edition_is_read_once_and_changed_only_as_it_was_seen(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        path = f"/devices/{LFDI}"
        first = await office.ask("GET", path)
        tag = first.headers["ETag"]
        assert (await office.ask("GET", path, headers={"If-None-Match": tag})).status == 304
        assert (await office.ask("PATCH", path, {"name": "a"}, headers={"If-Match": '"other"'})).status == 412
        assert (
            await office.ask("PATCH", path, {"name": "a"}, headers={"If-Match": f'"x", {tag}'})
        ).status == 200
        assert (await office.ask("PATCH", path, {"name": "b"}, headers={"If-Match": tag})).status == 412
        assert (await office.ask("PATCH", path, {"name": "b"}, headers={"If-Match": "*"})).status == 200
        assert (await office.ask("GET", path, headers={"If-None-Match": tag})).status == 200
        assert (await office.ask("DELETE", path, headers={"If-Match": tag})).status == 412
        assert (await office.get(path))["name"] == "b"


async def test_what_is_there_already_is_not_replaced_by_chance(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        path, once = f"/access/{LFDI}", {"If-None-Match": "*"}
        assert (await office.ask("PUT", path, {"name": "a"}, headers=once)).status == 200
        assert (await office.ask("PUT", path, {"name": "b"}, headers=once)).status == 412
        assert (await office.ask("PUT", f"/access/{OTHER}", {}, headers={"If-Match": "*"})).status == 412


async def test_a_list_that_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        tag = (await office.ask("GET", "/devices")).headers["ETag"]
        assert (await office.ask("GET", "/devices", headers={"If-None-Match": tag})).status == 304
        await office.device()
        assert (await office.ask("GET", "/devices", headers={"If-None-Match": tag})).status == 200


# ---------------------------------------------------------------------------------------------- resources


PROGRAM = (
    '<MessagingProgram xmlns="urn:ieee:std:2030.5:ns"><mRID>AB</mRID><locale>en</locale>'
    "<primacy>1</primacy></MessagingProgram>"
)
XML = {"Content-Type": "application/sep+xml"}


async def test_any_document_goes_in_as_xml_and_hangs_from_a_group(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        group = await office.post("/groups", {"name": "town"})
        more = {"headers": XML, "params": {"group": group["id"]}}
        sent = await office.ask("POST", "/resources/msg", data=PROGRAM, **more)
        assert sent.status == 201, await sent.text()
        row = await office.store.get((await sent.json())["href"])
        assert row is not None
        assert row.grp == group["href"]


async def test_a_document_is_read_and_replaced_as_json_or_xml(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        made = await (await office.ask("POST", "/resources/msg", data=PROGRAM, headers=XML)).json()
        path = f"/resources{made['href']}"
        document = {name: made["document"][name] for name in ("mRID", "locale", "primacy")}
        said = {"type": "MessagingProgram", "document": {**document, "locale": "fr"}}
        assert (await (await office.ask("PUT", path, said)).json())["document"]["locale"] == "fr"
        read = await office.ask("GET", path, headers={"Accept": "application/sep+xml"})
        assert read.content_type == "application/sep+xml"
        assert b"<locale>fr</locale>" in await read.read()
        listed = await office.get("/resources/msg", limit=10)
        assert [each["locale"] for each in listed["document"]["MessagingProgram"]] == ["fr"]
        wrong = await office.ask("PUT", path, {"type": "MessagingProgram", "document": {"mRID": 5}})
        assert "/document/mRID" in [fault["pointer"] for fault in (await wrong.json())["errors"]]
        assert (await office.ask("DELETE", path)).status == 204
        assert (await office.ask("GET", path)).status == 404
