"""Units that count otherwise, the other way, or have less: adapted to or refused, never misunderstood."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bridge.iec61850.carrying import ways
from bridge.iec61850.image import Domain
from bridge.iec61850.shape import Structure
from bridge.mapping.bases import Bases
from bridge.ports import Reach
from tests.iec61850.carrying.asked import MODES, control, take
from tests.iec61850.carrying.real import NAME, Unit, able
from tests.iec61850.carrying.told import done, held, refused
from tests.iec61850.units import amount
from tests.mapping.fitting import BASES


def unit(*modes: str, **values: object) -> Unit:
    found = Unit(able(*modes), schedules=False)
    for item, value in values.items():
        found.image.put(NAME, item.replace("__", "$"), value, found.now)  # type: ignore[arg-type]
    return found


def test_a_unit_that_counts_in_kilowatts_is_told_kilowatts() -> None:
    one = unit("targetW", DWGC2__CF__WSpt__units__multiplier=3)
    done(one, take(control("targetW")))
    assert held(one, "DWGC2.WSpt") == pytest.approx(1.2)


def test_a_unit_that_counts_in_something_else_is_told_nothing() -> None:
    one = unit("targetW", DWGC2__CF__WSpt__units__SIUnit=5)
    found = refused(one, take(control("targetW")))
    assert (found.verdict.status, "SIUnit 5" in str(found)) == (252, True)


def test_a_percentage_of_a_unit_that_counts_in_ones_is_a_fraction() -> None:
    one = unit("maxLimW", DWMX1__CF__WMaxSptPct__units__multiplier=0)
    done(one, take(control("maxLimW")))
    assert held(one, "DWMX1.WMaxSptPct") == pytest.approx(0.5)


def test_a_time_goes_in_what_the_unit_counts_in_and_up_to_a_whole_one() -> None:
    one = unit("maxLimW", DWMX1__CF__RmpTms__units__multiplier=0)
    done(one, take(control("maxLimW", asked={"rampTms": Decimal("2.5")})))
    assert one.read("DWMX1$SP$RmpTms$setVal") == 3
    other = unit("maxLimW", DWMX1__CF__RmpTms__units__multiplier=-3)
    done(other, take(control("maxLimW", asked={"rampTms": Decimal("2.5")})))
    assert other.read("DWMX1$SP$RmpTms$setVal") == 2500


def test_a_connection_point_that_counts_consumption_turns_the_sign() -> None:
    one = unit("targetW", DECP1__SP__RefFrm__setVal=False)
    done(one, take(control("targetW")))
    assert held(one, "DWGC2.WSpt") == -1200.0


@pytest.mark.parametrize(("measured", "nominal"), [(59.98, 60), (50.02, 50)])
def test_the_nominal_frequency_is_the_one_that_is_measured(measured: float, nominal: int) -> None:
    one = unit("freqDroop", MMXU1__MX__Hz__mag__f=measured)
    survey = one.look()
    assert ways.suited(survey, Bases()).hertz == nominal
    done(one, take(control("freqDroop")), replace(BASES, hertz=None))
    assert one.read("DHFW1$SP$HzStr$setMag$f") == pytest.approx(nominal + 0.036)


def test_without_a_frequency_no_droop_is_told() -> None:
    one = unit("freqDroop")
    found = refused(one, take(control("freqDroop")), replace(BASES, hertz=None))
    assert (found.verdict.status, "nominal frequency" in str(found)) == (253, True)


def test_without_its_base_no_percentage_is_told() -> None:
    one = unit("maxLimPctVarInject")
    found = refused(one, take(control("maxLimPctVarInject")), Bases())
    assert (found.verdict.status, "setMaxVar" in str(found)) == (253, True)


def test_a_unit_with_other_names_is_told_by_its_own() -> None:
    one = unit("targetW")
    held_ = one.image.domains[NAME]
    fields = tuple((f"Plant{name}" if name == "DWGC2" else name, of) for name, of in held_.type.fields)
    leaves = {f"Plant{i}" if i.startswith("DWGC2$") else i: v for i, v in held_.leaves.items()}
    one.image.domains[NAME] = Domain(NAME, Structure(fields), leaves)
    bases = replace(BASES, names={"DWGC2": "PlantDWGC2"})
    assert "targetW" in ways.reach(one.look(), bases).direct
    done(one, take(control("targetW")), bases)
    assert held(one, "PlantDWGC2.WSpt") == 1200.0


def test_reach_is_what_the_nodes_allow() -> None:
    every = frozenset(MODES)
    assert ways.reach(Unit(schedules=False).look(), BASES) == Reach(frozenset(), every | {"entry"})
    one = ways.reach(Unit().look(), BASES)
    assert one == Reach(frozenset(), every | {"entry"}), "the next could not wait beside the one that runs"
    two = ways.reach(Unit(slots=2).look(), BASES)
    assert (two.scheduled | two.direct, two.scheduled & two.direct) == (every | {"entry"}, frozenset())
    assert {"maxLimW", "targetVar", "connect", "expLimW"} <= two.scheduled
    assert {"voltVar", "freqDroop", "HVRTMustTrip", "fixedVar", "entry"} <= two.direct


def test_reach_leaves_out_what_takes_no_command() -> None:
    one = unit("maxLimW", "targetW", DWMX1__CF__WMaxSptPct__ctlModel=0)
    assert ways.reach(one.look(), BASES).direct == {"targetW", "entry"}


def test_a_figure_beyond_the_unit_is_refused() -> None:
    one = unit("targetW")
    found = refused(one, take(control(asked={"targetW": amount("1e39", "W")})))
    assert found.verdict.status == 253


def test_a_moment_beyond_a_timestamp_is_refused() -> None:
    one = Unit(able("maxLimW"), slots=2)
    found = refused(one, take(control("maxLimW", start=Decimal(2**32 + 1))))
    assert found.verdict.status == 253
