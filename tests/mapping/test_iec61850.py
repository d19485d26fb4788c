"""Canonical records as IEC 61850 points: whole stories, what is kept beside, and what must be refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping.bases import Unrepresentable
from bridge.mapping.iec61850 import from_points, to_points
from bridge.mapping.points import Point
from bridge.mapping.sep2 import Envelope
from tests.mapping.telling import ENVELOPE, ORIGIN, amount, back, points
from tests.mapping.telling import STORE as BASES


def control(**asked: Any) -> m.Control:
    window: dict[str, Any] = {"start": Decimal(1_800_000_000), "duration": Decimal(3600), "primacy": 3}
    return m.Control(**ENVELOPE, **window, modes=m.Modes(**asked))


# -------------------------------------------------------------------------------------------- a whole control


def test_a_limit_is_a_command_and_a_schedule() -> None:
    found = points(control(maxLimW=amount("60", "%", "setMaxW")))
    assert (found["DWMX1.WMaxSptPct.ctlVal.f"], found["DWMX1.Mod.ctlVal"]) == (60.0, 1)
    assert (found["DWMX1.RvrtTms.setVal"], found["DWMX1.InEcpRef.setSrcRef"]) == (3600, "DECP1")
    arbiter = next(ref for ref, value in found.items() if value == "DWMX1.WMaxSptPct").split(".")[0]
    schedule = found[f"{arbiter}.Schd1.setSrcRef"]
    expected = {
        "StrTm1.setTm": "2027-01-15T08:00:00Z",
        "SchdIntv.setVal": 3600,
        "NumEntr.setVal": 1,
        "SchdPrio.setVal": 252,
        "ValASG1.setMag.f": 60.0,
        "SchdReuse.setVal": False,
        "EnaReq.ctlVal": True,
    }
    assert {name: found[f"{schedule}.{name}"] for name in expected} == expected


def test_constraints_follow_the_common_data_class() -> None:
    record = control(maxLimW=amount("60", "%", "setMaxW"))
    constraints = {point.ref: point.fc for point in to_points(record, BASES).points}
    assert constraints["DWMX1.WMaxSptPct.ctlVal.f"] == "CO"
    assert constraints["DWMX1.RvrtTms.setVal"] == "SP"
    status = m.Status(**ENVELOPE, modes=m.Modes(maxLimW=amount("60", "%", "setMaxW")))
    constraints = {point.ref: point.fc for point in to_points(status, BASES).points}
    assert constraints["DWMX1.WMaxSptPct.mxVal.f"] == "MX"
    assert constraints["DWMX1.Mod.stVal"] == "ST"


def test_schedules_alone_are_enough() -> None:
    record = control(maxLimW=amount("60", "%", "setMaxW"), energize=False)
    only = {ref: value for ref, value in points(record).items() if ref.startswith(("FSCH", "FSCC"))}
    found = back(only, "Control")
    assert (found.start, found.duration, found.primacy) == (1_800_000_000, 3600, 3)
    assert found.modes == record.modes


def test_a_schedule_that_says_otherwise_than_its_command_is_refused() -> None:
    found = points(control(maxLimW=amount("60", "%", "setMaxW")))
    with pytest.raises(Unrepresentable, match="the schedule says"):
        back(found | {"DWMX1.WMaxSptPct.ctlVal.f": 61.0}, "Control")


def test_schedules_of_two_controls_are_not_one_control() -> None:
    found = points(control(maxLimW=amount("60", "%", "setMaxW"), expLimW=amount("1", "W")))
    other = next(ref for ref in found if ref.startswith("FSCH") and ref.endswith("SchdPrio.setVal"))
    with pytest.raises(Unrepresentable, match="different controls"):
        back(found | {other: 7}, "Control")


def test_a_second_event_on_an_object_uses_the_next_slot() -> None:
    record = control(maxLimW=amount("60", "%", "setMaxW"))
    first, second = points(record), points(record, replace(BASES, slot=1))
    schedules = [{ref.split(".")[0] for ref in found if ref.startswith("FSCH")} for found in (first, second)]
    assert not schedules[0] & schedules[1]


def test_a_cancelled_event_asks_the_schedule_to_stop() -> None:
    state = m.EventState(currentStatus=2, at=Decimal(5), potentiallySuperseded=False)
    found = points(control(connect=False).model_copy(update={"status": state}))
    assert [ref for ref in found if ref.endswith("DsaReq.ctlVal")]
    assert not [ref for ref in found if ref.endswith("EnaReq.ctlVal")]
    assert back(found, "Control").status.currentStatus == 2


def test_a_mode_that_is_off_turns_its_node_off() -> None:
    off = control(maxLimW=amount("60", "%", "setMaxW", disabled=True))
    found = points(off)
    assert found["DWMX1.Mod.ctlVal"] == 5
    assert not [ref for ref in found if ref.startswith("FSCC") and found[ref] == "DWMX1.WMaxSptPct"]
    assert back(found, "Control").modes == off.modes


def test_a_mode_that_is_off_on_a_shared_node_is_not_written() -> None:
    translation = to_points(control(deltaW=amount("100", "W", disabled=True)), BASES)
    assert translation.points == ()
    assert "modes.deltaW.value" in dict(translation.losses)


def test_connect_without_a_switch_is_a_transition_of_the_unit() -> None:
    record = control(connect=False)
    assert points(record)["CSWI1.Pos.ctlVal"] is False
    bases = replace(BASES, switch=False)
    found = points(record, bases)
    assert (found["DGEN1.DEROpStCtl.ctlVal"], "CSWI1.Pos.ctlVal" in found) == (3, False)
    assert back(found, "Control", bases).modes.connect is False


def test_energize_asks_and_permits() -> None:
    found = points(control(energize=True))
    assert (found["DCTE1.CeaEgzReqCtl.ctlVal"], found["DCTE1.RtnSvcAuth.ctlVal"]) == (2, True)
    found = points(control(energize=False))
    assert (found["DCTE1.CeaEgzReqCtl.ctlVal"], found["DCTE1.RtnSvcAuth.ctlVal"]) == (1, False)


def test_a_linked_curve_must_be_at_hand() -> None:
    record = control(voltVar=m.CurveUse(ref="/dc/1"))
    without = to_points(record, BASES)
    assert without.points == ()
    assert "not known" in dict(without.losses)["modes.voltVar.ref"]
    dots = (m.Point(x=Decimal(92), y=Decimal(44)),)
    with_ = to_points(record, BASES, {"/dc/1": m.Curve(kind=11, yOf="setMaxVar", point=dots)})
    assert Point("DVVR1.VVArCrv.numPts", "SP", 1) in with_.points
    assert from_points(with_.points, "Control", BASES, with_.beside) == record


def test_a_curve_of_the_wrong_type_is_refused() -> None:
    dots = (m.Point(x=Decimal(92), y=Decimal(44)),)
    use = m.CurveUse(curve=m.Curve(kind=12, yOf="setMaxW", point=dots))
    with pytest.raises(Unrepresentable, match="type 12, not 11"):
        to_points(control(voltVar=use), BASES)


# ------------------------------------------------------------------------------------------ what stays beside


def test_what_is_kept_comes_back_only_while_nothing_has_changed() -> None:
    record = control(maxLimW=amount("60", "%", "setMaxW", scale=-1))
    translation = to_points(record, BASES)
    same = from_points(translation.points, "Control", BASES, translation.beside)
    assert same == record
    changed = [point._replace(value=50.0) if point.value == 60.0 else point for point in translation.points]
    found = from_points(changed, "Control", BASES, translation.beside)
    assert isinstance(found, m.Control)
    assert found.modes.maxLimW == amount("50", "%", "setMaxW", scale=-1)


def test_a_rounded_figure_gives_way_to_a_change() -> None:
    record = control(targetW=amount("123456789", "W"))
    translation = to_points(record, BASES)
    assert from_points(translation.points, "Control", BASES, translation.beside) == record
    changed = [
        point._replace(value=5.0)
        if point.ref.startswith(("DWGC", "FSCH")) and isinstance(point.value, float)
        else point
        for point in translation.points
    ]
    found = from_points(changed, "Control", BASES, translation.beside)
    assert isinstance(found, m.Control)
    assert found.modes.targetW == amount("5", "W")


def test_unknown_points_are_kept_and_written_again() -> None:
    foreign = [Point("DWMX1.OutFilByp.setVal", "SP", value=True), Point("XYZ9.Foo.stVal", "ST", 5)]
    known = Point("DWMX1.WMaxSptPct.ctlVal.f", "CO", 60.0)
    found = from_points([*foreign, known], "Default", BASES)
    again = to_points(found, BASES).points
    assert set(foreign) <= set(again)


def test_an_envelope_says_who_and_when() -> None:
    envelope = Envelope("x", ORIGIN, m.Target(device=("CD",)), Decimal(77), "thread")
    found = from_points([Point("DGEN1.DEROpSt.stVal", "ST", 6)], "Status", BASES, envelope=envelope)
    assert isinstance(found, m.Status)
    assert (found.id, found.issued, found.correlation) == ("x", Decimal(77), "thread")
    assert found.operation is not None
    assert found.operation.at == 77


# ----------------------------------------------------------------------------------------------- out of range


@pytest.mark.parametrize(
    "asked",
    [
        {"targetW": amount("4e38", "W")},
        {"targetW": amount("1e-50", "W")},
        {"targetW": amount("1", "var")},
        {"maxLimW": amount("60", "W", "setMaxW")},
        {"rampTms": Decimal("1e9"), "maxLimW": amount("1", "%", "setMaxW")},
        {"fixedPFInjectW": m.PowerFactor(value=Decimal("1.01"), absorbing=True)},
        {"fixedPFInjectW": m.PowerFactor(value=Decimal("-0.9"), absorbing=True)},
    ],
)
def test_modes_out_of_range_are_refused(asked: dict[str, Any]) -> None:
    if "rampTms" in asked:
        asked |= {"rampTms": Decimal("1e10")}
    with pytest.raises(Unrepresentable):
        to_points(control(**asked), BASES)


@pytest.mark.parametrize(
    "window",
    [
        {"start": Decimal(2**32)},
        {"start": Decimal(-1)},
        {"duration": Decimal(2**31)},
        {"duration": Decimal(-1)},
    ],
)
def test_windows_out_of_range_are_refused(window: dict[str, Decimal]) -> None:
    record = control(maxLimW=amount("1", "%", "setMaxW")).model_copy(update=window)
    with pytest.raises(Unrepresentable):
        to_points(record, BASES)


@pytest.mark.parametrize(
    ("ref", "value"),
    [
        ("DWMX1.WMaxSptPct.ctlVal.f", float("nan")),
        ("DWMX1.WMaxSptPct.ctlVal.f", True),
        ("CSWI1.Pos.ctlVal", 1),
        ("DCTE1.CeaEgzReqCtl.ctlVal", 3),
        ("DCTE1.RtnDlTmms.setVal", 2**31),
        ("DCTE1.RtnDlTmms.setVal", 1.5),
        ("DVVR1.VVArCrv.numPts", 2),
    ],
)
def test_points_out_of_range_are_refused(ref: str, value: Any) -> None:
    with pytest.raises(Unrepresentable):
        back({ref: value}, "Default")
