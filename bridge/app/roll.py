"""What one worker knows of what is revoked: an index that is read anew when the store says that it changed.

It is asked before each request, and costs one comparison and one look-up for a peer that passed before, as
long as the index is the same. Who wants to know of a change is told of it: the long poll, and whoever sends
notices. It also says how old the data are, and whether commands are closed for that. It commits nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from bridge.app.entries import Listed, Word
from bridge.app.register import EDITION, LISTS, WORDS, Register
from bridge.sep2.talk import Peer
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from bridge.trust import listing, revoked
from bridge.trust.credential import Serial
from bridge.trust.listing import Listing, Pool
from bridge.trust.ocsp import Verdict
from bridge.trust.revoked import Index, Marks

TOPICS = frozenset({EDITION, f"{LISTS}/", f"{WORDS}/", EVERY})
TURNING = frozenset({EDITION, EVERY})
"""Topics after which a kept page may be another's to see."""
PASSED = 20_000
"""Peers that are remembered to have passed."""
AGAIN = 1.0
"""Seconds after which the store is tried again when it could not be read."""
HISTORY = 200
"""Changes that are held."""
LOG = structlog.get_logger("derbridge")


class Notice(NamedTuple):
    """What changed; where it was too much to be told, all must be read."""

    edition: int
    added: Marks
    removed: Marks
    told: bool
    since: int = 0
    """The edition that it came after."""


Listener = Callable[[Notice], Awaitable[None]]


@dataclass(slots=True)
class Roll:
    """The data of one worker."""

    store: Store
    pool: Pool
    now: Callable[[], int]
    sources: frozenset[str] = frozenset()
    """Addresses that lists are fetched from: one that never gave any is as old as this."""
    oldest: int = 0
    """Age in seconds past which commands are closed; 0 for never."""
    turned: Callable[[], None] = lambda: None
    """Called when another edition was heard of, before it is read."""
    index: Index = field(default_factory=Index)
    listed: Mapping[str, Listed] = field(default_factory=dict)
    lists: dict[str, Listing] = field(default_factory=dict)
    words: Mapping[str, Word] = field(default_factory=dict)
    began: int = 0
    stale: bool = True
    """Whether something was heard of that is not read yet."""
    listeners: list[Listener] = field(default_factory=list)
    _heard: int = 0
    _of: Index | None = None
    _passed: dict[int, Peer] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _tasks: set[asyncio.Future[None]] = field(default_factory=set)
    _timer: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Read what there is, and listen from now on."""
        self.began = self.now()
        self.store.listen(self.hear)
        await self.fresh()

    def close(self) -> None:
        """Stop listening."""
        if self._timer:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()

    # -------------------------------------------------------------------------------- before each request

    async def fresh(self) -> None:
        """Hear what has changed, and read it: what was acknowledged anywhere is known when this returns."""
        self.store.current()
        if self.stale:
            await self._read()

    def standing(self, peer: Peer) -> bool:
        """Whether a peer may go on to ask; while something is not read yet, that is for `judge` to say."""
        if self.judge(peer):
            return True
        self.store.current()
        if not self.stale:
            LOG.info("refused", part="revocation", lfdi=peer.lfdi, reason=self.reason(peer))
        return self.stale

    def judge(self, peer: Peer) -> bool:
        """Whether a peer may have what it asks for, by all that is read."""
        index = self.index
        if index is not self._of or len(self._passed) > PASSED:
            self._passed.clear()
            self._of = index
        elif self._passed.get(id(peer)) is peer:
            return True
        if index.reason(peer.serials, peer.lfdi):
            return False
        self._passed[id(peer)] = peer
        return True

    def reason(self, peer: Peer) -> str:
        """Why a peer may not go on."""
        return self.index.reason(peer.serials, peer.lfdi)

    # -------------------------------------------------------------------------------------- their age

    def age(self) -> int | None:
        """Seconds since the oldest of the data were last known to be current; None where there are none."""
        known = [one.checked for one in self.listed.values()]
        silent = self.sources.difference(*(one.urls for one in self.listed.values()))
        moments = known + [self.began] * len(silent)
        return max(self.now() - min(moments), 0) if moments else None

    def closed(self) -> str:
        """Why no command is taken; nothing where one may be."""
        if not self.oldest:
            return ""
        age = self.age()
        if age is None:
            return "there are no revocation data; commands are refused"
        return f"revocation data are {age} s old; commands are refused" if age > self.oldest else ""

    def verdict(self, serial: Serial) -> Verdict:
        """What is known of a certificate, for OCSP."""
        word = next((one for one in self.words.values() if serial in one.marks.serials), None)
        lists = [one for one in self.lists.values() if one.issuer == serial.issuer]
        until = min((one.until for one in lists), default=0)
        if word is not None and serial in self.index.serials:
            return Verdict(known=True, at=word.since, until=until)
        for one in lists:
            if serial.number in one.serials:
                return Verdict(True, *one.entry(serial.number), until)
        current = any(one.until > self.now() for one in lists)
        return Verdict(known=current, until=until if current else 0)

    # -------------------------------------------------------------------------------------- changes

    def hear(self, topics: frozenset[str]) -> None:
        """Take note that something changed."""
        if topics & TOPICS:
            self._stir(turned=bool(topics & TURNING))

    def _stir(self, *, turned: bool) -> None:
        self.stale = True
        self._heard += 1
        if turned:
            self.turned()
        self._start(self._quiet())

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quiet(self) -> None:
        """Read on one's own account, until it succeeds."""
        while self.stale:
            try:
                await self._read()
            except Unavailable:
                await asyncio.sleep(AGAIN)

    async def _read(self) -> None:
        async with self._lock:
            while self.stale:
                heard = self._heard
                await self._load()
                self.stale = heard != self._heard

    async def _load(self) -> None:
        """Read what there is now, and tell who wants to know."""
        register, was = Register(self.store, self.now()), self.index
        edition = await register.edition()
        listed = {one.name: one for one in await register.lists()}
        words = {one.name: one for one in await register.words()}
        lists = await self._parsed(register, listed.values())
        known = was.history if was.edition <= edition else ()
        history = (*known, *await register.history(known[-1].edition if known else 0))
        self.listed, self.words, self.lists = listed, words, lists
        self.index = _index(edition, lists.values(), words.values(), history[-HISTORY:], register.now)
        self._wait(register.now)
        if was.edition != edition:
            self._tell(was.edition)

    async def _parsed(self, register: Register, said: Iterable[Listed]) -> dict[str, Listing]:
        """The lists, those that are the same as they are."""
        found: dict[str, Listing] = {}
        for one in said:
            known = self.lists.get(one.name)
            if known and known.digest == one.digest:
                found[one.name] = known
            elif der := await register.der(one.name):
                found[one.name] = await asyncio.to_thread(listing.parsed, der)
        return found

    def _wait(self, now: int) -> None:
        """Read again when the next word comes into force."""
        if self._timer:
            self._timer.cancel()
        turns = self.index.turns
        if turns is not None:
            later = min(turns - now, 86_400)
            self._timer = asyncio.get_running_loop().call_later(later, lambda: self._stir(turned=True))

    def _tell(self, since: int) -> None:
        """Tell the listeners what changed."""
        found = self.index.changed(since) or revoked.Change(self.index.edition, since, told=False)
        notice = Notice(self.index.edition, found.added, found.removed, found.told, found.before)
        counts = {"added": notice.added.size, "removed": notice.removed.size}
        LOG.info("revocation", part="revocation", edition=notice.edition, **counts)
        for listener in self.listeners:
            self._start(_told(listener, notice))


async def _told(listener: Listener, notice: Notice) -> None:
    try:
        await listener(notice)
    except Exception:
        LOG.exception("notice failed", part="revocation")


def _index(
    edition: int,
    lists: Iterable[Listing],
    words: Iterable[Word],
    history: tuple[revoked.Change, ...],
    now: int,
) -> Index:
    """Everything that is in force."""
    words = tuple(words)
    valid = [word for word in words if word.since <= now]
    later = [word.since for word in words if word.since > now]
    return Index(
        edition=edition,
        listed=revoked.listed((one.issuer, one.serials) for one in lists),
        serials={serial: word.said for word in valid for serial in word.marks.serials},
        lfdis={word.lfdi: word.said for word in valid if word.lfdi},
        turns=min(later, default=None),
        history=history,
    )
