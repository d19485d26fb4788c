"""What points say that must not be bent: errors, states, switched-off nodes, quality, and what disagrees."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping.bases import Bases
from bridge.mapping.causes import verdict
from bridge.mapping.nodes import read
from bridge.mapping.table import Unrepresentable
from tests.mapping.telling import ENVELOPE, back, control, curve, points

AT = Decimal(1_800_000_000)


def grid(do: str, x: tuple[int, int], dots: list[tuple[float, float]]) -> dict[str, Any]:
    """The points of a CSG object whose y axis is in percent."""
    found: dict[str, Any] = {f"{do}.numPts": len(dots)}
    for name, unit in (("x", x), ("y", (1, -2))):
        found |= {f"{do}.{name}Units.SIUnit": unit[0], f"{do}.{name}Units.multiplier": unit[1]}
    for number, dot in enumerate(dots):
        found |= {f"{do}.crvPts({number}).xVal": dot[0], f"{do}.crvPts({number}).yVal": dot[1]}
    return found


def kept(record: Any) -> set[str]:
    return {item.path.removeprefix("iec61850:").partition("[")[0] for item in record.kept or ()}


def refused(told: dict[str, Any], kind: str, *names: str) -> None:
    with pytest.raises(Unrepresentable) as caught:
        back(told, kind)
    assert all(name in str(caught.value) for name in names)


def test_every_error_and_cause_says_something() -> None:
    for error in (0, 1, 2, 5, 6, 8, 9, 12, 255):
        assert verdict(read(), error=error) == (10, False, True)
        assert back({"Service.DataAccessError": error}, "Outcome").status == 10
    assert verdict(read(), cause=28) == (10, False, True)
    assert verdict(read(), schedule=50) == (10, False, True)
    assert verdict(read(), schedule=1) is None
    assert verdict(read()) is None


@pytest.mark.parametrize("edition", ["2018", "aus12", "aus13"])
def test_australian_editions_have_the_directions_of_2018(edition: str) -> None:
    found = back({"MMXU1.TotW.mag.f": 3000.0}, "Reading", Bases(edition=edition))
    assert found.series[0].type.flowDirection == 19


@pytest.mark.parametrize(("alarms", "state"), [(None, 8), ("00000002", 8), ("00000080", 7), ("00000100", 7)])
def test_a_shutdown_is_no_emergency(alarms: str | None, state: int) -> None:
    operation = m.Operation(
        at=AT,
        alarmStatus=alarms,
        genConnectStatus=m.StampedBits(at=AT, value="01"),
        inverterStatus=m.StampedCode(at=AT, value=6),
        operationalModeStatus=m.StampedCode(at=AT, value=2),
    )
    assert points(m.Status(**ENVELOPE, operation=operation))["DGEN1.DEROpSt.stVal"] == state


@pytest.mark.parametrize("off", ["Mod.ctlVal", "Beh.stVal"])
def test_a_step_that_is_off_is_no_point(off: str) -> None:
    steps = {"StrVal.setMag.f": (62.0, 61.2), "OpDlTmms.setVal": (160, 300000)}
    told = {f"MstPTOF{n + 1}.{name}": pair[n] for name, pair in steps.items() for n in (0, 1)}
    found = back(told | {"MstPTOF1.Mod.ctlVal": 1, f"MstPTOF2.{off}": 5}, "Control")
    assert [(dot.x, dot.y) for dot in found.modes.HFRTMustTrip.curve.point] == [(Decimal("0.16"), 62)]
    assert not found.modes.HFRTMustTrip.disabled
    assert "MstPTOF2.StrVal.setMag.f" in kept(found)


def test_a_half_that_is_off_is_no_part() -> None:
    told = grid("DHFW2.HzWCrv", (33, 0), [(60.0, 100.0), (62.0, 0.0)]) | {"DHFW2.HzWCrvRef.setVal": 2}
    told |= grid("DLFW2.HzWCrv", (33, 0), [(58.0, 0.0), (60.0, 100.0)]) | {"DLFW2.HzWCrvRef.setVal": 2}
    found = back(told | {"DHFW2.Mod.ctlVal": 1, "DLFW2.Mod.ctlVal": 5}, "Control").modes.freqWatt
    assert [dot.x for dot in found.curve.point] == [60, 62]


def test_the_unused_half_is_switched_off() -> None:
    use = curve(0, [("60", "100"), ("62", "0")], "setMaxW")
    found = points(control(modes=m.Modes(freqWatt=use)))
    assert (found["DHFW2.Mod.ctlVal"], found["DLFW2.Mod.ctlVal"]) == (1, 5)


def test_quality_counts_for_states() -> None:
    told = {"DGEN1.DEROpSt.stVal": 6, "DGEN1.DEROpSt.q": "invalid", "DGEN1.Loc.stVal": True}
    found = back(told | {"DGEN1.Loc.q": "questionable"}, "Status")
    assert (found.operation.DEROpSt, found.operation.localControlModeStatus.value) == (None, 0)
    assert kept(found) == {"DGEN1.DEROpSt.stVal", "DGEN1.DEROpSt.q", "DGEN1.Loc.q"}


SCHEDULE: dict[str, Any] = {
    "FSCC86.CtlEnt.setSrcRef": "DWMX1.WMaxSptPct",
    "FSCC86.Schd1.setSrcRef": "FSCH86",
    "FSCH86.StrTm1.setTm": "2027-01-15T08:00:00Z",
    "FSCH86.SchdIntv.setVal": 3600,
    "FSCH86.ValASG1.setMag.f": 60.0,
}


def test_a_schedule_of_several_values_is_refused() -> None:
    two = SCHEDULE | {"FSCH86.NumEntr.setVal": 2}
    refused(two | {"FSCH86.ValASG2.setMag.f": 80.0}, "Control", "FSCH86")
    refused(two, "Control", "FSCH86")
    assert back(two | {"FSCH86.ValASG2.setMag.f": 60.0}, "Control").duration == 7200


def test_a_schedule_that_is_not_enabled_is_told() -> None:
    assert "FSCH86.EnaReq.ctlVal" in kept(back(SCHEDULE | {"FSCH86.EnaReq.ctlVal": False}, "Control"))


DROOP: dict[str, Any] = {
    "DHFW1.HzStr.setMag.f": 60.5,
    "DLFW1.HzStr.setMag.f": 59.5,
    "DHFW1.WGra.setMag.f": 40.0,
    "DLFW1.WGra.setMag.f": 40.0,
    "DHFW1.OplTmsMax.setVal": 5,
}


def test_objects_that_disagree_are_refused() -> None:
    for one, other, kind in (
        ("DVVR1.VRefOfs", "DVWC1.VRefOfs", "Setting"),
        ("DGEN1.WRmp", "DWGC1.RpuMax", "Default"),
    ):
        refused({f"{one}.setMag.f": 1.0, f"{other}.setMag.f": 5.0}, kind, one, other)
    refused(DROOP | {"DLFW1.OplTmsMax.setVal": 9}, "Control", "DHFW1.OplTmsMax", "DLFW1.OplTmsMax")


def test_a_rate_that_is_not_used_is_no_limit() -> None:
    told = {"DGEN1.WRmp.setMag.f": 1.0, "DWGC1.RmpRteUse.setVal": False}
    assert back(told, "Default").entry.setGradW.value == 0
    ramp = grid("DVVR1.VVArCrv", (1, -2), [(90.0, 44.0)]) | {"DVVR1.VArSptRef.setVal": 2}
    ramp |= {"DVVR1.RpuMax.setMag.f": 5.0, "DVVR1.RmpRteUse.setVal": False}
    found = back(ramp, "Control")
    assert found.modes.voltVar.curve.rampUp is None
    assert "DVVR1.RpuMax.setMag.f" in kept(found)


def test_settings_that_change_the_meaning_are_refused() -> None:
    refused(DROOP | {"DHFW1.HzWCrvRef.setVal": 3}, "Control", "DHFW1.HzWCrvRef")
    bar = grid("DVWC1.VWCrv", (1, -2), [(106.0, 100.0)]) | {"DVWC1.VWCrvRef.setVal": 2}
    refused(bar | {"DVWC1.SnptBarEna.setVal": True}, "Control", "DVWC1.SnptBarEna")
    bar = grid("DWVR1.WVArCrv", (1, -2), [(50.0, 44.0)]) | {"DWVR1.VArSptRef.setVal": 2}
    refused(bar | {"DWVR1.WBarEna.setVal": False}, "Control", "DWVR1.WBarEna")


def test_a_mode_under_test_is_not_off() -> None:
    found = back({"DWMX1.WMaxSptPct.ctlVal.f": 60.0, "DWMX1.Mod.ctlVal": 3}, "Control")
    assert not found.modes.maxLimW.disabled
    assert "DWMX1.Mod.ctlVal" in kept(found)


@pytest.mark.parametrize(
    "told",
    [
        {"CALH1.GrAlm.stVal": True},
        {"XCBR1.Pos.stVal": 0},
        {"XCBR1.Pos.stVal": 0, "DCTE1.CeaEgzReqSt.stVal": 1},
        {"XCBR1.Pos.stVal": 2},
        {"DBAT1.ChaSt.stVal": True},
        {"DBAT1.ChaSt.stVal": True, "DBAT1.DschSt.stVal": True},
    ],
)
def test_what_says_too_little_is_kept(told: dict[str, Any]) -> None:
    found = back(told, "Status")
    assert kept(found) == set(told)
    assert found.operation is None


@pytest.mark.parametrize(("frame", "factor"), [(False, 9), (True, -9)])
def test_a_factor_of_the_site_has_the_frame_of_the_site(frame: bool, factor: int) -> None:
    told = {"MMXU2.TotPF.mag.f": 0.9, "MMXU2.PFSign.setVal": 2, "MMXU2.TotW.mag.f": -500.0}
    found = back(told | {"DPCC1.RefFrm.setVal": frame}, "Reading", Bases(site=True))
    assert found.series[0].value.value == factor


@pytest.mark.parametrize(("limit", "status"), [(-3000.0, 5), (-10000.0, 4)])
def test_a_limit_in_the_consumer_frame_binds_by_its_size(limit: float, status: int) -> None:
    told = {"DGEN1.DEROpSt.stVal": 6, "DWMX1.ReqWMax.mag.f": limit, "DGEN1.AvlUpW.mag.f": 2000.0}
    told |= {"MMXU1.TotW.mag.f": -3000.0, "DECP1.RefFrm.setVal": False}
    assert back(told, "Status").operation.inverterStatus.value == status
