"""Halves of a droop and of a frequency-watt curve: one that is off, and one that is not used.

A half that is off is no part of what is in force and never switches the other off; a half that is not used is
switched off and told nothing else. Each test names what must be refused or left.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping.table import Unrepresentable
from tests.mapping.fifty import DROOP, FIFTY, LEAST, halves, told, without
from tests.mapping.telling import back, control, curve, follows, points, read

# ------------------------------------------------------------------------------- a side that is off


@pytest.mark.parametrize("off", ["DHFW1", "DLFW1"])
@pytest.mark.parametrize("other", [{}, {"Mod.ctlVal": 1}])
def test_a_droop_of_which_one_side_is_off_is_refused(off: str, other: dict[str, Any]) -> None:
    on = {"DHFW1": "DLFW1", "DLFW1": "DHFW1"}[off]
    said = without(told(), "Mod.") | {f"{off}.Mod.ctlVal": 5}
    with pytest.raises(Unrepresentable, match=f"{off} is off"):
        read(said | {f"{on}.{name}": value for name, value in other.items()}, FIFTY)


@pytest.mark.parametrize(("side", "other"), [("DHFW1", "DLFW1"), ("DLFW1", "DHFW1")])
@pytest.mark.parametrize("told_", [{}, {"Mod.ctlVal": 1}, {"Mod.ctlVal": 5}])
def test_a_lone_side_that_is_off_is_left(side: str, other: str, told_: dict[str, int]) -> None:
    alone = {ref: value for ref, value in told().items() if ref.startswith(side)}
    said = alone | {f"{side}.Mod.ctlVal": 5} | {f"{other}.{name}": value for name, value in told_.items()}
    record = back(said, "Default", FIFTY)
    assert record.modes.freqDroop is None
    assert {item.path.removeprefix("iec61850:").partition("[")[0] for item in record.kept} == set(said)
    with pytest.raises(Unrepresentable, match="both sides"):
        read(alone, FIFTY)


def test_a_droop_of_which_both_sides_are_off_is_off() -> None:
    off = {f"{node}.Mod.ctlVal": 5 for node in ("DHFW1", "DLFW1")}
    assert read(told() | off, FIFTY).freqDroop == DROOP.model_copy(update={"disabled": True})


def test_the_least_power_goes_with_its_droop() -> None:
    found = told(LEAST)
    assert (found["DWMN5.WMinSpt.ctlVal.f"], found["DWMN5.Mod.ctlVal"]) == (-500.0, 1)
    assert read(found, FIFTY).freqDroop == LEAST
    off = {f"{node}.Mod.ctlVal": 5 for node in ("DHFW1", "DLFW1", "DWMN5")}
    assert read(found | off, FIFTY).freqDroop == LEAST.model_copy(update={"disabled": True})


def test_a_least_power_that_is_off_is_not_in_force() -> None:
    record = back(told(LEAST) | {"DWMN5.Mod.ctlVal": 5}, "Default", FIFTY)
    assert record.modes.freqDroop == DROOP
    kept = {item.path for item in record.kept}
    assert {"iec61850:DWMN5.WMinSpt.ctlVal.f[CO]", "iec61850:DWMN5.Mod.ctlVal[CO]"} <= kept


def test_a_least_power_without_a_droop_is_no_droop() -> None:
    alone = {ref: value for ref, value in told(LEAST).items() if ref.startswith("DWMN5")}
    with pytest.raises(Unrepresentable, match="both sides"):
        read(alone, FIFTY)
    assert back(alone | {"DWMN5.Mod.ctlVal": 5}, "Default", FIFTY).modes.freqDroop is None


def test_a_least_power_that_stays_on_while_its_droop_is_off_is_refused() -> None:
    off = {f"{node}.Mod.ctlVal": 5 for node in ("DHFW1", "DLFW1")}
    with pytest.raises(Unrepresentable, match="DWMN5 is on"):
        read(told(LEAST) | off, FIFTY)


def test_a_droop_without_a_least_power_says_nothing_of_it() -> None:
    assert not [ref for ref in told() if ref.startswith("DWMN5")]


# ------------------------------------------------------------------------------- a half that is not used


@pytest.mark.parametrize(
    ("dots", "used", "unused"),
    [
        ([("50", "100"), ("52", "0")], "DHFW2", "DLFW2"),
        ([("51", "100"), ("52", "0")], "DHFW2", "DLFW2"),
        ([("48", "0"), ("49", "100")], "DLFW2", "DHFW2"),
    ],
)
def test_an_unused_half_is_switched_off_and_told_nothing_else(
    dots: list[tuple[str, str]], used: str, unused: str
) -> None:
    asked = control(
        modes=m.Modes(freqWatt=curve(0, dots, "setMaxW", openLoop=Decimal(2)), rampTms=Decimal(3)),
        randomizeStart=Decimal(60),
    )
    found = points(asked, FIFTY)
    assert {ref: value for ref, value in found.items() if ref.startswith(unused)} == {
        f"{unused}.Mod.ctlVal": 5
    }
    told_ = {name: found[f"{used}.{name}.setVal"] for name in ("RvrtTms", "WinTms", "RmpTms")}
    assert told_ == {"RvrtTms": 3600, "WinTms": 60, "RmpTms": 3}
    assert found[f"{used}.Mod.ctlVal"] == 1
    assert not [ref for ref, value in found.items() if value == f"{unused}.Mod"]


@pytest.mark.parametrize("other", [{}, {"DHFW2.Mod.ctlVal": 1}])
def test_a_half_that_is_off_does_not_switch_the_other_off(other: dict[str, Any]) -> None:
    found = without(halves(), "Mod.") | {"DLFW2.Mod.ctlVal": 5} | other
    use = read(found, FIFTY).freqWatt
    assert [dot.x for dot in follows(use).point] == [50, 51]
    assert use is not None
    assert use.disabled is None
    record = back(found | {"DLFW2.InEcpRef.setSrcRef": "DECP9"}, "Default", FIFTY)
    assert "iec61850:DLFW2.InEcpRef.setSrcRef[SP]" in {item.path for item in record.kept}


def test_a_step_that_is_off_does_not_switch_the_others_off() -> None:
    steps = {f"MstPTOF{n}.StrVal.setMag.f": 60.0 + n for n in (1, 2)}
    steps |= {f"MstPTOF{n}.OpDlTmms.setVal": 160 for n in (1, 2)}
    use = read(steps | {"MstPTOF2.Mod.ctlVal": 5}, FIFTY).HFRTMustTrip
    assert [dot.y for dot in follows(use).point] == [61]
    assert use is not None
    assert use.disabled is None


def test_the_times_of_an_unused_half_are_not_those_of_the_control() -> None:
    asked = control(modes=m.Modes(freqWatt=curve(0, [("48", "0"), ("49", "100")], "setMaxW")))
    found = {ref: value for ref, value in points(asked, FIFTY).items() if not ref.startswith("FSC")}
    record = back(found | {"DHFW2.RvrtTms.setVal": 7}, "Control", FIFTY)
    assert record.duration == 3600
    assert "iec61850:DHFW2.RvrtTms.setVal[SP]" in {item.path for item in record.kept}
