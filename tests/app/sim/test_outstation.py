"""A simulated 61850 unit behind a real relay: read, commanded, scheduled, in clear refused, and cut off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from bridge.app.sim.outstation.station import Outstation, Papers, outstation
from bridge.app.sim.unit import Output, Plate
from bridge.iec61850 import operating, shape
from bridge.iec61850.command import Target
from bridge.iec61850.operating import Operation, Wish
from bridge.iec61850.signs import stamp
from bridge.iec61850.stages import Result
from bridge.transports.link import Link, context
from bridge.transports.post import Ears
from bridge.transports.stream import Door
from models.der import messages
from models.mms.codes import AddCause
from tests.app.endpoint import asks
from tests.app.endpoint.customer import Customer
from tests.served import DOMAIN, RELAY, Served, certified, served

PATIENCE = 30.0
MASTER = (3, b"derbridge")


PLATE = Plate(10_000.0, 12_000.0, 5_280.0, 240.0, 5_000.0, 13_500.0)
SUNNY = Output(10_000.0, 0.0, 240.0, 60.0, soc=50.0)


@dataclass
class Panel:
    """A unit that does what it is told at once, and remembers it."""

    plate: Plate = PLATE
    output: Output = SUNNY
    told: list[messages.Modes] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        del entry
        self.told.append(modes)
        limit = modes.maxLimW
        watts = 10_000.0 if limit is None else float(limit.value) * 100
        self.output = self.output._replace(w=watts)
        self.came.set()

    async def until(self, limit: int | None) -> None:
        """Wait until a limit in percent is what holds."""
        async with asyncio.timeout(PATIENCE):
            while not self.told or _limit(self.told[-1]) != limit:
                self.came.clear()
                await self.came.wait()


def _limit(modes: messages.Modes) -> Decimal | None:
    return None if modes.maxLimW is None else modes.maxLimW.value


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("outstation")
    certified(place, DOMAIN)
    with served(place, "relay", relay=RELAY) as found:
        yield found


@asynccontextmanager
async def pair(site: Served, name: str) -> AsyncIterator[tuple[Customer, Outstation, Panel]]:
    """The bridge's certificate at one end, a unit at the other, associated."""
    pki, panel = site.pki, Panel()
    own, bridge = papers(site, name), pki.known("../server")
    roots = pki.path / "roots"
    master = Customer(
        bridge, f"{own.lfdi.lower()}@{DOMAIN}/IEC", own.lfdi, own.certificate, roots / "serca.pem"
    )
    async with outstation(own, panel, time.time) as made:
        await made.live(door(site, own.lfdi))
        running = asyncio.create_task(made.run())
        secure = context((roots / "service.pem",), bridge.certificate, bridge.key)
        async with Link(door(site, bridge.lfdi), lambda: secure, Ears(master.heard)) as link:
            master.link = link
            link.greet(master.bridge)
            async with asyncio.timeout(PATIENCE):
                while [event.what for event in await master.open()] != ["opened"]:  # noqa: ASYNC110 - until it is in
                    await asyncio.sleep(0.05)
            yield master, made, panel
        running.cancel()


def papers(site: Served, name: str) -> Papers:
    """Who a unit is, and whom it believes."""
    own, roots = site.pki.client(name, "device"), site.pki.path / "roots"
    certificate = site.pki.certificate
    return Papers(own.lfdi, own.certificate, own.key, roots / "service.pem", roots / "serca.pem", certificate)


def door(site: Served, lfdi: str) -> Door:
    return Door(f"{lfdi.lower()}@{DOMAIN}/IEC", "127.0.0.1", site.ports["direct"], direct=True)


async def put(master: Customer, made: Outstation, **values: Any) -> None:
    """Write settings; `__` for `$`."""
    for name, value in values.items():
        item = name.replace("__", "$")
        of = made.desk.device.domain.index.types[item]
        event = await master.ask(asks.write(made.domain, item, of, value))
        assert [one.choice.tag for one in event.content.CHOICE] == ["success"], (name, event)


async def operate(master: Customer, made: Outstation, ref: str, value: Any) -> operating.Outcome:
    """Command an object, by whatever model it has, to its end."""
    node, _, name = ref.partition(".")
    target = Target(made.domain, node, name)
    image = made.estate.image
    model: Any = image.read(made.domain, f"{node}$CF${name}$ctlModel")
    types = {one: image.type(made.domain, target.service(one)) for one in ("Oper", "Cancel", "SBOw")
             if f"{target.service(one)}$ctlNum" in made.desk.device.domain.leaves}  # fmt: skip
    control = Operation(target, model, types, Wish(value, MASTER, 7))
    request = control.begin(time.time())
    while control.outcome is None:
        if request is None:
            await _hear(master, control)
            continue
        said: Any = request.value
        event = await master.ask(asks.write(request.domain, request.item, request.type, said))
        for each in master.told:
            control.reported(each.content, time.time())
        (answer,) = event.content.CHOICE
        code = None if answer.choice.tag == "success" else answer.choice.value
        request = control.answered(code, time.time())
    return control.outcome


async def _hear(master: Customer, control: Operation) -> None:
    async with asyncio.timeout(PATIENCE):
        while control.outcome is None:
            for each in master.told:
                control.reported(each.content, time.time())
            master.told.clear()
            if control.outcome is None:
                master.came.clear()
                await master.came.wait()


async def test_a_command_is_followed_and_measured(site: Served) -> None:
    async with pair(site, "pv") as (master, made, panel):
        done = await operate(master, made, "DWMX1.WMaxSptPct", (50.0,))
        assert done.result is Result.DONE
        await panel.until(50)
        event = await master.ask(asks.read(made.domain, "DWMX1$MX$WMaxSptPct$mxVal$f"))
        (found,) = event.content.listOfAccessResult.AccessResult
        assert shape.decode(shape.Basic("floating-point", 32), found.choice.value) == 50.0
        made.step()
        event = await master.ask(asks.read(made.domain, "MMXU1$MX$TotW$mag$f"))
        (found,) = event.content.listOfAccessResult.AccessResult
        assert shape.decode(shape.Basic("floating-point", 32), found.choice.value) == 5_000.0
        assert (await operate(master, made, "DWMX1.Mod", 5)).result is Result.DONE
        await panel.until(None)


async def test_a_schedule_outranks_a_command_for_its_time(site: Served) -> None:
    async with pair(site, "scheduled") as (master, made, panel):
        await operate(master, made, "DWMX1.WMaxSptPct", (80.0,))
        await panel.until(80)
        start = time.time() + 0.5
        await put(
            master, made, FSCH86__SP__StrTm1__setTm=stamp(start), FSCH86__SP__SchdIntv__setVal=5,
            FSCH86__SP__NumEntr__setVal=1, FSCH86__SP__ValASG1__setMag__f=30.0,
            FSCH86__SP__SchdPrio__setVal=250,
        )  # fmt: skip
        assert (await operate(master, made, "FSCH86.EnaReq", value=True)).result is Result.DONE
        await panel.until(30)
        assert made.desk.device.domain.leaves["FSCH86$ST$SchdSt$stVal"] == 4
        await panel.until(80)
        assert made.desk.device.domain.leaves["FSCH86$ST$SchdSt$stVal"] == 1
        assert made.desk.device.domain.leaves["DWMX1$MX$WMaxSptPct$mxVal$f"] == 80.0


async def scheduled(master: Customer, made: Outstation, node: str, **value: Any) -> None:
    """Have a schedule run from now on, for ten minutes."""
    said = {"StrTm1__setTm": stamp(time.time()), "SchdIntv__setVal": 600, "NumEntr__setVal": 1, **value}
    await put(master, made, **{f"{node}__SP__{name}": one for name, one in said.items()})
    assert (await operate(master, made, f"{node}.EnaReq", value=True)).result is Result.DONE


async def test_a_node_that_is_off_follows_a_schedule_while_its_mode_is_scheduled(site: Served) -> None:
    async with pair(site, "switched") as (master, made, panel):
        held = made.desk.device.domain.leaves
        await operate(master, made, "DWMX1.Mod", 5)
        await scheduled(master, made, "FSCH86", ValASG1__setMag__f=30.0)
        assert held["FSCH86$ST$SchdSt$stVal"] == 4
        made.step()
        assert all(_limit(modes) is None for modes in panel.told)
        await scheduled(master, made, "FSCH87", ValENG1__setVal=1)
        await panel.until(30)
        assert held["DWMX1$ST$Mod$stVal"] == 1
        assert (await operate(master, made, "FSCH87.DsaReq", value=True)).result is Result.DONE
        await panel.until(None)
        assert held["DWMX1$ST$Mod$stVal"] == 5


async def test_both_schedules_of_an_object_are_kept_and_the_higher_one_is_followed(site: Served) -> None:
    async with pair(site, "twice") as (master, made, panel):
        held = made.desk.device.domain.leaves
        await scheduled(master, made, "FSCH86", ValASG1__setMag__f=40.0, SchdPrio__setVal=200)
        await panel.until(40)
        await scheduled(master, made, "FSCH286", ValASG1__setMag__f=20.0, SchdPrio__setVal=201)
        await panel.until(20)
        assert held["DWMX1$MX$WMaxSptPct$mxVal$f"] == 20.0
        await operate(master, made, "FSCH286.DsaReq", value=True)
        await panel.until(40)
        assert held["DWMX1$MX$WMaxSptPct$mxVal$f"] == 40.0


async def test_a_schedule_keeps_whose_it_is(site: Served) -> None:
    async with pair(site, "marked") as (master, made, _panel):
        await put(
            master, made, FSCH87__DC__SchdPrio__d="derbridge 0A 1 2", FSCH87__SP__SchdPrio__setVal=250,
            FSCH87__SP__StrTm1__setTm=stamp(time.time() - 1), FSCH87__SP__SchdIntv__setVal=3600,
            FSCH87__SP__NumEntr__setVal=1, FSCH87__SP__ValENG1__setVal=1,
        )  # fmt: skip
        leaves = made.desk.device.domain.leaves
        for request, state in (("EnaReq", 4), ("DsaReq", 1)):
            assert (await operate(master, made, f"FSCH87.{request}", value=True)).result is Result.DONE
            said = leaves["FSCH87$ST$SchdSt$stVal"], leaves["FSCH87$DC$SchdPrio$d"]
            assert said == (state, "derbridge 0A 1 2")


async def test_a_schedule_that_is_over_is_refused_and_says_why(site: Served) -> None:
    async with pair(site, "late") as (master, made, panel):
        await put(
            master, made, FSCH86__SP__StrTm1__setTm=stamp(time.time() - 60), FSCH86__SP__SchdIntv__setVal=2,
            FSCH86__SP__NumEntr__setVal=1, FSCH86__SP__ValASG1__setMag__f=30.0,
        )  # fmt: skip
        done = await operate(master, made, "FSCH86.EnaReq", value=True)
        assert done.result is not Result.DONE
        assert made.desk.device.domain.leaves["FSCH86$ST$SchdEnaErr$stVal"] == 6
        assert all(_limit(modes) is None for modes in panel.told)


async def test_a_unit_that_refuses_says_with_which_cause(site: Served) -> None:
    async with pair(site, "stubborn") as (master, made, panel):
        made.desk.refuses = AddCause.blocked_by_process
        done = await operate(master, made, "DWMX1.WMaxSptPct", (50.0,))
        assert (done.result is Result.DONE, done.cause) == (False, AddCause.blocked_by_process)
        assert all(_limit(modes) is None for modes in panel.told)


async def test_nobody_else_is_obeyed(site: Served) -> None:
    async with pair(site, "own") as (master, made, panel):
        master.sealing = False
        of = made.desk.device.domain.index.types["FSCH86$SP$NumEntr$setVal"]
        event = await master.ask(asks.write(made.domain, "FSCH86$SP$NumEntr$setVal", of, 1))
        assert event.what == "failed"
        assert made.desk.device.domain.leaves["FSCH86$SP$NumEntr$setVal"] == 0
        assert made.judge.refusals
        assert all(_limit(modes) is None for modes in panel.told)
