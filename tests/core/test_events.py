"""EventStatus at every moment of a control's life, the edges included.

Each row says what the state shall be; none is taken from the table under test.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.core import events, timeline
from bridge.core.events import State
from models.der import messages
from tests.core.records import cancelled, control, default

CONTROL = control("0A", 100, 50, issued=10, primacy=2)
PARTLY = control("0B", 120, 50, issued=20, primacy=1)
WHOLLY = control("0C", 90, 70, issued=30, primacy=1)
MIDDLE = control("0D", 110, 10, issued=40, primacy=1)


@pytest.mark.parametrize(
    ("now", "state"),
    [("99.999", State.SCHEDULED), ("100", State.ACTIVE), ("149.999", State.ACTIVE), ("150", State.COMPLETED)],
)
def test_the_clock_alone(now: str, state: State) -> None:
    assert events.state(CONTROL, timeline.plan([CONTROL]), Decimal(now)) is state


@pytest.mark.parametrize(
    ("strong", "now", "state"),
    [
        (PARTLY, 110, State.ACTIVE),
        (PARTLY, 119, State.ACTIVE),
        (PARTLY, 120, State.SUPERSEDED),
        (PARTLY, 200, State.SUPERSEDED),
        (WHOLLY, 89, State.SCHEDULED),
        (WHOLLY, 90, State.SUPERSEDED),
        (WHOLLY, 99, State.SUPERSEDED),
        (WHOLLY, 100, State.SUPERSEDED),
        (MIDDLE, 115, State.ACTIVE),
        (MIDDLE, 150, State.COMPLETED),
    ],
)
def test_what_a_stronger_one_leaves(strong: messages.Control, now: int, state: State) -> None:
    assert events.state(CONTROL, timeline.plan([CONTROL, strong]), Decimal(now)) is state


def test_a_default_takes_nothing_from_a_control() -> None:
    assert events.state(CONTROL, timeline.plan([CONTROL], [default("DD")]), Decimal(120)) is State.ACTIVE


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (2, State.CANCELLED),
        (3, State.CANCELLED_RANDOMISED),
        (4, State.SUPERSEDED),
        (5, State.COMPLETED),
        (0, State.ACTIVE),
        (1, State.ACTIVE),
    ],
)
def test_the_word_of_the_source(code: int, state: State) -> None:
    one = cancelled(CONTROL, 110, code)
    assert events.state(one, timeline.plan([one]), Decimal(110)) is state
    assert events.state(one, timeline.plan([one]), Decimal(109)) is State.ACTIVE


def test_a_cancel_after_the_end_comes_too_late() -> None:
    one = cancelled(CONTROL, 151)
    assert events.state(one, timeline.plan([one]), Decimal(160)) is State.COMPLETED


@pytest.mark.parametrize(("now", "code", "since"), [(50, 0, 10), (119, 1, 100), (130, 4, 120)])
def test_event_status_says_since_when(now: int, code: int, since: int) -> None:
    said = events.status(CONTROL, timeline.plan([CONTROL, PARTLY]), Decimal(now))
    assert (said.currentStatus, said.at) == (code, Decimal(since))
    assert (said.potentiallySuperseded, said.potentiallySupersededAt) == (True, Decimal(120))


def test_a_cancelled_one_loses_nothing_to_the_default_that_fills_its_place() -> None:
    one = cancelled(CONTROL, 110)
    said = events.status(one, timeline.plan([one], [default("DD")]), Decimal(120))
    assert (said.currentStatus, said.potentiallySuperseded) == (2, False)


def test_nothing_lost_is_not_potentially_superseded() -> None:
    said = events.status(CONTROL, timeline.plan([CONTROL, control("0E", 100, 50, primacy=3)]), Decimal(120))
    assert (said.potentiallySuperseded, said.potentiallySupersededAt) == (False, None)
