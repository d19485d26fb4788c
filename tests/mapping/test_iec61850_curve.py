"""Curves, ramps and limits as points: what the traps leave over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

import models.der.messages as m
from bridge.mapping.bases import Bases, Unrepresentable
from bridge.mapping.iec61850 import to_points
from bridge.mapping.losses import reason
from bridge.mapping.nodes import read as nodes
from tests.mapping.telling import BASES, amount, back, column, curve, default, follows, read, written


def test_places_beyond_the_last_point_are_zero() -> None:
    points = written(default(voltVar=curve(11, [("92", "44"), ("108", "-44")], "setMaxVar")))
    assert points["DVVR1.VVArCrv.maxPts"] == 10
    assert [points[f"DVVR1.VVArCrv.crvPts({number}).yVal"] for number in range(10)] == [
        44.0,
        -44.0,
        *[0.0] * 8,
    ]


def test_percent_var_limits_are_absolute_and_need_their_base() -> None:
    asked = default(
        maxLimPctVarAbsorb=amount("50", "%", "setMaxVar"), maxLimPctVarInject=amount("50", "%", "setMaxW")
    )
    points = written(asked, replace(BASES, setMaxVarNeg=Decimal(2800)))
    assert (points["DPMC1.VArMinSpt2.ctlVal.f"], points["DPMC1.VArMaxSpt2.ctlVal.f"]) == (-1400.0, 2500.0)
    with pytest.raises(Unrepresentable, match="statVarAvail needs that base"):
        to_points(default(maxLimPctVarInject=amount("50", "%", "statVarAvail")), BASES)


def test_a_ramp_of_zero_is_no_limit_and_never_a_standstill() -> None:
    record = default().model_copy(update={"entry": m.GridEntry(setGradW=amount("0", "%/s", "setMaxW"))})
    points = written(record)
    assert points["DWGC1.RmpRteUse.setVal"] is False
    assert "DGEN1.WRmp.setMag.f" not in points
    used = curve(11, [("92", "44")], "setMaxVar", rampUp=amount("0", "%/s", "setMaxW"))
    points = written(default(voltVar=used))
    assert points["DVVR1.RmpRteUse.setVal"] is False
    assert "DVVR1.RpuMax.setMag.f" not in points


def test_a_curve_in_percent_of_set_max_va_is_rescaled() -> None:
    points = written(default(voltVar=curve(11, [("92", "30")], "setMaxVA")))
    assert (points["DVVR1.VArSptRef.setVal"], column(points, "DVVR1.VVArCrv", "yVal")) == (2, [60.0])


# ------------------------------------------------------------------------------ negative percentages of power

VOLTS = [("92", "100"), ("100", "0"), ("108", "-50")]
HERTZ = [("59", "100"), ("60", "0"), ("61", "-50")]


@pytest.mark.parametrize(
    ("mode", "kind", "dots", "do", "ys"),
    [
        ("voltWatt", 12, VOLTS, "DVWC1.VWCrv", [100.0, 0.0, -20.0]),
        ("freqWatt", 0, HERTZ, "DHFW2.HzWCrv", [0.0, -20.0]),
    ],
)
def test_a_negative_percentage_of_a_curve_is_of_the_charge_rate(
    mode: str, kind: int, dots: list[tuple[str, str]], do: str, ys: list[float]
) -> None:
    """2000 W of charge rate at 5000 W: 50 % of the one are 20 % of the other."""
    asked = default(**{mode: curve(kind, dots, "setMaxW")})
    points = written(asked)
    assert column(points, do, "yVal") == ys
    found = follows(getattr(read(points), mode))
    assert (found.yOf, [(dot.x, dot.y) for dot in found.point]) == (
        "setMaxW",
        [(Decimal(x), Decimal(y)) for x, y in dots],
    )
    assert not [path for path, _ in to_points(asked, BASES).losses if path.startswith("modes")]


@pytest.mark.parametrize("bases", [Bases(hertz=Decimal(60)), Bases(setMaxW=Decimal(5000), hertz=Decimal(60))])
def test_only_a_negative_percentage_needs_the_charge_rate(bases: Bases) -> None:
    for mode, kind, dots in (("voltWatt", 12, VOLTS), ("freqWatt", 0, HERTZ)):
        points = written(default(**{mode: curve(kind, dots[:2], "setMaxW")}), bases)
        assert follows(getattr(read(points, bases), mode)).point[0].y == 100
        asked = default(**{mode: curve(kind, dots, "setMaxW")})
        with pytest.raises(Unrepresentable, match="setMaxChargeRateW needs that base"):
            to_points(asked, bases)
        with pytest.raises(Unrepresentable, match="setMaxChargeRateW needs that base"):
            read(written(asked), bases)


@pytest.mark.parametrize(("of", "literal", "ys"), [("statWAvail", 4, [100, -50]), ("setMaxW", 2, [100, -20])])
def test_a_percentage_of_what_is_available_is_of_that_on_both_sides(
    of: str, literal: int, ys: list[float]
) -> None:
    for mode, kind, do in (("voltWatt", 12, "DVWC1.VWCrv"), ("freqWatt", 0, "DHFW2.HzWCrv")):
        points = written(default(**{mode: curve(kind, [("100", "100"), ("108", "-50")], of)}))
        assert points[f"{do}Ref.setVal"] == literal
        assert column(points, do, "yVal") == ys
        assert [dot.y for dot in follows(getattr(read(points), mode)).point] == [100, -50]


def test_a_percentage_of_the_charge_rate_is_rescaled_once() -> None:
    use = curve(12, [("92", "100"), ("108", "-50")], "setMaxChargeRateW")
    points = written(default(voltWatt=use))
    assert column(points, "DVWC1.VWCrv", "yVal") == [40.0, -20.0]
    assert [dot.y for dot in follows(read(points).voltWatt).point] == [40, -50]


def test_a_negative_percentage_has_the_direction_of_its_frame() -> None:
    bases = replace(BASES, frames={"DECP1": False})
    points = written(default(voltWatt=curve(12, VOLTS, "setMaxW")), bases)
    assert column(points, "DVWC1.VWCrv", "yVal") == [-100.0, 0.0, 20.0]
    told = points | {"DECP1.RefFrm.setVal": False}
    assert [dot.y for dot in follows(read(told).voltWatt).point] == [100, 0, -50]


@pytest.mark.parametrize(
    ("mode", "kind", "dots", "bent"),
    [
        ("voltWatt", 12, [("92", "100"), ("108", "-50")], True),
        ("voltWatt", 12, [("100", "100"), ("100", "-50")], False),
        ("voltWatt", 12, VOLTS, False),
        ("freqWatt", 0, [("60", "100"), ("61", "-50")], True),
        ("freqWatt", 0, HERTZ[1:], False),
        ("wattVar", 14, [("-50", "44"), ("100", "-44")], True),
        ("wattVar", 14, [("-50", "44"), ("100", "44")], False),
        ("wattVar", 14, [("-50", "44"), ("0", "0"), ("100", "-44")], False),
    ],
)
def test_a_segment_across_nought_is_declared_and_never_bent_by_a_point(
    mode: str, kind: int, dots: list[tuple[str, str]], bent: bool
) -> None:
    asked = default(**{mode: curve(kind, dots, "setMaxVar" if kind == 14 else "setMaxW")})
    path = f"modes.{mode}.curve.point"
    losses = [said for name, said in to_points(asked, BASES).losses if name == path]
    points = written(asked)
    assert [value for ref, value in points.items() if ref.endswith("numPts")] == [len(dots)]
    assert ["across nought" in said for said in losses] == [True] * bent
    same = replace(BASES, setMaxChargeRateW=BASES.setMaxW)
    assert path not in dict(to_points(asked, same).losses)


def test_the_point_put_in_at_nominal_frequency_adds_no_bend() -> None:
    """100 % to -50 % of the charge rate are 5000 W to -1000 W: half way, 2000 W."""
    asked = default(freqWatt=curve(0, [("59", "100"), ("61", "-50")], "setMaxW"))
    points = written(asked)
    assert column(points, "DLFW2.HzWCrv", "yVal") == [100.0, 40.0]
    assert column(points, "DHFW2.HzWCrv", "yVal") == [40.0, -20.0]
    assert [loss for path, loss in to_points(asked, BASES).losses if path.endswith("point")] == [
        next(row.loss for row in nodes().rows["Modes"] if row.canonical == "freqWatt")
    ]


def test_ten_points_across_nominal_frequency_come_back_as_ten() -> None:
    rising = [(f"{59 + number * 2 / 9:.3f}", f"{-99.9 + number * 7.77:.2f}") for number in range(10)]
    points = written(default(freqWatt=curve(0, rising, "setMaxW")))
    found = follows(read(points).freqWatt).point
    assert [(dot.x, dot.y) for dot in found] == [(Decimal(x), Decimal(y)) for x, y in rising]


def test_what_is_available_needs_no_charge_rate() -> None:
    bases = replace(BASES, setMaxChargeRateW=None)
    rising = [(f"{59 + number * 2 / 9:.3f}", f"{-99.9 + number * 7.77:.2f}") for number in range(10)]
    points = written(default(freqWatt=curve(0, rising, "statWAvail")), bases)
    assert len(follows(read(points, bases).freqWatt).point) == 10


def test_each_half_says_what_its_percentages_are_of() -> None:
    points = written(default(freqWatt=curve(0, HERTZ, "setMaxW")))
    half = points | {"DLFW2.Mod.ctlVal": 5, "DHFW2.HzWCrvRef.setVal": 4}
    assert [dot.y for dot in follows(read(half).freqWatt).point] == [0, -20]


# --------------------------------------------------------------------------------- what a curve bears besides


@pytest.mark.parametrize(
    ("filters", "name", "seconds"),
    [
        ({"OplTmsMax": 5}, "openLoop", "5"),
        ({"OplTmsMax": 0}, "openLoop", "0"),
        ({"OplTmsMax": 5, "OutFilByp": True}, "openLoop", "0"),
        ({"OutFilByp": True}, "openLoop", "0"),
        ({"OplTmsMax": 5, "OutFilByp": False}, "openLoop", "5"),
        ({"RspTmms": 5000, "InFilByp": True}, "rampPT1", "0"),
    ],
)
def test_a_bypassed_filter_takes_no_time(filters: dict[str, int], name: str, seconds: str) -> None:
    told = written(default(voltVar=curve(11, [("92", "44"), ("108", "-44")], "setMaxVar")))
    told |= {f"DVVR1.{do}.setVal": value for do, value in filters.items()}
    assert getattr(follows(read(told).voltVar), name) == Decimal(seconds)


def test_no_open_loop_time_is_a_time_of_nought() -> None:
    """2030.5: a value of 0 is no limit on the response; a filter of no time is one that does not slow it."""
    points = written(default(voltVar=curve(11, [("92", "44")], "setMaxVar", openLoop=Decimal(0))))
    assert points["DVVR1.OplTmsMax.setVal"] == 0
    assert follows(read(points).voltVar).openLoop == 0


def test_negative_vars_are_percentages_of_the_one_base_that_the_literal_names() -> None:
    """2030.5 opModFixedVar: setMaxW, setMaxVar or statVarAvail; no literal stands for setMaxVarNeg."""
    bases = replace(BASES, setMaxVarNeg=Decimal(-1000))
    points = written(default(fixedVar=amount("-40", "%", "setMaxVar")), bases)
    assert (points["DVAR1.VArTgtSptPct.ctlVal.f"], points["DVAR1.VArSptRef.setVal"]) == (-40.0, 2)
    assert read(points, bases).fixedVar == amount("-40", "%", "setMaxVar")


@pytest.mark.parametrize(
    ("points", "seconds"),
    [
        ({"setVal": 5000}, "5"),
        ({"setVal": 5, "units.multiplier": 0}, "5"),
        ({"setVal": 5000, "units.multiplier": -3, "units.SIUnit": 4}, "5"),
    ],
)
def test_milliseconds_are_read_as_seconds(points: dict[str, int], seconds: str) -> None:
    found = back({f"DCTE1.RtnDlTmms.{name}": value for name, value in points.items()}, "Default")
    assert found.entry.setESDelay == Decimal(seconds)


def test_seconds_are_read_with_their_power_of_ten() -> None:
    assert back({"DCTE1.WinTms.setVal": 7}, "Default").entry.setESRandomDelay == 7
    told = {"DCTE1.WinTms.setVal": 750, "DCTE1.WinTms.units.multiplier": -2}
    assert back(told, "Default").entry.setESRandomDelay == Decimal("7.5")


def test_a_loss_that_no_row_declares_is_an_error() -> None:
    with pytest.raises(Unrepresentable, match="no row declares why"):
        reason("Control", "modes.connect", was=True, now=None)
    with pytest.raises(Unrepresentable, match="beyond the rounding"):
        reason("Default", "entry.setESDelay", Decimal(5), Decimal(6))
    assert reason("Default", "entry.setESDelay", Decimal(5), Decimal("5.0004"))
