"""The traps between IEEE 2030.5 and IEC 61850-7-420, one test each.

Each test pins the reading that `docs/interpretations.md` gives, with values written by hand.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping.bases import Bases, Unrepresentable
from bridge.mapping.iec61850 import from_points, to_points
from bridge.mapping.points import Point
from tests.mapping.telling import BASES, amount, column, control, curve, default, follows, read, written

UNIT, MULTIPLIER = "SIUnit", "multiplier"


# ----------------------------------------------------------------------------------------------- power factor


@pytest.mark.parametrize(("same", "value"), [(False, False), (True, True)])
def test_excitation_has_the_opposite_polarity_unless_configured(same: bool, value: bool) -> None:
    bases = replace(BASES, quadTrueAbsorbs=same)
    asked = default(fixedPFInjectW=m.PowerFactor(value=Decimal("0.95"), absorbing=True))
    points = written(asked, bases)
    assert points["DFPF1.PFGnTgtSpt.ctlVal.f"] == 0.95
    assert points["DFPF1.PFGnExtQud.ctlVal"] is value


def test_pf_without_excitation_is_read_only_when_pfsign_tells() -> None:
    points = {"DFPF1.PFGnTgtSpt.ctlVal.f": -0.95}
    for bases in (BASES, replace(BASES, PFSign=1)):
        with pytest.raises(Unrepresentable, match="PFSign"):
            read(points, bases)
    found = read(points | {"DGEN1.PFSign.setVal": 2}).fixedPFInjectW
    assert found == m.PowerFactor(value=Decimal("0.95"), absorbing=False)
    turned = read(points, replace(BASES, PFSign=2, eeiNegativeAbsorbs=True)).fixedPFInjectW
    assert turned == m.PowerFactor(value=Decimal("0.95"), absorbing=True)


def test_a_measured_pf_is_not_read_before_pfsign_is_known() -> None:
    value = Point("MMXU1.TotPF.mag.f", "MX", 0.9)
    with pytest.raises(Unrepresentable, match="PFSign"):
        from_points([value], "Reading", BASES)
    sign, power = Point("MMXU1.PFSign.setVal", "SP", 2), Point("MMXU1.TotW.mag.f", "MX", -100.0)
    found = from_points([value, sign, power], "Reading", BASES)
    assert isinstance(found, m.Reading)
    factors = [one.value for one in found.series if one.type is not None and one.type.uom == 65]
    assert [one.value for one in factors if one is not None] == [Decimal(-9)]


def test_watt_pf_accepts_both_sign_conventions_and_emits_the_second() -> None:
    signed = default(wattPF=curve(13, [("0", "1"), ("50", "-0.9"), ("100", "0.9")], "refType:0"))
    points = written(signed)
    assert column(points, "DPFW1.WPFCrv", "yVal") == [1.0, 0.9, 0.9]
    assert column(points, "DPFW1.WPFCrv", "zVal") == [0.0, 1.0, 0.0]
    found = follows(read(points).wattPF).point
    assert [(dot.y, dot.absorbing) for dot in found[1:]] == [(Decimal("0.9"), False), (Decimal("0.9"), True)]
    sided = (m.Point(x=Decimal(50), y=Decimal("0.9"), absorbing=False),)
    second = default(wattPF=m.CurveUse(curve=m.Curve(kind=13, yOf="refType:0", point=sided)))
    assert column(written(second), "DPFW1.WPFCrv", "zVal") == [1.0]


def test_watt_pf_refuses_a_sign_that_contradicts_the_excitation() -> None:
    dot = m.Point(x=Decimal(50), y=Decimal("-0.9"), absorbing=True)
    with pytest.raises(Unrepresentable, match="contradicts"):
        to_points(default(wattPF=m.CurveUse(curve=m.Curve(kind=13, yOf="refType:0", point=(dot,)))), BASES)


# ----------------------------------------------------------------------------------------------- curves, axes


def trip(x: list[float], y: list[float], units: dict[str, tuple[int, int]]) -> dict[str, Any]:
    do = "MstPTOV1.TmVChr33"
    points: dict[str, Any] = {f"{do}.numPts": len(x)}
    for number, (first, second) in enumerate(zip(x, y, strict=True)):
        points |= {f"{do}.crvPts({number}).xVal": first, f"{do}.crvPts({number}).yVal": second}
    for axis, (unit, power) in units.items():
        points |= {f"{do}.{axis}Units.{UNIT}": unit, f"{do}.{axis}Units.{MULTIPLIER}": power}
    return points


def test_axis_order_is_told_by_the_units() -> None:
    expected = [(Decimal("0.16"), Decimal(120)), (Decimal(13), Decimal(110))]
    ours = trip([0.16, 13.0], [120.0, 110.0], {"x": (4, 0), "y": (1, -2)})
    turned = trip([120.0, 110.0], [0.16, 13.0], {"x": (1, -2), "y": (4, 0)})
    half = trip([120.0, 110.0], [0.16, 13.0], {"y": (4, 0)})
    for points in (ours, turned, half):
        assert [(dot.x, dot.y) for dot in follows(read(points).HVRTMustTrip).point] == expected


def test_a_curve_without_any_unit_is_refused() -> None:
    with pytest.raises(Unrepresentable, match="neither axis has a unit"):
        read(trip([0.16], [120.0], {}))
    with pytest.raises(Unrepresentable, match="neither axis is in seconds"):
        read(trip([0.16], [120.0], {"x": (1, -2), "y": (1, -2)}))


def test_axis_order_is_written_as_the_peer_wants_it() -> None:
    asked = default(HVRTMustTrip=curve(5, [("0.16", "120"), ("13", "110")], "effectiveV"))
    points, do = written(asked), "MstPTOV1.TmVChr33"
    assert (points[f"{do}.xUnits.SIUnit"], column(points, do, "xVal")) == (4, [0.16, 13.0])
    turned = written(asked, replace(BASES, valueFirst=True))
    assert (turned[f"{do}.xUnits.SIUnit"], column(turned, do, "xVal")) == (1, [120.0, 110.0])
    assert turned["MstPTOV1.TmVCrv.setCharact"] == 33


def test_a_voltage_in_volts_is_a_percentage_of_vref() -> None:
    asked = default(LVRTMustTrip=curve(10, [("2", "70")], "effectiveV"))
    bases = replace(BASES, volts=True)
    points = written(asked, bases)
    assert (points["MstPTUV1.TmVChr33.yUnits.SIUnit"], column(points, "MstPTUV1.TmVChr33", "yVal")) == (
        29,
        [161.0],
    )
    assert follows(read(points).LVRTMustTrip).point[0].y == 70
    with pytest.raises(Unrepresentable, match="VRef"):
        read(points, replace(BASES, VRef=None))


def test_volt_var_nodes_bear_an_unused_var_set_point() -> None:
    points = written(default(voltVar=curve(11, [("92", "44")], "setMaxVar")))
    assert points["DVVR1.VArTgtSptPct.ctlModel"] == 0


def test_frequency_trips_have_no_curve_but_an_instance_a_point() -> None:
    asked = default(HFRTMustTrip=curve(2, [("0.16", "62"), ("300", "61.2")], "setMaxW"))
    translation = to_points(asked, BASES)
    points = {point.ref: point.value for point in translation.points}
    assert (points["MstPTOF1.StrVal.setMag.f"], points["MstPTOF1.OpDlTmms.setVal"]) == (62.0, 160)
    assert (points["MstPTOF2.StrVal.setMag.f"], points["MstPTOF2.OpDlTmms.setVal"]) == (61.2, 300_000)
    assert [points[f"MstPTOF{number}.Mod.ctlVal"] for number in range(1, 11)] == [1, 1, *[5] * 8]
    assert not [ref for ref in points if "crvPts" in ref]
    assert "slope" in dict(translation.losses)["modes.HFRTMustTrip.curve.point"]
    assert from_points(translation.points, "Default", BASES, translation.beside) == asked


def test_frequency_watt_is_cut_at_nominal_frequency() -> None:
    asked = default(freqWatt=curve(0, [("59", "100"), ("61", "50")], "setMaxW"))
    points = written(asked)
    assert column(points, "DHFW2.HzWCrv", "xVal") == [60.0, 61.0]
    assert column(points, "DLFW2.HzWCrv", "xVal") == [59.0, 60.0]
    assert column(points, "DHFW2.HzWCrv", "yVal") == [75.0, 50.0]
    assert [dot.x for dot in follows(read(points).freqWatt).point] == [59, 60, 61]


# ------------------------------------------------------------------------------------------- percentage bases


def test_a_percentage_without_its_base_is_refused() -> None:
    with pytest.raises(Unrepresentable, match="None, not of setMaxW"):
        to_points(default(maxLimW=amount("60", "%")), BASES)
    with pytest.raises(Unrepresentable, match="setMaxVA, not of setMaxW"):
        to_points(default(maxLimW=amount("60", "%", "setMaxVA")), BASES)


def test_a_negative_fixed_w_is_rescaled_from_the_charge_rate() -> None:
    points = written(default(fixedW=amount("-50", "%", "setMaxChargeRateW")))
    assert points["DWGC1.WSptPct.ctlVal.f"] == -20.0
    assert read(points).fixedW == amount("-50", "%", "setMaxChargeRateW")
    assert written(default(fixedW=amount("50", "%", "setMaxW")))["DWGC1.WSptPct.ctlVal.f"] == 50.0
    with pytest.raises(Unrepresentable, match="setMaxChargeRateW needs that base"):
        to_points(default(fixedW=amount("-50", "%", "setMaxChargeRateW")), Bases(setMaxW=Decimal(5000)))


def test_percent_of_set_max_va_becomes_absolute() -> None:
    points = written(default(fixedVar=amount("25", "%", "setMaxVA")))
    assert points["DVAR3.VArTgtSpt.ctlVal.f"] == 1500.0
    assert "DVAR1.VArTgtSptPct.ctlVal.f" not in points
    assert read(points).fixedVar == amount("25", "%", "setMaxVA")
    for of, literal in (("setMaxW", 1), ("setMaxVar", 2), ("statVarAvail", 3)):
        assert written(default(fixedVar=amount("25", "%", of)))["DVAR1.VArSptRef.setVal"] == literal
    with pytest.raises(Unrepresentable, match="no literal"):
        to_points(default(fixedVar=amount("25", "%", "refType:9")), BASES)


# ------------------------------------------------------------------------------------------- signs and frames


def test_absorb_limits_are_negative() -> None:
    points = written(
        default(
            maxLimWAbsorb=amount("1500", "W"),
            impLimW=amount("2000", "W"),
            loadLimW=amount("1000", "W"),
            maxLimPctWAbsorb=amount("80", "%", "setMaxChargeRateW"),
            maxLimVarAbsorb=amount("500", "var"),
        )
    )
    for ref, value in {
        "DWMN3.WMinSpt": -1500.0,
        "DWMN2.WMinSpt": -2000.0,
        "DWMN1.WMinSpt": -1000.0,
        "DWMN4.WMinSptPct": -80.0,
        "DPMC1.VArMinSpt1": -500.0,
    }.items():
        assert points[f"{ref}.ctlVal.f"] == value


def test_site_and_device_limits_differ_by_their_connection_point() -> None:
    points = written(default(expLimW=amount("2500", "W"), genLimW=amount("3000", "W")))
    assert (points["DWMX2.WMaxSpt.ctlVal.f"], points["DWMX2.InEcpRef.setSrcRef"]) == (2500.0, "DPCC1")
    assert (points["DWMX3.WMaxSpt.ctlVal.f"], points["DWMX3.InEcpRef.setSrcRef"]) == (3000.0, "DECP1")
    with pytest.raises(Unrepresentable, match="points at DECP1"):
        read(points | {"DWMX2.InEcpRef.setSrcRef": "DECP1"})


def test_signs_follow_the_frame_of_each_connection_point() -> None:
    asked = default(targetW=amount("1000", "W"), expLimW=amount("2500", "W"), impLimW=amount("2000", "W"))
    bases = replace(BASES, frames={"DPCC1": False})
    points = written(asked, bases)
    assert (points["DWGC2.WSpt.ctlVal.f"], points["DWMX2.WMaxSpt.ctlVal.f"]) == (1000.0, -2500.0)
    assert points["DWMN2.WMinSpt.ctlVal.f"] == 2000.0
    told = read({"DWGC2.WSpt.ctlVal.f": -1000.0, "DECP1.RefFrm.setVal": False})
    assert told.targetW == amount("1000", "W")


@pytest.mark.parametrize(
    ("edition", "site", "direction", "object_"),
    [
        ("2018", True, 1, "MMTR2.DmdWh"),
        ("2018", True, 19, "MMTR2.SupWh"),
        ("2018", False, 19, "MMTR1.SupWh"),
        ("2023", False, 1, "MMTR1.SupWh"),
        ("2023", False, 19, "MMTR1.DmdWh"),
        ("2023", True, 1, "MMTR2.DmdWh"),
    ],
)
def test_flow_direction_turned_round_between_editions(
    edition: str, site: bool, direction: int, object_: str
) -> None:
    kind = m.ReadingType(
        uom=72, kind=12, accumulationBehaviour=9, flowDirection=direction, powerOfTenMultiplier=0
    )
    series = m.Series(mRID="01", type=kind, value=m.Value(value=Decimal(1234)))
    origin = m.Origin(party="AB", door=m.Door.sep2)
    record = m.Reading(id="1", origin=origin, target=m.Target(), issued=Decimal(1), series=(series,))
    points = written(record, replace(BASES, edition=edition, site=site))
    assert points[f"{object_}.actVal"] == 1234
    back = from_points(
        [Point(f"{object_}.actVal", "ST", 5)], "Reading", replace(BASES, edition=edition, site=site)
    )
    assert isinstance(back, m.Reading)
    assert [one.type.flowDirection for one in back.series if one.type is not None] == [direction]


# -------------------------------------------------------------------------------------------- ranks and times


def test_primacy_is_inverted() -> None:
    first, second = (written(control(primacy=rank, modes=m.Modes(connect=True))) for rank in (3, 200))
    ranks = [
        next(value for ref, value in points.items() if ref.endswith("SchdPrio.setVal"))
        for points in (first, second)
    ]
    assert ranks == [252, 55]
    offset = replace(BASES, priority=1000)
    points = written(control(primacy=3, modes=m.Modes(connect=True)), offset)
    assert 1252 in points.values()


def test_droop_slope_and_dead_band_become_gradient_and_start() -> None:
    droop = m.Droop(
        overDeadband=amount("0.036", "Hz"),
        underDeadband=amount("0.1", "Hz"),
        overSlope=amount("0.05", "1"),
        underSlope=amount("0.03", "1"),
        openLoop=Decimal(5),
    )
    points = written(default(freqDroop=droop))
    assert (points["DHFW1.HzStr.setMag.f"], points["DLFW1.HzStr.setMag.f"]) == (60.036, 59.9)
    assert points["DHFW1.WGra.setMag.f"] == pytest.approx(100 / (0.05 * 60), rel=1e-7)
    assert points["DLFW1.ChaWGra.setMag.f"] == pytest.approx(100 / (0.03 * 60), rel=1e-7)
    assert read(points).freqDroop == droop
    with pytest.raises(Unrepresentable, match="has no gradient"):
        to_points(default(freqDroop=droop.model_copy(update={"overSlope": amount("0", "1")})), BASES)


def test_times_are_integers_with_a_power_of_ten() -> None:
    for value, expected in (("10", (10, None)), ("10.5", (1050, -2)), ("0.125", (125, -3))):
        points = written(default(maxLimW=amount("60", "%", "setMaxW"), rampTms=Decimal(value)))
        assert (points["DWMX1.RmpTms.setVal"], points.get("DWMX1.RmpTms.units.multiplier")) == expected
    asked = default(maxLimW=amount("60", "%", "setMaxW"), rampTms=Decimal("10.01"))
    rounded = to_points(asked, replace(BASES, wholeSeconds=True))
    assert Point("DWMX1.RmpTms.setVal", "SP", 11) in rounded.points
    assert "modes.rampTms" in dict(rounded.losses)


def test_float32_is_exact_in_its_shortest_decimal() -> None:
    asked = default(targetW=amount("59.97", "W"), maxLimW=amount("33.33", "%", "setMaxW"))
    points = written(asked)
    assert points["DWGC2.WSpt.ctlVal.f"] == 59.97
    wire = 59.970001220703125
    assert read(points | {"DWGC2.WSpt.ctlVal.f": wire}).targetW == amount("59.97", "W")
