"""Log control blocks: what is logged and why, and who may set what."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.iec61850.hooks import Refusal
from bridge.iec61850.rcb.moment import binary
from bridge.iec61850.shape import Value
from models.mms.codes import DataAccessError
from tests.iec61850.logged import ITEM, NOW, ONE, Scene, reason, tags

CODES = DataAccessError


def test_a_change_is_logged_with_its_member_and_its_reason() -> None:
    scene = Scene()
    scene.put(5.0)
    ((first, second),) = scene.entries()
    assert first[0] == "D1/MMXU1$MX$TotW"
    assert first[1].Data[0].choice.value == "40A00000"
    assert second == ("ReasonCode", "010000")


@pytest.mark.parametrize(
    ("triggers", "leaf", "value", "expected"),
    [
        ("010000", "TotW$f", 5.0, ["010000"]),
        ("010000", "TotW$q", "0100000000000", []),
        ("001000", "TotW$q", "0100000000000", ["001000"]),
        ("011000", "TotW$t", b"\1" * 8, []),
        ("010000", "TotW$f", 0.0, []),
        ("000000", "TotW$f", 5.0, []),
    ],
)
def test_triggers(triggers: str, leaf: str, value: Any, expected: list[str]) -> None:
    scene = Scene(triggers)
    scene.put(value, leaf=leaf)
    assert [reason(entry) for entry in scene.entries()] == expected


def test_a_value_that_is_written_again_is_logged_where_that_is_a_trigger() -> None:
    scene = Scene("000100")
    domain = scene.image.domains["D1"]
    domain.triggers = {"MMXU1$MX$TotW$f": ("dchg", "dupd")}
    scene.put(0.0)
    assert [reason(entry) for entry in scene.entries()] == ["000100"]


def test_what_changes_at_once_is_one_entry() -> None:
    scene = Scene()
    scene.image.update("D1", {"MMXU1$MX$TotW$f": 1.0, "MMXU1$MX$Hz$f": 50.0}, NOW)
    (entry,) = scene.entries()
    assert tags(entry) == ["D1/MMXU1$MX$TotW", "ReasonCode", "D1/MMXU1$MX$Hz", "ReasonCode"]


def test_integrity() -> None:
    scene = Scene("000010", period=60_000)
    assert scene.logs.deadline == NOW + 60
    assert scene.logs.tick(NOW + 59) == []
    assert scene.entries() == []
    scene.logs.tick(NOW + 150)
    assert [reason(entry) for entry in scene.entries()] == ["000010"]
    assert scene.logs.deadline == NOW + 180


def test_nothing_is_logged_while_the_block_is_off() -> None:
    scene = Scene(LogEna=False)
    scene.put(1.0)
    assert scene.write("LogEna", value=True) is None
    scene.put(2.0)
    assert scene.write("LogEna", value=False) is None
    scene.put(3.0)
    assert len(scene.entries()) == 1
    assert scene.logs.deadline is None


def test_a_block_without_its_data_set_is_off() -> None:
    scene = Scene(DatSet="D1/LLN0$none")
    assert scene.told("LogEna") is False
    assert scene.write("LogEna", value=True) is DataAccessError.object_attribute_inconsistent


def test_the_oldest_is_forgotten() -> None:
    scene = Scene(most=3)
    for value in range(1, 6):
        scene.put(float(value), NOW + value)
    assert scene.told("OldEntrTm") == binary(NOW + 3)
    assert scene.told("NewEntrTm") == binary(NOW + 5)
    assert len(scene.entries()) == 3


def test_an_empty_journal_has_no_ends() -> None:
    scene = Scene()
    assert scene.told("OldEntr") == bytes(8)
    assert scene.told("NewEntrTm") == bytes(6)


def test_numbers_grow_though_the_clock_goes_back() -> None:
    scene = Scene()
    for value, moment in enumerate((NOW, NOW, NOW - 3600, NOW + 1), 1):
        scene.put(float(value), moment)
    found = [entry.entryIdentifier for entry in scene.read().listOfJournalEntry.JournalEntry]
    assert found == sorted(set(found))
    assert len(found) == 4
    assert scene.told("NewEntr") == bytes.fromhex(found[-1])


def test_a_device_leaves_with_its_journal() -> None:
    scene = Scene("010010", period=60_000)
    assert scene.logs.journals("D1") == ("LLN0$events",)
    scene.put(1.0)
    scene.logs.leave("D1")
    scene.put(2.0)
    assert scene.logs.journals("D1") == ()
    assert scene.logs.deadline is None
    with pytest.raises(Refusal):
        scene.read()


@pytest.mark.parametrize(
    ("setting", "value", "on", "off"),
    [
        ("DatSet", "D1/LLN0$all", CODES.temporarily_unavailable, None),
        ("DatSet", "D1/LLN0$none", CODES.temporarily_unavailable, CODES.object_value_invalid),
        ("TrgOps", "000100", CODES.temporarily_unavailable, None),
        ("IntgPd", 60_000, CODES.temporarily_unavailable, None),
        ("IntgPd", 999, CODES.temporarily_unavailable, CODES.object_value_invalid),
        ("LogRef", "D1/LLN0$x", CODES.object_access_denied, CODES.object_access_denied),
        ("OldEntr", bytes(8), CODES.object_access_denied, CODES.object_access_denied),
        ("LogEna", True, None, None),
        ("LogEna", False, None, None),
    ],
)
def test_rights(setting: str, value: Value, on: CODES | None, off: CODES | None) -> None:
    assert Scene().write(setting, value) is on
    scene = Scene(LogEna=False)
    assert scene.write(setting, value) is off
    if off is None:
        assert scene.told(setting) == value


def test_a_block_as_a_whole_is_not_written() -> None:
    assert Scene().logs.write(ONE, "D1", ITEM, (), NOW) is CODES.object_access_denied
