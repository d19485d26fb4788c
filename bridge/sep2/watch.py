"""Who watches what: beside each subscription a row of ours that finds it by the type of what it is on.

A commit asks one row whether anything of the types it touches is subscribed to at all; mostly nothing is, and
that is the end of it. A type once subscribed to stays on that list, it costs a look-up. Never tells anybody
anything.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from bridge.sep2 import ours, tree
from bridge.sep2.shelf import HIDDEN, Cut, Row, Shelf
from bridge.sep2.tree import Spot
from bridge.sep2.work import Trace, Work

PLACE = f"{HIDDEN}watch"
TYPE = "Watch"
EVERY = 1_000_000_000
ASSIGNED = "/edev/{}/fsa/{}/"


class Watch(NamedTuple):
    """A subscription, as far as it must be known to find it."""

    href: str
    """Of the subscription."""
    on: str
    """The address subscribed to."""
    owner: str
    """LFDI of the subscriber."""


async def kinds(shelf: Shelf | Trace) -> frozenset[str]:
    """Give the types of which anything is subscribed to, or was once."""
    row = await shelf.get(PLACE)
    return _kinds(row.body) if row else frozenset()


@lru_cache(maxsize=64)
def _kinds(body: bytes) -> frozenset[str]:
    return frozenset(ours.read(Row("", "", "", body))["types"])


async def among(shelf: Shelf | Trace, type_: str, assigned: str | None = None) -> tuple[Watch, ...]:
    """Give the watches on a type; only those on lists of one group's assignments, or on no such, if asked."""
    page = await shelf.children(f"{PLACE}/{type_}", Cut(limit=EVERY, grp=assigned))
    return tuple(_watch(row) for row in page.rows)


async def of(shelf: Shelf | Trace, lfdi: str) -> tuple[Watch, ...]:
    """Give the watches of a subscriber."""
    return tuple(_watch(row) for row in await shelf.owned(TYPE, lfdi))


def _watch(row: Row) -> Watch:
    said = ours.read(row)
    return Watch(said["sub"], said["on"], row.owner)


async def begin(work: Work, sub: Row, on: Spot) -> None:
    """Watch for a subscription; the row goes where the one of an earlier edition was."""
    type_ = on.node.type
    href = _href(sub, type_)
    body = ours.body({"sub": sub.href, "on": on.href})
    row = Row(href, href.rpartition("/")[0], TYPE, body, owner=sub.owner, grp=assignment(on))
    work.put(row, await work.shelf.get(href))
    index = await work.shelf.get(PLACE)
    known = _kinds(index.body) if index else frozenset()
    if type_ not in known:
        types = ours.body({"types": sorted({*known, type_})})
        work.put(Row(PLACE, HIDDEN.rstrip("/"), "Watched", types), index)


async def end(work: Work, sub: Row) -> None:
    """Watch no longer for a subscription."""
    on = tree.match(sub.grp)
    row = await work.shelf.get(_href(sub, on.node.type)) if on else None
    if row is not None:
        work.drop(row)


def _href(sub: Row, type_: str) -> str:
    return f"{PLACE}/{type_}/{ours.number(sub.href)}"


def assignment(on: Spot) -> str:
    """Give the number of the group that a list of assignments is of, a word for any other list."""
    return str(on.ids[1]) if on.node.template.startswith(ASSIGNED) else "any"
