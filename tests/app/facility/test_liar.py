"""A unit that tells what cannot be, or that is another one: no effect, a line in the log, the rest stands."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bridge.app.facility.unit import Unit
from bridge.iec61850.device import LOST
from bridge.iec61850.first import GOOD
from bridge.iec61850.shape import Basic, Structure
from tests.app.facility.inverter import Inverter
from tests.app.facility.street import PATIENCE, Street, address, street, there
from tests.app.facility.test_telemetry import HOME, measured, readings_until, state, told
from tests.app.office.bureau import seen

STATE = "DGEN1$ST$DEROpSt"


def mistyped(plant: Inverter) -> None:
    """Answer reads of a state with a text, whatever type was told of it."""
    held = plant.image.domains[plant.domain]
    lie = Structure((("stVal", Basic("visible-string", -255)), ("q", Basic("bit-string", 13)),
                     ("t", Basic("utc-time"))))  # fmt: skip
    held.index = held.index._replace(types={**held.index.types, STATE: lie}, plans={})
    held.leaves[f"{STATE}$stVal"] = "running"


def unknown(plant: Inverter) -> None:
    """Be in a state that there is not."""
    plant.put(f"{STATE}$stVal", 77)


@pytest.mark.parametrize(("lie", "reason"), [(mistyped, "visible-string"), (unknown, "77")])
async def test_what_cannot_be_is_left_out_and_the_rest_is_taken(
    tmp_path: Path, lie: object, reason: str
) -> None:
    assert callable(lie)
    async with street(tmp_path) as (found, (plant,)):
        now = time.time()
        plant.tell(state(6, now))
        measured(plant, 700.0, now)
        lie(plant)
        with capture_logs() as lines:
            await found.add(Unit(plant.lfdi, address(plant)))
            body = await told(found, plant, f"{HOME}/dera", "statWAvail")
            assert "<value>1200</value>" in body
            assert await readings_until(found, plant, 1) == [(int(now), 700_000)]
        status = await seen(found.office, f"{HOME}/ders", plant.lfdi)
        assert b"genConnectStatus" not in status.body
        apart = [str(line.get("reason")) for line in lines if line["event"] == "not taken"]
        assert any(reason in each for each in apart), (apart, lines)


async def test_who_answers_for_another_is_nobody(tmp_path: Path) -> None:
    async with street(tmp_path, 2) as (found, (plant, other)):
        tried = asyncio.Event()
        session = None
        await found.add(Unit(plant.lfdi, address(other)))
        session = found.station.facilities.session(plant.lfdi)

        async def watched(stanza: object) -> object:
            tried.set()
            return stanza

        found.route = watched  # type: ignore[assignment]
        await asyncio.wait_for(tried.wait(), PATIENCE)
        await found.add(Unit(other.lfdi, address(other)))
        await there(found.station, other.lfdi)
        assert not session.there
        assert (await seen(found.office, f"{HOME}/dercap", plant.lfdi)).status == 404


async def test_what_a_lost_unit_told_is_old_until_it_is_back(tmp_path: Path) -> None:
    def quality(site: Street, plant: Inverter) -> object:
        return site.station.fleet.estate.image.domains[f"derbridgeD{plant.lfdi}"].leaves[f"{STATE}$q"]

    async with street(tmp_path) as (found, (plant,)):
        plant.tell(state(6, time.time()))
        await found.add(Unit(plant.lfdi, address(plant)))
        await told(found, plant, f"{HOME}/ders", "<value>07</value>")
        await shown(found, lambda: quality(found, plant) == GOOD)
        found.leave(address(plant))
        await shown(found, lambda: quality(found, plant) == LOST)
        found.join(address(plant), plant.endpoint)
        found.station.facilities.session(plant.lfdi).presence(there=True)
        await shown(found, lambda: quality(found, plant) == GOOD)


async def shown(found: Street, fine: object) -> None:
    """Wait until the devices that the bridge serves are so."""
    assert callable(fine)
    changed, image = asyncio.Event(), found.station.fleet.estate.image
    image.watchers.append(lambda *_: changed.set())
    async with asyncio.timeout(PATIENCE):
        while True:
            changed.clear()
            try:
                if fine():
                    return
            except KeyError:
                pass
            try:
                async with asyncio.timeout(1):
                    await changed.wait()
            except TimeoutError:
                continue
