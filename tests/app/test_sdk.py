"""The client of the administration API: every operation, pages, retries, refusals, over a real socket."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bridge.sdk.client import Client
from bridge.sdk.forms.fleet import DeviceChange, DeviceNew, DeviceQuery
from bridge.sdk.forms.grid import Clear, ControlNew, DefaultSet, ProgrammeNew
from bridge.sdk.forms.groups import GroupNew
from bridge.sdk.forms.house import FileNew, ResourceSet
from bridge.sdk.forms.modes import GridEntry, Modes
from bridge.sdk.sending import Family, Refused, Request, Unanswered
from bridge.sdk.table import TABLE
from tests.app.office.bureau import LFDI, Bureau, bureau


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[tuple[Client, Bureau]]:
    async with bureau(folder) as made, Client(str(made.web.make_url(""))) as client:
        yield client, made


def families() -> dict[str, Any]:
    client = Client("https://localhost")
    held = vars(client).items()
    return {name: each for name, each in held if isinstance(getattr(each, "_family", None), Family)}


def test_every_operation_has_a_method_and_every_method_an_operation() -> None:
    methods = {
        f"{name}.{verb}"
        for name, family in families().items()
        for verb, _ in inspect.getmembers(type(family), inspect.isfunction)
        if not verb.startswith("_")
    }
    assert methods - {"resources.read"} == {row.name for row in TABLE}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_method_takes_what_the_path_names_and_gives_what_the_row_says(row: Any) -> None:
    method = getattr(families()[row.family], row.verb)
    taken = inspect.signature(method).parameters
    assert set(row.parameters) <= set(taken)
    assert (method.__doc__ or "").strip()


async def test_a_control_reaches_its_programme_and_is_cleared(tmp_path: Path) -> None:
    async with office(tmp_path) as (client, _):
        group = await client.groups.create(GroupNew(name="feeder"))
        programme = await client.programmes.create(ProgrammeNew(primacy=2, group=group.id))
        made = await client.controls.create(
            programme.id, ControlNew(modes=Modes(opModExpLimW=Decimal(5000)), duration=60)
        )
        assert (made.state, made.modes.opModExpLimW) == ("active", Decimal(5000))
        cleared = await client.controls.clear(Clear(which="latest"))
        assert cleared.controls == (made.href,)
        assert (await client.controls.show(programme.id, made.id)).state == "cancelled"
        default = DefaultSet(
            modes=Modes(opModImpLimW=Decimal(1500)), entry=GridEntry(setGradW=Decimal("0.27"))
        )
        assert (await client.defaults.set(programme.id, default)).entry.setGradW == Decimal("0.27")


async def test_pages_are_walked_through_to_the_end(tmp_path: Path) -> None:
    async with office(tmp_path) as (client, _):
        for number in range(7):
            await client.devices.create(DeviceNew(lfdi=f"{number:040X}", ders=0))
        pages = client.devices.list(DeviceQuery(limit=3))
        sizes = [len(page.items) async for page in pages.pages()]
        assert sizes == [3, 3, 1]
        assert {device.lfdi for device in await pages.all()} == {f"{number:040X}" for number in range(7)}


async def test_null_takes_away_and_what_is_not_said_stays(tmp_path: Path) -> None:
    async with office(tmp_path) as (client, _):
        made = await client.devices.create(DeviceNew(lfdi=LFDI, connection_point="4001234567", post_rate=60))
        changed = await client.devices.update(made.id, DeviceChange(connection_point=None))
        assert (changed.connection_point, changed.post_rate) == (None, 60)


async def test_a_refusal_says_what_the_server_said(tmp_path: Path) -> None:
    async with office(tmp_path) as (client, _):
        with pytest.raises(Refused, match=r"404.*no device 9") as told:
            await client.devices.show(9)
        assert told.value.status == 404


async def test_an_edition_that_has_passed_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as (client, _):
        made = await client.devices.create(DeviceNew(lfdi=LFDI))
        fresh = await client.devices.update(made.id, DeviceChange(name="roof"), match=made.version)
        with pytest.raises(Refused, match="412"):
            await client.devices.update(made.id, DeviceChange(name="shed"), match=made.version)
        assert (await client.devices.show(LFDI)).name == fresh.name == "roof"


async def test_files_and_documents_go_in_and_out(tmp_path: Path) -> None:
    async with office(tmp_path) as (client, _):
        about = FileNew(edition="1.0", manufacturer=37250, model="x")
        made = await client.files.create(about, b"firmware" * 100)
        assert await client.files.content(made.id) == b"firmware" * 100
        tariff = {
            "mRID": "AB01", "currency": 36, "primacy": 1, "rateCode": "A", "serviceCategoryKind": 0,
        }  # fmt: skip
        group = await client.groups.create(GroupNew(name="town"))
        said = await client.resources.create(
            "/tp", ResourceSet(type="TariffProfile", document=tariff), group.id
        )
        assert said.document["rateCode"] == "A"
        assert b"<rateCode>A</rateCode>" in await client.resources.read(said.href)


@asynccontextmanager
async def failing(answers: list[int], seen: list[str]) -> AsyncIterator[str]:
    """A server that answers with these statuses, 0 for a connection that is cut."""

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Idempotency-Key", ""))
        status = answers.pop(0)
        if not status:
            assert request.transport is not None
            request.transport.abort()
            await asyncio.sleep(0)
        if status != 200:
            return web.Response(status=status or 500)
        return web.json_response({"controls": ["/derp/1/derc/2"]})

    made = web.Application()
    made.router.add_route("*", "/{rest:.*}", answer)
    async with TestServer(made) as server:
        yield str(server.make_url(""))


async def test_a_busy_server_and_a_cut_connection_are_tried_again_under_one_key() -> None:
    seen: list[str] = []
    async with failing([503, 0, 200], seen) as url, Client(url) as client:
        assert (await client.controls.clear(Clear())).controls == ("/derp/1/derc/2",)
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert seen[0]


async def test_in_the_end_it_says_that_no_answer_came() -> None:
    async with Client("http://127.0.0.1:9", tries=2) as client:
        with pytest.raises(Unanswered, match=r"GET http://127\.0\.0\.1:9/api/v1/health"):
            await client.call("health.show", Request())
