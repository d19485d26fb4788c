"""Why a record holds a mode: each verdict once, and that the holder is the one of the plan, always."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge.core import case, primacy, timeline
from bridge.core.case import Event, Said
from bridge.core.reasons import Verdict, View, chain
from tests.core import records
from tests.core.test_orders import histories, known

UNIT = records.UNITS[0]
GROUP: dict[str, Any] = {"group": (records.GROUP,)}


def view(asked: list[Event], at: int, mode: str = "maxLimW", said: Said = case.NOTHING) -> View:
    setting = records.setting(UNIT, WMax=records.watts(5_000))
    picture = case.pictured(records.enrolment(UNIT), (setting,), asked, said, Decimal(at))
    return View(picture, UNIT, mode, Decimal(at), said)


def told(
    asked: list[Event], at: int, mode: str = "maxLimW", said: Said = case.NOTHING
) -> list[tuple[str, ...]]:
    return [(str(one.record.mRID), one.verdict.value, one.why) for one in chain(view(asked, at, mode, said))]


def control(name: str, primacy_: int = 2, issued: int = 900, **more: Any) -> Any:
    return records.control(name, 1_100, 100, primacy=primacy_, issued=issued, **GROUP, **more)


def test_each_verdict_in_its_words() -> None:
    gone = records.cancelled(control("06", 1), 950)
    asked = [
        control("01"),
        control("02", 3),
        control("03", issued=890),
        control("00"),
        records.control("04", 1_000, 50, primacy=1, **GROUP),
        records.control("05", 1_500, 50, primacy=1, **GROUP),
        gone,
        control("07", 1),
        records.default("D1", **GROUP, primacy=1),
    ]
    assert told(asked, 1_150, said={"07": (1, 7)}) == [
        ("07", "closed", "the unit is done with it: it answered 1, 7"),
        ("06", "withdrawn", "its owner says that it is cancelled"),
        ("05", "early", "it has not begun"),
        ("04", "over", "its window is over"),
        ("01", "holds", "the strongest that runs"),
        ("00", "outranked", "the same primacy and age as control 01, whose mRID is higher"),
        ("03", "outranked", "older than control 01 of the same primacy"),
        ("02", "outranked", "primacy 3 against 2 of control 01"),
        ("D1", "outranked", "a default gives way to any control, here control 01"),
    ]
    assert told(asked, 1_300)[-1] == ("D1", "holds", "no control asks for it")
    assert told(asked, 1_150, "voltVar") == []


def test_what_is_beyond_a_limit_and_what_is_for_others() -> None:
    much = control("01", asked=records.modes(targetW=records.watts(9_000)))
    assert told([much], 1_150, "targetW") == [("01", "beyond", "targetW 9000 W is above 5000 W")]
    others = chain(view([control("01")], 1_150), [control("02", 0)])
    assert [(one.record.mRID, one.verdict) for one in others] == [
        ("01", Verdict.holds),
        ("02", Verdict.stranger),
    ]


@records.EXAMPLES
@given(histories(), st.integers(1_000, 1_060), st.sampled_from(records.MODES))
def test_the_holder_is_that_of_the_plan(history: list[tuple[int, Event]], at: int, mode: str) -> None:
    seen = view(known(history, 2_000), at, mode)
    span = timeline.at(seen.picture.plans[UNIT].get(mode, ()), Decimal(at))
    holds = [primacy.key(one.record) for one in chain(seen) if one.verdict is Verdict.holds]
    assert holds == ([span.source] if span else [])
