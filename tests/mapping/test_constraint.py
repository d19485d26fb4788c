"""Functional constraints: what a point's letters say it is, so that a state is never taken for a command.

Follows IEC 61850-7-2 and the attribute tables of 7-3. The right constraint of a reference comes from the
generated models; the wrong ones here are written by hand.
"""

from __future__ import annotations

from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping.iec61850 import from_points
from bridge.mapping.nodes import constraints
from bridge.mapping.points import Point
from bridge.mapping.table import Unrepresentable
from tests.mapping.telling import BASES, back

CEASE = "DCTE1.CeaEgzReqCtl"
EVERY = ("ST", "MX", "SP", "SV", "CF", "DC", "SG", "SE", "SR", "OR", "BL", "EX", "CO")


def single(ref: str, fc: str, value: Any, kind: str = "Default") -> Any:
    return from_points([Point(ref, fc, value)], kind, BASES)


def kept(record: Any) -> dict[str, str]:
    return {item.path: item.value for item in record.kept}


@pytest.mark.parametrize(
    ("ref", "value", "right"),
    [
        (f"{CEASE}.ctlVal", 1, {"CO"}),
        (f"{CEASE}.stVal", 1, {"ST"}),
        ("DWMX1.WMaxSptPct.ctlVal.f", 60.0, {"CO"}),
        ("DWMX1.WMaxSptPct.mxVal.f", 60.0, {"MX"}),
        ("DWMX1.WMaxSptPct.units.multiplier", -2, {"CF"}),
        ("DWMX1.RmpTms.setVal", 3, {"SP", "SG", "SE"}),
        ("DWMX1.Mod.ctlVal", 1, {"CO"}),
        ("DWMX1.Mod.stVal", 1, {"ST"}),
        ("DVVR1.VVArCrv.xD", "percent", {"DC"}),
        ("DGEN1.WMax.setMag.f", 5000.0, {"SP", "SG", "SE"}),
        ("MMXU1.TotW.mag.f", 5.0, {"MX"}),
        ("MMXU1.TotW.q", "good", {"MX"}),
        ("MMXU1.PhV.phsA.cVal.mag.f", 230.0, {"MX"}),
        ("MMTR1.SupWh.actVal", 5, {"ST"}),
    ],
)
def test_a_value_stands_under_the_constraints_of_its_attribute_alone(
    ref: str, value: Any, right: set[str]
) -> None:
    assert set(constraints(ref)) == right
    for fc in (*EVERY, "", "co", "ZZ"):
        if fc in right:
            single(ref, fc, value)
            continue
        with pytest.raises(Unrepresentable, match=r"stands under .*, not under") as caught:
            single(ref, fc, value)
        assert caught.value.path == ref


def test_a_request_is_a_command_and_its_state_is_not() -> None:
    asked = single(f"{CEASE}.ctlVal", "CO", 1)
    assert (asked.modes.energize, kept(asked)) == (False, {})
    found = single(f"{CEASE}.stVal", "ST", 1)
    assert found.modes == m.Modes()
    assert kept(found) == {f"iec61850:{CEASE}.stVal[ST]": "int 1"}


@pytest.mark.parametrize("kind", ["Control", "Default"])
@pytest.mark.parametrize(
    ("ref", "value"),
    [
        ("DWMX1.WMaxSptPct.mxVal.f", 60.0),
        ("CSWI1.Pos.stVal", 2),
        ("DGEN1.AuthConn.stVal", True),
        ("DFPF1.PFGnTgtSpt.mxVal.f", 0.9),
        ("DVAR1.VArTgtSptPct.mxVal.f", 25.0),
        ("DPMC1.VArMaxSpt2.mxVal.f", 25.0),
    ],
)
def test_a_state_is_no_command(kind: str, ref: str, value: Any) -> None:
    found = back({ref: value, "DWMX3.WMaxSpt.ctlVal.f": 5.0}, kind)
    assert set(found.modes.model_dump(exclude_none=True)) == {"genLimW"}
    assert [path for path in kept(found) if ref in path]


@pytest.mark.parametrize(
    ("ref", "value"),
    [("DWMX1.WMaxSptPct.ctlVal.f", 60.0), ("CSWI1.Pos.ctlVal", True), (f"{CEASE}.ctlVal", 1)],
)
def test_a_command_is_no_state(ref: str, value: Any) -> None:
    found = back({ref: value}, "Status")
    assert found.modes is None
    assert [path for path in kept(found) if ref in path]


def test_a_state_beside_its_command_does_not_change_it() -> None:
    said = {"DWMX1.WMaxSptPct.ctlVal.f": 60.0, "DWMX1.WMaxSptPct.mxVal.f": 100.0}
    said |= {"DWMX1.Mod.ctlVal": 1, "DWMX1.Mod.stVal": 5, "DWMX1.Beh.stVal": 5}
    found = back(said, "Default")
    assert (found.modes.maxLimW.value, found.modes.maxLimW.disabled) == (60, None)
    assert {path.partition("[")[0].removeprefix("iec61850:") for path in kept(found)} == {
        "DWMX1.WMaxSptPct.mxVal.f", "DWMX1.Mod.stVal", "DWMX1.Beh.stVal",
    }  # fmt: skip


def test_a_node_that_is_commanded_to_test_is_not_off_whatever_it_is() -> None:
    said = {"DWMX1.WMaxSptPct.ctlVal.f": 60.0, "DWMX1.Mod.ctlVal": 3, "DWMX1.Beh.stVal": 5}
    assert back(said, "Default").modes.maxLimW.disabled is None


def test_settings_of_a_node_that_is_off_are_off() -> None:
    said = {"MstPTOF1.StrVal.setMag.f": 62.0, "MstPTOF1.OpDlTmms.setVal": 160, "MstPTOF1.Beh.stVal": 5}
    assert back(said, "Default").modes.HFRTMustTrip.disabled is True


@pytest.mark.parametrize("other", ["SG", "SE"])
def test_two_values_of_one_attribute_are_refused(other: str) -> None:
    ref = "DWMX1.RmpTms.setVal"
    both = [Point(ref, "SP", 3), Point(ref, other, 4), Point("DWMX1.WMaxSptPct.ctlVal.f", "CO", 60.0)]
    with pytest.raises(Unrepresentable, match=r"3 under SP, 4 under"):
        from_points(both, "Default", BASES)
