"""Every cause that a server of ours can raise against a control, and those that its plant can."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.iec61850 import blocks, command
from bridge.iec61850.shape import Basic, Structure, Value
from models.mms.codes import AddCause, DataAccessError
from tests.iec61850.controlled import (
    DOMAIN,
    EXECUTION,
    NODE,
    NOW,
    ONE,
    TWO,
    Scene,
    cause,
    running,
    selected,
    spoken,
    utc,
)

A = AddCause


def test_not_supported() -> None:
    scene = Scene(0)
    assert scene.write("Oper") is A.not_supported
    scene = Scene(4)
    scene.put("CF$Spc$ctlModel", 2)
    assert scene.write("SBOw") is A.not_supported


def test_a_select_by_reading_is_refused_by_silence() -> None:
    scene = Scene(2)
    scene.put("CF$Spc$ctlModel", 4)
    assert not scene.select()
    scene = selected(2)
    assert not scene.select(peer=TWO)
    assert not scene.select()
    assert not scene.controls.read_sbo(ONE, DOMAIN, f"{NODE}$CO$Spc$Oper", NOW)
    assert not scene.controls.read_sbo(ONE, DOMAIN, f"{NODE}$CO$Spc", NOW)


@pytest.mark.parametrize(
    ("local", "key", "station", "taken"),
    [
        (False, False, None, {0, 1, 2, 3, 4, 5, 6, 7}),
        (True, False, None, {1, 4}),
        (False, True, None, {1, 4}),
        (False, False, True, {0, 2, 5, 7}),
        (False, False, False, {0, 3, 6, 7}),
        (True, False, True, {1, 4}),
    ],
)
def test_blocked_by_switching_hierarchy(
    local: bool, key: bool, station: bool | None, taken: set[int]
) -> None:
    for category in range(8):
        scene = Scene(1, station=station is not None)
        scene.put("ST$Loc$stVal", local)
        scene.put("ST$LocKey$stVal", key)
        if station is not None:
            scene.put("ST$LocSta$stVal", station)
        said = scene.write("Oper", origin=(category, b""))
        assert said is (None if category in taken else A.blocked_by_switching_hierarchy)


def test_select_failed_where_a_client_holds_too_much() -> None:
    scene = Scene(4, most=1)
    assert scene.write("SBOw", "Spc") is None
    assert scene.write("SBOw", "Dpc") is A.select_failed
    assert scene.write("SBOw", "Dpc", peer=TWO) is None
    scene = Scene(2, most=1)
    assert scene.select("Spc")
    assert not scene.select("Dpc")


@pytest.mark.parametrize(
    ("one", "value"),
    [("Inc", -2), ("Inc", 12), ("Inc", 3), ("Apc", (-100.5,)), ("Apc", (101.0,)), ("Apc", (float("nan"),))],
)
def test_invalid_position(one: str, value: Value) -> None:
    assert Scene(1).write("Oper", one, ctlVal=value) is A.invalid_position


def test_invalid_position_of_a_switch() -> None:
    scene = Scene(1)
    scene.put("ST$Dpc$stVal", "11")
    assert scene.write("Oper", "Dpc") is A.invalid_position


@pytest.mark.parametrize(("one", "value"), [("Spc", False), ("Dpc", False), ("Inc", 2), ("Enc", 1)])
def test_position_reached(one: str, value: Value) -> None:
    assert Scene(1).write("Oper", one, ctlVal=value) is A.position_reached


@pytest.mark.parametrize("model", [3, 4])
def test_parameter_change(model: int) -> None:
    scene = running(model)
    assert scene.write("Oper", ctlVal=False) is A.parameter_change
    assert scene.write("Oper", operTm=utc(NOW + 60)) is A.parameter_change


@pytest.mark.parametrize(
    ("mode", "test", "taken"),
    [
        (1, False, True), (1, True, False), (2, False, False), (2, True, False), (3, False, False),
        (3, True, True), (4, False, False), (4, True, True), (5, False, False), (5, True, False),
    ],
)  # fmt: skip
def test_blocked_by_mode(mode: int, test: bool, taken: bool) -> None:
    scene = Scene(1)
    scene.put("ST$Beh$stVal", mode)
    assert scene.write("Oper", Test=test) is (None if taken else A.blocked_by_mode)
    assert [done.test for done in scene.plant.done] == ([test] if taken and mode != 4 else [])


@pytest.mark.parametrize("found", [A.blocked_by_process, A.one_of_n_control, A.step_limit])
@pytest.mark.parametrize("model", [1, 4])
def test_the_plant_has_something_against_it(model: int, found: AddCause) -> None:
    scene = Scene(model)
    scene.plant.against = found
    assert scene.write("Oper" if model == 1 else "SBOw") is found
    assert scene.plant.done == []


@pytest.mark.parametrize(
    ("bits", "stands", "found"),
    [
        ("00", {0, 1}, None),
        ("01", {command.INTERLOCK}, A.blocked_by_interlocking),
        ("10", {command.SYNCHROCHECK}, A.blocked_by_synchrocheck),
        ("10", {command.INTERLOCK}, None),
        ("11", {0, 1}, A.blocked_by_interlocking),
    ],
)
def test_checks_are_made_where_they_are_asked_for(
    bits: str, stands: set[int], found: AddCause | None
) -> None:
    scene = Scene(1)
    scene.plant.checks = stands
    assert scene.write("Oper", Check=bits) is found


@pytest.mark.parametrize("model", [3, 4])
def test_already_in_execution(model: int) -> None:
    scene = running(model)
    assert scene.write("Oper") is A.already_in_execution
    if model == 3:
        assert scene.write("Oper", peer=TWO) is A.already_in_execution


def test_blocked_by_health() -> None:
    scene = Scene(1)
    scene.put("ST$Health$stVal", 3)
    assert scene.write("Oper") is A.blocked_by_health


@pytest.mark.parametrize("model", [3, 4])
def test_abortion_by_cancel(model: int) -> None:
    scene = running(model)
    (done,) = scene.plant.done
    assert scene.write("Cancel", peer=TWO) is A.locked_by_other
    assert scene.write("Cancel") is None
    assert scene.plant.aborted == [(done, A.abortion_by_cancel)]
    assert scene.told() == [(ONE, A.abortion_by_cancel)]


@pytest.mark.parametrize("model", [3, 4])
def test_time_limit_over(model: int) -> None:
    scene = running(model)
    (done,) = scene.plant.done
    assert scene.controls.deadline == NOW + EXECUTION
    assert scene.told(NOW + EXECUTION) == [(ONE, A.time_limit_over)]
    assert scene.plant.aborted == [(done, A.time_limit_over)]
    scene.controls.done(done, None, NOW + EXECUTION + 1)
    assert scene.told(NOW + EXECUTION + 1) == []


@pytest.mark.parametrize("ahead", [0, -60])
def test_a_moment_that_is_over(ahead: int) -> None:
    assert Scene(1).write("Oper", operTm=utc(NOW + ahead)) is A.time_limit_over


@pytest.mark.parametrize(
    "found", [A.abortion_by_trip, A.ended_with_overshoot, A.ended_with_deviation, A.unknown]
)
@pytest.mark.parametrize("model", [3, 4])
def test_the_plant_ends_it_badly(model: int, found: AddCause) -> None:
    scene = running(model)
    scene.controls.done(scene.plant.done[0], found, NOW + 1)
    assert scene.told(NOW + 1) == [(ONE, found)]


@pytest.mark.parametrize("found", [A.blocked_by_process, A.unknown])
@pytest.mark.parametrize("model", [1, 2, 3, 4])
def test_the_plant_refuses(model: int, found: AddCause) -> None:
    scene = Scene(model, found)
    if model == 2:
        scene.select()
    if model == 4:
        scene.write("SBOw")
    assert scene.write("Oper") is found
    assert scene.told() == []
    assert scene.controls.deadline is None
    assert scene.read("Spc", "ctlNum") == 0


@pytest.mark.parametrize("model", [1, 2, 3, 4])
def test_not_selected(model: int) -> None:
    scene = Scene(model)
    if model in {2, 4}:
        assert scene.write("Oper") is A.not_selected
    assert scene.write("Cancel") is A.not_selected


def test_already_selected() -> None:
    assert selected(4).write("SBOw") is A.already_selected


def test_no_access_authority() -> None:
    scene = Scene(1)
    item = f"{NODE}$CO$Spc$Oper"
    answer = scene.controls.refuse(ONE, DOMAIN, item, spoken("Oper"), A.no_access_authority)
    assert answer.error is DataAccessError.object_access_denied
    assert [cause(report) for report in answer.before] == [A.no_access_authority]


def test_blocked_by_command() -> None:
    scene = Scene(1)
    scene.put("ST$CmdBlk$stVal", value=True)
    assert scene.write("Oper") is A.aborted_by_command


@pytest.mark.parametrize(
    "said",
    [
        {"ctlNum": 8}, {"ctlVal": False}, {"origin": (3, b"another")}, {"Test": True}, {"Check": "01"},
        {"operTm": utc(NOW + 60)},
    ],
    ids=str,
)  # fmt: skip
def test_inconsistent_parameters(said: dict[str, Any]) -> None:
    scene = selected(4)
    assert scene.write("Oper", **said) is A.inconsistent_parameters
    assert scene.plant.done == []
    assert scene.write("Oper") is A.not_selected


def test_a_cancel_of_another_command_changes_nothing() -> None:
    scene = selected(4)
    assert scene.write("Cancel", ctlNum=8) is A.inconsistent_parameters
    assert scene.write("Oper") is None


def test_a_stale_command() -> None:
    scene = Scene(1)
    assert scene.write("Oper") is None
    assert scene.write("Oper") is A.inconsistent_parameters
    assert scene.write("Oper", T=utc(NOW + 1)) is None
    assert scene.write("Oper", T=utc(NOW + 1), ctlNum=8) is None
    assert len(scene.plant.done) == 3


@pytest.mark.parametrize("category", [8, 9, -1, 127])
def test_an_originator_that_no_client_is(category: int) -> None:
    assert Scene(1).write("Oper", origin=(category, b"")) is A.inconsistent_parameters


@pytest.mark.parametrize("model", [2, 4])
def test_locked_by_other(model: int) -> None:
    scene = selected(model)
    assert scene.write("Oper", peer=TWO) is A.locked_by_other
    assert scene.write("Cancel", peer=TWO) is A.locked_by_other
    if model == 4:
        assert scene.write("SBOw", peer=TWO) is A.locked_by_other
    assert scene.write("Oper") is None


@pytest.mark.parametrize(
    ("free", "state", "value"), [("Mod", "Beh", 5), ("LocSta", "LocSta", True), ("CmdBlk", "CmdBlk", True)]
)
def test_the_way_out_of_a_block_is_free(free: str, state: str, value: Value) -> None:
    """Mod is commanded in every mode, LocSta by whoever would have it, CmdBlk while it blocks."""
    scene = Scene(1, station=True)
    scene.put(f"ST${state}$stVal", value)
    form = command.service_types(Basic("boolean"), 1)["Oper"]
    assert isinstance(form, Structure)
    said = spoken("Oper", ctlVal=False)
    blocked = command.read(ONE, command.Target(DOMAIN, NODE, "Spc"), "Oper", form, said)
    assert blocks.against(scene.image, scene.plant, blocked) not in {None, A.position_reached}
    asked = command.read(ONE, command.Target(DOMAIN, NODE, free), "Oper", form, said)
    assert blocks.against(scene.image, scene.plant, asked) is None
