"""Each mode of a control on a unit: each figure where the name space means it, readable as it was asked."""

from __future__ import annotations

from decimal import Decimal

import pytest

import models.der.messages as m
from bridge.iec61850.carrying import plan, ways
from bridge.iec61850.device import item_of
from bridge.mapping.iec61850 import from_points, to_points
from bridge.ports import Order
from tests.iec61850.carrying.asked import MODES, START, control, default, take
from tests.iec61850.carrying.real import NAME, Unit, able
from tests.iec61850.carrying.told import BARE, done, held, points
from tests.iec61850.units import amount
from tests.mapping.fitting import BASES

AHEAD = START + 3600
"""An hour from now."""


def asked(order: Order, *modes: str) -> m.Control:
    """The record with these modes and the order's window."""
    return plan.narrowed(order, modes or order.modes, order.start)  # type: ignore[return-value]


def same(unit: Unit, order: Order, *, commanded: bool) -> None:
    """What the unit holds reads back as the record, but for what the mapping declares lost."""
    wanted = asked(order)
    beside = to_points(wanted, BARE).beside
    told = points(unit, wanted, commanded=commanded)
    back = from_points(told, type(wanted).__name__, BARE, beside)
    assert back.modes == wanted.modes  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_is_told_directly(mode: str) -> None:
    unit, order = Unit(able(mode), schedules=False), take(control(mode))
    assert done(unit, order).schedules == ()
    same(unit, order, commanded=True)


@pytest.mark.parametrize("mode", MODES)
def test_what_a_mode_asks_for_is_in_force(mode: str) -> None:
    unit, order = Unit(able(mode), schedules=False), take(control(mode))
    for node in {item.partition("$")[0] for item in unit.leaves() if item.endswith("$ST$Mod$stVal")} - {
        "LLN0"
    }:
        unit.works.put(node, "Mod", 5)
    done(unit, order)
    for each in to_points(asked(order), BARE).points:
        ref = each.ref.removeprefix(f"{NAME}/")
        if each.fc == "CO" and not ref.startswith("FSCH"):
            assert held(unit, ref) == pytest.approx(each.value), each
        elif each.fc == "SP" and not ref.startswith("FSC"):
            now = unit.read(item_of(ref, "SP"))
            assert now == pytest.approx(each.value) if isinstance(now, float) else now == each.value, each


SCHEDULED = sorted(ways.reach(Unit(slots=2).look(), BASES).scheduled - {"rampTms"})


@pytest.mark.parametrize("mode", SCHEDULED)
def test_a_mode_goes_ahead_by_schedules(mode: str) -> None:
    unit = Unit(able(mode), slots=2)
    record = control(mode, start=AHEAD)
    order = take(record)
    refs = {
        each.ref.removeprefix(f"{NAME}/"): each.value
        for each in to_points(asked(order), BARE).points
        if each.fc == "CO" and "FSCH" not in each.ref
    }
    before = {ref: held(unit, ref) for ref in refs}
    assert done(unit, order).schedules
    assert {ref: held(unit, ref) for ref in refs} == before, "nothing changes before its time"
    same(unit, order, commanded=False)
    unit.go(3600)
    assert {ref: held(unit, ref) for ref in refs} == pytest.approx(refs)


def test_window_and_rank_are_those_of_the_order() -> None:
    unit, record = Unit(able("maxLimW"), slots=2), control("maxLimW", start=START)
    done(unit, take(record, start=AHEAD, end=AHEAD + 120))
    back = from_points(points(unit, record, commanded=False), "Control", BARE)
    assert isinstance(back, m.Control)
    assert (back.start, back.duration, back.primacy) == (AHEAD, Decimal(120), 3)


def test_a_ramp_goes_with_whatever_is_told_with_it() -> None:
    unit = Unit(able("maxLimW"), slots=2)
    done(unit, take(control("maxLimW", asked={"rampTms": Decimal(30)}, start=AHEAD)))
    assert unit.read("DWMX1$SP$RmpTms$setVal") == 30


def test_a_direct_control_ends_by_itself_after_what_is_left_of_it() -> None:
    unit = Unit(able("maxLimW"), schedules=False)
    done(unit, take(control("maxLimW", start=START - 200)))
    assert unit.read("DWMX1$SP$RvrtTms$setVal") == 400


def test_a_curve_is_begun_by_mod_though_the_node_is_on() -> None:
    unit = Unit(able("voltVar", "maxLimW"), schedules=False)
    assert [unit.read(f"{node}$ST$Mod$stVal") for node in ("DVVR1", "DWMX1")] == [1, 1]
    done(unit, take(control("voltVar", "maxLimW")))
    asked = [each.target.object for each in unit.works.done if each.target.node in {"DVVR1", "DWMX1"}]
    assert sorted(asked) == ["Mod", "WMaxSptPct"], "a set point says itself that its mode is wanted"


def test_a_mode_that_is_switched_off_is_switched_off() -> None:
    unit = Unit(able("targetW"), schedules=False)
    off = amount(1000, "W").model_copy(update={"disabled": True})
    done(unit, take(control(asked={"targetW": off})))
    assert unit.read("DWGC2$ST$Mod$stVal") == 5


def test_a_default_is_told_directly_and_lasts() -> None:
    unit = Unit(able("maxLimW", "voltVar"), slots=2)
    found = done(unit, take(default("maxLimW", "voltVar")))
    assert found.schedules == ()
    assert held(unit, "DWMX1.WMaxSptPct") == 50.0
    assert unit.read("DVVR1$SP$VVArCrv")[0] == 4  # type: ignore[index]
    assert unit.read("DWMX1$SP$RvrtTms$setVal") == 0
