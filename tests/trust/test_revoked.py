"""The index of what is revoked, held against a naive one; and what changed between two editions."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bridge.trust import revoked
from bridge.trust.credential import Serial
from bridge.trust.revoked import LISTED, NONE, Change, Index, Marks

ISSUERS = st.sampled_from([bytes((number,)) * 32 for number in range(3)])
SERIALS = st.builds(Serial, ISSUERS, st.integers(0, 6))
LFDIS = st.sampled_from([f"{number:040X}" for number in range(4)])
MARKS = st.builds(Marks, st.frozensets(SERIALS, max_size=8), st.frozensets(LFDIS, max_size=3))
LISTS = st.lists(st.tuples(ISSUERS, st.frozensets(st.integers(0, 6))), max_size=4)


def naive(
    lists: Sequence[tuple[bytes, frozenset[int]]], words: Marks, chain: Sequence[Serial], lfdi: str
) -> bool:
    """Whether a peer is revoked, by walking through everything that was ever said."""
    said = [Serial(issuer, number) for issuer, numbers in lists for number in numbers]
    return any(one in said or one in words.serials for one in chain) or lfdi in words.lfdis


@given(LISTS, MARKS, st.lists(SERIALS, max_size=4), LFDIS)
def test_the_index_says_what_a_naive_one_says(
    lists: list[tuple[bytes, frozenset[int]]], words: Marks, chain: list[Serial], lfdi: str
) -> None:
    index = Index(
        listed=revoked.listed(lists),
        serials=dict.fromkeys(words.serials, "said"),
        lfdis=dict.fromkeys(words.lfdis, "said"),
    )
    assert bool(index.reason(tuple(chain), lfdi)) == naive(lists, words, chain, lfdi)
    every = index.everything()
    assert all(naive(lists, words, [one], "") for one in every.serials)
    assert {Serial(issuer, number) for issuer, numbers in lists for number in numbers} <= every.serials


def test_the_reason_is_that_of_the_word() -> None:
    one, other = Serial(b"a", 1), Serial(b"a", 2)
    index = Index(listed={b"a": frozenset({1})}, serials={other: "lost"}, lfdis={"A": "replaced by B"})
    assert index.reason((one,), "B") == LISTED
    assert index.reason((Serial(b"b", 1), other), "B") == "lost"
    assert index.reason((one,), "A") == "replaced by B"
    assert not index.reason((Serial(b"b", 1),), "B")


@given(st.lists(st.tuples(st.integers(1, 5), MARKS, MARKS), max_size=6), st.integers(-1, 40))
def test_what_changed_leads_from_one_edition_to_the_last(
    steps: list[tuple[int, Marks, Marks]], since: int
) -> None:
    """Applying what is told to what was there gives what is there."""
    edition, state, states, history = 0, NONE, {0: NONE}, []
    for step, added, removed in steps:
        change = Change(edition + step, edition, added - state, removed - added)
        edition, state = change.edition, (state - change.removed) | change.added
        history.append(change)
        states[edition] = state
    found = Index(edition=edition, history=tuple(history)).changed(since)
    if since not in states:
        assert found is None
    else:
        assert found is not None
        assert (states[since] - found.removed) | found.added == state
        assert (found.before, found.edition) == (since, edition)


def test_who_is_further_behind_than_is_kept_is_told_everything() -> None:
    history = tuple(Change(number, number - 1) for number in (6, 7))
    assert Index(edition=7, history=history).changed(4) is None
    assert Index(edition=7, history=history).changed(5) == Change(7, 5)
    assert Index(edition=7, history=history).changed(7) == Change(7, 7)
    assert Index(edition=7, history=history).changed(8) is None
    assert Index(edition=8, history=history).changed(6) is None
    assert Index(edition=7, history=(history[0], history[1]._replace(told=False))).changed(5) is None


@given(MARKS)
def test_marks_come_back_from_json(marks: Marks) -> None:
    assert revoked.marks(json.loads(json.dumps(marks.plain()))) == marks
    assert marks.size == len(marks.serials) + len(marks.lfdis)


def test_a_question_looks_up_and_never_walks() -> None:
    """A question of a hundred thousand certificates costs what one of none costs: look-ups by hash alone."""

    class Counted(frozenset[int]):
        walked = 0

        def __iter__(self):  # type: ignore[no-untyped-def] # noqa: ANN204
            Counted.walked += 1
            return super().__iter__()

    index = Index(listed=revoked.listed([(b"a", Counted(range(100_000)))]))
    assert index.reason((Serial(b"a", 99_999),), "") == LISTED
    assert not index.reason((Serial(b"a", 100_000), Serial(b"b", 1)), "")
    assert Counted.walked == 0
