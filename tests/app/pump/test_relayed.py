"""A head-end's control brought to a unit of IEC 61850 by `derbridge run`: relay, seals, schedules, responses.

The whole way with real parts: administration API over mutual TLS, store, pump, carrier, the embedded relay,
and a unit that runs the schedule it was given. Then the bridge is killed while another one runs.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from tests.app.facility.inverter import Inverter, linked
from tests.app.facility.plant import worked
from tests.app.facility.test_carrier import LIMIT, SETTING
from tests.app.facility.test_relay import add, scene, there, until
from tests.iec61850.carrying.real import able
from tests.iec61850.carrying.works import Works
from tests.served import Served


async def grouped(site: Served, unit: str) -> str:
    """Put a unit into a group that has a programme; where its controls are made."""
    group = (await site.admin.post("/api/v1/groups", {"name": "feeder"}))[1]["id"]
    status, said = await site.admin.put(f"/api/v1/groups/{group}/members/{unit}", None)
    assert status == 200, said
    programme = (await site.admin.post("/api/v1/programmes", {"primacy": 1, "group": group}))[1]["id"]
    return f"/api/v1/programmes/{programme}/controls"


async def limited(site: Served, place: str, percent: int, last: int) -> str:
    """Make a control; its mRID."""
    status, said = await site.admin.post(place, {"duration": last, "modes": {"opModMaxLimW": percent}})
    assert status == 201, said
    return str(said["mrid"])


async def statuses(site: Served, plant: Inverter, mark: str) -> list[int]:
    status, page = await site.admin.get(f"/api/v1/responses?device={plant.lfdi}&subject={mark}")
    assert status == 200, page
    return sorted(one["status"] for one in page["items"])


async def held(works: Works) -> Any:
    """What the unit holds; its schedule runs a moment before that."""
    return works.read(LIMIT)


async def test_a_control_is_carried_to_a_unit_and_its_outcomes_come_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as (site, plant):
        plant.can(able("maxLimW"), SETTING)
        async with worked(plant) as works, linked(plant, site.pki, site.ports["direct"]):
            await add(site, plant)
            await there(site, plant)
            place = await grouped(site, plant.lfdi)
            mark = await limited(site, place, 50, 12)
            said = partial(statuses, site, plant, mark)
            await until(said, lambda it: 2 in it)
            await until(partial(held, works), lambda it: it == 50.0)
            explained: Any = await site.admin.get(f"/api/v1/orders/{plant.lfdi}/explain/maxLimW")
            assert (explained[1]["holder"], explained[1]["carried"]) == (mark, True)
            assert await until(said, lambda it: 3 in it) == [1, 2, 3]
            longer = await limited(site, place, 30, 3_600)
            await until(partial(statuses, site, plant, longer), lambda it: 1 in it)
            site.kill()
            site.start()
            assert await until(partial(statuses, site, plant, longer), lambda it: 2 in it) == [1, 2]
            await until(partial(held, works), lambda it: it == 30.0)
        assert not site.lines("broken off")
