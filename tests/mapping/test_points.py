"""Points: number rules of IEC 61850-7-2 and 7-3, names of nodes and devices, what is out of range."""

from __future__ import annotations

import math
import struct
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.mapping.bases import Bases, Unrepresentable
from bridge.mapping.points import Point, Sheet, exact, moment, real, shortest, stamp, whole

SINGLE = st.floats(width=32, allow_nan=False, allow_infinity=False).filter(
    lambda value: value == 0 or abs(value) > 1e-37
)


@example(3.4028234663852886e38)
@example(-0.0)
@given(SINGLE)
def test_a_float32_comes_back_as_itself(value: float) -> None:
    assert struct.pack(">f", real(exact(value, ""), "")) == struct.pack(">f", value + 0.0)


@given(st.integers(-(10**6), 10**6), st.integers(-30, 30))
def test_six_digits_are_exact_in_a_float32(digits: int, power: int) -> None:
    value = Decimal(digits).scaleb(power)
    assert exact(real(value, ""), "") == value


@pytest.mark.parametrize("text", ["3.5e38", "-1e39", "1e-46", "-1e-50", "1e400"])
def test_what_a_float32_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(Unrepresentable):
        real(Decimal(text), "a.b")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, "1", 1e39, 10**400])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(Unrepresentable):
        exact(value, "a.b")


@pytest.mark.parametrize("value", [Decimal(2**31), Decimal(-(2**31) - 1), Decimal("0.5")])
def test_what_is_no_int32_is_refused(value: Decimal) -> None:
    with pytest.raises(Unrepresentable):
        whole(value, "a.b")
    assert whole(Decimal(2**31 - 1), "") == 2**31 - 1


def test_the_shortest_decimal_wins() -> None:
    by = Decimal(2000) / Decimal(3000)
    for value in (Decimal("33.33"), Decimal("-0.01"), Decimal(100)):
        point = real(value * by, "")
        assert shortest(point, Decimal(point) / by, lambda found: real(found * by, "")) == value


@given(st.integers(0, 2**32 - 1), st.integers(0, 9_999_999))
def test_a_timestamp_comes_back_within_its_resolution(seconds: int, ticks: int) -> None:
    at = seconds + Decimal(ticks).scaleb(-7)
    assert moment(stamp(at, ""), "") == at


BENT = (
    "2027-01-15T08:00:00.5e5Z",
    "2027-01-15T08:00:00.1_0Z",
    "2027-01-15T08:00:00.Z",
    "2027-1-15T08:00:00Z",
)
"""What a lenient reader would take for a timestamp."""


def test_timestamps_are_utc_and_within_32_bits() -> None:
    assert stamp(Decimal(1_800_000_000), "") == "2027-01-15T08:00:00Z"
    assert stamp(Decimal("1800000000.25"), "") == "2027-01-15T08:00:00.25Z"
    for wrong in (Decimal(2**32), Decimal(-1)):
        with pytest.raises(Unrepresentable):
            stamp(wrong, "start")
    for text in ("2027-01-15", "yesterday", "2027-13-01T00:00:00Z", 5, *BENT):
        with pytest.raises(Unrepresentable):
            moment(text, "start")


def sheet(*points: tuple[str, bool | int | float | str]) -> Sheet:
    return Sheet(Bases(), tuple(Point(ref, "SP", value) for ref, value in points))


def test_an_analogue_value_is_scaled_by_its_unit() -> None:
    found = sheet(("A.B.mag.f", 1.5), ("A.B.units.multiplier", 3), ("A.B.units.SIUnit", 38))
    assert found.analogue("A.B", ("mag",)) == 1500
    assert found.rest() == ()


def test_a_scaled_integer_needs_its_factor() -> None:
    with pytest.raises(Unrepresentable, match="scaleFactor"):
        sheet(("A.B.mag.i", 5)).analogue("A.B", ("mag",))
    found = sheet(("A.B.mag.i", 5), ("A.B.sVC.scaleFactor", 0.5), ("A.B.sVC.offset", 2.0))
    assert found.analogue("A.B", ("mag",)) == Decimal("4.5")


def test_a_percentage_may_be_given_as_a_fraction() -> None:
    assert sheet(("A.B.mag.f", 0.5), ("A.B.units.multiplier", 0)).analogue("A.B", ("mag",), -2) == 50
    assert sheet(("A.B.mag.f", 50.0), ("A.B.units.multiplier", -2)).analogue("A.B", ("mag",), -2) == 50
    assert sheet(("A.B.mag.f", 50.0)).analogue("A.B", ("mag",), -2) == 50


def test_types_are_not_mixed_up() -> None:
    with pytest.raises(Unrepresentable):
        sheet(("A.B", 1)).flag("A.B")
    for wrong in (True, 1.0, 2**31):
        with pytest.raises(Unrepresentable):
            sheet(("A.B", wrong)).number("A.B")


@pytest.mark.parametrize(
    ("ref", "fc", "due"),
    [
        ("DWMX1.WMaxSptPct.ctlVal.f", "CO", "start"),
        ("DWMX1.Mod.ctlVal", "CO", "start"),
        ("FSCH86.EnaReq.ctlVal", "CO", "before"),
        ("FSCH86.StrTm1.setTm", "SP", "before"),
    ],
)
def test_a_command_waits_for_the_start(ref: str, fc: str, due: str) -> None:
    assert Point(ref, fc, value=True).due == due


def test_nothing_is_written_twice_with_two_values() -> None:
    found = sheet()
    found.put("A.B", "SP", 1)
    found.put("A.B", "SP", 1)
    with pytest.raises(Unrepresentable, match="two modes"):
        found.put("A.B", "SP", 2)


def test_peers_may_name_nodes_and_devices_otherwise() -> None:
    bases = Bases(ld="PV1", names={"DWMX3": "GenDWMX7", "DECP1": "DECP4"})
    written = Sheet(bases)
    written.put("DWMX3.WMaxSpt.ctlVal.f", "CO", 5.0)
    written.put("DWMX3.InEcpRef.setSrcRef", "SP", "DECP1")
    points = written.done()
    assert [(point.ref, point.value) for point in points] == [
        ("PV1/GenDWMX7.WMaxSpt.ctlVal.f", 5.0),
        ("PV1/GenDWMX7.InEcpRef.setSrcRef", "PV1/DECP4"),
    ]
    read = Sheet(bases, points)
    assert read.take("DWMX3.WMaxSpt.ctlVal.f") == 5.0
    assert read.target("DWMX3.InEcpRef") == "DECP1"
