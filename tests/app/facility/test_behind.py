"""A bridge behind a bridge: what one writes as the client of a unit, the other takes as its server.

Two `derbridge run` with stores of their own; the inverter polls the far one over mutual TLS. The near one
knows the far one as a unit that speaks IEC 61850, and no more of it than that.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest

from bridge.transports import tls
from bridge.trust import identity
from tests.app.endpoint.commanding import ALIVE, CAPABILITY, RULES
from tests.app.endpoint.inverter import Control, Inverter
from tests.app.endpoint.test_endpoint import HOME
from tests.app.facility.test_relay import PATIENCE, SAID
from tests.app.pump.test_relayed import grouped
from tests.served import DOMAIN, RELAY, Served, certified, served


class Pair(NamedTuple):
    """Both, and the LFDI under which the far one speaks."""

    near: Served
    far: Served
    site: str
    inverter: Inverter


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    place = tmp_path_factory.mktemp("behind")
    near, far = place / "near", place / "far"
    for each in (near, far):
        (each / "parties").mkdir(parents=True)
    made = certified(near, DOMAIN)
    files = made.client("site", "device")
    shutil.copy(files.certificate, near / "parties" / "site.pem")
    shutil.copytree(made.path, far / "pki")
    shutil.copy(made.certificate, far / "parties" / "utility.pem")
    (far / "rules.toml").write_text(RULES)
    with served(near, relay=RELAY, iec61850=SAID) as first:
        said = {
            "enabled": True, "host": "127.0.0.1", "port": first.ports["direct"],
            "address": f"{files.lfdi.lower()}@{DOMAIN}", "certificate": str(files.certificate),
            "key": str(files.key),
        }  # fmt: skip
        with served(far, iec61850=said, access={"rules": "rules.toml"}) as second:
            found = Pair(first, second, files.lfdi, Inverter(second.client("inverter")))
            asyncio.run(_furnished(found, identity.lfdi(tls.ders((made.certificate,))[0])))
            yield found


async def _furnished(pair: Pair, utility: str) -> None:
    """An inverter of the far one that the near one may command, as the one unit that it knows."""
    far, near, lfdi = pair.far.admin, pair.near.admin, pair.inverter.client.lfdi
    assert (await far.post("/api/v1/access", {"lfdi": utility, "role": "aggregator"}))[0] == 201
    assert (await far.post("/api/v1/devices", {"lfdi": lfdi, "aggregator": utility}))[0] == 201
    assert (await pair.inverter.client.put(f"{HOME}/dercap", CAPABILITY)).status == 204
    assert (await near.post("/api/v1/devices", {"lfdi": pair.site}))[0] == 201
    unit = {"address": f"{pair.site.lower()}@{DOMAIN}", "device": f"derbridgeD{lfdi}"}
    status, said = await near.put(f"/api/v1/facilities/{pair.site}", unit)
    assert status == 200, said


async def until(ask: Callable[[], Awaitable[Any]], fine: Callable[[Any], object]) -> Any:
    """Ask until an answer is fine."""
    deadline = time.monotonic() + PATIENCE
    while not fine(found := await ask()):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)
    return found


async def statuses(pair: Pair, mark: str) -> list[int]:
    """What the near one's head-end has read of a control, in the order of its coming."""
    status, page = await pair.near.admin.get(f"/api/v1/responses?device={pair.site}&subject={mark}")
    assert status == 200, page
    rows = sorted(page["items"], key=lambda one: (one["received"], len(one["href"]), one["href"]))
    return [one["status"] for one in rows]


async def live(pair: Pair) -> list[Control]:
    """What the inverter is to follow, now or later."""
    return [each for each in await pair.inverter.poll() if each.state in ALIVE]


@pytest.mark.parametrize(
    ("modes", "seen"),
    [
        ({"opModMaxLimW": 50}, {"opModMaxLimW": "5000"}),
        ({"opModFixedPFInjectW": {"factor": 0.95, "absorbing": True}}, None),
    ],
    ids=["a limit", "a power factor"],
)
async def test_a_control_goes_through_both_to_the_inverter_and_its_outcomes_come_back(
    pair: Pair, modes: dict[str, Any], seen: dict[str, str] | None
) -> None:
    place = await grouped(pair.near, pair.site)
    status, said = await pair.near.admin.post(place, {"duration": 600, "offset": 5, "modes": modes})
    assert status == 201, said
    mark = said["mrid"]
    (control,) = await until(partial(live, pair), len)
    assert list(control.modes) == list(modes)
    assert seen in (None, control.modes)
    await pair.inverter.respond(control, 1, 2)
    assert (await until(partial(statuses, pair, mark), lambda it: 2 in it))[-2:] == [1, 2]
    status, said = await pair.near.admin.post(f"{place}/{said['id']}/cancel", {})
    assert status in {200, 204}, said
    await until(partial(live, pair), lambda it: not it)
    await pair.inverter.respond(control, 6)
    assert await until(partial(statuses, pair, mark), lambda it: 6 in it) == [1, 2, 6]
