"""Curves, ramps and limits as points: what the traps leave over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

import models.der.messages as m
from bridge.mapping.bases import Unrepresentable
from bridge.mapping.iec61850 import to_points
from bridge.mapping.losses import reason
from tests.mapping.telling import BASES, amount, back, column, curve, default, written


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
