"""The rows of what is revoked, below `/-/revocation`: lists, the operator's words, what each edition brought.

Every change that alters who is refused is one commit with the number of its edition, so that two writers
that meet are told apart and every worker hears of it by one topic. Here changes are only put together, from
a shelf that is read; who calls commits them, and tries again where another came between.

    /-/revocation/edition               the number of the last edition: about when it began
    /-/revocation/change/N              what edition N added and removed
    /-/revocation/list/NAME             what is said of a list; /der below it, the list as it came
    /-/revocation/gone/NAME             number and digest of a list that was taken away
    /-/revocation/word/NAME             a word of the operator
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from bridge.app.entries import Listed, Word
from bridge.sep2 import ours
from bridge.sep2.shelf import HIDDEN, Change, Cut, Row, Shelf
from bridge.sep2.work import Trace
from bridge.trust import listing, revoked
from bridge.trust.credential import Serial
from bridge.trust.listing import Listing, Pool, Refused
from bridge.trust.revoked import NONE, Marks

BASE = f"{HIDDEN}revocation"
NAMES = ("edition", "change", "list", "gone", "word")
EDITION, CHANGES, LISTS, GONE, WORDS = (f"{BASE}/{name}" for name in NAMES)
EVERY = 1_000_000_000
KEPT = 200
"""Editions whose changes are kept."""
MANY = 5_000
"""Marks of one change that are kept; who was not there for more of them reads everything."""


class Older(Refused):
    """A list that is older than what is here, or another of the same number."""


class Taken(NamedTuple):
    """What becomes of a list that arrives."""

    listed: Listed
    changes: Sequence[Change]
    fresh: bool
    """Whether it is another than what was here."""


@dataclass(slots=True)
class Register:
    """What is kept, read from a shelf; `changes` are put together here."""

    shelf: Shelf | Trace
    now: int
    changes: list[Change] = field(default_factory=list)

    # -------------------------------------------------------------------------------------- reading

    async def edition(self) -> int:
        """The last edition; 0 before the first."""
        return int(ours.read(await self.shelf.get(EDITION)).get("edition", 0))

    async def lists(self) -> list[Listed]:
        """All lists."""
        rows = (await self.shelf.children(LISTS, Cut(limit=EVERY))).rows
        return [_known(row) for row in rows]

    async def der(self, name: str) -> bytes | None:
        """A list as it came."""
        row = await self.shelf.get(f"{LISTS}/{name}/der")
        return row.body if row else None

    async def words(self) -> list[Word]:
        """All words of the operator."""
        rows = (await self.shelf.children(WORDS, Cut(limit=EVERY))).rows
        return [Word(**ours.read(row)) for row in rows]

    async def history(self, since: int) -> tuple[revoked.Change, ...]:
        """The changes after an edition, as far as they are kept; oldest first."""
        rows = (await self.shelf.children(CHANGES, Cut(limit=EVERY, after=since))).rows
        return tuple(_change(ours.read(row)) for row in rows)

    # -------------------------------------------------------------------------------------- writing

    async def take(self, data: bytes, pool: Pool, source: str, checked: int = 0) -> Taken:
        """Take a list in; Refused where it may not be used or is not newer than what is here."""
        found = await asyncio.to_thread(listing.read, data, pool, self.now)
        row = await self.shelf.get(f"{LISTS}/{found.name}")
        was = _known(row) if row else None
        if was and was.digest != found.digest and found.number <= was.number:
            raise Older(f"number {found.number} is not above {was.number}, which is here")
        if was is None:
            await self._back(found)
        fresh = was is None or was.digest != found.digest
        said = _listed(found, was, source, checked or self.now)
        if fresh or said != was:
            self._put(Row(f"{LISTS}/{found.name}", LISTS, "RevocationList", ours.body(asdict(said))), row)
        if fresh:
            await self._replaced(found, was)
        return Taken(said, self.changes, fresh)

    async def _back(self, found: Listing) -> None:
        """Let a list in whose like was taken away: the very same one, or a newer one."""
        row = await self.shelf.get(f"{GONE}/{found.name}")
        if row is None:
            return
        said = ours.read(row)
        if said["digest"] != found.digest and found.number <= said["number"]:
            raise Older(f"number {found.number} is not above {said['number']}, which was here and deleted")
        self.changes.append(Change(row.href, None, expect=row.version))

    async def confirm(self, source: str) -> Sequence[Change]:
        """Note that the list of a source is still the newest there is, unless it is past its end."""
        for said in await self.lists():
            if source in said.urls and said.checked < self.now < said.until:
                row = await self.shelf.get(f"{LISTS}/{said.name}")
                if row is not None:
                    body = ours.body(asdict(replace(said, checked=self.now)))
                    self._put(row._replace(body=body), row)
        return self.changes

    async def _replaced(self, found: Listing, was: Listed | None) -> None:
        """Put the list itself in place, and say what it changes."""
        place = f"{LISTS}/{found.name}/der"
        before = await self._serials(was.name) if was else frozenset()
        row = await self.shelf.get(place)
        self._put(Row(place, f"{LISTS}/{found.name}", "Octets", found.der), row)
        added, removed = found.serials - before, before - found.serials
        await self._listed(found.issuer, added, removed, found.name)

    async def _serials(self, name: str) -> frozenset[int]:
        der = await self.der(name)
        return (await asyncio.to_thread(listing.parsed, der)).serials if der else frozenset()

    async def drop(self, name: str) -> bool:
        """Take a list away, but for its number, below which none comes back; whether it was there."""
        row = await self.shelf.get(f"{LISTS}/{name}")
        if row is None:
            return False
        said, serials = _known(row), await self._serials(name)
        self.changes.append(Change(row.href, None, expect=row.version, deep=True))
        body = ours.body({"number": said.number, "digest": said.digest})
        self._put(Row(f"{GONE}/{name}", GONE, "RevocationList", body), None)
        await self._listed(bytes.fromhex(said.issuer), frozenset(), serials, name)
        return True

    async def say(self, word: Word) -> bool:
        """Put the operator's word in place; whether nothing was said of it before."""
        place = f"{WORDS}/{word.name}"
        row = await self.shelf.get(place)
        was = Word(**ours.read(row)) if row else None
        word = replace(word, told=word.since <= self.now)
        self._put(Row(place, WORDS, "Revocation", ours.body(asdict(word)), rank=word.name), row)
        before = was.marks if was and was.told else NONE
        now = word.marks if word.told else NONE
        if before != now:
            await self._turn(now - before, before - now, word.name)
        return row is None

    async def withdraw(self, name: str) -> bool:
        """Take a word back; whether there was one."""
        row = await self.shelf.get(f"{WORDS}/{name}")
        if row is None:
            return False
        word = Word(**ours.read(row))
        self.changes.append(Change(row.href, None, expect=row.version))
        if word.told:
            await self._turn(NONE, word.marks, name)
        return True

    async def ripen(self) -> bool:
        """Let words whose moment has come be told; whether there were any."""
        due = [word for word in await self.words() if not word.told and word.since <= self.now]
        added = NONE
        for word in due:
            row = await self.shelf.get(f"{WORDS}/{word.name}")
            if row is not None:
                added |= word.marks
                self._put(row._replace(body=ours.body(asdict(replace(word, told=True)))), row)
        if due:
            await self._turn(added, NONE, "")
        return bool(due)

    async def _listed(self, issuer: bytes, added: frozenset[int], removed: frozenset[int], mine: str) -> None:
        """Begin the next edition, of what a list added and removed."""
        if len(added) + len(removed) > MANY:
            await self._turn(NONE, NONE, mine, told=False)
        else:
            await self._turn(_marks(issuer, added), _marks(issuer, removed), mine)

    async def _turn(self, added: Marks, removed: Marks, mine: str, *, told: bool = True) -> None:
        """Begin the next edition; what the list or word `mine` lets go may be held by another."""
        removed = await self._free(removed, mine) if removed.size else removed
        row = await self.shelf.get(EDITION)
        before = int(ours.read(row).get("edition", 0))
        number = max(before + 1, self.now)  # never one that was told before a backup was put in place
        self._put(Row(EDITION, BASE, "Edition", ours.body({"edition": number})), row)
        said: dict[str, Any] = {"edition": number, "before": before, "told": told}
        if told:
            said |= {"added": added.plain(), "removed": removed.plain()}
        body, rank = ours.body(said), f"{number:012d}"
        self._put(Row(f"{CHANGES}/{number}", CHANGES, "Edition", body, rank=rank, at=number), None)
        kept = await self.shelf.children(CHANGES, Cut(limit=1))
        if kept.total >= KEPT:
            self.changes += [Change(old.href, None, expect=old.version) for old in kept.rows]

    async def _free(self, removed: Marks, mine: str) -> Marks:
        """Of what a list or a word lets go, what nothing else holds."""
        for word in await self.words():
            if word.told and word.name != mine:
                removed -= word.marks
        issuers = {one.issuer.hex() for one in removed.serials}
        for said in await self.lists():
            if said.issuer in issuers and said.name != mine:
                removed -= _marks(bytes.fromhex(said.issuer), await self._serials(said.name))
        return removed

    def _put(self, row: Row, was: Row | None) -> None:
        self.changes.append(Change(row.href, row, expect=was.version if was else 0))


def _known(row: Row) -> Listed:
    said = ours.read(row)
    return Listed(**{**said, "urls": tuple(said["urls"])})


def _listed(found: Listing, was: Listed | None, source: str, checked: int) -> Listed:
    """What is said of a list that came from a source."""
    before = was.urls if was else ()
    urls = (*before, source) if "://" in source and source not in before else before
    return Listed(
        name=found.name,
        issuer=found.issuer.hex(),
        title=found.title,
        number=found.number,
        since=found.since,
        until=found.until,
        count=len(found.serials),
        size=len(found.der),
        digest=found.digest,
        source=source,
        urls=urls,
        checked=max(checked, was.checked) if was else checked,
    )


def _marks(issuer: bytes, numbers: frozenset[int]) -> Marks:
    return Marks(frozenset([Serial(issuer, each) for each in numbers]))


def _change(said: dict[str, Any]) -> revoked.Change:
    if not said["told"]:
        return revoked.Change(said["edition"], said["before"], told=False)
    added, removed = (revoked.marks(said[name]) for name in ("added", "removed"))
    return revoked.Change(said["edition"], said["before"], added, removed)
