"""What a query asks of a list, case by case as CORE-004 has them, and that no number is too big."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sep2 import call, tree
from bridge.sep2.shelf import Cut
from bridge.sep2.talk import Told

TIMED = tree.node("/derp/{}/derc")
PLAIN = tree.node("/edev")


def asked(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    return tuple((name, value) for name, _, value in pairs)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", Cut(0, 1)),
        ("l=3", Cut(0, 3)),
        ("s=2", Cut(2, 1)),
        ("s=0&l=50", Cut(0, 50)),
        ("l=0", Cut(0, 0)),
        ("l=1000", Cut(0, 1000)),
        ("l=4294967295", Cut(0, 1000)),
        ("l=99999999999999999999999999", Cut(0, 1000)),
        ("s=99999999999999999999999999", Cut(2**31 - 1, 1)),
        ("l=all", Cut(0, 1000)),
        ("l=003", Cut(0, 3)),
        ("l=2&l=5", Cut(0, 2)),
        ("s=1&s=x", Cut(1, 1)),
        ("q=1&l=2&limit=9&L=4", Cut(0, 2)),
        ("a=1700000000&l=5", Cut(0, 5, 1_700_000_000)),
        ("a=0", Cut(0, 1, 0)),
        ("a=-5", Cut(0, 1, -5)),
        ("a=99999999999999999999", Cut(0, 1, 2**63 - 1)),
        ("a=1&a=2", Cut(0, 1, 1)),
    ],
)
def test_a_query_is_read(text: str, cut: Cut) -> None:
    assert call.cut(asked(text), TIMED) == cut


@pytest.mark.parametrize(
    "text", ["l=", "l=-1", "l=1.0", "l=+1", "l= 1", "l=1e3", "s=-1", "s=x", "a=now", "a=", "a=--1", "l=x&l=1"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Told) as told:
        call.cut(asked(text), TIMED)
    assert told.value.status == 400


def test_after_is_for_lists_with_a_time_and_no_query_is_for_anything_else() -> None:
    assert call.cut(asked("a=x&l=2"), PLAIN) == Cut(0, 2)
    assert call.cut(asked("l=x&s=x"), tree.node("/edev/{}")) == Cut()


@given(st.lists(st.tuples(st.sampled_from(["s", "l", "a", "z"]), st.text(max_size=8))))
def test_any_query_is_read_or_refused(query: list[tuple[str, str]]) -> None:
    try:
        cut = call.cut(tuple(query), TIMED)
    except Told:
        assert any(not value.lstrip("-").isdecimal() or "-" in value for _, value in query)
        return
    assert 0 <= cut.limit <= call.MOST
    assert cut.start >= 0
