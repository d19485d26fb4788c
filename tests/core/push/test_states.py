"""The lives of endpoints and accounts: what leads where, what does not, and that nothing is told unproved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.push import states
from bridge.core.push.states import ACCOUNT, ENDPOINT, HEARS, Deed, Event, Impossible, Standing, State


def reached(table: Mapping[tuple[Any, Any], Any], first: Any) -> set[Any]:
    found, fresh = {first}, {first}
    while fresh:
        fresh = {to for (state, _), to in table.items() if state in fresh} - found
        found |= fresh
    return found


def test_every_state_is_reached_and_the_last_is_left_by_nothing() -> None:
    assert reached(ENDPOINT, State.draft) == set(State)
    assert reached(ACCOUNT, Standing.proposed) == set(Standing)
    assert not {event for state, event in ENDPOINT if state is State.retired}
    assert not {deed for state, deed in ACCOUNT if state is Standing.retired}


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_nobody_is_told_anything_who_has_not_echoed_and_been_checked_since_the_last_change(
    events: list[Event],
) -> None:
    state, proved = State.draft, set[Event]()
    for event in events:
        try:
            state = states.step(ENDPOINT, state, event)
        except Impossible:
            continue
        if event in {Event.change, Event.challenge, Event.fail}:
            proved.clear()
        proved.add(event)
        if state in HEARS:
            assert {Event.echo, Event.check, Event.activate} <= proved


@given(st.lists(st.sampled_from(Deed), max_size=12))
def test_what_is_retired_stays_so(deeds: list[Deed]) -> None:
    state, retired = Standing.proposed, False
    for deed in deeds:
        try:
            state = states.step(ACCOUNT, state, deed)
        except Impossible:
            continue
        retired |= state is Standing.retired
        assert (state is Standing.retired) is retired


def test_what_is_not_in_the_table_is_said_in_words() -> None:
    with pytest.raises(Impossible, match="what is draft cannot activate"):
        states.step(ENDPOINT, State.draft, Event.activate)
