"""Answers kept as bytes: who asked for what, and how long the same question gets the same answer.

A page is made stale by the topics it was made from, by its own moment, and by whoever says that the store is
ahead of us (`current`). An answer that was on its way while one of its topics changed is not kept. Memory is
bounded; the page that was kept first goes first. Reads no clock and no store.
"""

from __future__ import annotations

from email.utils import formatdate
from math import inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Key = tuple[str, str, str]
"""LFDI, target as sent, Accept as sent."""

START = b"HTTP/1.1 200 OK\r\nDate: "
"""What each page begins with; the date after it is put in anew each time."""
DATE = len("Thu, 01 Jan 1970 00:00:00 GMT")
EVERY = "*"
"""A topic that every answer on its way is about."""
WEIGHT, TOPIC = 500, 150
"""Bytes that a page takes besides its own, and that each of its topics takes."""


class Page(NamedTuple):
    """One answer, the date left out."""

    back: bytes
    until: float
    topics: frozenset[str]


class Pages:
    """The answers kept; at most `room` bytes of them."""

    def __init__(self, current: Callable[[], bool] = lambda: True, room: int = 64 * 1024 * 1024) -> None:
        self._current = current
        self._room = room
        self._pages: dict[Key, Page] = {}
        self._about: dict[str, set[Key]] = {}
        self._drafts: dict[int, set[str]] = {}
        self._number = 0
        self.taken = 0
        """Bytes in use."""
        self.hits = 0
        """Answers that were given from here."""

    def find(self, key: Key, now: float) -> Page | None:
        """Give the page for a question, if it still is the answer."""
        if not self._current():  # first of all: it may make stale what is looked for
            return None
        page = self._pages.get(key)
        if page is None or now >= page.until:
            return None
        self.hits += 1
        return page

    def open(self) -> int:
        """Say that an answer is being made, before its first read."""
        self._number += 1
        self._drafts[self._number] = set()
        return self._number

    def shut(self, draft: int) -> None:
        """Say that an answer is made, whatever it was."""
        self._drafts.pop(draft, None)

    def keep(self, draft: int, key: Key, data: bytes, topics: frozenset[str], until: int | None) -> None:
        """Keep an answer, unless something that it was made from changed since it was opened."""
        changed = self._drafts.get(draft)
        if changed is None or EVERY in changed or not topics.isdisjoint(changed):
            return
        if not data.startswith(START):
            return
        self._remove(key)
        page = Page(data[len(START) + DATE :], inf if until is None else until, topics)
        if (weight := _weight(page)) > self._room:
            return
        while self.taken + weight > self._room:
            self._remove(next(iter(self._pages)))
        self._pages[key] = page
        self.taken += weight
        for topic in topics:
            self._about.setdefault(topic, set()).add(key)

    def stale(self, topics: Iterable[str]) -> None:
        """Forget what was made from any of these."""
        for topic in topics:
            for key in tuple(self._about.get(topic, ())):
                self._remove(key)
            for changed in self._drafts.values():
                changed.add(topic)

    def clear(self) -> None:
        """Forget everything, as is right when it cannot be told what changed."""
        self.stale((*self._about, EVERY))

    def __len__(self) -> int:
        return len(self._pages)

    def _remove(self, key: Key) -> None:
        if (page := self._pages.pop(key, None)) is None:
            return
        self.taken -= _weight(page)
        for topic in page.topics:
            keys = self._about[topic]
            keys.discard(key)
            if not keys:
                del self._about[topic]


class Dates:
    """The text of the Date field, made once a second."""

    def __init__(self) -> None:
        self._second = -1
        self._text = b""

    def text(self, now: float) -> bytes:
        """The date of a moment."""
        if (second := int(now)) != self._second:
            self._second, self._text = second, formatdate(second, usegmt=True).encode()
        return self._text


def _weight(page: Page) -> int:
    return WEIGHT + len(page.back) + TOPIC * len(page.topics)
