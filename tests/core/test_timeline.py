"""A plan against a brute-force reading of the rule, for any set of controls; and the drawing, for one.

The reading asks at one moment after another who wins; it shares no code with the plan but the choice of
editions.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bridge.core import primacy, timeline
from models.der import messages
from tests.core import records

SETS = st.lists(records.controls(), max_size=8)
DEFAULTS = st.lists(records.defaults(), max_size=3)


def spelled(row: Sequence[timeline.Span]) -> list[tuple[str, str, str]]:
    return [(str(span.start), str(span.end), span.source) for span in row]


def winner(
    mode: str, moment: Decimal, controls: list[messages.Control], defaults: list[messages.Default]
) -> str | None:
    """The rule, read word for word at one moment."""
    editions: dict[str, list[messages.Control]] = {}
    for one in controls:
        editions.setdefault(str(one.mRID), []).append(one)
    asking = [
        one
        for held in editions.values()
        for one in [max(held, key=primacy.age)]
        if one.status is None
        and getattr(one.modes, mode) is not None
        and one.start <= moment < one.start + one.duration
    ]
    if asking:
        lowest = min(255 if one.primacy is None else one.primacy for one in asking)
        best = [one for one in asking if (255 if one.primacy is None else one.primacy) == lowest]
        newest = max(one.created for one in best if one.created is not None)
        return max(str(one.mRID) for one in best if one.created == newest)
    filling = [one for one in primacy.newest(defaults) if getattr(one.modes, mode) is not None]
    return max(filling, key=primacy.rank).mRID if filling else None


def test_the_drawing() -> None:
    sent = [
        records.control("0A", 10, 30, primacy=2, issued=0),
        records.control("0B", 5, 13, primacy=2, issued=9),
        records.control("0C", 12, 8, primacy=1, issued=5),
        records.cancelled(records.control("0D", 0, 90, primacy=0)),
    ]
    made = timeline.plan(sent, [records.default("DD")])
    assert spelled(made["maxLimW"]) == [
        ("-Infinity", "5", "DD"),
        ("5", "12", "0B"),
        ("12", "20", "0C"),
        ("20", "40", "0A"),
        ("40", "Infinity", "DD"),
    ]
    assert [span.default for span in made["maxLimW"]] == [True, False, False, False, True]


def test_a_mode_is_lost_on_its_own() -> None:
    weak = records.control("0A", 0, 10, asked=records.modes("maxLimW", "connect"), primacy=2)
    strong = records.control("0B", 0, 10, asked=records.modes("connect"), primacy=1)
    made = timeline.plan([weak, strong])
    assert spelled(made["maxLimW"]) == [("0", "10", "0A")]
    assert spelled(made["connect"]) == [("0", "10", "0B")]


def test_a_mode_that_is_switched_off_is_held_all_the_same() -> None:
    off = records.percent(60).model_copy(update={"disabled": True})
    strong = records.control("0B", 0, 10, asked=records.modes(maxLimW=off), primacy=0)
    made = timeline.plan([strong, records.control("0A", 0, 10, primacy=1)])
    assert spelled(made["maxLimW"]) == [("0", "10", "0B")]


def test_a_ramp_is_no_mode() -> None:
    only = records.control("0A", 0, 10, asked=records.modes(rampTms=Decimal(5)))
    assert timeline.plan([only]) == {}
    assert timeline.until({}, only) == Decimal(10)


@records.EXAMPLES
@given(SETS, DEFAULTS)
def test_at_each_instant_the_winner_is_the_brute_force_winner(
    controls: list[messages.Control], defaults: list[messages.Default]
) -> None:
    made = timeline.plan(controls, defaults)
    edges = {edge for one in controls for edge in timeline.window(one)} | {Decimal(1_000)}
    moments = sorted(
        {edge + step for edge in edges for step in (Decimal("-0.5"), Decimal(0), Decimal("0.5"))}
    )
    for mode in records.MODES:
        for moment in moments:
            span = timeline.at(made.get(mode, ()), moment)
            assert (None if span is None else span.source) == winner(mode, moment, controls, defaults)


@records.EXAMPLES
@given(SETS, DEFAULTS)
def test_spans_never_overlap_and_are_never_empty(
    controls: list[messages.Control], defaults: list[messages.Default]
) -> None:
    for row in timeline.plan(controls, defaults).values():
        assert row
        assert all(span.start < span.end for span in row)
        assert all(left.end <= right.start for left, right in itertools.pairwise(row))


@records.EXAMPLES
@given(SETS, DEFAULTS)
def test_gaps_are_filled_with_the_default_only(
    controls: list[messages.Control], defaults: list[messages.Default]
) -> None:
    bare, full = timeline.plan(controls), timeline.plan(controls, defaults)
    filled = {mode for one in primacy.newest(defaults) for mode in timeline.named(one.modes)}
    for mode, row in full.items():
        assert tuple(span for span in row if not span.default) == bare.get(mode, ())
        assert {span.source for span in row if span.default} <= {str(one.mRID) for one in defaults}
        if mode in filled:
            assert (row[0].start, row[-1].end) == (timeline.ALWAYS, timeline.NEVER)
            assert all(left.end == right.start for left, right in itertools.pairwise(row))


@records.EXAMPLES
@given(SETS, DEFAULTS, records.controls())
def test_adding_then_cancelling_is_identity(
    controls: list[messages.Control], defaults: list[messages.Default], one: messages.Control
) -> None:
    fresh = one.model_copy(update={"mRID": "77", "status": None})
    whole = [*controls, fresh, records.cancelled(fresh)]
    assert timeline.plan(whole, defaults) == timeline.plan(controls, defaults)


@records.EXAMPLES
@given(SETS.flatmap(lambda held: st.tuples(st.just(held), st.permutations(held))), DEFAULTS)
def test_order_of_arrival_does_not_matter(
    pair: tuple[list[messages.Control], list[messages.Control]], defaults: list[messages.Default]
) -> None:
    assert timeline.plan(pair[1], defaults[::-1]) == timeline.plan(pair[0], defaults)


@records.EXAMPLES
@given(SETS, DEFAULTS)
def test_what_is_lost_for_good_never_comes_back(
    controls: list[messages.Control], defaults: list[messages.Default]
) -> None:
    held = {primacy.key(one): one for one in primacy.newest(controls) if not primacy.withdrawn(one)}
    for mode, row in timeline.plan(controls, defaults, lasting=True).items():
        own = [span for span in row if not span.default]
        assert len({span.source for span in own}) == len(own)
        for name, one in held.items():
            if mode not in timeline.named(one.modes):
                continue
            start, end = timeline.window(one)
            mine = next((span for span in own if span.source == name), None)
            rivals = [each for each in own if primacy.rank(held[each.source]) > primacy.rank(one)]
            first = min((each.start for each in rivals if each.start < end and start < each.end), default=end)
            assert (mine is None) == (first <= start)
            assert mine is None or (mine.start, mine.end) == (start, first)
