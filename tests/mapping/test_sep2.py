"""2030.5 and the canonical records: what a document means there, and what a changed value becomes.

A value that has changed is written anew and exactly, or refused with the path of the canonical field; what
was kept beside it comes back with it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.mapping.sep2 import from_canonical, to_canonical
from bridge.mapping.table import Unrepresentable
from models.der import messages as m
from models.sep2.y2018 import dercurve, derinfo, mup, quantity
from peers.roundtrip import ENVELOPE
from tests.mapping.controls import NS, changed, control, modes_of, revalued

# --------------------------------------------------------------------------------------------------- meaning


def test_a_control_says_what_its_document_said() -> None:
    record = control(
        "2018", "<opModConnect>false</opModConnect><opModMaxLimW>5000</opModMaxLimW><rampTms>150</rampTms>"
    )
    assert (record.mRID, record.start, record.duration) == ("0aFFb1", Decimal(1_700_003_600), Decimal(3600))
    assert record.status.currentStatus == 0
    assert record.modes.connect is False
    assert record.modes.maxLimW == m.Amount(value=Decimal(50), unit=m.Unit("%"), of="setMaxW")
    assert record.modes.rampTms == Decimal("1.5")
    assert (record.id, record.issued, record.origin.door) == ("m1", ENVELOPE.issued, "sep2")
    assert [(kept.path, kept.value) for kept in record.kept] == [("href", "/derp/1/derc/2")]


def test_excitation_means_absorbing() -> None:
    record = control(
        "2018",
        "<opModFixedPFInjectW><displacement>950</displacement><excitation>true</excitation>"
        "<multiplier>-3</multiplier></opModFixedPFInjectW>",
    )
    assert record.modes.fixedPFInjectW == m.PowerFactor(value=Decimal("0.95"), absorbing=True, scale=-3)


@pytest.mark.parametrize(
    ("percent", "of"), [("-2500", "setMaxChargeRateW"), ("2500", "setMaxW"), ("0", "setMaxW")]
)
def test_a_negative_fixed_power_is_a_percentage_of_the_charge_rate(percent: str, of: str) -> None:
    record = control("2018", f"<opModFixedW>{percent}</opModFixedW>")
    assert record.modes.fixedW == m.Amount(value=Decimal(percent) / 100, unit=m.Unit("%"), of=of)
    assert modes_of(record, "2018").opModFixedW == int(percent)


@pytest.mark.parametrize(
    ("edition", "code", "of"),
    [
        ("2018", 3, "statVarAvail"),
        ("2018", 0, "refType:0"),
        ("2018", 8, "refType:8"),
        ("2023", 8, "setMaxVA"),
        ("2023", 255, "refType:255"),
    ],
)
def test_the_reference_of_a_percentage_is_a_word_unless_reserved(edition: str, code: int, of: str) -> None:
    record = control(edition, f"<opModFixedVar><refType>{code}</refType><value>-100</value></opModFixedVar>")
    assert record.modes.fixedVar == m.Amount(value=Decimal(-1), unit=m.Unit("%"), of=of)
    assert modes_of(record, edition).opModFixedVar.refType == code


def test_droop_is_in_hertz_and_per_unit() -> None:
    record = control(
        "2018",
        "<opModFreqDroop><dBOF>36</dBOF><dBUF>17</dBUF><kOF>50</kOF><kUF>30</kUF>"
        "<openLoopTms>500</openLoopTms></opModFreqDroop>",
    )
    droop = record.modes.freqDroop
    assert (droop.overDeadband.value, droop.overDeadband.unit) == (Decimal("0.036"), "Hz")
    assert (droop.underSlope.value, droop.openLoop) == (Decimal("0.03"), Decimal(5))


def test_a_curve_is_in_the_quantities_of_its_axes() -> None:
    wire = dercurve.DERCurve(
        mRID="AA",
        creationTime=1,
        curveType=11,
        xMultiplier=-1,
        yMultiplier=2,
        yRefType=2,
        CurveData=(
            dercurve.CurveData(xvalue=995, yvalue=-3),
            dercurve.CurveData(xvalue=1005, yvalue=3, excitation=True),
        ),
    )
    curve: Any = to_canonical(wire, "2018", envelope=ENVELOPE)
    assert [(p.x, p.y, p.absorbing) for p in curve.point] == [
        (Decimal("99.5"), Decimal(-300), None),
        (Decimal("100.5"), Decimal(300), True),
    ]
    assert (curve.yOf, curve.xScale, curve.yScale) == ("setMaxVar", -1, 2)
    assert from_canonical(curve, "2018") == wire


def test_a_mirrored_meter_keeps_its_raw_values_and_their_scale_apart() -> None:
    data = f"""<MirrorMeterReading xmlns="{NS}"><mRID>01</mRID><Reading><value>-1234</value></Reading>
    <ReadingType><powerOfTenMultiplier>-1</powerOfTenMultiplier><uom>38</uom></ReadingType></MirrorMeterReading>"""
    record: Any = to_canonical(xml.read(data.encode(), load("2018")), "2018", envelope=ENVELOPE)
    assert record.point is None
    assert record.series[0].value.value == Decimal(-1234)
    assert record.series[0].type.powerOfTenMultiplier == -1
    assert isinstance(from_canonical(record, "2018"), mup.MirrorMeterReading)


# -------------------------------------------------------------------------------------------- changed values


@pytest.mark.parametrize("edition", ["2018", "aus12"])
def test_a_changed_limit_is_written(edition: str) -> None:
    record = control(edition, "<opModMaxLimW>5000</opModMaxLimW>")
    assert (
        modes_of(changed(record, maxLimW=revalued(record.modes.maxLimW, "40")), edition).opModMaxLimW == 4000
    )


def test_a_changed_limit_is_written_beside_what_was_kept_of_it() -> None:
    record = control("2023", '<opModMaxLimW x:note="n" disabled="false">5000</opModMaxLimW>')
    limit = modes_of(changed(record, maxLimW=revalued(record.modes.maxLimW, "12.5")), "2023").opModMaxLimW
    assert (limit.value, limit.disabled, limit.anyAttribute) == (1250, False, (("{urn:example:x}note", "n"),))


@pytest.mark.parametrize(
    ("watts", "value", "multiplier"),
    [
        ("7000", 7, 3),  # the multiplier it came with still serves
        ("7500", 7500, 0),
        ("32767", 32767, 0),
        ("-32768", -32768, 0),
        ("40000", 40, 3),
        ("40010", 4001, 1),
        ("32767000000", 32767, 6),
        ("0.25", 25, -2),
        ("0", 0, 3),
        ("-5E-3", -5, -3),
        ("3E+120", 30000, 116),
    ],
)
def test_a_changed_power_takes_the_smallest_multiplier_that_is_exact(
    watts: str, value: int, multiplier: int
) -> None:
    record = control("2018", "<opModTargetW><multiplier>3</multiplier><value>5</value></opModTargetW>")
    power = modes_of(changed(record, targetW=revalued(record.modes.targetW, watts)), "2018").opModTargetW
    assert power == quantity.ActivePower(value=value, multiplier=multiplier)


@pytest.mark.parametrize("watts", ["32769", "0.33333", "1E+300", "1E-300", "123456"])
def test_a_power_that_fits_no_multiplier_is_refused(watts: str) -> None:
    record = control("2018", "<opModTargetW><multiplier>3</multiplier><value>5</value></opModTargetW>")
    with pytest.raises(Unrepresentable, match=r"^modes\.targetW: .*fits no multiplier"):
        from_canonical(changed(record, targetW=revalued(record.modes.targetW, watts)), "2018")


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        (m.Amount(value=Decimal("33.333"), unit=m.Unit("%"), of="setMaxW"), "not a whole number of steps"),
        (
            revalued(m.Amount(value=Decimal(1), unit=m.Unit("%"), of="setMaxW"), "Infinity"),
            "not a whole number of steps",
        ),
        (m.Amount(value=Decimal(656), unit=m.Unit("%"), of="setMaxW"), "less than or equal to 65535"),
        (m.Amount(value=Decimal(-1), unit=m.Unit("%"), of="setMaxW"), "greater than or equal to 0"),
        (m.Amount(value=Decimal(40), unit=m.Unit("%"), of="setMaxVA"), "of setMaxVA where of setMaxW"),
        (m.Amount(value=Decimal(40), unit=m.Unit("%")), "of None where of setMaxW"),
        (m.Amount(value=Decimal(40), unit=m.Unit("W")), "W where % is needed"),
        (m.Amount(value=Decimal(40), unit=m.Unit("%"), of="setMaxW", disabled=True), "no place for it"),
    ],
)
def test_a_limit_that_2018_cannot_say_is_refused(amount: m.Amount, why: str) -> None:
    record = control("2018", "<opModMaxLimW>5000</opModMaxLimW>")
    with pytest.raises(Unrepresentable, match=why):
        from_canonical(changed(record, maxLimW=amount), "2018")


def test_unsigned_quantities_have_their_own_range() -> None:
    wire = derinfo.DERCapability(
        modesSupported="00",
        rtgMaxW=quantity.ActivePower(multiplier=0, value=1),
        type=4,
        rtgMaxVA=quantity.ApparentPower(multiplier=0, value=65535),
    )
    record: Any = to_canonical(wire, "2018", envelope=ENVELOPE)
    assert from_canonical(record, "2018") == wire
    ratings = record.ratings.model_copy(update={"VAMax": revalued(record.ratings.VAMax, "-1")})
    with pytest.raises(Unrepresentable, match=r"ratings\.VAMax"):
        from_canonical(record.model_copy(update={"ratings": ratings}), "2018")


def test_a_changed_point_rescales_the_whole_axis() -> None:
    wire = dercurve.DERCurve(
        mRID="AA",
        creationTime=1,
        curveType=12,
        xMultiplier=0,
        yMultiplier=0,
        yRefType=1,
        CurveData=(dercurve.CurveData(xvalue=106, yvalue=100), dercurve.CurveData(xvalue=110, yvalue=0)),
    )
    curve: Any = to_canonical(wire, "2018", envelope=ENVELOPE)
    points = (curve.point[0], curve.point[1].model_copy(update={"y": Decimal("0.5")}))
    found: Any = from_canonical(curve.model_copy(update={"point": points}), "2018")
    assert [(point.xvalue, point.yvalue) for point in found.CurveData] == [(106, 1000), (110, 5)]
    assert (found.xMultiplier, found.yMultiplier) == (0, -1)
