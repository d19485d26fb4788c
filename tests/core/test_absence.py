"""What holds at a unit that hears nothing: the running event to its end, then the default, nothing new."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import absence, course, primacy, spread, timeline
from bridge.core.absence import Watch
from bridge.core.timeline import NEVER
from models.der import messages
from tests.core import records
from tests.core.test_mixes import spelled

SETS = st.lists(records.controls(), max_size=6)
DEFAULTS = st.lists(records.defaults(), max_size=2)
SEED, UNIT = b"site", "0D01"
RUNNING = records.control("0A", 1_010, 40, primacy=2)
STRONGER = records.control("0B", 1_030, 10, primacy=1)
LATER = records.control("0C", 1_060, 10)


def alone(since: int, until: int | None = None, *controls: messages.Control) -> str:
    sent = controls or (RUNNING, STRONGER, LATER)
    plan = timeline.plan(sent, [records.default("DD")])
    windows = {primacy.key(one): timeline.window(one) for one in sent}
    made = absence.alone(plan, windows, Decimal(since), NEVER if until is None else Decimal(until))
    return spelled(made["maxLimW"])


@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [
        (1_020, None, "DD 1010 0A 1050 DD"),
        (1_035, None, "DD 1010 0A 1030 0B 1040 DD"),
        (1_005, None, "DD"),
        (1_010, None, "DD 1010 0A 1050 DD"),
        (1_050, None, "DD 1010 0A 1030 0B 1040 0A 1050 DD"),
        (1_020, 1_035, "DD 1010 0A 1035 0B 1040 0A 1050 DD 1060 0C 1070 DD"),
        (1_035, 1_045, "DD 1010 0A 1030 0B 1040 DD 1045 0A 1050 DD 1060 0C 1070 DD"),
        (1_005, 1_065, "DD 1065 0C 1070 DD"),
    ],
    ids=[
        "what runs goes on to its own end, whatever would have taken its place",
        "what was covered does not come back",
        "nothing begins",
        "what has just begun goes on",
        "what has just ended is over",
        "from the return on the plan holds",
        "and what runs by then is taken up again",
        "what began in the meantime is taken up late",
    ],
)
def test_alone(since: int, until: int | None, shown: str) -> None:
    assert alone(since, until) == shown


def test_without_a_default_nothing_holds() -> None:
    plan = timeline.plan([RUNNING, LATER])
    made = absence.alone(plan, {"0A": timeline.window(RUNNING), "0C": timeline.window(LATER)}, Decimal(1_020))
    assert spelled(made["maxLimW"]) == "- 1010 0A 1050 -"
    assert absence.alone(plan, {}, Decimal(1_000)) == {}


@records.EXAMPLES
@given(SETS, DEFAULTS, st.integers(990, 1_065), st.integers(0, 40))
def test_second_by_second(
    controls: list[messages.Control], defaults: list[messages.Default], since: int, length: int
) -> None:
    plan = course.course(controls, defaults, UNIT, SEED)
    windows = {primacy.key(one): spread.window(one, UNIT, SEED) for one in primacy.newest(controls)}
    made = absence.alone(plan, windows, Decimal(since), Decimal(since + length))
    for mode in records.MODES:
        row = plan.get(mode, ())
        running = timeline.at(row, Decimal(since))
        fallback = next((span.source for span in row if span.default), None)
        for second in range(980, 1_080):
            span, wanted = timeline.at(row, Decimal(second)), timeline.at(made.get(mode, ()), Decimal(second))
            source = None if span is None else span.source
            if since <= second < since + length:
                goes_on = running and not running.default and second < windows[running.source][1]
                source = running.source if running and goes_on else fallback
            assert source == (None if wanted is None else wanted.source)


def test_a_watch() -> None:
    watch = Watch(Decimal(100), Decimal(30))
    assert (watch.due, watch.silent(Decimal(129)), watch.silent(Decimal(130))) == (Decimal(130), False, True)
    later = watch.told(Decimal(120))
    assert (later.due, later.silent(Decimal(130))) == (Decimal(150), False)
    assert later.told(Decimal(110)) == later
