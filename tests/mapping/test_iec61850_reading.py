"""Readings as objects of meters: which object, which sign, which quality."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping.iec61850 import from_points, to_points
from bridge.mapping.nodes import read
from bridge.mapping.points import Point
from bridge.mapping.table import Unrepresentable
from tests.mapping.telling import ENVELOPE, back, points
from tests.mapping.telling import STORE as BASES


def reading(value: str, **kind: Any) -> m.Reading:
    series = m.Series(
        mRID="01",
        type=m.ReadingType(**kind),
        value=m.Value(value=Decimal(value), start=Decimal(1_800_000_000), qualityFlags="0001"),
    )
    return m.Reading(**ENVELOPE, series=(series,))


@pytest.mark.parametrize(
    ("kind", "ref", "value"),
    [
        ({"uom": 38, "kind": 37, "flowDirection": 19}, "MMXU1.TotW.mag.f", 2480.0),
        ({"uom": 38, "kind": 37, "flowDirection": 1}, "MMXU1.TotW.mag.f", -2480.0),
        ({"uom": 29, "phase": 129}, "MMXU1.PhV.phsA.cVal.mag.f", 2480.0),
        ({"uom": 29, "phase": 132}, "MMXU1.PPV.phsAB.cVal.mag.f", 2480.0),
        ({"uom": 5, "phase": 64}, "MMXU1.A.phsB.cVal.mag.f", 2480.0),
        ({"uom": 33}, "MMXU1.Hz.mag.f", 2480.0),
        ({"uom": 63, "dataQualifier": 8}, "MaxMMXU1.TotVAr.mag.f", 2480.0),
        ({"uom": 29, "phase": 64, "dataQualifier": 9}, "MinMMXU1.PhV.phsB.cVal.mag.f", 2480.0),
        ({"uom": 38, "kind": 8}, "AvMMXU1.TotW.mag.f", 2480.0),
        ({"uom": 38, "kind": 8, "dataQualifier": 2}, "AvMMXU1.TotW.mag.f", 2480.0),
        ({"uom": 72, "kind": 12, "accumulationBehaviour": 9}, "MMTR1.TotWh.actVal", 248),
    ],
)
def test_readings_have_their_object(kind: dict[str, int], ref: str, value: float) -> None:
    found = points(reading("248", powerOfTenMultiplier=1, **kind))
    assert found[ref] == value
    again = {name: one for name, one in found.items() if not name.endswith("PFSign.setVal")}
    series = back(again, "Reading").series
    assert [one.type.uom for one in series] == [kind["uom"]]
    assert series[0].value.start == 1_800_000_000
    assert series[0].value.qualityFlags == "0001"


@pytest.mark.parametrize(("code", "node", "method"), [(2, "Av", 7), (8, "Max", 6), (9, "Min", 5)])
def test_what_is_of_a_period_has_a_node_that_says_its_method(code: int, node: str, method: int) -> None:
    """AvWPhs would be the mean of three phases (7-4 MMXU): a third of the total."""
    found = points(reading("248", uom=38, kind=37, dataQualifier=code))
    assert {ref: value for ref, value in found.items() if ".q" not in ref and ".t" not in ref} == {
        f"{node}MMXU1.TotW.mag.f": 248.0,
        f"{node}MMXU1.ClcMth.setVal": method,
    }
    for told in (found, {"MMXU1.TotW.mag.f": 248.0, "MMXU1.ClcMth.setVal": method}):
        again = back(told, "Reading")
        assert [(one.type.uom, one.type.dataQualifier) for one in again.series] == [(38, code)]
        assert again.kept == ()


@pytest.mark.parametrize("code", [8, 9])
def test_the_greatest_demand_is_no_average(code: int) -> None:
    translation = to_points(reading("248", uom=38, kind=8, dataQualifier=code), BASES)
    assert translation.points == ()


@pytest.mark.parametrize(
    "told",
    [
        {"MMXU1.AvWPhs.mag.f": 80.0},
        {"MMXU1.TotW.mag.f": 80.0, "MMXU1.ClcMth.setVal": 8},
        {"AvMMXU1.TotW.mag.f": 80.0, "AvMMXU1.ClcMth.setVal": 2},
        {"OddMMXU1.TotW.mag.f": 80.0},
    ],
)
def test_what_2030_5_has_no_word_for_is_no_reading(told: dict[str, float]) -> None:
    found = back(told, "Reading")
    assert found.series == ()
    assert len(found.kept) == len(told)


def test_a_measurement_of_the_moment_may_say_so() -> None:
    found = back({"MMXU1.TotW.mag.f": 80.0, "MMXU1.ClcMth.setVal": 2}, "Reading")
    assert [one.type.dataQualifier for one in found.series] == [None]


def test_units_are_the_same_numbers_on_both_sides() -> None:
    units = {
        38: "W",
        63: "VAr",
        61: "VA",
        29: "V",
        33: "Hz",
        5: "A",
        65: "cos",
        72: "Wh",
        73: "VArh",
        71: "VAh",
    }
    listed = read().codes["readings"]
    assert {row["uom"] for row in (*listed["row"], *listed["register"])} == set(units)


@pytest.mark.parametrize(
    ("value", "number", "power"), [(1.4073749e14, 14073749000000, 1), (-3e38, -3 * 10**13, 25)]
)
def test_what_is_beyond_48_bits_has_a_power_of_ten(value: float, number: int, power: int) -> None:
    series = back({"MMXU1.A.phsA.cVal.mag.f": value}, "Reading").series[0]
    assert (series.value.value, series.type.powerOfTenMultiplier) == (number, power)


def test_a_register_counts_pulses() -> None:
    told = {"MMTR1.SupWh.actVal": 1234, "MMTR1.SupWh.pulsQty": 100.0, "MMTR1.SupWh.units.multiplier": 3}
    told |= {"MMTR1.SupWh.units.SIUnit": 72}
    series = back(told, "Reading").series[0]
    assert (series.value.value, series.type.powerOfTenMultiplier) == (1234, 5)
    assert back(told | {"MMTR1.SupWh.pulsQty": 2.5}, "Reading").series[0].value.value == 3085


def test_an_invalid_value_is_no_reading() -> None:
    told = {"MMXU1.TotW.mag.f": 5.0, "MMXU1.TotW.q": "invalid failure"}
    found = back(told, "Reading")
    assert found.series == ()
    assert len(found.kept) == 2


@pytest.mark.parametrize("quality", ["invalid", "invalid outOfRange"])
def test_an_invalid_power_gives_no_factor_its_sign(quality: str) -> None:
    told = {"MMXU1.TotPF.mag.f": 0.9, "MMXU1.PFSign.setVal": 2, "MMXU1.TotW.mag.f": -100.0}
    assert [one.value.value for one in back(told, "Reading").series] == [-9, -100]
    with pytest.raises(Unrepresentable, match="whose sign cannot be told"):
        back(told | {"MMXU1.TotW.q": quality}, "Reading")
    only = {
        "MMXU1.TotPF.mag.f": 0.9,
        "MMXU1.PFSign.setVal": 1,
        "MMXU1.TotW.mag.f": 1.0,
        "MMXU1.TotW.q": quality,
    }
    assert [one.type.uom for one in back(only, "Reading").series] == [65]


def test_a_scaled_power_gives_a_factor_its_sign_too() -> None:
    told = {"MMXU1.TotPF.mag.f": 0.9, "MMXU1.PFSign.setVal": 2, "MMXU1.TotW.mag.i": -5}
    told |= {"MMXU1.TotW.sVC.scaleFactor": 0.5, "MMXU1.TotW.sVC.offset": 0.0}
    assert [one.value.value for one in back(told, "Reading").series] == [-9, -25]


@pytest.mark.parametrize(
    ("quality", "flags"), [("good", "0001"), ("questionable oldData", "0010"), ("good substituted", "0003")]
)
def test_quality_travels_with_its_value(quality: str, flags: str) -> None:
    assert (
        back({"MMXU1.Hz.mag.f": 60.0, "MMXU1.Hz.q": quality}, "Reading").series[0].value.qualityFlags == flags
    )


def test_a_second_series_of_an_object_is_kept() -> None:
    first = reading("248", uom=33)
    both = first.model_copy(update={"series": (*first.series, *first.series)})
    translation = to_points(both, BASES)
    assert from_points(translation.points, "Reading", BASES, translation.beside) == both
    assert "taken by another series" in dict(translation.losses)["series[1].value.value"]


# ------------------------------------------------------------------------------------- points that are not so

WINDOW = {
    "FSCC87.Schd1.setSrcRef": "FSCH87",
    "FSCH87.StrTm1.setTm": "2027-01-15T08:00:00Z",
    "FSCH87.SchdIntv.setVal": 60,
}
CEILING = "DWMX1.WMaxSptPct.ctlVal.f"


@pytest.mark.parametrize(
    "target", ["x", True, 0, "a\nb", "", "XYZ9.Foo", "DWMX1", "DWMX1.Foo", "DWMX1.WMaxSptPct.ctlVal"]
)
def test_a_schedule_of_what_there_is_not(target: str | int) -> None:
    with pytest.raises(Unrepresentable) as caught:
        back(WINDOW | {"FSCC87.CtlEnt.setSrcRef": target}, "Control")
    assert str(target) in str(caught.value)


@pytest.mark.parametrize("value", [10**400, -(10**400), 2**128])
@pytest.mark.parametrize("ref", [CEILING, "FSCH87.StrTm1.setTm", "FSCH87.SchdPrio.setVal", "XYZ9.Foo.stVal"])
def test_an_integer_without_end(ref: str, value: int) -> None:
    with pytest.raises(Unrepresentable):
        back(WINDOW | {ref: value}, "Control")


@pytest.mark.parametrize("fc", ["MX", "CF", "SV", "", "co"])
def test_a_point_under_another_constraint(fc: str) -> None:
    with pytest.raises(Unrepresentable, match=f"under CO, not under {fc}"):
        from_points([Point(CEILING, fc, 60.0)], "Default", BASES)
    assert from_points([Point(CEILING, "CO", 60.0)], "Default", BASES) == back({CEILING: 60.0}, "Default")


@pytest.mark.parametrize("fc", ["SP", "SG", "SE"])
def test_settings_may_be_of_a_group(fc: str) -> None:
    found = from_points([Point(CEILING, "CO", 60.0), Point("DWMX1.RvrtTms.setVal", fc, 5)], "Control", BASES)
    assert isinstance(found, m.Control)
    assert found.duration == 5
