"""Coverage: all of the DER vocabulary of each edition is mapped or kept, and a row taken away is noticed.

The asked types are the table's own list, by module of the wire models; the figures are what
`derbridge map check --json` prints.
"""

from __future__ import annotations

from importlib.resources import files

import pytest

from bridge.mapping import coverage, rows, table
from bridge.mapping.coverage import Report
from bridge.mapping.rows import EDITIONS

SEP2 = files("mappings").joinpath("der-sep2.toml").read_text("utf-8")
CODES = files("mappings").joinpath("sep2-codes.toml").read_text("utf-8")
LEAST = {"2018": 440, "2023": 1900, "aus12": 465, "aus13": 475}
"""Elements and attributes that the schemas have at least; fewer would mean that types went missing unseen."""


def without(part: str) -> Report:
    """Report on a table that lacks the one line that holds a text."""
    lines = SEP2.splitlines()
    kept = [line for line in lines if part not in line]
    assert len(kept) == len(lines) - 1
    text = "\n".join(kept)
    return coverage.report(rows.read(table.parse(text, "t.toml"), table.parse(CODES, "c.toml")))


@pytest.fixture(scope="module")
def report() -> Report:
    return coverage.report()


def test_every_name_is_resolved(report: Report) -> None:
    assert report.holes == ()
    assert report.names > 2000


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_element_and_attribute_is_mapped_or_kept(report: Report, edition: str) -> None:
    covers = [cover for cover in report.covers if cover.edition == edition]
    assert {cover.type: cover.bare for cover in covers if cover.bare} == {}
    assert sum(cover.total for cover in covers) >= LEAST[edition]


@pytest.mark.parametrize(
    ("edition", "names"),
    [
        ("2018", "DERControl DERControlBase DefaultDERControl DERCurve DERCapability DERSettings DERStatus"),
        ("2018", "DERAvailability DERProgram DER DERControlResponse Response LogEvent FreqDroopType"),
        ("2018", "MirrorUsagePoint MirrorMeterReading MirrorReadingSet Reading ReadingType EventStatus"),
        ("2018", "DERControlList DERCurveList DERProgramList DERList ResponseList LogEventList"),
        ("2018", "MirrorUsagePointList MirrorMeterReadingList"),
        ("2023", "CurrentDERControls DERComponent DERComponentList DefaultDERControlResponse"),
        ("2023", "DERCurveControlType ConnectStatusType2"),
    ],
)
def test_the_types_of_the_function_set_are_among_the_covered(
    report: Report, edition: str, names: str
) -> None:
    assert set(names.split()) <= {cover.type for cover in report.covers if cover.edition == edition}


@pytest.mark.parametrize(
    ("part", "edition", "type_", "bare"),
    [
        ('"opModMaxLimW"', "2018", "DERControlBase", "opModMaxLimW"),
        ('"opModStorageTargetW"', "aus13", "DERControlBase", "opModStorageTargetW"),
        ('sep2 = "setESDelay"', "2023", "DERSettings", "setESDelay"),
        ('sep2 = "DERCurveListLink"', "2018", "DERProgram", "DERCurveListLink"),
        ('sep2 = "uom"', "2018", "ReadingType", "uom"),
        ('name = "pollRate"', "2018", "DERList", "pollRate"),
        ('name = "*_r2_3"', "2023", "DERControlBase", "DERControlBase_r2_3"),
    ],
)
def test_an_element_that_no_row_mentions_is_bare(part: str, edition: str, type_: str, bare: str) -> None:
    report = without(part)
    assert not report.sound
    found = {(cover.edition, cover.type): cover.bare for cover in report.covers}
    assert bare in found[edition, type_]
    assert report.figures()["percent"] < 100
    assert report.figures()["sound"] is False


def test_an_attribute_inside_a_value_is_asked_for_too() -> None:
    report = without('name = "anyAttribute"')
    found = next(c for c in report.covers if (c.edition, c.type) == ("2023", "DERControlBase"))
    assert "opModMaxLimW.anyAttribute" in found.bare


def test_a_type_that_no_table_knows_is_bare_altogether() -> None:
    start = SEP2.index('[[type]]\nsep2 = "LogEvent"\n')
    end = SEP2.index("# ----", start)
    text = SEP2[:start] + SEP2[end:]
    report = coverage.report(rows.read(table.parse(text, "t.toml"), table.parse(CODES, "c.toml")))
    found = next(cover for cover in report.covers if (cover.edition, cover.type) == ("2018", "LogEvent"))
    assert {"createdDateTime", "logEventCode"} <= set(found.bare)
    assert not report.sound


def test_the_figures_are_plain_and_whole(report: Report) -> None:
    figures = report.figures()
    assert (figures["sound"], figures["percent"], figures["unresolved"], figures["holes"]) == (
        True,
        100.0,
        0,
        [],
    )
    assert list(figures["editions"]) == list(EDITIONS)
    assert all(edition["percent"] == 100.0 for edition in figures["editions"].values())
    reasons = {(loss["canonical"], loss["type"]): loss["reason"] for loss in figures["losses"]}
    assert "7-420" in reasons["Status.operation.DEROpSt", "DERStatus"]
