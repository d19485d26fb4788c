"""Orders brought to units over real sessions, sealed: done, refused, away; what their schedules say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import models.der.messages as m
from bridge.app.facility.carrier import Carrier
from bridge.app.facility.unit import Unit
from bridge.iec61850.plant import PENDING
from bridge.ports import Away, Kind, Order
from models.mms.codes import AddCause
from tests.app.facility.inverter import Inverter
from tests.app.facility.plant import worked
from tests.app.facility.street import PATIENCE, Street, address, street, there
from tests.iec61850.carrying.asked import MRID, control
from tests.iec61850.carrying.real import able
from tests.iec61850.carrying.works import Works
from tests.iec61850.units import amount

LIMIT = "DWMX1$MX$WMaxSptPct$mxVal$f"
SETTING = m.Setting(
    id="x",
    origin=m.Origin(party="00", door=m.Door.sep2),
    target=m.Target(),
    issued=Decimal(1),
    updated=Decimal(1),
    entry=m.GridEntry(),
    ratings=m.Ratings(WMax=amount(5000, "W")),
)


class Ears:
    """What a carrier tells."""

    def __init__(self, carrier: Carrier) -> None:
        self.said: list[m.Outcome] = []
        self.came = asyncio.Event()
        carrier.listen(self.hear)
        carrier.there(lambda _: self.came.set())

    def hear(self, outcome: m.Outcome) -> None:
        self.said.append(outcome)
        self.came.set()

    async def status(self, status: int) -> m.Outcome:
        """Wait until something was said."""
        async with asyncio.timeout(PATIENCE):
            while not (found := [each for each in self.said if each.status == status]):
                self.came.clear()
                await self.came.wait()
        return found[0]


@asynccontextmanager
async def scene(place: Path, *modes: str) -> AsyncIterator[tuple[Street, Inverter, Works, Carrier]]:
    """A unit that is there and known to the carrier."""
    async with street(place) as (found, (unit, *_)):
        unit.can(able(*modes), SETTING)
        async with worked(unit) as works:
            carrier = found.station.carrier
            await found.add(Unit(unit.lfdi, address(unit)))
            await there(found.station, unit.lfdi)
            await known(carrier, unit.lfdi)
            yield found, unit, works, carrier


async def known(carrier: Carrier, lfdi: str) -> None:
    """Wait until it is known what a unit can do."""
    came = asyncio.Event()
    carrier.there(lambda _: came.set())
    async with asyncio.timeout(PATIENCE):
        while carrier.reach(lfdi) is None or carrier._tended[lfdi].survey is None:  # noqa: SLF001
            await came.wait()
            came.clear()


async def put(unit: Inverter, done: Callable[[], bool]) -> None:
    """Wait until something is so, which shows in what the unit holds."""
    changed = asyncio.Event()
    unit.image.watchers.append(lambda *_: changed.set())
    async with asyncio.timeout(PATIENCE):
        while not done():
            changed.clear()
            await changed.wait()


def order(unit: Inverter, record: m.Control, **fields: Any) -> Order:
    asked = frozenset(name for name, value in record.modes if value is not None)
    given: dict[str, Any] = {
        "unit": unit.lfdi,
        "number": 258,
        "kind": Kind.take,
        "record": record,
        "modes": asked,
        "start": record.start,
        "end": record.start + record.duration,
    }
    return Order(**given | fields)


def soon(*modes: str, last: int = 600) -> m.Control:
    return control(*modes, start=Decimal(int(time.time())), last=last)


async def test_an_order_is_brought_by_a_schedule_and_the_unit_says_when_it_begins_and_ends(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path, "maxLimW") as (_, unit, works, carrier):
        reach, ears = carrier.reach(unit.lfdi), Ears(carrier)
        assert reach is not None
        assert "maxLimW" in reach.direct | reach.scheduled
        shown: list[Any] = []
        unit.image.watchers.append(
            lambda changes, _: shown.extend(each.new for each in changes if each.item == LIMIT)
        )
        assert await carrier.carry(order(unit, soon("maxLimW", last=8))) == ()
        begun = await ears.status(2)
        assert (begun.device, begun.subject) == (unit.lfdi, MRID)
        assert next(each.origin for each in works.done) == (3, carrier.name().encode())
        assert {each.number for each in works.done} == {2}
        ended = await ears.status(3)
        assert (ended.subject, 50.0 in shown) == (MRID, True)
        await put(unit, lambda: not works.read("FSCH86$DC$SchdPrio$d"))


async def test_what_a_unit_does_itself_at_once_is_told_at_once(tmp_path: Path) -> None:
    async with scene(tmp_path, "voltVar") as (_, unit, works, carrier):
        assert await carrier.carry(order(unit, soon("voltVar"))) == ()
        assert works.read("DVVR1$SP$VVArCrv$numPts") == 4
        record = soon("voltVar")
        assert await carrier.carry(order(unit, record, kind=Kind.leave)) == ()
        assert works.read("DVVR1$ST$Mod$stVal") == 5


async def test_a_refusal_bears_the_units_own_cause(tmp_path: Path) -> None:
    async with scene(tmp_path, "voltVar") as (_, unit, works, carrier):
        works.put("DVVR1", "Mod", 5)
        works.answers["DVVR1.Mod"] = AddCause.blocked_by_switching_hierarchy
        before = works.read("DVVR1$SP$VVArCrv")
        (said,) = await carrier.carry(order(unit, soon("voltVar")))
        assert (said.status, said.addCause, said.subject, said.device) == (10, 2, MRID, unit.lfdi)
        assert "DVVR1.Mod" in (said.reason or "")
        assert works.read("DVVR1$SP$VVArCrv") == before


async def test_a_mode_that_the_unit_has_not_is_refused(tmp_path: Path) -> None:
    async with scene(tmp_path, "voltVar") as (_, unit, _works, carrier):
        (said,) = await carrier.carry(order(unit, soon("maxLimW")))
        assert (said.status, "DWMX1" in (said.reason or "")) == (252, True)


async def test_a_termination_is_waited_for_and_its_cause_is_told(tmp_path: Path) -> None:
    async with scene(tmp_path, "fixedVar") as (_, unit, works, carrier):
        works.answers["DVAR1.VArTgtSptPct"] = PENDING
        carrying = asyncio.create_task(carrier.carry(order(unit, soon("fixedVar"))))
        await put(unit, lambda: bool(works.begun))
        controls: Any = unit.endpoint.server.floor.controls
        controls.done(works.begun[0], AddCause.abortion_by_trip, time.time())
        unit.endpoint.stir()
        (said,) = await carrying
        assert (said.status, said.addCause) == (10, int(AddCause.abortion_by_trip))


async def test_a_unit_that_has_gone_is_away_and_is_known_again_when_it_comes_back(tmp_path: Path) -> None:
    async with scene(tmp_path, "maxLimW") as (found, unit, _works, carrier):
        found.leave(address(unit))
        await there(found.station, unit.lfdi, wanted=False)
        with pytest.raises(Away):
            await carrier.carry(order(unit, soon("maxLimW")))
        assert carrier.reach(unit.lfdi) is not None
        found.join(address(unit), unit.endpoint)
        found.station.endpoint.presence(address(unit), there=True)
        await known(carrier, unit.lfdi)
        assert await carrier.carry(order(unit, soon("maxLimW"))) == ()


async def test_a_unit_that_nobody_knows_is_of_no_door(tmp_path: Path) -> None:
    async with scene(tmp_path, "maxLimW") as (_, unit, _works, carrier):
        assert carrier.reach("00" * 20) is None
        with pytest.raises(Away):
            await carrier.carry(order(unit, soon("maxLimW"))._replace(unit="00" * 20))
