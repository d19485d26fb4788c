"""Pages of rows: a cursor says behind which row the next page begins, so that nothing is lost or given twice.

The place is found again by its key, in the order that every shelf keeps (rank, length of address, address),
whatever was added or removed meanwhile. A filter that the shelf does not know looks at a bounded number of
rows for each page. A cursor holds nothing that is secret, and one that was tampered with is refused.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from bridge.app.office.call import Wrong
from bridge.sdk.forms.kinds import Asked, Page
from bridge.sdk.forms.problem import Fault
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Trace

T = TypeVar("T", bound=BaseModel)
Show = Callable[[Row], Awaitable[T | None]]
Lists = Callable[[Row], Awaitable[Sequence[str]]]
LOOKED = 2_000
"""Rows that are looked at for one page."""
BATCH = 100
EVERY = Cut()
_LIMIT = 2**53


class Place(NamedTuple):
    """Behind which row, and how many were before it then."""

    start: int = 0
    rank: str = ""
    href: str = ""


class Cursor(NamedTuple):
    """Where a page ends: in a list, which may be one of those of a row of another list."""

    outer: Place = Place()
    list: str = ""
    inner: Place = Place()


def text(cursor: Cursor) -> str:
    """A cursor as it is sent."""
    said = [*cursor.outer, cursor.list, *cursor.inner]
    return urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode().rstrip("=")


def read(sent: str) -> Cursor:
    """A cursor as it was sent; the beginning where there is none."""
    if not sent:
        return Cursor()
    try:
        said = json.loads(urlsafe_b64decode(sent.encode() + b"=" * (-len(sent) % 4)))
    except (ValueError, RecursionError):
        raise _refused() from None
    if not isinstance(said, list) or [type(each) for each in said] != [int, str, str, str, int, str, str]:
        raise _refused()
    found = Cursor(Place(*said[:3]), said[3], Place(*said[4:]))
    if not all(0 <= each.start < _LIMIT for each in (found.outer, found.inner)) or "\0" in sent:
        raise _refused()
    return found


def _refused() -> Wrong:
    return Wrong(400, "this is no cursor", Fault(detail="this is no cursor", parameter="cursor"))


def _key(row: Row) -> tuple[str, int, str]:
    return row.rank, len(row.href), row.href


async def _found(shelf: Trace, parent: str, cut: Cut, said: Place) -> int:
    """How many rows stand before what follows the place."""
    if not said.href:
        return 0
    last = (said.rank, len(said.href), said.href)
    before = (await shelf.children(parent, cut._replace(start=max(said.start - 1, 0), limit=1))).rows
    if said.start and before and _key(before[0]) == last:
        return said.start
    low, high = 0, await shelf.count(parent, cut)
    while low < high:
        middle = (low + high) // 2
        rows = (await shelf.children(parent, cut._replace(start=middle, limit=1))).rows
        if rows and _key(rows[0]) <= last:
            low = middle + 1
        else:
            high = middle
    return low


async def behind(
    shelf: Trace, parent: str, cut: Cut, said: Place, batch: int = BATCH
) -> AsyncIterator[tuple[Place, Row]]:
    """The rows of a list behind a place, each with the place behind itself."""
    start = await _found(shelf, parent, cut, said)
    while True:
        rows = (await shelf.children(parent, cut._replace(start=start, limit=batch))).rows
        for at, row in enumerate(rows, start + 1):
            yield Place(at, row.rank, row.href), row
        start += len(rows)
        if len(rows) < batch:
            return


async def paged(
    shelf: Trace, parent: str, cut: Cut, asked: Asked, show: Show[T], *, counted: bool = True
) -> Page[T]:
    """A page of what a list holds, as `show` shows it; what it shows as nothing is left out."""
    items: list[T] = []
    looked, last = 0, read(asked.cursor).inner
    total = await shelf.count(parent, cut) if counted else None
    async for place, row in behind(shelf, parent, cut, last, min(asked.limit + 1, BATCH)):
        if len(items) == asked.limit or looked == LOOKED:
            return Page(items=tuple(items), next=text(Cursor(inner=last)), total=total)
        shown = await show(row)
        items += [] if shown is None else [shown]
        looked, last = looked + 1, place
    return Page(items=tuple(items), total=total)


async def nested(
    shelf: Trace, outer: tuple[str, Cut], lists: Lists, asked: Asked, show: Show[T], *, cut: Cut = EVERY
) -> Page[T]:
    """A page of what the lists of each row of a list hold, as `show` shows it."""
    items: list[T] = []
    cursor, looked = read(asked.cursor), 0
    done, resumed = cursor.outer, cursor.list
    async for place, row in behind(shelf, *outer, done):
        for href in _from(await lists(row), resumed):
            last = cursor.inner if href == resumed else Place()
            async for inner, each in behind(shelf, href, cut, last):
                if len(items) == asked.limit or looked >= LOOKED:
                    return Page(items=tuple(items), next=text(Cursor(done, href, last)))
                shown = await show(each)
                items += [] if shown is None else [shown]
                looked, last = looked + 1, inner
            looked += 1
        done, resumed = place, ""
    return Page(items=tuple(items))


async def chained(
    shelf: Trace, lists: Sequence[str], asked: Asked, show: Show[T], *, cut: Cut = EVERY
) -> Page[T]:
    """A page of what several lists hold, one after the other, as `show` shows it."""
    items: list[T] = []
    cursor, looked = read(asked.cursor), 0
    for href in _from(lists, cursor.list):
        last = cursor.inner if href == cursor.list else Place()
        async for place, row in behind(shelf, href, cut, last):
            if len(items) == asked.limit or looked >= LOOKED:
                return Page(items=tuple(items), next=text(Cursor(list=href, inner=last)))
            shown = await show(row)
            items += [] if shown is None else [shown]
            looked, last = looked + 1, place
    return Page(items=tuple(items))


def _from(lists: Sequence[str], first: str) -> Sequence[str]:
    """The lists from one of them on; all of them where it is not among them."""
    return lists[lists.index(first) :] if first in lists else lists


def sliced(items: Sequence[T], asked: Asked) -> Page[T]:
    """A page of what was gathered otherwise and keeps its order."""
    start = read(asked.cursor).inner.start
    end = start + asked.limit
    rest = text(Cursor(inner=Place(end))) if len(items) > end else None
    return Page(items=tuple(items[start:end]), next=rest, total=len(items))


def whole(items: Sequence[Any]) -> Page[Any]:
    """All at once."""
    return Page(items=tuple(items), total=len(items))
