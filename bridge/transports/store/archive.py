"""The archive: who put or removed what, when and by which door; and how long it is kept.

Entries of one address hang together in a chain from its row backwards; those of many addresses, of a party
or of a time are found by number. What a device writes of its own has no index by party, so a question for a
device's own entries alone goes through the archive: name a time with it. Only the keeper removes anything.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.sql.base import Executable

from bridge.sep2.shelf import Row
from bridge.transports.store.engine import Engine
from bridge.transports.store.group import Rows
from bridge.transports.store.ledger import Batch, Chore
from bridge.transports.store.query import bounded, keepable, whole, words
from bridge.transports.store.statements import between, chained
from bridge.transports.store.tables import ARCHIVE

SPREAD = 2_000
"""Addresses below one another whose chains are followed; of more, the archive is gone through instead."""
BLOCK = 2_000
"""Entries that are forgotten in one transaction."""

AHEAD, WHOLE = 200, 2**31 - 1
"""How far back a chain is followed at first, beyond the entries that are wanted; and then."""

COLUMNS = tuple(column for column in ARCHIVE.c if column.name != "before")
HEAD = 4
"""Columns of an entry before those of its row."""


class Entry(NamedTuple):
    """One edition of a row as it was put, or its removal: then without content."""

    number: int
    """Ascending in the order of the commits."""
    party: str
    door: str
    removed: bool
    row: Row
    """With the version it was given, or had last; `changed` is the moment."""


class Wish(NamedTuple):
    """Which entries; what is None is not asked for."""

    href: str | None = None
    beneath: bool = False
    """Those of all that is or was below the address, too."""
    party: str | None = None
    since: int | None = None
    until: int | None = None
    """Not included."""
    type: str | None = None
    before: int | None = None
    """Only entries with smaller numbers: the last one of the page before."""


async def history(engine: Engine, wish: Wish, limit: int) -> list[Entry]:
    """Entries, the last one first."""
    way = await _way(engine, wish)
    shape = ("history", way, wish.beneath, *(each is None for each in wish))
    query = engine.book.made(shape, lambda _: _wanted(wish, way))
    arguments = bounded({**wish._asdict(), **span(wish.href or ""), "limit": limit})
    if not keepable(arguments.values()):
        return []
    rows: Rows = ()
    for depth in (limit + AHEAD, WHOLE)[wish.beneath or way != "chain" :]:
        rows = await engine.search(query, {**arguments, "depth": depth})
        if len(rows) >= limit:
            break
    return [_entry(row) for row in rows]


async def top(engine: Engine) -> int:
    """The number of the last entry."""
    return int((await engine.read(engine.book["last"], {"counter": "entry"}))[0][0])


async def behind(engine: Engine, after: int, until: int, types: tuple[str, ...], limit: int) -> list[Entry]:
    """Entries of some types behind a number and up to another, the first one first."""
    shape = ("behind", len(types))
    query = engine.book.made(shape, lambda _: _later(len(types)))
    named = {f"type{at}": name for at, name in enumerate(types)}
    rows = await engine.search(query, {**named, "after": after, "last": until, "limit": limit})
    return [_entry(row) for row in rows]


def _later(count: int) -> Executable:
    """The statement for entries behind a number, of so many types."""
    among = or_(*(ARCHIVE.c.type == words(f"type{at}") for at in range(count)))
    found: Select[Any] = select(*COLUMNS).where(
        ARCHIVE.c.number > whole("after"), ARCHIVE.c.number <= whole("last"), among
    )
    return found.order_by(ARCHIVE.c.number).limit(whole("limit"))


def span(href: str) -> dict[str, str]:
    """Between which texts the addresses below one lie: the character after the slash ends them."""
    return {"low": f"{href}/", "high": f"{href}0"}


async def forget(engine: Engine, before: int) -> int:
    """Remove what was committed before a moment, with the versions of addresses that are free; how many."""
    removed = 0
    while rows := await engine.commit(Batch(chore=Chore("forget", {"moment": before, "limit": BLOCK}))):
        removed += len(rows)
    await engine.commit(Batch(chore=Chore("unbury", {"moment": before})))
    return removed


async def _way(engine: Engine, wish: Wish) -> str:
    """By which way the entries are found."""
    if wish.href is not None and not wish.beneath:
        return "chain"
    if wish.href is not None:
        spread = await engine.read(engine.book["spread"], {**span(wish.href), "most": SPREAD})
        return "chain" if spread[0][0] < SPREAD else "number"
    if wish.party is not None:
        owning = await engine.read(engine.book["owning"], {"party": wish.party, "most": 1})
        return "number" if owning else "party"
    return "number"


def _wanted(wish: Wish, way: str) -> Executable:
    """The statement for the entries."""
    found: Select[Any] = select(*COLUMNS)
    if way == "chain":
        chain = chained(beneath=wish.beneath)
        found = found.join_from(chain, ARCHIVE, ARCHIVE.c.number == chain.c.number)
    return found.where(*_where(wish, way)).order_by(ARCHIVE.c.number.desc()).limit(whole("limit"))


def _where(wish: Wish, way: str) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if wish.href is not None and way != "chain":
        wanted.append(or_(ARCHIVE.c.href == words("href"), between(ARCHIVE.c.href)))
    if way == "party":
        wanted.append(ARCHIVE.c.party != ARCHIVE.c.owner)
    asked: dict[str, ColumnElement[bool]] = {
        "party": ARCHIVE.c.party == words("party"),
        "since": ARCHIVE.c.changed >= whole("since"),
        "until": ARCHIVE.c.changed < whole("until"),
        "type": ARCHIVE.c.type == words("type"),
        "before": ARCHIVE.c.number < whole("before"),
    }
    return wanted + [condition for name, condition in asked.items() if getattr(wish, name) is not None]


def _entry(row: Any) -> Entry:  # noqa: ANN401 - a row of either driver
    number, party, door, removed = row[:HEAD]
    return Entry(number, party, door, bool(removed), Row(*row[HEAD:]))
