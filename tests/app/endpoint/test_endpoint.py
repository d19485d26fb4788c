"""The endpoint in `derbridge run`, behind the embedded relay: sealed clients, real TLS, store and log."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest

from bridge.iec61850 import discovery, refusing, shape, termination
from bridge.iec61850.client import Event, Sent
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.scl import check, reader
from bridge.iec61850.server import RETIRED
from bridge.iec61850.shape import Basic
from bridge.transports.link import Link, context
from bridge.transports.post import Closed, Denied, Ears, Late, Uncertain
from bridge.transports.stream import Door
from models.mms import codes, names, variables
from models.mms.codes import AddCause
from tests.app.endpoint import asks
from tests.app.endpoint.customer import Customer
from tests.served import DOMAIN, RELAY, Served, certified, served

NAMES = ("owner", "other", "fallen", "plain")
HOME = "/edev/1/der/1"
RATING = "DGEN1$SP$WMaxRtg$setMag$f"
BOOLEAN = Basic("boolean")
Code = codes.DataAccessError
REFUSED = {
    "DGEN1$SP$WMax$setMag$f": Code.object_access_unsupported,
    "DWMX1$CF$WMaxSptPct$ctlModel": Code.object_access_denied,
    "DWMX1$CO$WMaxSptPct$Oper": Code.object_access_denied,
}
BEYOND = {
    "DWMX1$CO$WMaxSptPct$Oper": ((150.0,), bytes(8), (3, b""), 1, bytes(8), False, "00"),
}
"""More than the device is built for."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("endpoint")
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    for name in NAMES:
        one = made.client(name, "aggregator")
        shutil.copy(one.certificate, place / "parties" / f"{name}.pem")
    shutil.copy(made.client("boss", "operator").certificate, place / "parties" / "boss.pem")
    plain = made.known("plain").lfdi
    said = {"enabled": True, "clear": {f"{plain.lower()}@{DOMAIN}": plain}}
    with served(place, relay=RELAY, iec61850=said) as found:
        asyncio.run(_furnish(found))
        yield found


async def _furnish(site: Served) -> None:
    """A device of the owner's that has said what it can do."""
    admin, owner = site.admin, site.pki.known("owner").lfdi
    for name in NAMES:
        lfdi = site.pki.known(name).lfdi
        assert (await admin.post("/api/v1/access", {"lfdi": lfdi, "role": "aggregator"}))[0] == 201
    inverter = site.client("inverter")
    holding = {"lfdi": inverter.lfdi, "aggregator": owner}
    status, made = await admin.post("/api/v1/devices", holding)
    assert status == 201, made
    assert (await inverter.put(f"{HOME}/dercap", asks.CAPABILITY)).status == 204


@asynccontextmanager
async def customer(site: Served, name: str, **more: Any) -> AsyncIterator[Customer]:
    """Somebody with a link to the relay."""
    pki = site.pki
    bridge = pki.known("../server").lfdi
    files = pki.known(name)
    made = Customer(
        files, f"{bridge.lower()}@{DOMAIN}/IEC", bridge, pki.certificate, pki.path / "roots" / "serca.pem",
        **more,
    )  # fmt: skip
    door = Door(f"{files.lfdi.lower()}@{DOMAIN}/IEC", "127.0.0.1", site.ports["direct"], direct=True)
    root = pki.path / "roots" / "service.pem"
    ears = Ears(made.heard)
    async with Link(door, lambda: context((root,), files.certificate, files.key), ears) as link:
        made.link = link
        link.greet(made.bridge)
        yield made


async def opened(one: Customer) -> Customer:
    """One with an association, once the endpoint has logged in."""
    deadline = time.monotonic() + 30
    while True:
        events = await one.open()
        if [event.what for event in events] == ["opened"]:
            return one
        assert time.monotonic() < deadline, (events, one.turned)
        await asyncio.sleep(0.1)


def decisions(site: Served, lfdi: str) -> list[tuple[Any, ...]]:
    """What was decided over somebody, in the order of the log."""
    with closing(sqlite3.connect(site.folder / "derbridge.db")) as store:
        bodies = [json.loads(one) for (one,) in store.execute("SELECT body FROM decisions ORDER BY number")]
    found = [one["decision"] for one in bodies]
    return [
        (one["function"], one["action"], one["target"], one["allowed"])
        for one in found
        if one["hop"] == "iec61850" and one["subject"] == lfdi
    ]


def reasons(site: Served, lfdi: str) -> list[tuple[str, str]]:
    """What was refused to somebody with a reason beside all rules, in the order of the log."""
    with closing(sqlite3.connect(site.folder / "derbridge.db")) as store:
        bodies = [json.loads(one) for (one,) in store.execute("SELECT body FROM decisions ORDER BY number")]
    found = [(one["decision"], one["facts"].get("reason")) for one in bodies if "facts" in one]
    return [(said["target"], why) for said, why in found if why and said["subject"] == lfdi]


async def decided(site: Served, lfdi: str, wanted: tuple[Any, ...]) -> None:
    """Wait until something is in the log."""
    deadline = time.monotonic() + 30
    while wanted not in (found := decisions(site, lfdi)):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)


def domain(site: Served) -> str:
    return f"derbridgeD{site.client('inverter').lfdi}"


def results(event: Event) -> list[Any]:
    """Values, or codes, of what was read or written."""
    content = event.content
    if isinstance(content, variables.Write_Response):
        return [one.choice.value for one in content.CHOICE]
    return [one.choice.value for one in content.listOfAccessResult.AccessResult]


async def test_it_is_found_browsed_and_read(site: Served) -> None:
    async with customer(site, "owner") as one:
        await opened(one)
        found = await one.talk(discovery.server())
        assert list(found.domains) == [domain(site)]
        (value,) = results(await one.ask(asks.read(domain(site), RATING)))
        assert shape.decode(Basic("floating-point"), value) == 5000.0
        assert one.turned == []
        target = f"{domain(site)}/{RATING}"
        await decided(site, one.files.lfdi, ("setting", "read", target, True))


async def test_what_is_retired_is_a_service_error_and_its_users_are_known(site: Served) -> None:
    where = "/api/v1/interfaces/iec61850-8-2"
    async with customer(site, "owner") as one, customer(site, "other") as late:
        await opened(one)
        said = {"to": "https://next.example/"}
        status, _ = await site.admin.post(f"{where}/retire", said)
        try:
            assert status == 200
            gone = await one.ask(asks.read(domain(site), RATING))
            assert (gone.what, gone.content) == ("failed", refusing.error(RETIRED))
            assert [event.what for event in await late.open()] == ["refused"]
        finally:
            assert (await site.admin.post(f"{where}/restore"))[0] == 200
        assert len(results(await one.ask(asks.read(domain(site), RATING)))) == 1
        _, found = await site.admin.get(f"{where}/users")
        assert {each["lfdi"] for each in found["items"]} >= {one.files.lfdi}


async def test_the_drawing_of_a_device_is_listed_and_read(site: Served) -> None:
    name = f"{domain(site)}/device.cid"
    async with customer(site, "owner") as one:
        await opened(one)
        assert await asks.listed(one) == [name]
        content = await one.talk(asks.file(name))
        assert (check.check(content), one.turned) == ([], [])
        (server,) = reader.load(content)
        assert (server.jid, [each.domain.name for each in server.devices]) == (one.bridge, [domain(site)])


async def test_who_may_not_see_a_device_has_no_file_of_it(site: Served) -> None:
    name = f"{domain(site)}/device.cid"
    async with customer(site, "other") as one:
        await opened(one)
        assert await asks.listed(one) == []
        with pytest.raises(Refusal) as refused:
            await one.talk(asks.file(name))
        assert (refused.value.family, refused.value.code) == ("file", codes.ErrorFile.file_access_denied)
        await decided(site, one.files.lfdi, ("setting", "read", name, False))


async def test_what_a_device_tells_is_read_and_reported(site: Served) -> None:
    block = "LLN0$RP$urcbStates01$RptEna"
    async with customer(site, "owner") as one:
        await opened(one)
        written = await one.ask(asks.write(domain(site), block, BOOLEAN, value=True))
        assert [type(code) for code in results(written)] == [names.Null]
        now = int(time.time())
        assert (await site.client("inverter").put(f"{HOME}/ders", asks.status(7, now))).status == 204
        (event, *_) = await one.until(1)
        assert event.what == "reported"
        (value,) = results(await one.ask(asks.read(domain(site), "DGEN1$ST$DEROpSt$stVal")))
        assert int(value.choice.value) == 6
        assert one.turned == []


async def test_a_device_is_nobody_elses_to_see(site: Served) -> None:
    async with customer(site, "other") as one:
        await opened(one)
        assert (await one.talk(discovery.server())).domains == {}
        (code,) = results(await one.ask(asks.read(domain(site), RATING)))
        assert code == codes.DataAccessError.object_access_denied
        target = f"{domain(site)}/{RATING}"
        await decided(site, one.files.lfdi, ("setting", "read", target, False))


async def test_who_is_not_named_says_nothing_in_clear(site: Served) -> None:
    async with customer(site, "other", sealing=False) as one:
        (event,) = await one.open()
        assert event.what == "refused"
        await decided(site, "", ("", "set", f"{one.files.lfdi.lower()}@{DOMAIN}/IEC", False))


async def test_who_is_named_reads_in_clear_and_writes_nothing(site: Served) -> None:
    async with customer(site, "plain", sealing=False) as one:
        await opened(one)
        assert (await one.ask(asks.IDENTIFY)).content.vendorName == "derbridge"
        written = await one.ask(asks.write(domain(site), "LLN0$RP$urcbStates02$RptEna", BOOLEAN, value=True))
        assert written.what == "failed"
        await decided(site, one.files.lfdi, ("", "clear", f"{one.files.lfdi.lower()}@{DOMAIN}/IEC", False))


async def test_a_write_in_clear_on_a_sealed_association_is_refused_in_its_form(site: Served) -> None:
    async with customer(site, "owner") as one:
        await opened(one)
        one.sealing = False
        for service in (asks.read(domain(site), RATING), asks.IDENTIFY):
            event = await one.ask(service)
            assert (event.what, event.content.additionalDescription) == ("failed", "sealed only")


async def test_controls_and_settings_are_refused_with_their_cause(site: Served) -> None:
    async with customer(site, "boss") as one:
        await opened(one)
        types = (await one.talk(discovery.server())).domains[domain(site)].index.types
        for item, code in REFUSED.items():
            given = BEYOND.get(item, shape.default(types[item]))
            event = await one.ask(asks.write(domain(site), item, types[item], given))
            assert results(event) == [code], item
            await decided(site, one.files.lfdi, ("", "write", f"{domain(site)}/{item}", False))
        ended = [found for event in await one.until(1) if (found := termination.read(event.content))]
        assert [found.failed.cause for found in ended if found.failed] == [AddCause.invalid_position]


async def test_a_command_is_denied_to_who_may_only_tell(site: Served) -> None:
    item = "DWMX1$CO$WMaxSptPct$Oper"
    async with customer(site, "owner") as one:
        await opened(one)
        types = (await one.talk(discovery.server())).domains[domain(site)].index.types
        event = await one.ask(asks.write(domain(site), item, types[item], shape.default(types[item])))
        assert results(event) == [codes.DataAccessError.object_access_denied]
        await decided(site, one.files.lfdi, ("control", "create", f"{domain(site)}/{item}", False))


async def test_withdrawn_access_ends_what_is_open(site: Served) -> None:
    async with customer(site, "fallen") as one:
        await opened(one)
        path = f"/api/v1/access/{one.files.lfdi}"
        status, said = await site.admin.put(path, {"granted": False})
        assert status == 200, said
        with pytest.raises((Denied, Late, Closed, Uncertain)):
            await one.say(Sent("set", one.unsaid()))
