"""Unbuffered reports: triggers, gathering, integrity, interrogation, reservation, what may be written."""

from __future__ import annotations

import pytest

from bridge.iec61850.peer import Peer
from bridge.iec61850.rcb.moment import binary
from bridge.iec61850.shape import Value
from models.mms.codes import DataAccessError
from tests.iec61850.reporting import (
    ALICE,
    BOB,
    BRCB,
    HERTZ,
    SET,
    START,
    STATE,
    URCB,
    WATT,
    Scene,
    options,
    trigger,
    watts,
)

BUSY = DataAccessError.temporarily_unavailable
UNFIT = DataAccessError.object_attribute_inconsistent


def enabled(**settings: Value) -> Scene:
    scene = Scene(settings=settings)
    scene.done(URCB, RptEna=True)
    return scene


def test_nothing_is_reported_before_it_is_enabled() -> None:
    scene = Scene()
    scene.watt(1, 2)
    scene.done(URCB, RptEna=True)
    assert scene.sent("RP") == []
    scene.watt(3)
    (report,) = scene.sent("RP")
    assert watts([report]) == [3.0]
    assert (report.RptID, report.SqNum, report.DatSet, report.ConfRev) == (f"LD1/{URCB}", 0, SET, 1)
    assert (report.members, report.BufOvfl, report.EntryID) == (3, None, None)
    assert report.TimeOfEntry == binary(START)
    assert [(item.place, item.reference, item.reasons) for item in report.items] == [
        (0, f"LD1/{WATT}", frozenset({"dchg"}))
    ]


@pytest.mark.parametrize(
    ("wanted", "leaf", "value", "reasons"),
    [
        (("dchg",), f"{WATT}$mag$f", 7.0, {"dchg"}),
        (("dchg",), f"{WATT}$q", "1" * 13, None),
        (("qchg",), f"{WATT}$q", "1" * 13, {"qchg"}),
        (("qchg",), f"{WATT}$mag$f", 7.0, None),
        (("dchg", "qchg", "dupd"), f"{WATT}$t", b"12345678", None),
        (("dchg",), f"{WATT}$mag$f", 0.0, None),
        (("dupd",), f"{WATT}$mag$f", 0.0, {"dupd"}),
        (("dchg", "dupd"), f"{WATT}$mag$f", 7.0, {"dchg"}),
        (("dupd",), f"{WATT}$mag$f", 7.0, {"dupd"}),
        (("integrity", "gi"), f"{WATT}$mag$f", 7.0, None),
    ],
)
def test_a_report_is_made_for_what_is_asked(
    wanted: tuple[str, ...], leaf: str, value: Value, reasons: set[str] | None
) -> None:
    scene = enabled(TrgOps=trigger(*wanted))
    scene.image.domains["LD1"].triggers = {f"{WATT}$mag$f": ("dchg", "dupd")}
    scene.put(leaf, value)
    assert [set(item.reasons) for report in scene.sent("RP") for item in report.items] == (
        [reasons] if reasons else []
    )


def test_leaves_that_are_put_together_are_one_event() -> None:
    scene = enabled()
    scene.image.update(
        "LD1", {f"{WATT}$mag$f": 5.0, f"{WATT}$q": "1" * 13, f"{HERTZ}$mag$f": 50.0}, scene.now
    )
    (report,) = scene.sent("RP")
    assert [(item.place, set(item.reasons)) for item in report.items] == [
        (0, {"dchg", "qchg"}),
        (1, {"dchg"}),
    ]
    assert report.items[0].value == ((5.0,), "1" * 13, bytes(8))


def test_changes_within_buftm_make_one_report_unless_a_member_changes_twice() -> None:
    scene = enabled(BufTm=500)
    scene.done(BRCB, BufTm=0)
    scene.watt(1)
    scene.pass_(0.2)
    scene.put(f"{HERTZ}$mag$f", 50.0)
    assert (scene.sent("RP"), scene.due()) == ([], START + 0.5)
    scene.watt(2)
    first = scene.sent("RP")
    assert [[item.place for item in report.items] for report in first] == [[0, 1]]
    assert watts(first) == [1.0]
    assert scene.due() == START + 0.7
    scene.pass_(0.5)
    assert watts(scene.sent("RP")) == [2.0]
    assert scene.due() is None


def test_integrity_reports_come_in_their_time_and_close_what_is_gathered() -> None:
    scene = enabled(IntgPd=1000, BufTm=5000, TrgOps=trigger("dchg", "integrity"))
    scene.done(BRCB, IntgPd=0, BufTm=0)
    assert scene.due() == START + 1
    scene.watt(8)
    scene.pass_(1)
    gathered, whole = scene.sent("RP")
    assert [item.place for item in gathered.items] == [0]
    assert [(item.place, set(item.reasons)) for item in whole.items] == [(n, {"integrity"}) for n in range(3)]
    assert (gathered.SqNum, whole.SqNum) == (0, 1)
    assert scene.due() == START + 2
    scene.pass_(3.5)
    assert len(scene.sent("RP")) == 1, "what was slept through is not made up for"
    assert scene.due() == START + 5
    scene.done(URCB, RptEna=False)
    assert scene.due() is None


def test_an_interrogation_reports_all_members_after_what_is_gathered() -> None:
    scene = enabled(BufTm=5000)
    scene.put(f"{STATE}$stVal", 6)
    scene.done(URCB, GI=True)
    gathered, whole = scene.sent("RP")
    assert [item.place for item in gathered.items] == [2]
    assert [set(item.reasons) for item in whole.items] == [{"gi"}] * 3
    assert scene.read(URCB, "GI") is False
    scene.done(URCB, GI=False)
    assert scene.sent("RP") == []


def test_an_interrogation_needs_its_trigger_and_a_block_at_work() -> None:
    scene = Scene(settings={"TrgOps": trigger("dchg")})
    assert scene.write(URCB, "GI", value=True) is BUSY
    scene.done(URCB, RptEna=True)
    assert scene.write(URCB, "GI", value=True) is UNFIT


def test_sqnum_begins_anew_after_255_and_with_each_enabling() -> None:
    scene = enabled()
    scene.watt(*range(1, 259))
    reports = scene.sent("RP")
    assert [report.SqNum for report in reports] == [*range(256), 0, 1]
    assert [report.missed for report in reports] == [0] * 258
    scene.done(URCB, RptEna=False)
    scene.done(URCB, RptEna=True)
    scene.watt(1)
    assert [report.SqNum for report in scene.sent("RP")] == [0]


def test_what_was_not_sent_is_forgotten_when_it_is_disabled() -> None:
    scene = enabled()
    scene.watt(1)
    scene.done(URCB, RptEna=False)
    scene.done(URCB, RptEna=True)
    assert scene.sent("RP") == []


def test_reports_name_themselves_by_rptid() -> None:
    scene = Scene(settings={"RptID": "mine"})
    scene.done(URCB, RptEna=True)
    scene.watt(1)
    assert [report.RptID for report in scene.sent("RP")] == ["mine"]


def test_two_clients_have_blocks_of_their_own() -> None:
    scene = enabled()
    second = "LLN0$RP$urcb02"
    scene.done(second, BOB, DatSet=SET, TrgOps=trigger("dchg"), OptFlds=options())
    scene.done(second, BOB, RptEna=True)
    scene.watt(1)
    assert {(peer, unit.RptID) for peer, unit in scene.units()} == {
        (ALICE, f"LD1/{URCB}"),
        (BOB, f"LD1/{second}"),
    }


def test_a_device_that_goes_takes_its_blocks_with_it() -> None:
    scene = enabled(IntgPd=1000, TrgOps=trigger("integrity", "dchg"))
    scene.reports.leave("LD1")
    scene.watt(1)
    assert (scene.units(), scene.due()) == ([], None)
    assert scene.write(URCB, "RptEna", value=True) is DataAccessError.object_non_existent
    scene.reports.join("LD1", scene.now)
    assert scene.read(URCB, "RptEna") is False
    scene.done(URCB, Peer("carol@utility/IEC"), RptEna=True)


def test_a_device_that_comes_again_has_its_blocks_once() -> None:
    scene = enabled()
    scene.reports.join("LD1", scene.now)
    scene.done(URCB, BOB, RptEna=True)
    scene.watt(1)
    assert [(peer, unit.SqNum, len(unit.items)) for peer, unit in scene.units()] == [(BOB, 0, 1)]


def test_a_value_that_cannot_be_read_any_more_is_left_out() -> None:
    scene = enabled()
    del scene.image.domains["LD1"]
    scene.done(URCB, GI=True)
    assert scene.sent("RP") == []
