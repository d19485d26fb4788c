"""What a client may write to an unbuffered block: whose it is, its settings, what is refused and how."""

from __future__ import annotations

import pytest

from bridge.iec61850.shape import Value
from models.mms.codes import DataAccessError
from tests.iec61850.reporting import ALICE, BOB, SET, START, URCB, Scene, watts

BUSY = DataAccessError.temporarily_unavailable
DENIED = DataAccessError.object_access_denied
WRONG = DataAccessError.object_value_invalid
UNFIT = DataAccessError.object_attribute_inconsistent


def enabled(**settings: Value) -> Scene:
    scene = Scene(settings=settings)
    scene.done(URCB, RptEna=True)
    return scene


def test_a_block_is_reserved_by_one_client_only() -> None:
    scene = Scene()
    scene.done(URCB, Resv=True)
    assert (scene.read(URCB, "Resv"), scene.read(URCB, "Owner")) == (True, ALICE.jid.encode())
    for attribute, value in (("RptEna", True), ("Resv", True), ("Resv", False), ("BufTm", 5), ("GI", True)):
        assert scene.write(URCB, attribute, value, BOB) is BUSY
    other = ALICE._replace(assoc="9:9")
    assert scene.write(URCB, "RptEna", value=True, peer=other) is BUSY, "an association of its own"
    scene.done(URCB, Resv=False)
    assert (scene.read(URCB, "Resv"), scene.read(URCB, "Owner")) == (False, b"")
    scene.done(URCB, BOB, RptEna=True)
    assert scene.write(URCB, "RptEna", value=False) is BUSY


def test_enabling_reserves_and_disabling_gives_back_what_was_taken() -> None:
    scene = enabled()
    assert scene.read(URCB, "Resv") is True
    assert scene.write(URCB, "Resv", value=False) is BUSY
    scene.done(URCB, RptEna=False)
    assert (scene.read(URCB, "Resv"), scene.read(URCB, "RptEna")) == (False, False)
    scene.done(URCB, Resv=True)
    scene.done(URCB, RptEna=True)
    scene.done(URCB, RptEna=False)
    assert scene.read(URCB, "Resv") is True


def test_the_end_of_its_association_frees_a_block() -> None:
    scene = Scene()
    scene.done(URCB, Resv=True)
    scene.done(URCB, RptEna=True)
    scene.watt(1)
    scene.reports.gone(ALICE._replace(assoc="9:9"), scene.now)
    assert watts(scene.sent("RP")) == [1.0], "another association of the same client is not this one"
    scene.watt(2)
    scene.reports.gone(ALICE, scene.now)
    assert scene.sent("RP") == []
    assert [scene.read(URCB, name) for name in ("RptEna", "Resv", "Owner")] == [False, False, b""]
    scene.done(URCB, BOB, RptEna=True)


@pytest.mark.parametrize("attribute", ["RptID", "DatSet", "OptFlds", "BufTm", "TrgOps", "IntgPd", "Resv"])
def test_settings_stand_still_while_it_reports(attribute: str) -> None:
    scene = enabled()
    assert scene.write(URCB, attribute, scene.read(URCB, attribute)) is BUSY


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("ConfRev", 5, DENIED),
        ("SqNum", 5, DENIED),
        ("Owner", b"me", DENIED),
        ("BufTm", 3_600_001, WRONG),
        ("IntgPd", 99, WRONG),
        ("IntgPd", 100, None),
        ("IntgPd", 0, None),
        ("DatSet", "LD1/LLN0$None", WRONG),
        ("DatSet", "Elsewhere/LLN0$Meas", WRONG),
        ("DatSet", "", None),
        ("RptID", "mine", None),
        ("RptEna", False, None),
        ("Resv", False, None),
        ("PurgeBuf", True, DataAccessError.object_non_existent),
        ("Nonsense", 1, DataAccessError.object_non_existent),
    ],
)
def test_writes_are_judged(attribute: str, value: Value, code: DataAccessError | None) -> None:
    scene = Scene()
    assert scene.write(URCB, attribute, value) is code


def test_a_block_that_does_not_exist_and_a_block_as_a_whole() -> None:
    scene = Scene()
    write = scene.reports.write
    assert (
        write(ALICE, "LD1", "LLN0$RP$none$RptEna", value=True, now=START)
        is DataAccessError.object_non_existent
    )
    assert write(ALICE, "LD9", f"{URCB}$RptEna", value=True, now=START) is DataAccessError.object_non_existent
    assert write(ALICE, "LD1", URCB, value=(), now=START) is DENIED
    assert write(ALICE, "LD1", "LLN0$RP", value=(), now=START) is DENIED


def test_another_data_set_is_another_revision_and_none_cannot_report() -> None:
    scene = Scene()
    scene.done(URCB, DatSet=SET)
    assert scene.read(URCB, "ConfRev") == 1, "the same again is no change"
    scene.done(URCB, DatSet="")
    assert scene.read(URCB, "ConfRev") == 2
    assert scene.write(URCB, "RptEna", value=True) is UNFIT
    scene.done(URCB, DatSet=SET)
    scene.done(URCB, RptEna=True)
    scene.watt(1)
    assert [report.ConfRev for report in scene.sent("RP")] == [3]
