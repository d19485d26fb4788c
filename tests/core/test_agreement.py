"""The table of transitions, walked by hand and by every way there is."""

from __future__ import annotations

from itertools import product

import pytest

from bridge.core.agreement import (
    NEVER,
    SAID,
    TRANSITIONS,
    Act,
    Agreement,
    Impossible,
    State,
    Word,
    edge,
    said,
    stands,
    state,
)

OFFER = Agreement(frozenset({"operator", "A"}), answer=100, start=0, until=1_000)


def after(*words: tuple[str, str, int], one: Agreement = OFFER) -> Agreement:
    for party, act, at in words:
        one = said(one, Word(party, Act(act), at))
    return one


BOTH = (("operator", "accept", 10), ("A", "accept", 20))


def test_it_stands_once_all_have_accepted_and_not_before() -> None:
    one = after(BOTH[0])
    assert (state(one, 15), sorted(one.missing)) == (State.offered, ["A"])
    assert not stands(one, 15)
    assert state(after(*BOTH), 20) is State.active
    assert stands(after(*BOTH), 20)


@pytest.mark.parametrize(
    ("words", "now", "found"),
    [
        ((), 99, State.offered),
        ((), 100, State.expired),
        ((BOTH[0],), 100, State.expired),
        (BOTH, 999, State.active),
        (BOTH, 1_000, State.expired),
        ((("A", "refuse", 5),), 6, State.refused),
        ((("A", "withdraw", 5),), 6, State.withdrawn),
        ((*BOTH, ("A", "withdraw", 30)), 30, State.withdrawn),
        ((*BOTH, ("operator", "withdraw", 30)), 2_000, State.withdrawn),
        ((*BOTH, ("", "supersede", 30)), 30, State.superseded),
    ],
)
def test_states(words: tuple[tuple[str, str, int], ...], now: int, found: State) -> None:
    assert state(after(*words), now) is found


@pytest.mark.parametrize(
    "words",
    [
        (("B", "accept", 5),),
        (("operator", "complete", 5),),
        (("", "expire", 5),),
        (("", "supersede", 5),),
        (BOTH[0], BOTH[0]),
        (("A", "accept", 100),),
        (*BOTH, ("A", "refuse", 30)),
        (*BOTH, ("A", "withdraw", 1_000)),
        (("A", "refuse", 5), ("operator", "accept", 6)),
        (*BOTH, ("A", "withdraw", 30), ("A", "withdraw", 31)),
        (*BOTH, ("A", "withdraw", 30), ("A", "accept", 31)),
    ],
)
def test_what_cannot_be_said(words: tuple[tuple[str, str, int], ...]) -> None:
    before = after(*words[:-1])
    with pytest.raises(Impossible):
        after(words[-1], one=before)


def test_every_way_stays_within_the_table_and_stands_only_when_all_agreed() -> None:
    acts = list(product(("operator", "A", "B", ""), Act))
    for steps in product(acts, repeat=3):
        one = OFFER
        for at, (party, act) in enumerate(steps, 1):
            before = state(one, at)
            try:
                one = said(one, Word(party, act, at))
            except Impossible:
                assert state(one, at) is before
            else:
                assert (before, act) in TRANSITIONS
                assert act in SAID | {Act.supersede}
        if stands(one, 4):
            assert not one.missing


def test_it_stands_from_its_start_to_its_end() -> None:
    later = after(*BOTH, one=OFFER._replace(start=50))
    assert [stands(later, now) for now in (49, 50, 999, 1_000)] == [False, True, True, False]
    assert stands(after(*BOTH, one=OFFER._replace(until=NEVER)), 10**9)


def test_edges_are_the_moments_at_which_the_clock_changes_something() -> None:
    later = after(*BOTH, one=OFFER._replace(start=50))
    assert [edge(OFFER, 1), edge(later, 30), edge(later, 50), edge(later, 1_000)] == [100, 50, 1_000, NEVER]
