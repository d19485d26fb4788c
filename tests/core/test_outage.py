"""Whether something is in service: each row of the table of statuses, whose word decides, groups as sums."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import outage
from bridge.core.outage import SERVING, Entry, Report, Source, Standing, State
from models.der import messages

NOW = 1_000
KILO = Decimal(1_000)
NONE: frozenset[str] = frozenset()


def said(**fields: Any) -> messages.Operation:
    """A status; numbers become stamped ones, by the name of their field."""
    bits = {"genConnectStatus", "storConnectStatus"}
    codes = {"inverterStatus", "operationalModeStatus"}
    made: dict[str, Any] = {"at": Decimal(NOW)}
    for name, value in fields.items():
        stamp = {"at": Decimal(NOW), "value": value}
        made[name] = (
            messages.StampedBits(**stamp) if name in bits
            else messages.StampedCode(**stamp) if name in codes
            else messages.StampedText(**stamp) if name == "manufacturerStatus"
            else value
        )  # fmt: skip
    return messages.Operation(**made)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"DEROpSt": 11}, State.forced),
        ({"inverterStatus": 7}, State.forced),
        ({"genConnectStatus": "11"}, State.forced),
        ({"storConnectStatus": "10"}, State.forced),
        ({"manufacturerStatus": "Alarm"}, State.forced),
        ({"DEROpSt": 7}, State.forced),
        ({"alarmStatus": "00000080"}, State.forced),
        ({"alarmStatus": "00000100"}, State.forced),
        ({"DEROpSt": 10}, State.planned),
        ({"inverterStatus": 9}, State.planned),
        ({"operationalModeStatus": 3}, State.planned),
        ({"genConnectStatus": "08"}, State.planned),
        ({"DEROpSt": 9}, State.forced),
        ({"inverterStatus": 1}, State.forced),
        ({"operationalModeStatus": 1}, State.forced),
        ({"inverterStatus": 5}, State.derated),
        # in service: running, asleep at night, off but to be had, warned, alarms of the grid, nothing said
        ({"inverterStatus": 4, "genConnectStatus": "07", "operationalModeStatus": 2}, None),
        ({"inverterStatus": 2, "operationalModeStatus": 1}, None),
        ({"inverterStatus": 1, "genConnectStatus": "02"}, None),
        ({"manufacturerStatus": "Warn"}, None),
        ({"alarmStatus": "0000007F"}, None),
        ({}, None),
    ],
)
def test_a_status_means(fields: dict[str, Any], state: State | None) -> None:
    found = outage.reported(said(**fields), NONE)
    assert found.state is state
    assert bool(found.reason) is (state is not None)


def test_the_worse_of_two_signs_counts() -> None:
    assert outage.reported(said(inverterStatus=7, operationalModeStatus=3), NONE).state is State.forced


@pytest.mark.parametrize(
    ("fields", "asked", "state"),
    [
        ({"inverterStatus": 1}, "connect", None),
        ({"inverterStatus": 1}, "maxLimW", State.forced),
        ({"inverterStatus": 5}, "maxLimW", None),
        ({"inverterStatus": 5}, "fixedVar", State.derated),
        ({"inverterStatus": 7}, "maxLimW", State.forced),
    ],
)
def test_who_does_as_it_was_told_is_in_service(
    fields: dict[str, Any], asked: str, state: State | None
) -> None:
    assert outage.reported(said(**fields), frozenset({asked})).state is state


def test_what_is_left_is_told_of_a_derating_alone() -> None:
    assert outage.reported(said(inverterStatus=5), NONE, KILO).left == KILO
    assert outage.reported(said(inverterStatus=7), NONE, KILO).left is None


def entry(state: str, start: int = NOW, end: int = 0, **more: Any) -> Entry:
    return Entry("/-/outage/1", State(state), start, end, **more)


FORCED = Report(State.forced, None, "fault")
LESS = Report(State.derated, Decimal(400), "less")


@pytest.mark.parametrize(
    ("entries", "report", "state", "source", "left"),
    [
        ([], Report(), None, None, None),
        ([], FORCED, "forced", "unit", 0),
        ([], LESS, "derated", "unit", 400),
        ([entry("planned")], Report(), "planned", "operator", 0),
        ([entry("planned")], FORCED, "planned", "operator", 0),
        ([entry("planned"), entry("forced")], Report(), "forced", "operator", 0),
        ([entry("derated", percent=Decimal(50))], Report(), "derated", "operator", 500),
        ([entry("derated", percent=Decimal(50))], LESS, "derated", "unit", 400),
        ([entry("derated", left=Decimal(300))], LESS, "derated", "operator", 300),
        ([entry("derated", left=Decimal(400))], LESS, "derated", "operator", 400),
        ([entry("derated", left=Decimal(9_000))], Report(), "derated", "operator", 1_000),
        ([entry("derated", left=Decimal(300))], FORCED, "forced", "unit", 0),
        ([entry("restored")], FORCED, None, None, None),
        ([entry("restored"), entry("planned")], FORCED, "planned", "operator", 0),
        ([entry("planned", NOW + 1)], Report(), None, None, None),
        ([entry("planned", NOW - 9, NOW)], Report(), None, None, None),
        ([entry("planned", NOW - 9, NOW + 1)], Report(), "planned", "operator", 0),
    ],
)
def test_what_leaves_least_decides(
    entries: list[Entry], report: Report, state: str | None, source: str | None, left: int | None
) -> None:
    found = outage.standing(entries, report, KILO, NOW)
    assert (found.state, found.source) == (state, source)
    assert found.left == (None if left is None else Decimal(left))


def test_a_share_of_what_nobody_knows_is_not_guessed() -> None:
    found = outage.standing([entry("derated", percent=Decimal(50))], Report(), None, NOW)
    assert (found.state, found.left) == (State.derated, None)


def test_the_next_edge_is_a_beginning_or_an_end_ahead() -> None:
    assert outage.edge([entry("planned", NOW - 5, NOW + 9), entry("forced", NOW + 3)], NOW) == NOW + 3
    assert outage.edge([entry("planned", NOW - 5)], NOW) is None


OUT, PLAN = Standing(State.forced, Source.unit), Standing(State.planned, Source.operator)
PART = Standing(State.derated, Source.operator, left=Decimal(250))


@pytest.mark.parametrize(
    ("parts", "state", "left"),
    [
        ([], None, 0),
        ([SERVING, SERVING], None, 2_000),
        ([SERVING, OUT], "derated", 1_000),
        ([SERVING, PART], "derated", 1_250),
        ([OUT, PLAN], "forced", 0),
        ([PLAN, PLAN], "planned", 0),
        ([PART, PLAN], "derated", 250),
    ],
)
def test_a_group_is_what_its_members_are(parts: list[Standing], state: Any, left: int) -> None:
    found = outage.together([(part, KILO) for part in parts])
    assert (str(found.state), found.left, found.rated) == (str(state), Decimal(left), len(parts) * KILO)
    assert found.serving == sum(part is SERVING for part in parts)


def test_what_one_member_has_not_said_is_unknown_of_all() -> None:
    found = outage.together([(SERVING, None), (OUT, KILO)])
    assert (found.left, found.rated) == (None, None)
    assert outage.together([(OUT, None)]).left == 0


def test_a_unit_of_several_is_out_when_all_are() -> None:
    both = [(FORCED, KILO), (Report(), KILO)]
    assert outage.whole(both) == Report(State.derated, KILO, "fault")
    assert outage.whole([(FORCED, KILO), (FORCED, KILO)]).state is State.forced
    assert outage.whole([(LESS, KILO)]) == LESS


STATES = st.sampled_from([State.planned, State.forced, State.derated, State.restored])
ENTRIES = st.lists(
    st.builds(
        Entry, st.just("n"), STATES, st.integers(0, 20), st.integers(0, 20),
        st.none() | st.integers(0, 2_000).map(Decimal), st.none() | st.integers(0, 100).map(Decimal),
    ),
    max_size=5,
)  # fmt: skip


@given(ENTRIES, st.integers(0, 20), st.randoms())
def test_order_of_entries_decides_nothing_but_whose_it_is(
    entries: list[Entry], now: int, random: Any
) -> None:
    mixed = entries[:]
    random.shuffle(mixed)
    one, other = (outage.standing(each, LESS, KILO, now) for each in (entries, mixed))
    assert (one.state, one.left, one.source) == (other.state, other.left, other.source)


@given(ENTRIES, st.integers(0, 20))
def test_no_word_more_ever_leaves_more(entries: list[Entry], now: int) -> None:
    def left(found: Standing) -> Decimal:
        return KILO if found.left is None or found.state is None else found.left

    words = [each for each in entries if each.state is not State.restored]
    known = [each for each in words if each.state is not State.derated or each.percent or each.left]
    for count in range(len(known)):
        less, more = (outage.standing(known[:end], LESS, KILO, now) for end in (count, count + 1))
        assert left(more) <= left(less)
