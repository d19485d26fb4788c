"""What the light model does by itself: modes that OpenDER has not, the store, the connection point."""

from __future__ import annotations

from decimal import Decimal
from math import hypot
from typing import NamedTuple

import pytest

from bridge.app.sim.physics.grid import Build, Grid
from bridge.app.sim.physics.light import Light
from bridge.app.sim.physics.service import State
from bridge.app.sim.unit import Plate
from models.der import messages
from peers.physics import DROOP, PERCENT, VAR, WATTS, amount, factor, settled, use

ROOF = Build(Plate(10_000, 12_000, 5_280))
STORE = Build(Plate(5_000, 5_000, 2_200, charge=4_000, wh=10_000), efficiency=0.9)
ENTRY = messages.GridEntry()
VOLTS = messages.Unit.V


def modes(**said: object) -> messages.Modes:
    return messages.Modes.model_validate(said)


class Case(NamedTuple):
    """Orders, what the unit stands in, and the watts and var that follow."""

    said: messages.Modes
    w: float
    var: float = 0
    grid: Grid = Grid()
    sun: float = 7_000
    build: Build = ROOF


CURVE = use(11, "setMaxVA", (92, 44), (108, -44))
FALLING, HALVING = use(0, "setMaxW", (60.2, 100), (61.2, 0)), use(12, "statWAvail", (104, 100), (108, 50))
LIMIT, CHARGE = amount(60, PERCENT), amount(-3_000, WATTS)
OFF = LIMIT.model_copy(update={"disabled": True})
ABSORBING = factor("0.95", absorbing=True)
GIVING = {
    "nothing": Case(modes(), 7_000),
    "limit above the sun": Case(modes(maxLimW=amount(90, PERCENT)), 7_000),
    "the tighter limit": Case(modes(maxLimW=LIMIT, genLimW=amount(4_000, WATTS)), 4_000),
    "export with a load": Case(modes(expLimW=amount(1_000, WATTS)), 2_500, grid=Grid(load=1_500)),
    "limit that is off": Case(modes(maxLimW=OFF), 7_000),
    "target": Case(modes(targetW=amount(3_000, WATTS)), 3_000),
    "target beyond the sun": Case(modes(targetW=amount(9_000, WATTS)), 7_000),
    "percent of setMaxVA": Case(modes(fixedVar=amount(20, PERCENT, "setMaxVA")), 7_000, 2_400),
    "percent of setMaxW": Case(modes(fixedVar=amount(-20, PERCENT, "setMaxW")), 7_000, -2_000),
    "var beyond the rating": Case(modes(targetVar=amount(9_000, VAR)), 7_000, 5_280),
    "limit of var": Case(
        modes(targetVar=amount(-5_000, VAR), maxLimVarAbsorb=amount(1_000, VAR)), 7_000, -1_000
    ),
    "limit of VA": Case(
        modes(targetVar=amount(3_000, VAR), maxLimPctVAInject=amount(50, PERCENT)), 5_196, 3_000
    ),
    "low voltage wanted": Case(modes(targetV=amount(235.2, VOLTS)), 7_000, -5_280),
    "high voltage wanted": Case(modes(fixedV=amount(101, PERCENT)), 7_000, 2_640),
    "set point before curve": Case(
        modes(fixedVar=amount(10, PERCENT), voltVar=CURVE), 7_000, 528, Grid(1.05)
    ),
    "watt-PF": Case(modes(wattPF=use(13, "setMaxW", (50, 1), (100, -0.9))), 7_500, -2_465, sun=7_500),
    "freq-watt": Case(modes(freqWatt=FALLING), 5_000, grid=Grid(hz=60.7)),
    "volt-watt of what there is": Case(modes(voltWatt=HALVING), 3_500, grid=Grid(1.08)),
}
STORING = {
    "at rest": Case(modes(), 0),
    "discharge": Case(modes(storageTargetW=amount(3_000, WATTS)), 3_000),
    "charge": Case(modes(fixedW=amount(-50, PERCENT)), -2_000),
    "charge limited": Case(modes(targetW=CHARGE, maxLimWAbsorb=amount(500, WATTS)), -500),
    "import with a load": Case(
        modes(targetW=CHARGE, impLimW=amount(1_000, WATTS)), -600, grid=Grid(load=400)
    ),
    "load beyond its limit": Case(modes(targetW=CHARGE, loadLimW=amount(300, WATTS)), 0, grid=Grid(load=400)),
    "factor while charging": Case(modes(targetW=CHARGE, fixedPFAbsorbW=ABSORBING), -3_000, -986),
    "factor only while giving": Case(modes(targetW=CHARGE, fixedPFInjectW=ABSORBING), -3_000),
}
STORED = {name: case._replace(build=STORE, sun=0) for name, case in STORING.items()}
MIXED = Case(modes(targetW=amount(4_000, WATTS)), 4_000, sun=1_000, build=STORE)
STEADY = {**GIVING, **STORED, "sun and store": MIXED}


@pytest.mark.parametrize("name", STEADY)
def test_steady_state(name: str) -> None:
    case = STEADY[name]
    unit = Light(case.build)
    unit.demand(case.said, ENTRY)
    found = settled(unit, case.grid, case.sun)
    assert found.w == pytest.approx(case.w, abs=1)
    assert found.var == pytest.approx(case.var, abs=1)
    assert hypot(found.w, found.var) <= case.build.plate.va + 1


def test_store_neither_overflows_nor_runs_dry_however_long_the_step() -> None:
    unit = Light(STORE)
    unit.demand(modes(targetW=amount(-4_000, WATTS)), ENTRY)
    for _ in range(20):
        unit.step(Grid(), 0, 3_600)
    assert unit.output.soc == pytest.approx(100)
    assert unit.output.w == pytest.approx(0, abs=1e-6)
    unit.demand(modes(targetW=amount(5_000, WATTS)), ENTRY)
    for _ in range(20):
        unit.step(Grid(), 0, 3_600)
    assert unit.output.soc == pytest.approx(0, abs=1e-6)
    assert unit.output.w == pytest.approx(0, abs=1e-6)


def test_loss_of_the_round_trip_is_taken_while_it_charges() -> None:
    unit = Light(STORE)
    unit.demand(modes(targetW=amount(-2_000, WATTS)), ENTRY)
    settled(unit, Grid(), 0)
    before = unit.output.soc or 0
    unit.step(Grid(), 0, 3_600)
    assert (unit.output.soc or 0) - before == pytest.approx(2_000 * 0.9 / 10_000 * 100)


def test_surplus_of_the_sun_goes_into_the_store() -> None:
    unit = Light(STORE)
    unit.demand(modes(genLimW=amount(1_000, WATTS)), ENTRY)
    settled(unit, Grid(), 3_000)
    before = unit.output.soc or 0
    found = unit.step(Grid(), 3_000, 3_600)
    assert found.w == pytest.approx(1_000)
    assert (found.soc or 0) - before == pytest.approx(2_000 * 0.9 / 10_000 * 100)


def test_change_in_watts_counts_from_where_it_was_ordered_and_stays_there() -> None:
    unit = Light(ROOF)
    settled(unit, Grid(), 6_000)
    said = modes(deltaW=amount(-1_000, WATTS))
    unit.demand(said, ENTRY)
    settled(unit, Grid(), 6_000)
    unit.demand(said, ENTRY)
    assert settled(unit, Grid(), 6_000).w == pytest.approx(5_000)


def test_ramp_of_an_order_is_a_straight_line() -> None:
    unit = Light(ROOF)
    settled(unit, Grid(), 10_000)
    unit.demand(modes(maxLimW=amount(60, PERCENT), rampTms=Decimal(40)), ENTRY)
    found = [unit.step(Grid(), 10_000, 10).w for _ in range(5)]
    assert found == [pytest.approx(one) for one in (9_000, 8_000, 7_000, 6_000, 6_000)]


def test_ordinary_changes_keep_to_the_rate_and_droop_does_not() -> None:
    unit = Light(ROOF)
    settled(unit, Grid(), 10_000)
    rate = messages.GridEntry(setGradW=amount(1, messages.Unit.percent_per_s))
    unit.demand(modes(maxLimW=amount(50, PERCENT)), rate)
    assert unit.step(Grid(), 10_000, 10).w == pytest.approx(9_000)
    unit.demand(modes(freqDroop=DROOP), rate)
    assert unit.step(Grid(hz=60.7), 10_000, 10).w < 8_000


@pytest.mark.parametrize(
    ("said", "state", "connected"),
    [
        (modes(connect=False), State.OFF, False),
        (modes(gridConnectPermit=False), State.OFF, False),
        (modes(energize=False), State.CEASED, True),
        (modes(connect=True, energize=False), State.CEASED, True),
    ],
)
def test_order_to_stop_is_obeyed_at_once(said: messages.Modes, state: State, connected: bool) -> None:
    unit = Light(ROOF)
    settled(unit, Grid(), 10_000)
    unit.demand(said, ENTRY)
    found = unit.step(Grid(), 10_000, 0.1)
    assert (found.w, found.var, found.connected, found.operating) == (0, 0, connected, False)
    assert unit.state is state


def test_way_back_into_service_waits_for_the_grid_and_the_draw() -> None:
    unit = Light(Build(ROOF.plate, chance=0.5))
    unit.demand(modes(connect=False), ENTRY)
    unit.step(Grid(), 10_000, 1)
    said = messages.GridEntry(setESDelay=Decimal(60), setESRandomDelay=Decimal(100), setESRampTms=Decimal(50))
    unit.demand(modes(), said)
    assert not settled(unit, Grid(1.08), 10_000, 500).operating, "the voltage is outside the window"
    assert not settled(unit, Grid(), 10_000, 109).operating
    assert settled(unit, Grid(), 10_000, 2).operating
    assert settled(unit, Grid(), 10_000, 24).w == pytest.approx(5_000, abs=300)
    settled(unit, Grid(), 10_000, 60)
    assert unit.state is State.RUNNING


def test_ordered_trip_settings_replace_the_usual_ones() -> None:
    unit = Light(ROOF)
    unit.demand(modes(HVRTMustTrip=use(5, "effectiveV", (2, 105), (0.16, 120))), ENTRY)
    settled(unit, Grid(), 10_000)
    assert settled(unit, Grid(1.06), 10_000, 1).operating
    found = settled(unit, Grid(1.06), 10_000, 1)
    assert (found.operating, found.alarms) == (False, 2)


def test_unit_ceases_for_a_moment_and_is_back_when_the_voltage_is() -> None:
    unit = Light(ROOF)
    unit.demand(modes(LVRTMomentaryCessation=use(9, "effectiveV", (1, 50), (1, 50))), ENTRY)
    settled(unit, Grid(), 10_000)
    assert unit.step(Grid(0.45), 10_000, 0.1).w == 0
    found = settled(unit, Grid(), 10_000)
    assert found.operating
    assert found.w == pytest.approx(10_000)


def test_only_an_eager_unit_trips_where_it_may() -> None:
    said = modes(HVRTMayTrip=use(3, "effectiveV", (1, 104), (0.1, 115)))
    units = [Light(ROOF), Light(Build(ROOF.plate, eager=True))]
    for unit in units:
        unit.demand(said, ENTRY)
    assert [settled(unit, Grid(1.05), 10_000, 5).operating for unit in units] == [True, False]


def test_frequencies_of_the_tables_are_in_proportion_on_another_grid() -> None:
    unit = Light(Build(ROOF.plate, hertz=50))
    assert settled(unit, Grid(hz=50.9), 10_000, 200).operating
    assert not settled(unit, Grid(hz=51.1), 10_000, 301).operating


def test_reference_follows_the_voltage_where_it_may() -> None:
    curve = use(11, "setMaxVA", (92, 44), (98, 0), (102, 0), (108, -44)).curve
    assert curve is not None
    own = {"autonomousVRefEnable": True, "autonomousVRefTimeConstant": Decimal(300)}
    unit = Light(ROOF)
    unit.demand(modes(voltVar=messages.CurveUse(curve=curve.model_copy(update=own))), ENTRY)
    assert settled(unit, Grid(1.05), 10_000).var < -1_500
    assert settled(unit, Grid(1.05), 10_000, 3_000).var == pytest.approx(0, abs=5)


def test_year_of_quarters_is_done_in_seconds_and_stays_within_the_rating() -> None:
    unit = Light(ROOF)
    unit.demand(modes(voltVar=use(11, "setMaxVA", (92, 44), (98, 0), (102, 0), (108, -44))), ENTRY)
    for quarter in range(365 * 96):
        found = unit.step(Grid(0.97 + quarter % 10 * 0.01), 10_000 * (quarter % 96) / 96, 900)
        assert hypot(found.w, found.var) <= 12_001
