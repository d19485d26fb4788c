"""The counts of a managed stream: cut at any moment, it loses, doubles and reorders nothing."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.xmpp.tally import WRAP, Overdrawn, Tally


def test_acknowledged_in_order() -> None:
    tally: Tally[str] = Tally()
    for one in "abc":
        tally.sent(one)
    assert tally.acked(2) == ["a", "b"]
    assert tally.acked(2) == []
    assert list(tally.kept) == ["c"]


@pytest.mark.parametrize("h", [4, WRAP - 1])
def test_more_than_was_sent(h: int) -> None:
    tally: Tally[str] = Tally()
    for one in "abc":
        tally.sent(one)
    with pytest.raises(Overdrawn):
        tally.acked(h)
    assert list(tally.kept) == ["a", "b", "c"]


def test_counts_begin_again_after_the_last() -> None:
    tally: Tally[int] = Tally()
    tally._acked = WRAP - 2  # noqa: SLF001 - nobody sends so many
    for one in range(4):
        tally.sent(one)
    assert tally.acked(1) == [0, 1, 2]
    assert tally.acked(2) == [3]


def test_told_only_of_what_is_dealt_with() -> None:
    tally: Tally[str] = Tally()
    first, second, third = tally.came(), tally.came(), tally.came()
    assert first
    assert second
    assert third
    tally.done(second)
    assert (tally.handled, tally.behind) == (0, True)
    tally.done(first)
    assert (tally.handled, tally.behind) == (2, True)
    tally.done(third)
    assert (tally.handled, tally.behind) == (3, False)


def test_what_comes_again_is_counted_out() -> None:
    tally: Tally[str] = Tally()
    numbers = [tally.came() for _ in range(3)]
    tally.done(numbers[0] or 0)
    assert tally.resuming() == 1
    assert [tally.came() for _ in range(3)] == [None, None, 4]


class Pipe:
    """A sender and a receiver, each with a tally, and a wire that is cut."""

    def __init__(self) -> None:
        self.sender: Tally[int] = Tally()
        self.receiver: Tally[int] = Tally()
        self.wire: deque[int] = deque()
        self.open: list[int] = []
        self.got: list[int] = []
        self.count = 0

    def send(self) -> None:
        self.sender.sent(self.count)
        self.wire.append(self.count)
        self.count += 1

    def arrive(self) -> None:
        if self.wire:
            stanza, number = self.wire.popleft(), self.receiver.came()
            if number is not None:
                self.got.append(stanza)
                self.open.append(number)

    def deal(self, which: int) -> None:
        if self.open:
            self.receiver.done(self.open.pop(which % len(self.open)))

    def acknowledge(self) -> None:
        self.sender.acked(self.receiver.handled)

    def cut(self) -> None:
        self.sender.acked(self.receiver.resuming())
        self.wire = deque(self.sender.kept)


STEPS = st.lists(
    st.one_of(st.sampled_from(["send", "arrive", "acknowledge", "cut"]), st.integers(0, 5)), max_size=80
)


@given(STEPS)
def test_nothing_is_lost_doubled_or_reordered(steps: list[str | int]) -> None:
    pipe = Pipe()
    for step in steps:
        if isinstance(step, int):
            pipe.deal(step)
        else:
            getattr(pipe, step)()
    pipe.cut()
    while pipe.wire:
        pipe.arrive()
    assert pipe.got == list(range(pipe.count))
    while pipe.open:
        pipe.deal(0)
    pipe.acknowledge()
    assert not pipe.sender.kept
    assert not pipe.receiver.behind
