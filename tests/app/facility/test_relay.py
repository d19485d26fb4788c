"""A unit behind the embedded relay and `derbridge run`: real mutual TLS, store, HTTP and command line."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.app.command import spawned
from tests.app.facility.inverter import Inverter, inverter, linked
from tests.app.facility.test_telemetry import measured, state
from tests.iec61850 import units
from tests.served import RELAY, Served, certified, served

HOME = "/edev/1/der/1"
PATIENCE = 60.0
SAID: dict[str, Any] = {"enabled": True, "again": 1.0, "refresh": 3600.0, "poll": 3600.0}


@asynccontextmanager
async def scene(place: Path) -> AsyncIterator[tuple[Served, Inverter]]:
    """An installation that runs, with a unit that is registered and has not logged in yet."""
    made = certified(place, RELAY["domain"])
    (place / "parties").mkdir()
    files = made.client("plant", "device")
    shutil.copy(files.certificate, place / "parties" / "plant.pem")
    with served(place, relay=RELAY, iec61850=SAID) as site:
        async with inverter(files, made, place, units.capability()) as plant:
            status, said = await site.admin.post("/api/v1/devices", {"lfdi": plant.lfdi})
            assert status == 201, said
            yield site, plant


async def until(ask: Callable[[], Awaitable[Any]], fine: Callable[[Any], object]) -> Any:
    """Ask until an answer is fine."""
    deadline = time.monotonic() + PATIENCE
    while not fine(found := await ask()):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)
    return found


async def shown(site: Served, plant: Inverter) -> dict[str, Any]:
    status, said = await site.admin.get(f"/api/v1/facilities/{plant.lfdi}")
    assert status == 200, said
    found: dict[str, Any] = said
    return found


async def readings(site: Served, plant: Inverter) -> list[tuple[int, int]]:
    """All readings of the unit, by time."""
    status, page = await site.admin.get(f"/api/v1/readings?device={plant.lfdi}&limit=500")
    assert status == 200, page
    return sorted((each["start"], round(each["value"] * 1000)) for each in page["items"])


async def document(site: Served, path: str) -> str:
    answer = await site.client("plant").get(path)
    return answer.body.decode() if answer.status == 200 else ""


async def add(site: Served, plant: Inverter) -> None:
    address = f"{plant.lfdi.lower()}@{RELAY['domain']}"
    status, said = await site.admin.put(f"/api/v1/facilities/{plant.lfdi}", {"address": address})
    assert status == 200, said


async def there(site: Served, plant: Inverter) -> dict[str, Any]:
    found: dict[str, Any] = await until(lambda: shown(site, plant), lambda it: it["there"] and it["blocks"])
    return found


async def test_a_unit_is_read_and_followed_over_the_relay(tmp_path: Path) -> None:
    async with scene(tmp_path) as (site, plant):
        now = int(time.time())
        plant.tell(state(6, now))
        measured(plant, 1000.0, now)
        async with linked(plant, site.pki, site.ports["direct"]):
            await add(site, plant)
            said = await there(site, plant)
            assert said["device"] == plant.domain
            assert {name.split("$")[1] for name in said["blocks"]} == {"BR"}
            body = await document(site, f"{HOME}/dercap")
            assert "<modesSupported>00100000</modesSupported>" in body
            assert "<value>07</value>" in await document(site, f"{HOME}/ders")
            plant.tell(state(7, now + 5))
            measured(plant, 2000.0, now + 5)
            await until(lambda: document(site, f"{HOME}/ders"), lambda it: "<value>01</value>" in it)
            await until(lambda: readings(site, plant), lambda it: len(it) > 1)
            assert await readings(site, plant) == [(now, 1_000_000), (now + 5, 2_000_000)]
        away = await until(lambda: shown(site, plant), lambda it: not it["there"])
        assert away["why"]
        async with linked(plant, site.pki, site.ports["direct"]):
            measured(plant, 3000.0, now + 9)
            await there(site, plant)
            await until(lambda: readings(site, plant), lambda it: (now + 9, 3_000_000) in it)
        assert not [line for line in site.lines() if line.get("level") == "error"]


async def test_nothing_is_missed_or_doubled_by_a_crash(tmp_path: Path) -> None:
    """What a buffered block keeps while the bridge is killed comes in afterwards, each reading once."""
    async with scene(tmp_path) as (site, plant):
        now = int(time.time()) - 1_000
        measured(plant, 0.0, now)
        async with linked(plant, site.pki, site.ports["direct"]):
            await add(site, plant)
            await there(site, plant)
            told = 0
            for _ in range(3):
                told = change(plant, now, told)
                site.kill()
                told = change(plant, now, told)
                site.start()
                await until(partial(readings, site, plant), partial(reaches, told + 1))
            found = await readings(site, plant)
        assert found == [(now + step, 100_000 * step) for step in range(told + 1)]


def change(plant: Inverter, now: int, told: int) -> int:
    """Have a power change twenty times; each change is an entry, for a member that changes again ends one."""
    for step in range(told + 1, told + 21):
        measured(plant, 100.0 * step, now + step)
    return told + 20


def reaches(count: int, found: list[tuple[int, int]]) -> bool:
    """Whether so many readings are there."""
    return len(found) >= count


async def test_the_command_line_adds_shows_and_removes(tmp_path: Path) -> None:
    async with scene(tmp_path) as (site, plant):
        address = f"{plant.lfdi.lower()}@{RELAY['domain']}/IEC"
        files = site.pki.client("operator", "operator")
        url = f"https://127.0.0.1:{site.ports['admin']}"
        reached = ("--url", url, "--cert", files.certificate, "--cert-key", files.key, "--ca", files.root)

        async def said(*words: str, status: int = 0) -> str:
            made = await asyncio.to_thread(spawned, "facility", *words, *reached)
            assert made.returncode == status, made.stderr
            return str(made.stdout + made.stderr)

        await said("add", plant.lfdi, "--address", address, "--device", plant.domain)
        async with linked(plant, site.pki, site.ports["direct"]):
            await there(site, plant)
            found = json.loads(await said("show", plant.lfdi, "--json"))
            assert (found["address"], found["device"], found["there"]) == (address, plant.domain, True)
            assert plant.lfdi in await said("list")
            await said("discover", plant.lfdi)
            await said("remove", plant.lfdi)
            assert "there is no unit" in await said("show", plant.lfdi, status=2)
