"""Events of one programme that overlap: which is superseded, when, for how long, and which only may be."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.core import succession
from bridge.core.events import State
from bridge.core.succession import Claim


def claim(name: str, start: int, end: int, made: int, **more: Any) -> Claim:
    said = {"opens": start, "closes": end, "asks": frozenset({"W"}), **more}
    return Claim(name, start, end, made=made, **said)


def code(claims: list[Claim], name: str, now: int) -> int:
    return int(succession.said(succession.lives(claims)[name], now).code)


A = claim("A", 100, 200, 10)


@pytest.mark.parametrize(("now", "state"), [(99, 0), (100, 1), (199, 1), (200, 5)])
def test_one_alone_goes_by_the_clock(now: int, state: int) -> None:
    assert code([A], "A", now) == state


@pytest.mark.parametrize(
    ("start", "end", "made", "now", "state"),
    [
        (150, 160, 20, 149, 1),
        (150, 160, 20, 150, 4),
        (150, 160, 20, 170, 4),
        (50, 110, 20, 49, 0),
        (50, 110, 20, 50, 4),
        (50, 110, 80, 79, 0),
        (50, 110, 80, 80, 4),
        (150, 160, 5, 150, 1),
        (200, 300, 20, 199, 1),
        (0, 100, 20, 50, 0),
    ],
    ids=[
        "before the newer begins",
        "as it begins",
        "for good",
        "not yet begun itself",
        "superseded before its own start",
        "the newer is not known yet",
        "as soon as it is made",
        "an older one takes nothing",
        "a neighbour after",
        "a neighbour before",
    ],
)
def test_a_newer_one_that_overlaps(start: int, end: int, made: int, now: int, state: int) -> None:
    assert code([A, claim("B", start, end, made)], "A", now) == state


def test_the_newer_one_itself_is_untouched() -> None:
    assert code([A, claim("B", 150, 160, 20)], "B", 155) == State.ACTIVE


@pytest.mark.parametrize(("mark", "state"), [(1, 1), (3, 4)])
def test_of_the_same_second_the_higher_mark_wins(mark: int, state: int) -> None:
    pair = [A._replace(mark=2), claim("B", 100, 200, 10, mark=mark)]
    assert code(pair, "A", 150) == state


def test_one_that_asks_for_something_else_runs_beside() -> None:
    life = succession.lives([A, claim("B", 100, 200, 20, asks=frozenset({"var"}))])["A"]
    assert (life.lost, life.doubted) == (None, None)


def test_half_of_what_is_asked_is_doubt_and_the_other_half_ends_it() -> None:
    both = A._replace(asks=frozenset({"W", "var"}))
    watt, reactive = claim("B", 120, 130, 20), claim("C", 140, 150, 30, asks=frozenset({"var"}))
    assert succession.lives([both, watt])["A"] == (both, None, 20)
    assert succession.lives([both, watt, reactive])["A"] == (both, 140, 20)


@pytest.mark.parametrize(("category", "lost"), [(0b11, 150), (0b01, None), (succession.EVERY, 150)])
def test_only_one_for_all_its_devices_supersedes(category: int, lost: int | None) -> None:
    life = succession.lives([A._replace(category=0b11), claim("B", 150, 160, 20, category=category)])["A"]
    assert (life.lost, life.doubted) == (lost, 20)


def test_categories_that_do_not_meet_are_no_rivals() -> None:
    life = succession.lives([A._replace(category=0b10), claim("B", 150, 160, 20, category=0b01)])["A"]
    assert life.doubted is None


@pytest.mark.parametrize(("said_at", "state"), [(140, 1), (150, 1), (155, 4)])
def test_one_cancelled_before_it_began_never_counted(said_at: int, state: int) -> None:
    gone = claim("B", 150, 190, 20, said=2, said_at=said_at)
    assert code([A, gone], "A", 180) == state


def test_one_that_was_superseded_before_it_began_supersedes_nothing() -> None:
    middle, newest = claim("B", 150, 220, 20), claim("C", 210, 230, 30, opens=140)
    assert code([A, middle, newest], "A", 180) == State.ACTIVE
    assert code([A, middle, newest], "B", 180) == State.SUPERSEDED


def test_spreads_that_touch_are_no_overlap_but_an_early_start_counts() -> None:
    after = claim("B", 200, 300, 20, opens=170)
    assert code([A._replace(closes=230), after], "A", 180) == State.ACTIVE
    early = claim("B", 150, 250, 20, opens=130)
    assert code([A, early], "A", 130) == State.SUPERSEDED


@pytest.mark.parametrize(("now", "state"), [(119, 1), (120, 3), (300, 3)])
def test_the_word_of_the_source_counts_from_when_it_was_given(now: int, state: int) -> None:
    assert code([A._replace(said=3, said_at=120)], "A", now) == state


def test_texts_stand_beside_each_other() -> None:
    text = A._replace(asks=frozenset())
    assert succession.lives([text, claim("B", 100, 200, 20, asks=frozenset())])["A"] == (text, None, None)


def test_since_when() -> None:
    late = claim("L", 100, 200, 150)
    lives = succession.lives([late])
    assert succession.said(lives["L"], 160) == (State.ACTIVE, 150, None)
    assert succession.said(succession.lives([A])["A"], 50).since == 10
    assert succession.said(succession.lives([A])["A"], 150).since == 100


@pytest.mark.parametrize(("now", "turn"), [(0, 100), (100, 150), (150, 160), (160, 200), (200, None)])
def test_the_next_turn(now: int, turn: int | None) -> None:
    lives = succession.lives([A, claim("B", 150, 160, 20)])
    assert succession.turn(lives.values(), now) == turn


def test_many_are_compared_with_their_neighbours_only() -> None:
    row = [claim(f"{n}", n * 100, n * 100 + 100, n) for n in range(5000)]
    lives = succession.lives(row)
    assert all(life.lost is None for life in lives.values())
