"""BASIC-016 to 026: events of one and two programmes against the real clock (CSIP 2.1 clause 5.2.4; 10.2.3).

EventStatus speaks of the event within its own programme; which programme rules, by primacy, is what the
device's CurrentDERProgram says. All plays run side by side.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.served import Served
from tests.standards import stage
from tests.standards.stage import CONNECT, LIMIT, Cast, Cue, Play, acts, seen

SP, SY = {"SP": 1}, {"SY": 5}
BOTH = SP | SY
PLAYS = {
    "016": Play(BOTH, (), ("SP", "SY"), 1),
    "017": Play(SP, (Cue("A", "SP", 2, 4),), (), 6),
    "018": Play(SP, (Cue("A", "SP", 2, 4),), ("SP",), 6),
    "019": Play(SP, (Cue("A", "SP", 1, 3), Cue("B", "SP", 5, 7)), ("SP",), 9),
    "020": Play(BOTH, (Cue("A", "SP", 1, 3), Cue("B", "SY", 5, 7)), ("SP", "SY"), 9),
    "021": Play(BOTH, (Cue("A", "SP", 2, 6), Cue("B", "SY", 4, 8)), ("SP", "SY"), 10),
    "022": Play(BOTH, (Cue("A", "SP", 4, 8), Cue("B", "SY", 2, 6)), ("SP", "SY"), 10),
    "023": Play(BOTH, (Cue("A", "SY", 1, 10), Cue("B", "SP", 5, 7, made=3)), ("SP", "SY"), 12),
    "023 one": Play(SP, (Cue("A", "SP", 1, 10), Cue("B", "SP", 5, 7, made=3)), ("SP",), 12),
    "024": Play(BOTH, (Cue("A", "SP", 2, 6, CONNECT), Cue("B", "SY", 4, 8)), ("SP", "SY"), 10),
    "025": Play(BOTH, (Cue("A", "SP", 4, 8, CONNECT), Cue("B", "SY", 2, 6)), ("SP", "SY"), 10),
    "026": Play(SP, (Cue("A", "SP", 1, 7, CONNECT), Cue("B", "SP", 5, 9, LIMIT, made=3)), ("SP",), 11),
}


@pytest.fixture(scope="module")
def casts(site: Served) -> Mapping[str, Cast | BaseException]:
    """All plays, played."""
    return stage.staged(site, PLAYS)


Casts = Mapping[str, Cast | BaseException]


def test_basic_016_two_defaults(casts: Casts) -> None:
    assert seen(casts, "016").acts == acts(("", "SP"))


def test_basic_017_one_event_without_default(casts: Casts) -> None:
    assert seen(casts, "017").acts == acts(("A scheduled", ""), ("A active", "SP"), ("", ""))


def test_basic_018_one_event_with_default(casts: Casts) -> None:
    assert seen(casts, "018").acts == acts(("A scheduled", "SP"), ("A active", "SP"), ("", "SP"))


def test_basic_019_two_events_in_a_row(casts: Casts) -> None:
    assert seen(casts, "019").acts == acts(
        ("A scheduled, B scheduled", "SP"), ("A active, B scheduled", "SP"), ("B scheduled", "SP"),
        ("B active", "SP"), ("", "SP"),
    )  # fmt: skip


def test_basic_020_two_events_of_two_programmes(casts: Casts) -> None:
    assert seen(casts, "020").acts == acts(
        ("A scheduled, B scheduled", "SP"), ("A active, B scheduled", "SP"), ("B scheduled", "SP"),
        ("B active", "SY"), ("", "SP"),
    )  # fmt: skip


def test_basic_021_similar_the_stronger_first(casts: Casts) -> None:
    assert seen(casts, "021").acts == acts(
        ("A scheduled, B scheduled", "SP"), ("A active, B scheduled", "SP"), ("A active, B active", "SP"),
        ("B active", "SY"), ("", "SP"),
    )  # fmt: skip


def test_basic_022_similar_the_weaker_first(casts: Casts) -> None:
    assert seen(casts, "022").acts == acts(
        ("A scheduled, B scheduled", "SP"), ("A scheduled, B active", "SY"), ("A active, B active", "SP"),
        ("A active", "SP"), ("", "SP"),
    )  # fmt: skip


def test_basic_023_similar_the_newer_meanwhile(casts: Casts) -> None:
    """Of two programmes both go on, and the stronger rules; within one the older is superseded for good."""
    assert seen(casts, "023").acts == acts(
        ("A scheduled", "SP"), ("A active", "SY"), ("A active, B scheduled", "SY"),
        ("A active, B active", "SP"), ("A active", "SY"), ("", "SP"),
    )  # fmt: skip
    assert seen(casts, "023 one").acts == acts(
        ("A scheduled", "SP"), ("A active", "SP"), ("A active?, B scheduled", "SP"),
        ("A superseded?, B active", "SP"), ("A superseded?", "SP"), ("", "SP"),
    )  # fmt: skip


def test_basic_024_independent_the_stronger_first(casts: Casts) -> None:
    assert seen(casts, "024").acts == acts(
        ("A scheduled, B scheduled", "SP"), ("A active, B scheduled", "SP"), ("A active, B active", "SP"),
        ("B active", "SY"), ("", "SP"),
    )  # fmt: skip


def test_basic_025_independent_the_weaker_first(casts: Casts) -> None:
    assert seen(casts, "025").acts == acts(
        ("A scheduled, B scheduled", "SP"), ("A scheduled, B active", "SY"), ("A active, B active", "SP"),
        ("A active", "SP"), ("", "SP"),
    )  # fmt: skip


def test_basic_026_independent_the_newer_meanwhile(casts: Casts) -> None:
    """Within one programme both run, and neither is ever in doubt."""
    assert seen(casts, "026").acts == acts(
        ("A scheduled", "SP"), ("A active", "SP"), ("A active, B scheduled", "SP"),
        ("A active, B active", "SP"), ("B active", "SP"), ("", "SP"),
    )  # fmt: skip
