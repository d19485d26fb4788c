"""Orders against the plan: whatever history, a unit that does what it is told holds what its plan says.

Drawn histories add, cancel and outbid controls and defaults while time passes; orders come twice, and the
bridge forgets everything but what it writes down.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge.core import case, timeline
from bridge.ports import Kind, Reach
from models.der import messages
from tests.core import records
from tests.core.unit import Fake, Rounds

MODES = frozenset(records.MODES)
GROUP: dict[str, Any] = {"group": (records.GROUP,)}


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, case.Event]]:
    """Controls, their ends and defaults, by the moment at which they are known; a day holds a day's names."""
    found: list[tuple[int, case.Event]] = []
    spread = {"randomizeStart": (-4, 4), "randomizeDuration": (-4, 4)}
    bounds = draw(st.sampled_from([{}, spread]))
    for number in range(draw(st.integers(1, 6))):
        made = draw(st.integers(1_000, 1_030))
        chosen = sorted(draw(st.sets(st.sampled_from(records.MODES), min_size=1)))
        one = records.control(
            f"{number + 1:02X}",
            draw(st.integers(made - 3, made + 12)),
            draw(st.integers(1, 15)),
            asked=records.modes(*chosen),
            issued=made,
            primacy=draw(st.integers(0, 2)),
            **GROUP | {name: Decimal(draw(st.integers(*ends))) for name, ends in bounds.items()},
        )
        found.append((made, one))
        if draw(st.booleans()):
            gone = draw(st.integers(made + 1, 1_050))
            found.append((gone, records.cancelled(one, gone, draw(st.sampled_from([2, 3])))))
    for number in range(draw(st.integers(0, 2))):
        made = draw(st.integers(1_000, 1_030))
        chosen = sorted(draw(st.sets(st.sampled_from(records.MODES), min_size=1)))
        said = records.default(
            f"D{number}", asked=records.modes(*chosen), issued=made, primacy=number, updated=Decimal(made),
            version=made, **GROUP,
        )  # fmt: skip
        found.append((made, said))
    return sorted(found, key=lambda each: each[0])


@st.composite
def reaches(draw: st.DrawFn) -> Reach:
    kinds = {mode: draw(st.sampled_from(["ahead", "now", "none"])) for mode in records.MODES}
    named = {kind: frozenset(mode for mode, one in kinds.items() if one == kind) for kind in kinds.values()}
    return Reach(named.get("ahead", frozenset()), named.get("now", frozenset()))


def known(history: list[tuple[int, case.Event]], now: int) -> list[case.Event]:
    held: dict[str, case.Event] = {}
    for at, one in history:
        if at <= now:
            held[str(one.mRID)] = one
    return list(held.values())


@records.EXAMPLES
@given(histories(), reaches(), st.data())
def test_a_unit_that_does_what_it_is_told_holds_its_plan(
    history: list[tuple[int, case.Event]], reach: Reach, data: st.DataObject
) -> None:
    rounds, unit = Rounds(reach), Fake(reach)
    for now in range(1_000, 1_070):
        asked = known(history, now)
        moment = Decimal(now)
        rounds.look(asked, moment)
        while rounds.queue:
            twice, crash = data.draw(st.booleans()), data.draw(st.sampled_from([False, False, True]))
            rounds.deliver(unit, twice=twice, crash=crash)
            rounds.look(asked, moment)
        plan = rounds.case(asked, moment).plan
        for mode in reach.scheduled | reach.direct:
            span = timeline.at(plan.get(mode, ()), moment)
            assert unit.holds(mode, moment) == ({span.source} if span else set()), (now, mode)
    said = [(str(one.record.mRID), one.record.version, one.status) for one in rounds.said]
    assert len(said) == len(set(said))


@records.EXAMPLES
@given(histories(), reaches(), st.integers(1_000, 1_040), st.integers(1, 30))
def test_a_unit_that_was_away_holds_its_plan_once_it_is_back(
    history: list[tuple[int, case.Event]], reach: Reach, gone: int, length: int
) -> None:
    rounds, unit = Rounds(reach), Fake(reach)
    for now in range(1_000, 1_070):
        asked, moment = known(history, now), Decimal(now)
        rounds.look(asked, moment)
        if gone <= now < gone + length:
            continue
        while rounds.deliver(unit):
            rounds.look(asked, moment)
        plan = rounds.case(asked, moment).plan
        for mode in reach.scheduled | reach.direct:
            span = timeline.at(plan.get(mode, ()), moment)
            assert unit.holds(mode, moment) == ({span.source} if span else set()), (now, mode)


@records.EXAMPLES
@given(histories(), reaches())
def test_nothing_is_ordered_again_while_nothing_changes_but_the_clock(
    history: list[tuple[int, case.Event]], reach: Reach
) -> None:
    rounds, unit = Rounds(reach), Fake(reach)
    everything = known(history, 2_000)
    now = Decimal(1_000)
    while now < 1_100:
        rounds.look(everything, now)
        while rounds.deliver(unit):
            rounds.look(everything, now)
        between = now + (min(rounds.until, Decimal(1_200)) - now) / 2
        rounds.look(everything, between)
        assert not rounds.queue, between
        now = rounds.until
    for mode, key in {(mode, str(one.record.mRID)) for one in unit.carried for mode in one.modes}:
        takes = [
            one for one in unit.carried
            if one.kind is Kind.take and mode in one.modes and str(one.record.mRID) == key
        ]  # fmt: skip
        assert len({(one.start, one.end) for one in takes}) == len(takes) or mode in reach.direct


def told(rounds: Rounds) -> list[tuple[str, str, list[str]]]:
    return [(one.kind.value, str(one.record.mRID), sorted(one.modes)) for one in rounds.queue]


def test_one_limit_takes_the_place_of_another_without_a_gap() -> None:
    """The next take goes out before any leave, and what it replaces is not left."""
    first = records.control("0A", 1_100, 100, asked=records.modes("maxLimW", "connect"), **GROUP)
    next_ = records.control("0B", 1_200, 100, **GROUP)
    reach = Reach(direct=MODES)
    rounds, unit = Rounds(reach), Fake(reach)
    rounds.look([first, next_], Decimal(1_050))
    assert told(rounds) == []
    assert rounds.until == 1_100
    rounds.look([first, next_], Decimal(1_100))
    assert told(rounds) == [("take", "0A", ["connect", "maxLimW"])]
    rounds.deliver(unit)
    rounds.look([first, next_], Decimal(1_200))
    assert told(rounds) == [("take", "0B", ["maxLimW"]), ("leave", "0A", ["connect"])]
    while rounds.deliver(unit):
        rounds.look([first, next_], Decimal(1_200))
    assert unit.holds("maxLimW", Decimal(1_200)) == {"0B"}


def test_a_unit_that_may_have_forgotten_is_told_all_again_and_nothing_is_said_twice() -> None:
    long = records.control("0A", 1_100, 100, **GROUP)
    short = records.control("0B", 1_100, 50, asked=records.modes("connect"), **GROUP)
    reach = Reach(direct=MODES, hold="first")
    rounds, unit = Rounds(reach), Fake(reach)
    rounds.look([long, short], Decimal(1_100))
    while rounds.deliver(unit):
        rounds.look([long, short], Decimal(1_100))
    unit.single.clear()
    said, rounds.reach = list(rounds.said), reach._replace(hold="second")
    rounds.look([long, short], Decimal(1_110))
    assert sorted(told(rounds)) == [("take", "0A", ["maxLimW"]), ("take", "0B", ["connect"])]
    while rounds.deliver(unit):
        pass
    rounds.reach = reach._replace(hold="third")
    rounds.look([long, short], Decimal(1_160))
    assert told(rounds) == [("take", "0A", ["maxLimW"]), ("leave", "0B", ["connect"])]
    while rounds.deliver(unit):
        rounds.look([long, short], Decimal(1_160))
    assert unit.holds("maxLimW", Decimal(1_160)) == {"0A"}
    assert [one.status for one in rounds.said[len(said) :]] == [3]


def test_a_schedule_is_ordered_ahead_and_cut_when_it_is_outbid() -> None:
    weak = records.control("0A", 1_100, 100, primacy=2, **GROUP)
    strong = records.control("0B", 1_150, 100, primacy=1, issued=1_010, **GROUP)
    reach = Reach(scheduled=MODES)
    rounds, unit = Rounds(reach), Fake(reach)
    rounds.look([weak], Decimal(1_000))
    assert [(one.start, one.end) for one in rounds.queue] == [(Decimal(1_100), Decimal(1_200))]
    rounds.deliver(unit)
    rounds.look([weak, strong], Decimal(1_010))
    assert [(one.record.mRID, one.start, one.end) for one in rounds.queue] == [
        ("0A", Decimal(1_100), Decimal(1_150)),
        ("0B", Decimal(1_150), Decimal(1_250)),
    ]
    while rounds.deliver(unit):
        pass
    rounds.look([weak, strong], Decimal(1_260))
    assert told(rounds) == []  # it has ended by itself
    assert rounds.told.marks == frozenset()


def test_what_was_to_be_left_is_not_left_where_something_follows_before_the_unit_is_back() -> None:
    """Away from the end of one limit to the next one: the unit goes from one to the other."""
    first = records.control("0A", 1_100, 100, **GROUP)
    next_ = records.control("0B", 1_300, 100, **GROUP)
    rounds, unit = Rounds(Reach(direct=MODES)), Fake(Reach(direct=MODES))
    rounds.look([first], Decimal(1_100))
    rounds.deliver(unit)
    rounds.look([first, next_], Decimal(1_200))
    rounds.look([first, next_], Decimal(1_300))
    assert told(rounds) == [("leave", "0A", ["maxLimW"]), ("take", "0B", ["maxLimW"])]
    while rounds.deliver(unit):
        pass
    assert [(one.kind, one.record.mRID) for one in unit.carried] == [(Kind.take, "0A"), (Kind.take, "0B")]


def test_a_default_that_says_something_else_is_told_again() -> None:
    reach = Reach(scheduled=MODES)
    rounds, unit = Rounds(reach), Fake(reach)
    rounds.look([records.default("DD", version=1, **GROUP)], Decimal(1_000))
    rounds.deliver(unit)
    same = records.default("DD", version=2, issued=950, **GROUP)
    rounds.look([same], Decimal(1_010))
    assert told(rounds) == []
    other = records.default("DD", asked=records.modes(maxLimW=records.percent(10)), version=3, **GROUP)
    rounds.look([other], Decimal(1_020))
    assert told(rounds) == [("take", "DD", ["maxLimW"])]


def test_what_is_withdrawn_is_left_although_its_record_is_gone() -> None:
    reach = Reach(scheduled=MODES)
    rounds, unit = Rounds(reach), Fake(reach)
    rounds.look([records.control("0A", **GROUP)], Decimal(1_000))
    rounds.deliver(unit)
    rounds.look([], Decimal(1_010))
    assert told(rounds) == [("leave", "0A", ["maxLimW"])]
    rounds.deliver(unit)
    assert unit.windows == {}
    assert rounds.told.records == {}


def test_a_default_with_nothing_but_entry_is_ordered_where_the_unit_has_it() -> None:
    made = records.default("DD", asked=messages.Modes(), **GROUP)
    entry = messages.GridEntry(setESDelay=Decimal(300))
    made = made.model_copy(update={"entry": entry})
    for reach, orders in ((Reach(direct=frozenset({"entry"})), [("take", "DD", ["entry"])]), (Reach(), [])):
        rounds = Rounds(reach)
        rounds.look([made], Decimal(1_000))
        assert told(rounds) == orders
