"""The endpoint in `derbridge run`, behind the embedded relay: sealed clients, real TLS, a real store and log."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.iec61850 import discovery, shape
from bridge.iec61850.shape import Basic
from bridge.transports.link import Link, context
from bridge.transports.post import Denied, Ears
from bridge.transports.stream import Door
from models.mms import data
from tests.app.command import derbridge
from tests.app.endpoint import asks
from tests.app.endpoint.customer import Customer
from tests.served import DOMAIN, RELAY, Served, certified, served

NAMES = ("owner", "other", "fallen", "plain")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("endpoint")
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    for name in NAMES:
        one = made.client(name, "aggregator")
        shutil.copy(one.certificate, place / "parties" / f"{name}.pem")
    plain = made.known("plain").lfdi
    said = {"enabled": True, "clear": {f"{plain.lower()}@{DOMAIN}": plain}}
    with served(place, relay=RELAY, iec61850=said) as found:
        asyncio.run(_furnish(found))
        yield found


async def _furnish(site: Served) -> None:
    """A device of the owner's that has said what it can do."""
    admin, owner = site.admin, site.pki.known("owner").lfdi
    for name in ("owner", "other", "fallen", "plain"):
        lfdi = site.pki.known(name).lfdi
        assert (await admin.post("/api/v1/access", {"lfdi": lfdi, "role": "aggregator"}))[0] == 201
    inverter = site.client("inverter")
    holding = {"lfdi": inverter.lfdi, "aggregator": owner}
    status, made = await admin.post("/api/v1/devices", holding)
    assert status == 201, made
    assert (await inverter.put(f"{home(site)}/dercap", asks.CAPABILITY)).status == 204


def home(site: Served) -> str:
    del site
    return "/edev/1/der/1"


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
        made.link = link  # type: ignore[assignment]  # `within` has its default
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


def decisions(site: Served, *words: str) -> list[Any]:
    import json

    said = derbridge("audit", "show", "--site", site.folder, "--hop", "iec61850", "--json", *words)
    assert said.returncode == 0, said.stderr
    found: list[Any] = json.loads(said.stdout)["records"]
    return found


def domain(site: Served) -> str:
    return f"derbridgeD{site.client('inverter').lfdi}"


async def test_it_is_found_browsed_and_read(site: Served) -> None:
    async with customer(site, "owner") as one:
        await opened(one)
        found = await one.talk(discovery.server())
        assert list(found.domains) == [domain(site)]
        item = "DGEN1$SP$WMaxRtg$setMag$f"
        answer = await one.ask(asks.read(domain(site), item))
        (result,) = answer.content.listOfAccessResult.AccessResult
        assert shape.decode(Basic("floating-point"), result.choice.value) == 5000.0
        assert one.turned == []
