"""Units that a peer tells beside a value: expected, converted or refused; signs and ranges of figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping.bases import Bases, Unrepresentable
from bridge.mapping.iec61850 import to_points
from tests.mapping.telling import BASES, amount, back, control, default, read, written


@pytest.mark.parametrize(
    ("do", "told"), [("DWMX1.WMaxSptPct", 38), ("DWMX2.WMaxSpt", 61), ("DWMX4.WMaxSpt", 63)]
)
def test_another_unit_is_refused(do: str, told: int) -> None:
    with pytest.raises(Unrepresentable, match=rf"{do}.*SIUnit {told}.*is meant"):
        read({f"{do}.ctlVal.f": 5.0, f"{do}.units.SIUnit": told})


@pytest.mark.parametrize(
    ("do", "value", "told", "meant"),
    [
        ("MMXU1.TotW", "mag.f", 63, 38),
        ("MMXU1.TotVAr", "instMag.f", 38, 63),
        ("MMXU1.TotPF", "mag.f", 38, 65),
        ("MMXU1.PhV.phsA", "cVal.mag.f", 5, 29),
        ("MMXU1.Hz", "mag.f", 4, 33),
        ("AvMMXU1.TotVA", "mag.f", 38, 61),
        ("MMTR1.SupWh", "actVal", 73, 72),
        ("MMTR2.TotVAh", "actVal", 72, 71),
    ],
)
def test_a_reading_in_another_unit_is_refused(do: str, value: str, told: int, meant: int) -> None:
    points: dict[str, Any] = {f"{do}.{value}": 1 if value == "actVal" else 0.5}
    points |= {f"{do.partition('.')[0]}.PFSign.setVal": 1} if "PF" in do else {}
    with pytest.raises(Unrepresentable, match=rf"{do}.*SIUnit {told}, where .*SIUnit {meant}\b.* is meant"):
        back(points | {f"{do}.units.SIUnit": told}, "Reading")
    assert [one.type.uom for one in back(points | {f"{do}.units.SIUnit": meant}, "Reading").series] == [meant]


def test_a_factor_may_have_no_dimension_and_be_a_percentage() -> None:
    told = {"MMXU1.TotPF.mag.f": 95.0, "MMXU1.PFSign.setVal": 1, "MMXU1.TotPF.units.SIUnit": 1}
    found = back(told | {"MMXU1.TotPF.units.multiplier": -2}, "Reading").series[0]
    assert found.value.value.scaleb(found.type.powerOfTenMultiplier) == Decimal("0.95")


@pytest.mark.parametrize(
    "ref", ["DWMX1.ReqWMax", "DGEN1.AvlUpW", "MMXU1.TotW", "DSTO1.UseSocPct", "DSTO1.SocWh", "DSTO1.WhRtg"]
)
def test_a_state_told_in_another_unit_is_refused(ref: str) -> None:
    told = {"DGEN1.DEROpSt.stVal": 6, "DWMX1.ReqWMax.mag.f": 3e3, "DGEN1.AvlUpW.mag.f": 500.0}
    told |= {"MMXU1.TotW.mag.f": 2900.0, "DSTO1.SocWh.mag.f": 5.0, "DSTO1.WhRtg.setMag.f": 10.0}
    told |= {"DSTO1.UseSocPct.mag.f": 50.0} if "Pct" in ref else {}
    assert back(told, "Status").operation.inverterStatus.value == 5
    with pytest.raises(Unrepresentable, match=rf"{ref}.*SIUnit 63"):
        back(told | {f"{ref}.units.SIUnit": 63}, "Status")


def test_a_count_with_a_power_of_ten_that_no_multiplier_has_is_refused() -> None:
    with pytest.raises(Unrepresentable, match="power of ten"):
        back({"MMTR1.SupWh.actVal": 1, "MMTR1.SupWh.units.multiplier": 60}, "Reading")
    with pytest.raises(Unrepresentable, match="not an integer"):
        back({"MMTR1.SupWh.actVal": 10**38, "MMTR1.SupWh.pulsQty": 2.5}, "Reading")


def test_minutes_are_seconds() -> None:
    told = {"DSTO1.AvlDschWTm.mag.f": 2.0, "DSTO1.AvlDschWTm.units.SIUnit": 85}
    assert back(told, "Status").availability.availabilityDuration == 120
    told = {"DCTE1.RtnDlTmms.setVal": 2, "DCTE1.RtnDlTmms.units.SIUnit": 85}
    assert back(told, "Default").entry.setESDelay == 120
    with pytest.raises(Unrepresentable, match="not in seconds"):
        back({"DCTE1.RtnDlTmms.setVal": 2, "DCTE1.RtnDlTmms.units.SIUnit": 38}, "Default")


def test_volts_are_percent_of_a_known_reference() -> None:
    told = {"DCTE1.VHiLim.setMag.f": 253.0, "DCTE1.VHiLim.units.SIUnit": 29}
    assert back(told, "Default", BASES).entry.setESHighVolt.value == 110
    with pytest.raises(Unrepresentable, match="VRef needs that base"):
        back(told, "Default", Bases())


def test_a_percentage_whose_object_does_not_say_so_has_its_unit() -> None:
    entry = m.GridEntry(setESHighVolt=amount("110", "%", "VRef"))
    points = written(default().model_copy(update={"entry": entry}))
    assert (points["DCTE1.VHiLim.units.SIUnit"], points["DCTE1.VHiLim.units.multiplier"]) == (1, -2)


@pytest.mark.parametrize(("kind", "do"), [("Setting", "AvarMax"), ("Capability", "AvarMaxRtg")])
def test_absorbed_reactive_power_is_negative(kind: str, do: str) -> None:
    assert back({f"DGEN1.{do}.setMag.f": 3000.0}, kind).ratings.AvarMax.value == -3000


def test_a_negative_base_counts_by_its_magnitude() -> None:
    asked = default(maxLimPctVarAbsorb=amount("50", "%", "setMaxVar"))
    points = written(asked, replace(BASES, setMaxVarNeg=Decimal(-3000)))
    assert points["DPMC1.VArMinSpt2.ctlVal.f"] == -1500.0


def test_the_side_of_an_axis_in_volts_is_its_own() -> None:
    do = "DVVR1.VVArCrv"
    told: dict[str, Any] = {
        f"{do}.numPts": 2,
        f"{do}.xUnits.SIUnit": 29,
        f"{do}.yUnits.SIUnit": 1,
        f"{do}.yUnits.multiplier": -2,
        "DVVR1.VArSptRef.setVal": 2,
        "DECP1.RefFrm.setVal": False,
    }
    for number, (x, y) in enumerate([(216.0, -44.0), (240.0, 0.0)]):
        told |= {f"{do}.crvPts({number}).xVal": x, f"{do}.crvPts({number}).yVal": y}
    use = read(told, Bases(VRef=Decimal(240))).voltVar
    assert use is not None
    assert use.curve is not None
    assert [(dot.x, dot.y) for dot in use.curve.point] == [
        (Decimal(90), Decimal(44)),
        (Decimal(100), Decimal(0)),
    ]


@pytest.mark.parametrize("value", [1.5, -1.5])
def test_a_power_factor_beyond_one_is_refused(value: float) -> None:
    with pytest.raises(Unrepresentable, match="not a power factor"):
        read({"DFPF1.PFGnTgtSpt.ctlVal.f": value, "DFPF1.PFGnExtQud.ctlVal": True})


@pytest.mark.parametrize("power", [2147483647, -2147483648, 60])
def test_a_power_of_ten_that_no_multiplier_has_is_refused(power: int) -> None:
    with pytest.raises(Unrepresentable, match="power of ten"):
        read({"DWMX1.WMaxSptPct.ctlVal.f": 60.0, "DWMX1.WMaxSptPct.units.multiplier": power})
    with pytest.raises(Unrepresentable, match="power of ten"):
        back({"DCTE1.WinTms.setVal": 7, "DCTE1.WinTms.units.multiplier": power}, "Default")


@pytest.mark.parametrize("window", [{"start": Decimal("1E25")}, {"duration": Decimal("1E27")}])
def test_a_window_beyond_every_clock_is_refused(window: dict[str, Decimal]) -> None:
    with pytest.raises(Unrepresentable):
        to_points(control(modes=m.Modes(targetW=amount("5", "W")), **window), BASES)
