"""What a unit tells, read over IEEE 2030.5: nameplate, settings, status, readings, and their changes."""

from __future__ import annotations

import asyncio
import re
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import models.der.messages as m
from bridge.app.facility import memory
from bridge.app.facility.unit import Unit
from bridge.iec61850.sorts import quality, stamp
from bridge.sep2 import canon, metering, ours
from tests.app.facility.inverter import Inverter
from tests.app.facility.street import PATIENCE, Street, address, street
from tests.app.office.bureau import seen
from tests.iec61850 import units

HOME = "/edev/1/der/1"


async def told(found: Street, plant: Inverter, path: str, what: str) -> str:
    """Wait until a 2030.5 client reads something."""
    changed = asyncio.Event()
    found.office.store.listen(lambda _: changed.set())
    async with asyncio.timeout(PATIENCE):
        while True:
            changed.clear()
            answer = await seen(found.office, path, plant.lfdi)
            if re.search(what, answer.body.decode()):
                return answer.body.decode()
            await changed.wait()


def measured(plant: Inverter, value: float, at: float, said: str = "good") -> None:
    """Have a power measured."""
    values: dict[str, Any] = {"mag$f": value, "q": quality(said), "t": stamp(at)}
    plant.image.update(plant.domain, {f"MMXU1$MX$TotW${name}": one for name, one in values.items()}, at)
    plant.endpoint.stir()


def settings(watts: float) -> m.Setting:
    """How a unit is set."""
    grad = m.Amount(value=Decimal("0.5"), unit=m.Unit("%/s"), of="setMaxW")
    entry = m.GridEntry(setGradW=grad)
    return m.Setting(
        **units.said(updated=Decimal(0), ratings=m.Ratings(WMax=units.amount(watts, "W")), entry=entry)
    )


def state(code: int, at: float, spare: float = 1200) -> m.Status:
    """How a unit is."""
    when = Decimal(int(at))
    return m.Status(
        **units.said(
            operation=m.Operation(at=when, DEROpSt=code),
            availability=m.Availability(at=when, statWAvail=units.amount(spare, "W")),
        )
    )


async def readings(found: Street, plant: Inverter) -> list[tuple[int, int]]:
    """Times and values of the only series of a unit, the first one first."""
    (meter,) = await found.office.store.owned("MeterReading", plant.lfdi)
    rows = await metering.newest(found.office.store, meter.href, 1_000)
    made = [canon.obj(row) for row in reversed(rows)]
    return [(each.timePeriod.start, each.value) for each in made]


async def test_a_unit_is_read_over_2030_5(tmp_path: Path) -> None:
    async with street(tmp_path) as (found, (plant,)):
        now = time.time()
        plant.tell(settings(4500))
        plant.tell(state(6, now))
        measured(plant, 1234.5, now)
        await found.add(Unit(plant.lfdi, address(plant)))
        body = await told(found, plant, f"{HOME}/dercap", "rtgMaxW")
        assert "<value>5000</value>" in body
        assert "<modesSupported>00100000</modesSupported>" in body
        body = await told(found, plant, f"{HOME}/derg", "setMaxW")
        assert "<value>4500</value>" in body
        assert "<setGradW>50</setGradW>" in body
        body = await told(found, plant, f"{HOME}/ders", "readingTime")
        assert f"<dateTime>{int(now)}</dateTime><value>07</value>" in body
        body = await told(found, plant, f"{HOME}/dera", "statWAvail")
        assert "<value>1200</value>" in body
        assert await readings_until(found, plant, 1) == [(int(now), 1_234_500)]


async def readings_until(found: Street, plant: Inverter, count: int) -> list[tuple[int, int]]:
    """Wait for so many readings."""
    changed = asyncio.Event()
    found.office.store.listen(lambda _: changed.set())
    async with asyncio.timeout(PATIENCE):
        while True:
            changed.clear()
            if await found.office.store.owned("MeterReading", plant.lfdi):
                there_ = await readings(found, plant)
                if len(there_) >= count:
                    return there_
            await changed.wait()


async def test_reports_change_what_is_read(tmp_path: Path) -> None:
    async with street(tmp_path) as (found, (plant,)):
        now = int(time.time())
        plant.tell(state(6, now))
        measured(plant, 1000.0, now)
        await found.add(Unit(plant.lfdi, address(plant)))
        await reporting(found, plant)
        plant.tell(state(7, now + 1))
        body = await told(found, plant, f"{HOME}/ders", "<value>01</value>")
        assert f"<dateTime>{now + 1}</dateTime>" in body
        for step in (1, 2, 3):
            measured(plant, 1000.0 + 100 * step, now + step)
            await readings_until(found, plant, 1 + step)
        assert await readings(found, plant) == [(now + step, 1_000_000 + 100_000 * step) for step in range(4)]


async def reporting(found: Street, plant: Inverter) -> None:
    """Wait until a unit's blocks report to the bridge."""
    changed = asyncio.Event()
    found.office.store.listen(lambda _: changed.set())
    async with asyncio.timeout(PATIENCE):
        while True:
            changed.clear()
            if ours.read(await found.office.store.get(memory.href(plant.lfdi))).get("blocks"):
                return
            await changed.wait()
