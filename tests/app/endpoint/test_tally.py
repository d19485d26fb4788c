"""Counting what devices say comes to the same as judging all of it anew each time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.app.endpoint import outcomes
from bridge.app.endpoint.tally import Tally
from bridge.core.events import State
from bridge.sep2 import document
from bridge.sep2.shelf import Row

MEMBERS = ("A", "B", "C")
STATUSES = (1, 2, 3, 4, 5, 6, 7, 252, 254)
Said = list[tuple[str, int, int]]
said = st.lists(st.tuples(st.sampled_from((*MEMBERS, "Z")), st.sampled_from(STATUSES), st.integers(0, 3)))
states = st.lists(st.sampled_from([State.SCHEDULED, State.ACTIVE, State.CANCELLED]), min_size=1, max_size=3)


def response(number: int, owner: str, status: int, at: int) -> Row:
    made = document.made(
        "2018", "DERControlResponse", endDeviceLFDI="0" * 40, subject="0" * 32, status=status
    )
    body = document.written(made, "DERControlResponse", "2018")
    href = f"/rsps/1/rsp/{number}"
    return Row(href, "/rsps/1/rsp", "DERControlResponse", body, "2018", owner=owner, at=at)


def judged(told: Said, state: State) -> outcomes.Word:
    """What all that was told comes to, judged from the beginning."""
    by: dict[str, list[tuple[int, int, int]]] = {each: [] for each in MEMBERS}
    for number, (owner, status, at) in enumerate(told):
        by.setdefault(owner, []).append((at, number, status))
    words = [outcomes.word([status for *_, status in sorted(by[each])], state) for each in sorted(by)]
    return outcomes.together(words, outcomes.word((), state))


@given(said, states)
def test_it_is_the_same_as_judging_all_anew(told: Said, through: list[State]) -> None:
    tally = Tally(frozenset(MEMBERS))
    for state in through:
        assert tally.word(state) == judged([], state)
    for number, (owner, status, at) in enumerate(told):
        tally.take(response(number, owner, status, at))
        tally.take(response(number, owner, status, at))
        for state in through:
            assert tally.word(state) == judged(told[: number + 1], state)


def test_a_device_that_says_nothing_keeps_the_whole_from_being_known() -> None:
    tally = Tally(frozenset(MEMBERS))
    for number, owner in enumerate(MEMBERS[:2]):
        tally.take(response(number, owner, 2, 1))
    assert not tally.word(State.ACTIVE).said
    tally.take(response(9, "C", 252, 2))
    word = tally.word(State.ACTIVE)
    assert word.said
    assert word.cause == outcomes.causes()[252]


def test_without_members_the_event_itself_speaks() -> None:
    assert Tally(frozenset()).word(State.CANCELLED) == outcomes.word((), State.CANCELLED)
