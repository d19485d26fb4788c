"""What a group of batches comes to: each is taken whole or refused by itself, before anything is written.

The state that the batches touch is given at the start; each batch is tried on it in turn, so that one sees
what those before it did, and is undone where an expectation fails. What remains is a few bulk writes. This is
the same for every database, and knows none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, cast

from bridge.sep2.shelf import OUTGOING, Change, Conflict, Parcel, Row, Who, above, topics
from bridge.transports.store.tables import amendment
from bridge.trust.checkpoint import Seal

EDGE = 2**63
WORDS = attrgetter("href", "parent", "type", "profile", "owner", "grp", "mark", "rank")
SAID = Row._fields.index("version")
"""How many fields of a row are said by whoever puts it; the store adds the others."""
NOBODY = Who("", "", 0)


class Light(NamedTuple):
    """What must be known of a row that is about to change; named as in `Row`, so it has the same topics."""

    href: str
    version: int
    entry: int
    parent: str
    type: str
    owner: str
    grp: str
    mark: str
    rank: str


FOUND = Light._fields.index("parent")
"""From here on a light row says by what it is found."""


class Key(NamedTuple):
    """Something to be remembered under a key, until a moment (0: for ever)."""

    key: str
    value: bytes
    until: int


class Chore(NamedTuple):
    """A statement of our own that rides along with the batches of others."""

    name: str
    arguments: Mapping[str, object]


Sealing = Callable[[int, str, str], Seal]
"""Signs the decision log up to a number: its digest is given, and the token of the checkpoint before."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one caller wants done, whole or not at all."""

    changes: Sequence[Change] = ()
    who: Who = NOBODY
    parcels: Sequence[Parcel] = ()
    keys: Sequence[Key] = ()
    chore: Chore | None = None
    sealing: Sealing | None = None


@dataclass(slots=True)
class Ledger:
    """The state that a group touches, and what is to be written of it."""

    was: dict[str, Light]
    """The rows as the database has them."""
    ends: dict[str, tuple[int, int]]
    """Last version and entry of addresses that are free."""
    marks: dict[tuple[str, str], str | None]
    keys: dict[str, int]
    """Until when a key is held."""
    number: int
    """Of the last entry in the archive."""
    parcel: int
    """Of the last parcel."""
    rows: dict[str, Light | None] = field(default_factory=dict)
    puts: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    parcels: list[tuple[Any, ...]] = field(default_factory=list)
    remembered: list[Key] = field(default_factory=list)
    buried: dict[str, tuple[int, int, int] | None] = field(default_factory=dict)
    """Version, entry and moment of what was removed; None for an address in use again."""
    topics: set[str] = field(default_factory=set)
    undo: list[tuple[dict[Any, Any], Any, Any]] = field(default_factory=list)

    def take(self, batch: Batch) -> Conflict | None:
        """Do a batch, or say what is against it and leave everything as it was."""
        self.undo.clear()
        number, entries = self.number, len(self.entries)
        touched: set[str] = set()
        try:
            self._free_keys(batch)
            for change in batch.changes:
                self._change(change, batch.who, touched)
        except Conflict as conflict:
            self._back()
            self.number = number
            del self.entries[entries:]
            return conflict
        self.topics |= touched
        for key in batch.keys:
            self.keys[key.key] = key.until
            self.remembered.append(key)
        if batch.parcels:
            self.topics.add(OUTGOING)
        for parcel in batch.parcels:
            self.parcel += 1
            self.parcels.append((self.parcel, *parcel[:4], parcel.tries, 0))
        return None

    def removed(self) -> list[str]:
        """Addresses to be cleared first: of what is gone, and of what leaves its mark to another."""
        return [
            href
            for href, was in self.was.items()
            if href in self.rows and _left(was, self.rows[href])
        ]  # fmt: skip

    def put(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Rows to be put in place whole, and what is to be amended of those that are found as before."""
        puts, amended = [], []
        for href, row in self.puts.items():
            now, was = self.rows[href], self.was.get(href)
            if now is None:
                continue
            if was is not None and was[FOUND:] == now[FOUND:]:
                amended.append(amendment(row))
            else:
                puts.append(row)
        return puts, amended

    def _free_keys(self, batch: Batch) -> None:
        for key in batch.keys:
            until = self.keys.get(key.key)
            if until is not None and (until == 0 or until > batch.who.at):
                raise Conflict(f"the key {key.key} is in use")

    def _back(self) -> None:
        for mapping, key, before in reversed(self.undo):
            if before is _NOTHING:
                del mapping[key]
            else:
                mapping[key] = before

    def _set(self, mapping: dict[Any, Any], key: object, value: object) -> None:
        self.undo.append((mapping, key, mapping.get(key, _NOTHING)))
        mapping[key] = value

    def _now(self, href: str) -> Light | None:
        return self.rows[href] if href in self.rows else self.was.get(href)

    def _change(self, change: Change, who: Who, touched: set[str]) -> None:
        was, row = self._now(change.href), change.row
        version = was.version if was else 0
        if change.expect is not None and change.expect != version:
            raise Conflict(f"{change.href} is at {version}, not {change.expect}")
        for below in self._below(change.href) if change.deep else ():
            self._end(below, who, touched)
        if row is not None:
            self._begin(row, was, who, touched)
        elif was is not None:
            self._end(was, who, touched)

    def _below(self, href: str) -> list[Light]:
        start = f"{href}/"
        known = {*(one for one in self.was if one.startswith(start)), *self.rows}
        return [row for one in sorted(known) if one.startswith(start) and (row := self._now(one))]

    def _end(self, was: Light, who: Who, touched: set[str]) -> None:
        """Remove a row: its entry has what it was known by, and no content."""
        self.number += 1
        known = (was.href, was.parent, was.type, b"", "", was.owner, was.grp, was.mark, "", 0, 0, b"")
        self.entries.append((self.number, who.party, who.door, True, *known, was.version, who.at, was.entry))
        self._free(was)
        self._set(self.rows, was.href, None)
        self._set(self.buried, was.href, (was.version, self.number, who.at))
        touched.update(topics(cast("Row", was)))
        touched.update(_above(was.href.rpartition("/")[0]))

    def _begin(self, row: Row, was: Light | None, who: Who, touched: set[str]) -> None:
        """Put a row in place of its earlier edition, or of none."""
        href = row.href
        version, before = (was.version, was.entry) if was else self._last(href)
        self.number += 1
        edition = (*row[:SAID], version + 1, who.at)
        found = row.parent, row.type, row.owner, row.grp, row.mark, row.rank
        now = Light(href, version + 1, self.number, *found)
        if was is None or was[FOUND:] != now[FOUND:]:
            self._place(now, was)
            touched.update(topics(cast("Row", now)))
        if was is not None:
            touched.update(topics(cast("Row", was)))
        touched.update(_above(href.rpartition("/")[0]))
        self._set(self.rows, href, now)
        self._set(self.puts, href, (*edition, self.number))
        self.entries.append((self.number, who.party, who.door, False, *edition, before))

    def _last(self, href: str) -> tuple[int, int]:
        """Last version and entry of an address that is free."""
        buried = self.buried.get(href)
        version, entry = buried[:2] if buried else self.ends.get(href, (0, 0))
        if href in self.ends or buried:
            self._set(self.buried, href, None)
        return version, entry

    def _place(self, now: Light, was: Light | None) -> None:
        """Take a mark among the siblings, and leave the one before."""
        if was is not None:
            self._free(was)
        pair = (now.parent, now.mark)
        if now.mark and self.marks.get(pair) is not None:
            raise Conflict(f"{now.mark} is taken in {now.parent}")
        if now.mark:
            self._set(self.marks, pair, now.href)

    def _free(self, was: Light) -> None:
        if was.mark:
            self._set(self.marks, (was.parent, was.mark), None)


_NOTHING = object()


def _left(was: Light, now: Light | None) -> bool:
    return now is None or (bool(was.mark) and (was.parent, was.mark) != (now.parent, now.mark))


@lru_cache(16_384)
def _above(folder: str) -> tuple[str, ...]:
    """The topics of the subtrees that the addresses of a folder are in."""
    return tuple(above(f"{folder}/"))


def checked(batch: Batch) -> Batch:
    """A batch that every database can hold; ValueError for one that none should be asked to."""
    texts = [*batch.who[:2]]
    for href, row in [(change.href, change.row) for change in batch.changes]:
        texts.append(href)
        if row is not None:
            texts += WORDS(row)
            if row.href != href:
                raise ValueError("a row is put at an address that is not its own")
            if not -EDGE <= row.at < EDGE or not -EDGE <= row.until < EDGE:
                raise ValueError("a moment is beyond 64 bits")
    for parcel in batch.parcels:
        texts += (parcel.subscription, parcel.url, parcel.media)
    texts += [key.key for key in batch.keys]
    whole = "".join(texts)
    if "\0" in whole:
        raise ValueError("a text holds the character NUL, which no database keeps")
    if not whole.isascii():
        whole.encode()
    return batch
