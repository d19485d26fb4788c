"""Control objects: each model in order, each cause that a server can raise, what the image shows."""

from __future__ import annotations

import re

import pytest

from bridge.iec61850 import unit
from bridge.iec61850.plant import PENDING
from bridge.iec61850.shape import Value
from models.mms.codes import AddCause, DataAccessError
from tests.iec61850.controlled import (
    CLASSES,
    DOMAIN,
    NODE,
    NOW,
    ONE,
    SELECTION,
    TWO,
    Scene,
    ended,
    running,
    selected,
    utc,
)

A = AddCause
# ------------------------------------------------------------------------------------------ what goes well


@pytest.mark.parametrize("one", CLASSES)
def test_direct_normal(one: str) -> None:
    scene = Scene(1)
    assert scene.write("Oper", one) is None
    (done,) = scene.plant.done
    assert (done.target.object, done.value) == (one, CLASSES[one][3])
    assert scene.told() == []
    assert scene.controls.deadline is None


@pytest.mark.parametrize("one", CLASSES)
def test_select_then_operate_normal(one: str) -> None:
    scene = Scene(2)
    assert scene.select(one) == f"{DOMAIN}/{NODE}$CO${one}$SBO"
    assert scene.read(one, "stSeld", "MX" if one == "Apc" else "ST") is True
    assert scene.write("Oper", one) is None
    assert len(scene.plant.done) == 1
    assert scene.read(one, "stSeld", "MX" if one == "Apc" else "ST") is False
    assert scene.told() == []


@pytest.mark.parametrize("one", CLASSES)
def test_direct_enhanced(one: str) -> None:
    scene = Scene(3, PENDING)
    assert scene.write("Oper", one) is None
    assert scene.told() == []
    assert scene.read(one, "opOk", "OR") is True
    scene.controls.done(scene.plant.done[0], None, NOW + 1)
    assert scene.controls.deadline == NOW + 1
    assert scene.told(NOW + 1) == [(ONE, None)]
    assert scene.read(one, "opOk", "OR") is False


@pytest.mark.parametrize("one", CLASSES)
def test_select_then_operate_enhanced(one: str) -> None:
    scene = Scene(4, PENDING)
    assert scene.write("SBOw", one) is None
    assert scene.plant.done == []
    assert scene.write("Oper", one) is None
    scene.controls.done(scene.plant.done[0], None, NOW + 1)
    assert scene.told(NOW + 1) == [(ONE, None)]
    assert scene.controls.deadline is None


def test_an_enhanced_command_that_is_done_at_once_terminates_after_its_answer() -> None:
    scene = Scene(3)
    assert scene.write("Oper") is None
    assert scene.controls.deadline == NOW
    assert scene.told() == [(ONE, None)]
    assert scene.told() == []


def test_a_termination_repeats_the_command() -> None:
    scene = Scene(3)
    scene.write("Oper", "Apc")
    (report,) = scene.controls.tick(NOW)
    text = unit.write("1:1", "unconfirmed-PDU", report.unit).decode()
    assert f"itemId>{NODE}$CO$Apc$Oper</" in text
    tags = "structure floating-point utc-time structure integer octet-string unsigned utc-time boolean"
    assert re.findall(r"<mms:Data><mms:([\w-]+)>", text) == [*tags.split(), "bit-string"]


def test_who_commanded_is_shown() -> None:
    scene = Scene(1)
    scene.write("Oper", "Apc", ctlNum=9, origin=(2, b"station"))
    assert scene.image.read(DOMAIN, f"{NODE}$MX$Apc$origin") == (2, b"station")
    assert scene.read("Apc", "ctlNum", "MX") == 9
    assert scene.read("Apc", "tOpOk", "OR") == int(NOW).to_bytes(4) + b"\0\0\0\x1f"


def test_a_command_is_shown_to_come_and_go() -> None:
    scene = Scene(1)
    seen: list[tuple[str, Value]] = []
    scene.image.watchers.append(lambda changes, _: seen.extend((one.item, one.new) for one in changes))
    scene.write("Oper")
    names = [(item.rpartition("$")[2], value) for item, value in seen if "$OR$" in item]
    assert names[0] == ("opRcvd", True)
    assert ("opOk", True) in names
    assert names[-1] == ("opRcvd", False)
    assert scene.read("Spc", "opOk", "OR") is False


def test_an_object_without_signs_can_be_commanded() -> None:
    scene = Scene(1)
    held = scene.image.domains[DOMAIN]
    held.leaves = {item: value for item, value in held.leaves.items() if "$OR$" not in item}
    assert scene.write("Oper") is None


# --------------------------------------------------------------------------------------- selection and time


def test_a_selection_lapses() -> None:
    scene = selected(4)
    assert scene.controls.deadline == NOW + SELECTION
    assert scene.told(NOW + SELECTION) == []
    assert scene.read("Spc", "stSeld") is False
    assert scene.write("Oper", now=NOW + SELECTION) is A.not_selected


def test_a_selection_lapses_though_nobody_has_looked_at_the_clock() -> None:
    scene = selected(4)
    assert scene.write("Oper", now=NOW + SELECTION) is A.not_selected
    scene = selected(2)
    assert scene.select(peer=TWO, now=NOW + SELECTION)


@pytest.mark.parametrize("model", [2, 4])
def test_a_selection_for_many_outlives_an_operate(model: int) -> None:
    scene = selected(model, many=True)
    assert scene.write("Oper") is None
    for done in scene.plant.done:
        scene.controls.done(done, None, NOW + 2)
    scene.told(NOW + 2)
    assert scene.write("Oper", ctlNum=8, now=NOW + 3) is None
    assert [done.number for done in scene.plant.done] == [7, 8]


@pytest.mark.parametrize("model", [2, 4])
def test_a_selection_for_one_does_not(model: int) -> None:
    scene = selected(model)
    assert scene.write("Oper") is None
    for done in scene.plant.done:
        scene.controls.done(done, None, NOW + 2)
    scene.told(NOW + 2)
    assert scene.write("Oper", ctlNum=8, now=NOW + 3) is A.not_selected


@pytest.mark.parametrize("model", [2, 4])
def test_a_cancel_lets_go(model: int) -> None:
    scene = selected(model)
    assert scene.write("Cancel") is None
    assert scene.read("Spc", "stSeld") is False
    assert scene.write("Oper") is A.not_selected


@pytest.mark.parametrize("model", [1, 2, 3, 4])
def test_operate_at_a_time(model: int) -> None:
    scene = Scene(model, PENDING if model > 2 else None)
    then = utc(NOW + 60)
    if model == 2:
        scene.select()
    if model == 4:
        assert scene.write("SBOw", operTm=then) is None
    assert scene.write("Oper", operTm=then) is None
    assert scene.plant.done == []
    assert scene.controls.deadline == NOW + 60
    assert scene.told(NOW + 59) == []
    told = scene.told(NOW + 60)
    assert len(scene.plant.done) == 1
    if model > 2:
        assert told == []
        scene.controls.done(scene.plant.done[0], None, NOW + 61)
        told = scene.told(NOW + 61)
    assert told == [(ONE, None)]
    assert scene.controls.deadline is None


@pytest.mark.parametrize("model", [1, 2, 3, 4])
def test_an_armed_command_can_be_cancelled(model: int) -> None:
    scene = Scene(model)
    then = utc(NOW + 60)
    if model == 2:
        scene.select()
    if model == 4:
        scene.write("SBOw", operTm=then)
    assert scene.write("Oper", operTm=then) is None
    assert scene.write("Cancel", operTm=then, ctlNum=8) is A.inconsistent_parameters
    assert scene.write("Cancel", operTm=then) is None
    assert scene.told(NOW + 60) == []
    assert scene.plant.done == []


def test_an_armed_command_is_judged_again_when_its_moment_comes() -> None:
    scene = Scene(1)
    scene.write("Oper", operTm=utc(NOW + 60))
    scene.put("ST$Loc$stVal", value=True)
    assert scene.told(NOW + 60) == [(ONE, A.blocked_by_switching_hierarchy)]
    assert scene.plant.done == []


def test_an_armed_command_of_a_device_that_is_gone() -> None:
    scene = Scene(1)
    scene.write("Oper", operTm=utc(NOW + 60))
    del scene.image.domains[DOMAIN]
    assert scene.told(NOW + 60) == [(ONE, A.unknown)]


# --------------------------------------------------------------------------------------- loss of the client


@pytest.mark.parametrize("model", [2, 4])
def test_loss_lets_a_selection_go(model: int) -> None:
    scene = selected(model)
    scene.controls.gone(TWO, NOW)
    assert scene.read("Spc", "stSeld") is True
    scene.controls.gone(ONE, NOW)
    assert scene.read("Spc", "stSeld") is False
    assert scene.controls.deadline is None


def test_loss_drops_an_armed_command() -> None:
    scene = Scene(1)
    scene.write("Oper", operTm=utc(NOW + 60))
    scene.controls.gone(ONE, NOW)
    assert scene.told(NOW + 60) == []
    assert scene.plant.done == []


@pytest.mark.parametrize("model", [3, 4])
def test_loss_takes_a_running_command_back(model: int) -> None:
    scene = running(model)
    (done,) = scene.plant.done
    scene.controls.gone(ONE, NOW)
    assert scene.plant.aborted == [(done, A.communication_loss)]
    scene.controls.done(done, None, NOW + 1)
    assert scene.told(NOW + 1) == []


# -------------------------------------------------------------------------------------------- the odd request


@pytest.mark.parametrize("item", ["Spc", "Spc$Oper$ctlVal", "Spc$Strange", "None$Oper", "Spc$SBO"])
def test_a_part_of_a_control_cannot_be_written(item: str) -> None:
    scene = Scene(2)
    answer = scene.controls.write(ONE, DOMAIN, f"{NODE}$CO${item}", True, NOW)
    assert answer == (DataAccessError.object_access_denied, ())
    assert scene.controls.refuse(ONE, DOMAIN, f"{NODE}$CO${item}", True, A.unknown).before == ()


def test_terminations_name_their_command() -> None:
    scene = Scene(3)
    scene.write("Oper", "Spc")
    scene.write("Oper", "Enc", peer=TWO)
    assert [(report.peer, ended(report)) for report in scene.controls.tick(NOW)] == [(ONE, None), (TWO, None)]


def test_a_set_point_may_be_sent_again() -> None:
    assert Scene(1).write("Oper", "Apc", ctlVal=(1.0,)) is None


def test_limits_that_nobody_has_set_are_none() -> None:
    scene = Scene(1)
    for limit in ("minVal", "maxVal"):
        scene.put(f"CF$Apc${limit}$f", 0.0)
    assert scene.write("Oper", "Apc", ctlVal=(1000.0,)) is None


def test_what_yields_ends_for_a_newer_value_of_its_own_client_alone() -> None:
    scene = Scene(3, PENDING, yielding=True)
    assert scene.write("Oper", "Apc", ctlVal=(40.0,)) is None
    assert scene.write("Oper", "Apc", ctlVal=(40.0,)) is A.already_in_execution
    assert scene.write("Oper", "Apc", ctlVal=(30.0,), peer=TWO) is A.already_in_execution
    assert scene.write("Oper", "Apc", ctlVal=(30.0,), operTm=utc(NOW + 60)) is A.parameter_change
    assert scene.write("Oper", "Apc", ctlVal=(150.0,), ctlNum=8) is A.invalid_position
    assert (scene.told(), scene.plant.aborted) == ([], [])
    assert scene.write("Oper", "Apc", ctlVal=(30.0,), ctlNum=8) is None
    assert scene.told() == [(ONE, A.aborted_by_command)]
    older, newer = scene.plant.done
    assert scene.plant.aborted == [(older, A.aborted_by_command)]
    scene.controls.done(older, None, NOW + 1)
    assert scene.told(NOW + 1) == []
    scene.controls.done(newer, None, NOW + 1)
    assert scene.told(NOW + 1) == [(ONE, None)]
