"""Buffered reports: kept while the client is away, resumed by EntryID, overflow, reservation, purge."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bridge.iec61850.image import DataSet
from bridge.iec61850.rcb.moment import binary
from bridge.iec61850.shape import Value
from models.mms.codes import DataAccessError
from tests.iec61850.reporting import (
    ALICE,
    BOB,
    BRCB,
    EVERY,
    HERTZ,
    START,
    WATT,
    Scene,
    domain,
    entry,
    options,
    trigger,
    watts,
)

BUSY = DataAccessError.temporarily_unavailable
NOWHERE = bytes(8)


def filled(*values: float, capacity: int = 10_000, **settings: Value) -> Scene:
    scene = Scene(settings=settings, capacity=capacity)
    for value in values:
        scene.pass_(1)
        scene.watt(value)
    return scene


def test_what_happens_without_a_client_is_kept_for_it() -> None:
    scene = filled(1, 2, 3)
    assert (scene.units(), scene.due()) == ([], None)
    scene.done(BRCB, RptEna=True)
    assert scene.due() == 0.0
    reports = scene.sent()
    assert watts(reports) == [1.0, 2.0, 3.0]
    assert [report.EntryID for report in reports] == [entry(1), entry(2), entry(3)]
    assert [report.TimeOfEntry for report in reports] == [binary(START + at) for at in (1, 2, 3)]
    assert [report.SqNum for report in reports] == [0, 1, 2]
    assert [report.BufOvfl for report in reports] == [False] * 3
    scene.watt(4)
    assert watts(scene.sent()) == [4.0]


@pytest.mark.parametrize(
    ("resume", "seen", "told"),
    [
        (entry(3), [4.0, 5.0], False),
        (entry(5), [], None),
        (NOWHERE, [1.0, 2.0, 3.0, 4.0, 5.0], False),
        (entry(6), [1.0, 2.0, 3.0, 4.0, 5.0], True),
        (b"\xff" * 8, [1.0, 2.0, 3.0, 4.0, 5.0], True),
    ],
)
def test_a_client_goes_on_where_it_says(resume: bytes, seen: list[float], told: bool | None) -> None:
    scene = filled(1, 2, 3, 4, 5)
    scene.done(BRCB, EntryID=resume)
    assert scene.read(BRCB, "EntryID") == resume
    scene.done(BRCB, RptEna=True)
    reports = scene.sent()
    assert watts(reports) == seen
    assert [report.BufOvfl for report in reports] == ([told, *[False] * (len(seen) - 1)] if seen else [])


def test_a_cut_loses_nothing() -> None:
    scene = filled(1, 2)
    scene.done(BRCB, RptEna=True)
    assert watts(scene.sent()) == [1.0, 2.0]
    scene.watt(3, 4)
    (third, _) = scene.sent()
    scene.reports.gone(ALICE, scene.now)
    scene.watt(5)
    back = ALICE._replace(assoc="7:7")
    assert third.EntryID is not None
    scene.done(BRCB, back, EntryID=third.EntryID)
    scene.done(BRCB, back, RptEna=True)
    assert watts(scene.sent()) == [4.0, 5.0]


def test_a_resume_is_for_the_one_who_asked_for_it() -> None:
    scene = filled(1, 2)
    scene.done(BRCB, EntryID=entry(1))
    scene.done(BRCB, BOB, RptEna=True)
    assert watts(scene.sent()) == [1.0, 2.0]


def test_an_overflow_is_told_once_and_the_newest_entries_stay() -> None:
    scene = filled(*range(1, 8), capacity=3)
    scene.done(BRCB, RptEna=True)
    reports = scene.sent()
    assert watts(reports) == [5.0, 6.0, 7.0]
    assert [report.BufOvfl for report in reports] == [True, False, False]
    scene.done(BRCB, RptEna=False)
    scene.done(BRCB, RptEna=True)
    assert [report.BufOvfl for report in scene.sent()] == [False] * 3


def test_an_overflow_waits_for_an_option_that_can_tell_it() -> None:
    scene = filled(*range(1, 8), capacity=3, OptFlds=options("entryID"))
    scene.done(BRCB, RptEna=True)
    assert [report.BufOvfl for report in scene.sent()] == [None] * 3
    scene.done(BRCB, RptEna=False)
    scene.done(BRCB, OptFlds=EVERY)
    scene.done(BRCB, RptEna=True)
    assert [report.BufOvfl for report in scene.sent()] == [True, False, False]


def test_what_the_client_has_seen_may_go_without_an_overflow() -> None:
    scene = filled(1, 2, 3, capacity=3)
    scene.done(BRCB, RptEna=True)
    scene.sent()
    scene.watt(4)
    assert [report.BufOvfl for report in scene.sent()] == [False]


def test_a_client_that_is_slower_than_the_buffer_is_told() -> None:
    scene = filled(1, 2, 3, capacity=3)
    scene.done(BRCB, RptEna=True)
    scene.watt(4, 5)
    assert [(report.EntryID, report.BufOvfl) for report in scene.sent()] == [
        (entry(3), True),
        (entry(4), False),
        (entry(5), False),
    ]


def test_a_client_whose_entry_was_given_up_meanwhile_is_told() -> None:
    scene = filled(1, 2, 3, 4, 5, capacity=3)
    scene.done(BRCB, EntryID=entry(1))
    scene.done(BRCB, RptEna=True)
    assert [report.BufOvfl for report in scene.sent()] == [True, False, False]


def test_a_client_that_has_what_was_given_up_is_told_nothing() -> None:
    scene = filled(1, 2, 3, 4, 5, capacity=3)
    scene.done(BRCB, EntryID=entry(2))
    scene.done(BRCB, RptEna=True)
    assert [(report.EntryID, report.BufOvfl) for report in scene.sent()][:1] == [(entry(3), False)]


def test_a_purge_empties_the_buffer_and_never_the_numbering() -> None:
    scene = filled(1, 2, 3)
    scene.done(BRCB, PurgeBuf=True)
    assert (scene.read(BRCB, "PurgeBuf"), scene.read(BRCB, "EntryID")) == (False, NOWHERE)
    scene.watt(4)
    scene.done(BRCB, RptEna=True)
    assert [(report.EntryID, report.BufOvfl) for report in scene.sent()] == [(entry(4), False)]
    assert scene.write(BRCB, "PurgeBuf", value=True) is BUSY


def test_a_purge_that_a_client_knows_nothing_of_is_told_as_a_hole() -> None:
    scene = filled(1, 2, 3)
    scene.done(BRCB, PurgeBuf=True)
    scene.watt(4)
    scene.done(BRCB, EntryID=entry(2))
    scene.done(BRCB, RptEna=True)
    assert [report.BufOvfl for report in scene.sent()] == [True]


@pytest.mark.parametrize(
    ("attribute", "value", "purged"),
    [
        ("RptID", "other", True),
        ("BufTm", 100, True),
        ("TrgOps", trigger("dchg"), True),
        ("IntgPd", 1000, True),
        ("DatSet", "LD1/LLN0$Other", True),
        ("OptFlds", options("entryID"), False),
        ("RptID", "", False),
        ("PurgeBuf", False, False),
        ("ResvTms", 5, False),
    ],
)
def test_settings_that_make_other_reports_empty_the_buffer(
    attribute: str, value: Value, purged: bool
) -> None:
    scene = filled(1)
    scene.image.domains["LD1"].sets["LLN0$Other"] = DataSet((("LD1", HERTZ), ("LD1", WATT)))
    assert scene.write(BRCB, attribute, value) is None
    scene.done(BRCB, RptEna=True)
    assert len(scene.sent()) == (0 if purged else 1)
    assert scene.read(BRCB, "ConfRev") == (2 if attribute == "DatSet" else 1)


def test_integrity_is_kept_too_and_interrogation_goes_through_the_buffer() -> None:
    scene = filled(IntgPd=1000, TrgOps=trigger("integrity", "gi"))
    scene.pass_(1)
    assert scene.units() == []
    scene.done(BRCB, RptEna=True)
    scene.done(BRCB, GI=True)
    assert [[set(item.reasons) for item in report.items] for report in scene.sent()] == [
        [{"integrity"}] * 3,
        [{"gi"}] * 3,
    ]
    assert scene.read(BRCB, "EntryID") == entry(2)


def test_what_starts_together_does_not_report_together_until_its_client_says_when() -> None:
    settings: dict[str, Value] = {"IntgPd": 60_000, "TrgOps": trigger("integrity")}
    scene = Scene(settings=settings)
    first = []
    for number in range(100):
        name = f"LD{number}"
        scene.image.domains[name] = domain(name, settings)
        scene.reports.join(name, START)
    while (due := scene.due()) is not None and due < START + 60:
        scene.now = due
        first.append(due - START)
        assert scene.units() == []
    assert len(first) == 100
    assert max(second - before for before, second in pairwise(first)) < 5
    scene.now = START + 61
    scene.units()
    scene.done(BRCB, RptEna=True)
    scene.sent()
    scene.now = START + 121 - 0.001
    assert scene.sent() == []
    scene.now = START + 121
    assert len(scene.sent()) == 1


def test_clients_see_the_last_entry_whether_they_report_or_not() -> None:
    scene = filled(1, 2)
    assert (scene.read(BRCB, "EntryID"), scene.read(BRCB, "TimeOfEntry")) == (entry(2), binary(START + 2))
    scene.done(BRCB, RptEna=True)
    assert len(scene.reports.tick(scene.now)) == 2
    assert scene.read(BRCB, "EntryID") == entry(2)


def test_a_long_buffer_is_sent_in_turns() -> None:
    scene = filled(*range(1, 101))
    scene.done(BRCB, RptEna=True)
    assert len(scene.reports.tick(scene.now)) == 32
    assert scene.due() == 0.0
    assert len(scene.units()) == 68
    assert scene.due() is None


def test_what_was_read_ahead_does_not_outlive_its_session() -> None:
    scene = filled(*range(1, 101))
    scene.done(BRCB, RptEna=True)
    scene.reports.tick(scene.now)
    scene.done(BRCB, RptEna=False)
    scene.done(BRCB, EntryID=entry(2))
    scene.done(BRCB, RptEna=True)
    assert scene.reports.tick(scene.now)
    scene.done(BRCB, RptEna=False)
    assert scene.read(BRCB, "EntryID") == entry(34)
    scene.done(BRCB, PurgeBuf=True)
    scene.done(BRCB, RptEna=True)
    assert scene.sent() == []
