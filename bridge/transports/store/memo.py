"""What was read and is still so: answers by question, each with its topics and when it was asked for.

A change notes its count at each of its topics that somebody asked about; an answer holds while none of its
topics has a later count than its own. So an answer that was under way while a change came is stale from the
start. Bounded in weight: what was not asked for lately is let go, with its notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bridge.sep2.shelf import Row
from bridge.transports.store.bell import EVERYTHING

ROW_WEIGHT = 1_000
"""Bytes that a row takes in memory, its body and record left aside."""


NEVER = 2**63
"""A count beyond all others, for a topic that nobody watches."""


class Kept(NamedTuple):
    """An answer."""

    value: object
    asked: int
    topics: tuple[str, ...]
    weight: int


class Memo:
    """Answers in two halves: what is asked for moves to the young; when that is full, the old one goes."""

    def __init__(self, bound: int) -> None:
        self._half = bound // 2
        self._young: dict[object, Kept] = {}
        self._old: dict[object, Kept] = {}
        self._weight = 0
        self._notes: dict[str, int] = {}
        self.count = 0
        """How many times something has changed."""
        self.hits = 0
        self.misses = 0

    def find(self, question: object) -> Kept | None:
        """The answer to a question, if it was given and holds."""
        kept = self._young.get(question)
        if kept is None:
            kept = self._old.get(question)
            if kept is not None:
                self._store(question, kept)
        if kept is not None:
            notes, asked = self._notes, kept.asked
            for topic in kept.topics:  # as `touched` does, at half the time
                if notes.get(topic, NEVER) > asked:
                    break
            else:
                self.hits += 1
                return kept
        self.misses += 1
        return None

    def holds(self, question: object) -> bool:
        """Whether there is an answer to a question, be it stale."""
        return question in self._young or question in self._old

    def renew(self, rows: Iterable[Row]) -> None:
        """Keep rows as they are now, each the answer to its address."""
        for row in rows:
            topics = (row.href,)
            self.keep(row.href, Kept(row, self.ask(topics), topics, weight((row,))))

    def ask(self, topics: Iterable[str]) -> int:
        """Watch these topics from now on; the count to be kept with the answer."""
        for topic in topics:
            self._notes.setdefault(topic, 0)
        return self.count

    def keep(self, question: object, kept: Kept) -> None:
        """Keep an answer, unless it alone would take a large part of the room."""
        if kept.weight <= self._half // 8:
            self._store(question, kept)

    def touched(self, count: int, topics: Iterable[str]) -> bool:
        """Whether any of these topics changed after a count; so it is said of a topic nobody watches, too."""
        notes = self._notes
        for topic in topics:  # noqa: SIM110 - this is asked before each read, and a generator takes thrice as long
            if notes.get(topic, NEVER) > count:
                return True
        return False

    def change(self, topics: frozenset[str]) -> None:
        """Note that these topics have changed."""
        self.count += 1
        if topics == EVERYTHING:
            self._notes, self._young, self._old, self._weight = {}, {}, {}, 0
            return
        notes, count = self._notes, self.count
        for topic in topics:
            if topic in notes:
                notes[topic] = count

    def _store(self, question: object, kept: Kept) -> None:
        before = self._young.get(question)
        self._weight += kept.weight - (before.weight if before else 0)
        self._young[question] = kept
        if self._weight > self._half:
            self._rotate()

    def _rotate(self) -> None:
        """Let the old half go, and the notes of topics that no answer is left of."""
        self._old, self._young, self._weight = self._young, {}, 0
        notes = self._notes
        self._notes = {
            topic: notes[topic] for kept in self._old.values() for topic in kept.topics if topic in notes
        }


def weight(rows: Iterable[Row]) -> int:
    """Bytes that an answer of some rows takes."""
    return ROW_WEIGHT + sum([ROW_WEIGHT + len(row.body) + len(row.record) for row in rows])
