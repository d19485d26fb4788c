"""The store: a shelf on a database, that remembers what it has read for as long as that is so.

The contract is that of `bridge.sep2.shelf`, and what more a server needs: the outbox, keys, the archive, a
way for caches above to follow. Nothing is acknowledged before it is durable, and nothing is answered from
memory before the bell was listened to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from bridge.sep2.shelf import Change, Conflict, Cut, Page, Parcel, Row, Who
from bridge.transports.store import archive, backup
from bridge.transports.store.archive import Entry, Wish
from bridge.transports.store.bell import Bell
from bridge.transports.store.decisions import Decisions
from bridge.transports.store.engine import Engine, Figures
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.group import Done, Rows
from bridge.transports.store.ledger import Batch, Chore, Key, checked
from bridge.transports.store.memo import Kept, Memo, weight
from bridge.transports.store.query import Query, bounded, keepable

Listener = Callable[[frozenset[str]], None]
FIRST_BLOCK, LAST_BLOCK = 8, 1024
"""How many numbers a process takes at once: few at first, so that a small site has small numbers."""
TRIES = 5
"""How often rows that are to expire are looked for again, when they change meanwhile."""


class Store:
    """A shelf for one process; several processes may have one each on the same database."""

    def __init__(self, engine: Engine, bell: Bell, memory: int) -> None:
        self.engine = engine
        self._bell = bell
        engine.wrote = self._wrote
        self.decisions = Decisions(engine)
        self._memo = Memo(memory)
        self._listeners: list[Listener] = []
        self._next, self._end, self._block = 1, 0, FIRST_BLOCK
        self._numbers = asyncio.Lock()
        self._commits = self._conflicts = self._failures = 0

    # ------------------------------------------------------------------- for caches above

    def current(self) -> bool:
        """Hear what has changed anywhere, and tell the listeners; False while memory may not be trusted."""
        if not self._bell.silent:
            topics = self._bell.listen()
            self._memo.change(topics)
            for listener in self._listeners:
                listener(topics)
        return self.engine.sure

    def listen(self, listener: Listener) -> None:
        """Call with the topics of every change, here and elsewhere; `{"*"}` stands for all of them."""
        self._listeners.append(listener)

    @property
    def tick(self) -> int:
        """How many times something has changed; note it before reading what is to be kept."""
        return self._memo.count

    def touched(self, tick: int, topics: Iterable[str]) -> bool:
        """Whether something that was read since that tick, and is made of these topics, may be stale."""
        self.current()
        return self._memo.touched(tick, topics)

    def _wrote(self, done: Done) -> None:
        """Remember what was just written here, unless more was written since: by another it is rung first."""
        self.current()
        if self._bell.number == done.number:
            holds = self._memo.holds
            self._memo.renew(Row(*fields[:-1]) for href, fields in done.puts.items() if holds(href))

    def figures(self) -> Figures:
        """What was done, for the metrics."""
        memo = self._memo
        return Figures(
            memo.hits, memo.misses, self.engine.groups, self._commits, self._conflicts, self._failures
        )

    # -------------------------------------------------------------------------- the shelf

    async def get(self, href: str) -> Row | None:
        """Give the row of an address."""
        if self.current() and (kept := self._memo.find(href)):
            return cast("Row | None", kept.value)
        tick = self._memo.ask((href,))
        rows = await self._read(self.engine.book["get"], {"href": href})
        row = Row(*rows[0]) if rows else None
        self._memo.keep(href, Kept(row, tick, (href,), weight((row,) if row else ())))
        return row

    async def children(self, parent: str, cut: Cut) -> Page:
        """Give members of a list in the order of rank."""
        question = (parent, cut)
        if self.current() and (kept := self._memo.find(question)):
            return cast("Page", kept.value)
        topics = (f"{parent}/", *(cut.among or ()))
        tick = self._memo.ask(topics)
        page = await self._page(parent, cut)
        self._memo.keep(question, Kept(page, tick, topics, weight(page.rows)))
        return page

    async def _page(self, parent: str, cut: Cut) -> Page:
        if cut.limit <= 0:
            return Page((), await self.count(parent, cut))
        query = self.engine.book.cut(cut, count=False)
        rows = await self._read(query, {"parent": parent, **cut._asdict()})
        if rows:
            return Page(tuple([Row(*row[:-1]) for row in rows]), rows[0][-1])
        return Page((), min(cut.start, await self.count(parent, cut)) if cut.start else 0)

    async def count(self, parent: str, cut: Cut) -> int:
        """Give how many members a cut has, `start` and `limit` left aside."""
        question = (parent, *cut[2:])
        if self.current() and (kept := self._memo.find(question)):
            return cast("int", kept.value)
        topics = (f"{parent}/", *(cut.among or ()))
        tick = self._memo.ask(topics)
        query = self.engine.book.cut(cut, count=True)
        rows = await self._read(query, {"parent": parent, **cut._asdict()})
        total = int(rows[0][0]) if rows else 0
        self._memo.keep(question, Kept(total, tick, topics, weight(())))
        return total

    async def owned(self, type_: str, owner: str, grp: str = "") -> tuple[Row, ...]:
        """Give the rows of a type that belong to an EndDevice, by rank; those alone that hang from `grp`."""
        if grp:
            return await self._found("both", f"{type_}~{owner}", {"type": type_, "owner": owner, "grp": grp})
        return await self._among("owned", f"{type_}~{owner}", {"type": type_, "owner": owner})

    async def grouped(self, type_: str, grp: str) -> tuple[Row, ...]:
        """Give the rows of a type that hang from something, by rank."""
        return await self._among("grouped", f"{type_}^{grp}", {"type": type_, "grp": grp})

    async def marked(self, type_: str, mark: str) -> tuple[Row, ...]:
        """Give the rows of a type with a mark, whosever they are."""
        return await self._among("marked", f"{type_}={mark}", {"type": type_, "mark": mark})

    async def beneath(self, href: str) -> tuple[Row, ...]:
        """Give every row below an address, the address itself not included, by href."""
        return await self._found("beneath", f"{href}//", archive.span(href))

    async def _among(self, name: str, topic: str, arguments: Mapping[str, str]) -> tuple[Row, ...]:
        """Rows of a type with something; those without it are found in another way."""
        *_, value = arguments.values()
        return await self._found(name if value else f"un{name}", topic, arguments)

    async def _found(self, name: str, topic: str, arguments: Mapping[str, object]) -> tuple[Row, ...]:
        question = (name, topic, arguments.get("grp"))
        if self.current() and (kept := self._memo.find(question)):
            return cast("tuple[Row, ...]", kept.value)
        tick = self._memo.ask((topic,))
        rows = _made(await self._read(self.engine.book[name], arguments))
        self._memo.keep(question, Kept(rows, tick, (topic,), weight(rows)))
        return rows

    async def _read(self, query: Query, arguments: Mapping[str, object]) -> Rows:
        """Rows of a question that a client may have put; nothing is known of what cannot be kept."""
        if not keepable(arguments.values()):
            return ()
        return await self.engine.read(query, bounded(arguments))

    async def fresh(self) -> int:
        """Give a number that was never given before, for an address."""
        if self._next > self._end:
            async with self._numbers:
                if self._next > self._end:
                    await self._take()
        number = self._next
        self._next += 1
        return number

    async def _take(self) -> None:
        rows = await self._chore("count", counter="fresh", more=self._block)
        self._end = rows[0][0]
        self._next = self._end - self._block + 1
        self._block = min(self._block * 2, LAST_BLOCK)

    async def commit(
        self,
        changes: Sequence[Change],
        who: Who,
        parcels: Sequence[Parcel] = (),
        *,
        keys: Sequence[Key] = (),
    ) -> None:
        """Make all of it durable or nothing; Conflict where an expectation fails, or a key is in use."""
        batch = checked(Batch(tuple(changes), who, tuple(parcels), tuple(keys)))
        try:
            await self.engine.commit(batch)
        except Conflict:
            self._conflicts += 1
            raise
        except Unavailable:
            self._failures += 1
            raise
        self._commits += 1

    # ------------------------------------------------------------------------- the outbox

    async def waiting(self, now: int, limit: int = 100) -> list[Parcel]:
        """Give parcels that are due by the order of their commits, at most the first of each subscription."""
        rows = await self.engine.read(self.engine.book["waiting"], {"now": now, "limit": limit})
        return [Parcel(*row) for row in rows]

    async def sent(self, *numbers: int) -> None:
        """Forget parcels: they arrived, or never can."""
        await self._chore("sent", numbers=list(numbers))

    async def later(self, number: int, at: int) -> None:
        """Keep a parcel, and those behind it, back until a moment; one more try was made."""
        await self._chore("later", which=number, at=at, more=1)

    async def dropped(self, subscription: str) -> None:
        """Forget all parcels of a subscription."""
        await self._chore("dropped", subscription=subscription)

    async def backlog(self) -> int:
        """Give how many parcels there are."""
        return int((await self.engine.read(self.engine.book["backlog"], {}))[0][0])

    # ------------------------------------------------------------------ what is remembered

    async def remembered(self, key: str, now: int | None = None) -> bytes | None:
        """Give what is kept under a key and not over."""
        moment = int(time.time()) if now is None else now
        rows = await self.engine.read(self.engine.book["remembered"], {"key": key, "now": moment})
        return bytes(rows[0][0]) if rows else None

    async def remember(self, key: str, value: bytes, until: int = 0) -> None:
        """Keep something under a key, over what was there; until a moment, or for ever."""
        checked(Batch(keys=(Key(key, value, until),)))
        await self._chore("remember", key=key, value=value, until=until)

    async def advance(self, key: str, value: bytes) -> bool:
        """Raise what is kept under a key, for ever; False, and nothing done, where it is as high already."""
        return bool(await self._chore("advance", key=key, value=value))

    # ------------------------------------------------------------------------- the archive

    async def history(
        self,
        href: str | None = None,
        *,
        beneath: bool = False,
        party: str | None = None,
        since: int | None = None,
        until: int | None = None,
        type_: str | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> list[Entry]:
        """Give entries of the archive, the last one first; `until` is not included, `before` is a number."""
        wish = Wish(href, beneath, party, since, until, type_, before)
        return await archive.history(self.engine, wish, limit)

    async def forget(self, before: int) -> int:
        """Forget entries committed before a moment, and the versions of addresses free since; how many."""
        return await archive.forget(self.engine, before)

    async def expire(self, type_: str, before: int, who: Who, *, limit: int = 500) -> int:
        """Remove rows of a type, with all below them, that were last changed before a moment; how many."""
        query, arguments = self.engine.book["aged"], {"type": type_, "moment": before, "limit": limit}
        for _ in range(TRIES):
            old = await self.engine.search(query, arguments)
            try:
                await self.commit([Change(href, None, version, deep=True) for href, version in old], who)
            except Conflict:
                continue
            return len(old)
        return 0

    # -------------------------------------------------------------------------- as a whole

    async def backup(self, path: Path) -> None:
        """Write everything, as it is at one moment, into one file; the same for every database."""
        await backup.save(self.engine, path)

    async def check(self) -> list[str]:
        """Say what is wrong with the database, in words; nothing is changed."""
        return await backup.check(self.engine)

    async def _chore(self, name: str, **arguments: object) -> Rows:
        try:
            return await self.engine.commit(Batch(chore=Chore(name, arguments)))
        except Unavailable:
            self._failures += 1
            raise


def _made(rows: Rows) -> tuple[Row, ...]:
    return tuple([Row(*row) for row in rows])
