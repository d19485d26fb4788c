"""What a 61850 client commands becomes DERControls that an inverter polls, and their outcomes go back."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bridge.iec61850.sorts import stamp
from bridge.iec61850.stages import Result
from models.mms.codes import AddCause, DataAccessError
from tests.app.endpoint import asks
from tests.app.endpoint.commanding import (
    ALIVE,
    POINTS,
    RULES,
    drawn,
    furnished,
    operator,
    over,
    polled,
    result,
    shown,
    told,
)
from tests.app.endpoint.inverter import Inverter, S
from tests.app.endpoint.operator import Operator
from tests.app.endpoint.test_endpoint import decisions, domain, reasons
from tests.served import DOMAIN, RELAY, Served, certified, served

LIMIT = "DWMX1.WMaxSptPct"
SCHEDULE, SECOND = "FSCH86", "FSCH286"
"""The schedules of WMaxSptPct."""
MODE = "FSCH87"
"""The first one of the Mod of its node."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("commands")
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    shutil.copy(made.client("owner", "aggregator").certificate, place / "parties" / "owner.pem")
    shutil.copy(made.client("boss", "operator").certificate, place / "parties" / "boss.pem")
    (place / "rules.toml").write_text(RULES)
    said = {"enabled": True, "hold": 1800}
    with served(place, relay=RELAY, iec61850=said, access={"rules": "rules.toml"}) as found:
        asyncio.run(furnished(found))
        yield found


@pytest.fixture
def inverter(site: Served) -> Inverter:
    return Inverter(site.client("inverter"))


async def test_a_limit_is_polled_started_and_ended_by_mod(site: Served, inverter: Inverter) -> None:
    async with operator(site) as one:
        made = await one.operate(LIMIT, (50.0,))
        assert made.outcome is None  # accepted, and not yet carried out
        control = await polled(inverter, LIMIT, *ALIVE)
        assert control.modes == {"opModMaxLimW": "5000"}
        assert (control.primacy, control.duration) == (1, 1800)
        assert abs(control.start - time.time()) < 30
        await inverter.respond(control, 1)
        await inverter.respond(control, 2)
        assert (await one.outcome(made)).result is Result.DONE
        await shown(one, "DWMX1$MX$WMaxSptPct$mxVal$f", 50.0)
        off = await one.operate("DWMX1.Mod", 5)
        assert (await one.outcome(off)).result is Result.DONE
        assert (await polled(inverter, LIMIT, 2)).mrid == control.mrid


@pytest.mark.parametrize(("status", "cause"), [(252, 1), (253, 4), (254, 16), (4, 2), (10, 0)])
async def test_what_a_device_refuses_ends_the_command_with_its_cause(
    site: Served, inverter: Inverter, status: int, cause: int
) -> None:
    async with operator(site) as one:
        made = await one.operate("DWGC2.WSpt", (1000.0,))
        control = await polled(inverter, "DWGC2.WSpt", *ALIVE)
        await inverter.respond(control, status)
        outcome = await one.outcome(made)
        assert (outcome.result, outcome.cause) == (Result.FAILED, AddCause(cause))
    await over(inverter, control)  # what has failed does not happen later


def schedule(start: int, **fields: Any) -> dict[str, Any]:
    """What is written of a schedule of fifteen minutes, by its own names."""
    return {
        "SchdPrio$setVal": 250, "SchdIntv$setVal": 900, "NumEntr$setVal": 1, "StrTm1$setTm": stamp(start),
        "ValASG1$setMag$f": 40.0,
    } | fields  # fmt: skip


async def enabled(one: Operator, name: str, wanted: Mapping[str, Any]) -> None:
    """Write a schedule, enable it, and see that it is ready."""
    for part, value in wanted.items():
        assert await one.write(f"{name}$SP${part}", value) is None
    assert result(await one.operate(f"{name}.EnaReq", value=True)) == (Result.DONE, None)
    await shown(one, f"{name}$ST$SchdSt$stVal", 3)


async def disabled(one: Operator, name: str) -> None:
    """Disable a schedule, and see that it is not ready."""
    assert result(await one.operate(f"{name}.DsaReq", value=True)) == (Result.DONE, None)
    await shown(one, f"{name}$ST$SchdSt$stVal", 1)


async def test_a_schedule_is_written_enabled_and_disabled(site: Served, inverter: Inverter) -> None:
    async with operator(site) as one:
        start = int(time.time()) + 600
        await enabled(one, SCHEDULE, schedule(start))
        control = await polled(inverter, SCHEDULE, 0)
        assert (control.start, control.duration, control.primacy) == (start, 900, 5)
        assert control.modes == {"opModMaxLimW": "4000"}
        written = await one.write(f"{SCHEDULE}$SP$SchdIntv$setVal", 60)
        assert written is DataAccessError.temporarily_unavailable
        again = await one.operate(f"{SCHEDULE}.EnaReq", value=True)
        assert result(again) == (Result.REFUSED, AddCause.already_in_execution)
        await disabled(one, SCHEDULE)
        assert (await polled(inverter, SCHEDULE, 2)).mrid == control.mrid
        row = ("control", "create", f"{domain(site)}/{SCHEDULE}$CO$EnaReq$Oper", True)
        assert row in decisions(site, one.customer.files.lfdi)


async def test_a_second_schedule_of_an_object_stands_beside_the_first(
    site: Served, inverter: Inverter
) -> None:
    async with operator(site) as one:
        start = int(time.time()) + 1800
        await enabled(one, SCHEDULE, schedule(start))
        await enabled(one, SECOND, schedule(start, **{"SchdPrio$setVal": 249, "ValASG1$setMag$f": 30.0}))
        beside = await polled(inverter, SECOND, *ALIVE)
        assert (beside.primacy, beside.modes) == (6, {"opModMaxLimW": "3000"})
        assert await one.read(f"{SCHEDULE}$ST$SchdSt$stVal") == 3
        await disabled(one, SECOND)
        assert await one.read(f"{SCHEDULE}$ST$SchdSt$stVal") == 3
        await disabled(one, SCHEDULE)


async def test_a_schedule_of_mod_goes_with_its_set_point_also_over_a_restart(
    site: Served, inverter: Inverter
) -> None:
    wanted = schedule(int(time.time()) + 2400)
    async with operator(site) as one:
        await enabled(one, SCHEDULE, wanted)
        del wanted["ValASG1$setMag$f"]
        await enabled(one, MODE, {**wanted, "ValENG1$setVal": 1})
        again = await one.operate(f"{MODE}.EnaReq", value=True)
        assert result(again) == (Result.REFUSED, AddCause.already_in_execution)
        written = await one.write(f"{MODE}$SP$SchdIntv$setVal", 60)
        assert written is DataAccessError.temporarily_unavailable
        assert [each.description for each in await inverter.poll() if each.state in ALIVE] == [SCHEDULE]
    site.restart()
    async with operator(site) as one:
        assert await one.read(f"{MODE}$ST$SchdSt$stVal") == 3
        await disabled(one, SCHEDULE)
        await shown(one, f"{MODE}$ST$SchdSt$stVal", 1)
        gone = await one.operate(f"{MODE}.DsaReq", value=True)
        assert result(gone) == (Result.REFUSED, AddCause.position_reached)
    site.restart()
    async with operator(site) as one:
        assert await one.read(f"{MODE}$ST$SchdSt$stVal") == 1


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ((LIMIT, (150.0,), 0), AddCause.invalid_position),
        ((LIMIT, (50.0,), -60), AddCause.time_limit_over),
        (("DWMX1.Mod", 5, 600), AddCause.not_supported),  # nothing is put off at a time
        ((LIMIT, (5.0,), 0), AddCause.no_access_authority),  # the rule leaves ten per cent at least
        (("DVWC1.Mod", 1, 0), AddCause.inconsistent_parameters),  # no curve has been written
        (("DVWC1.Mod", 3, 0), AddCause.not_supported),
        (("DVWC1.Mod", 5, 0), AddCause.position_reached),  # nothing is under way
        (("FSCH1.EnaReq", True, 0), AddCause.inconsistent_parameters),
    ],
)
async def test_what_cannot_be_is_refused_with_its_cause_and_a_line_in_the_log(
    site: Served, inverter: Inverter, said: tuple[str, Any, int], cause: AddCause
) -> None:
    ref, value, late = said
    before = [each.mrid for each in await inverter.poll()]
    async with operator(site) as one:
        lfdi, at = one.customer.files.lfdi, time.time() + late if late else None
        lines = len(reasons(site, lfdi))
        made = await one.operate(ref, value, at)
        assert result(made) == (Result.REFUSED, cause)
    assert [each.mrid for each in await inverter.poll()] == before
    target = f"{domain(site)}/{ref.replace('.', '$CO$')}$Oper"
    told = await untold(site, lfdi, lines)
    assert [(where, why.partition(":")[0]) for where, why in told] == [(target, cause.name)]


async def untold(site: Served, lfdi: str, lines: int) -> list[tuple[str, str]]:
    """Wait for the lines of a refusal."""
    deadline = time.monotonic() + 30
    while len(found := reasons(site, lfdi)) == lines:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)
    return found[lines:]


async def test_curves_settings_and_armed_commands_outlast_a_restart(site: Served, inverter: Inverter) -> None:
    at = float(int(time.time()) + 900)
    async with operator(site) as one:
        await drawn(one)
        for item, value in (("VVArCrv$numPts", 4), ("VArSptRef$setVal", 2), ("RvrtTms$setVal", 120)):
            assert await one.write(f"DVVR1$SP${item}", value) is None
        assert await one.write("DCTE1$SP$RtnDlTmms$setVal", 300_000) is None
        assert await one.write("DGEN1$SP$WMax$setMag$f", 1.0) is DataAccessError.object_access_unsupported
        assert await one.write("DVVR1$SP$VArSptRef$setVal", 77) is DataAccessError.object_value_invalid
        on = await one.operate("DVVR1.Mod", 1)
        armed = await one.operate("DVAR2.VArTgtSpt", (200.0,), at)
        assert armed.outcome is None
        control = await polled(inverter, "DVVR1.Mod", *ALIVE)
        assert control.duration == 120
        curve = await inverter.read(control.modes["opModVoltVar"])
        said = [(int(each[-2].text), int(each[-1].text)) for each in curve.iter(f"{S}CurveData")]
        assert said == [(int(x), int(y)) for x, y in POINTS]
        (default,) = await inverter.defaults()
        assert default.findtext(f"{S}setESDelay") == "30000"
        await inverter.respond(control, 2)
        assert (await one.outcome(on)).result is Result.DONE
    site.restart()
    async with operator(site) as one:
        assert await one.read("DVVR1$SP$VVArCrv$crvPts(3)$yVal") == -44.0
        assert await one.read("DCTE1$SP$RtnDlTmms$setVal") == 300_000
        later = await polled(inverter, "DVAR2.VArTgtSpt", 0)
        assert later.start == int(at)
        off = await one.operate("DVAR2.Mod", 5)
        assert (await one.outcome(off)).result is Result.DONE
        await over(inverter, later)


async def test_a_newer_value_takes_the_place_of_one_whose_device_has_said_nothing(
    site: Served, inverter: Inverter
) -> None:
    async with operator(site) as one:
        older = await one.operate(LIMIT, (60.0,))
        first = await polled(inverter, LIMIT, *ALIVE)
        newer = await one.operate(LIMIT, (40.0,))
        ended = await one.outcome(older)
        assert (ended.result, ended.cause) == (Result.FAILED, AddCause.aborted_by_command)
        assert newer.outcome is None
        await over(inverter, first)
        second = await polled(inverter, LIMIT, *ALIVE)
        await inverter.respond(first, 7)
        await inverter.respond(second, 2)
        assert (await one.outcome(newer)).result is Result.DONE
        off = await one.operate("DWMX1.Mod", 5)
        assert (await one.outcome(off)).result is Result.DONE


async def test_a_command_may_be_cancelled_while_its_device_has_said_nothing(
    site: Served, inverter: Inverter
) -> None:
    async with operator(site) as one:
        made = await one.operate("DVAR2.VArTgtSpt", (300.0,))
        control = await polled(inverter, "DVAR2.VArTgtSpt", *ALIVE)
        await one.cancel(made)
        assert (await one.outcome(made)).result is Result.CANCELLED
        await over(inverter, control)


async def test_after_a_kill_a_client_learns_the_outcome_by_its_buffered_block_and_no_termination(
    site: Served, inverter: Inverter
) -> None:
    block, figure = "LLN0$BR$brcbOutcomes01", "DWMX1$MX$WMaxSptPct$mxVal$f"
    async with operator(site) as one:
        assert await one.write(f"{block}$RptEna", value=True) is None
        made = await one.operate(LIMIT, (40.0,))
        assert made.outcome is None
    site.kill()
    site.start()
    control = await polled(inverter, LIMIT, *ALIVE)
    await inverter.respond(control, 1, 2)
    async with operator(site) as one:
        await shown(one, figure, 40.0)
        assert await one.write(f"{block}$RptEna", value=True) is None
        while not any(40.0 in each for each in told(one)):
            one.customer.came.clear()
            await asks.soon(one.customer.came.wait())
        one.listen(made)
        assert made.outcome is None  # nothing that was told is the end of this command
        off = await one.operate("DWMX1.Mod", 5)
        assert (await one.outcome(off)).result is Result.DONE
        await over(inverter, control)
