"""State nodes of a device that is out: over what it told, while an operator's word holds; then as before."""

from __future__ import annotations

from pathlib import Path

from tests.app.endpoint import asks
from tests.app.endpoint.scene import DEVICE, HOME, STATE, Scene, scene
from tests.app.office.bureau import NOW

HEALTH = "LLN0$ST$Health$stVal"
RUNNING, MAINTENANCE, FAILED = 6, 10, 11
OK, WARNING, ALARM = 1, 2, 3
FAULT = (
    f"<DERStatus {asks.NS}><genConnectStatus><dateTime>1</dateTime><value>10</value></genConnectStatus>"
    "<inverterStatus><dateTime>1</dateTime><value>7</value></inverterStatus>"
    "<readingTime>1</readingTime></DERStatus>"
)


async def shown(one: Scene) -> tuple[object, object]:
    await one.settled()
    return one.leaf(f"{STATE}$stVal"), one.leaf(HEALTH)


async def declared(one: Scene, **more: object) -> str:
    made = await one.office.post("/outages/entries", {"device": DEVICE, **more})
    return f"/outages/entries/{made['id']}/clear"


async def test_an_operators_word_stands_in_the_nodes_until_it_is_cleared(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put(f"{HOME}/ders", asks.status(7, NOW))
        assert await shown(one) == (RUNNING, OK)
        planned = await declared(one, state="planned")
        assert await shown(one) == (MAINTENANCE, WARNING)
        await one.put(f"{HOME}/ders", asks.status(7, NOW + 5))
        assert await shown(one) == (MAINTENANCE, WARNING)
        forced = await declared(one, state="forced")
        assert await shown(one) == (FAILED, ALARM)
        for each in (forced, planned):
            await one.office.post(each, status=200)
        assert await shown(one) == (RUNNING, OK)
        await declared(one, state="derated", percent=50)
        assert await shown(one) == (RUNNING, WARNING)


async def test_a_units_own_fault_is_its_health(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put(f"{HOME}/ders", FAULT)
        assert await shown(one) == (FAILED, ALARM)
        await one.put(f"{HOME}/ders", asks.status(7, NOW))
        assert await shown(one) == (RUNNING, OK)
