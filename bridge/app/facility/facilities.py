"""All units behind the relay: a session for each row of theirs, kept current, and who speaks from where.

Rows come, change and go in the store; here their sessions follow. What the link hears is given to the
session of whoever sent it. Others ask for the session of a unit, and are told when one comes or goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field

import structlog

from bridge.app.facility import unit
from bridge.app.facility.ground import Ground
from bridge.app.facility.session import Session
from bridge.app.facility.unit import Unit
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut
from bridge.transports.pages import EVERY
from bridge.transports.post import Incoming
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store

AGAIN = 1.0
"""Seconds before the store is asked again that could not be read."""
PAGE = 255
Listener = Callable[[str, bool], None]
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True)
class Facilities:
    """Every unit that has a row."""

    store: Store
    ground: Ground
    sessions: dict[str, Session] = field(default_factory=dict)
    """By LFDI."""
    excused: Callable[[str], None] = lambda _lfdi: None
    """Told of a unit that cannot be reached, and why: it stands in its session."""
    _at: dict[str, list[Session]] = field(default_factory=dict)
    """Sessions by the whole address of their unit, and by that without its resource."""
    _users: dict[str, list[Session]] = field(default_factory=dict)
    _listeners: list[Listener] = field(default_factory=list)
    _due: bool = True
    _reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Read what there is, and listen from now on."""
        self.store.listen(self.topics)
        self._reading = asyncio.ensure_future(self._read())
        await self._reading

    async def close(self) -> None:
        """Conclude with all."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await asyncio.gather(*(each.close() for each in self.sessions.values()))

    # ------------------------------------------------------------------------------------ what others may do

    def session(self, lfdi: str) -> Session | None:
        """Give the session with a unit, where that has a row; it may be away."""
        return self.sessions.get(lfdi.upper())

    def listen(self, listener: Listener) -> None:
        """Have it told each time a unit comes (true) or goes."""
        self._listeners.append(listener)

    # ------------------------------------------------------------------------------------- what the link says

    def at(self, address: str) -> list[Session]:
        """The sessions with who speaks from an address."""
        return self._at.get(address.casefold(), [])

    async def hear(self, said: Incoming) -> bool:
        """Take what a unit tells unasked; False where it is from nobody that we are a client of."""
        found = self.at(said.sender) if said.how == "message" else []
        for each in found:
            await each.hear(said)
        return bool(found)

    def presence(self, address: str, *, there: bool) -> None:
        """Take that somebody has come, or gone; without a resource it is whoever is there."""
        folded = address.casefold()
        for each in self._at.get(folded, ()) if "/" in folded else self._users.get(folded, ()):
            each.presence(there=there)

    def begun(self) -> None:
        """Take that the link has a new session: what was open in the one before is lost."""
        for each in self.sessions.values():
            each.lose("our own session has begun anew")

    def sweep(self) -> None:
        """End what is open with whoever is revoked."""
        house = self.ground.endpoint.house
        for lfdi, each in self.sessions.items():
            if not house.standing(house.known(lfdi)):
                each.lose("revoked")

    # ---------------------------------------------------------------------------------------------- the store

    def topics(self, topics: frozenset[str]) -> None:
        """Take note of rows that changed."""
        if f"{ours.FACILITIES}/" in topics or EVERY in topics:
            self._due = True
            if self._reading is None or self._reading.done():
                self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while self._due:
            self._due = False
            try:
                await self._follow([each async for each in _units(self.store)])
            except Unavailable:
                self._due = True
                await asyncio.sleep(AGAIN)

    async def _follow(self, units: Iterable[Unit]) -> None:
        """Have a session with each unit, and none else."""
        wanted = {each.lfdi: each for each in units}
        stale = [lfdi for lfdi, each in self.sessions.items() if wanted.get(lfdi) != each.unit]
        await asyncio.gather(*(self.sessions[lfdi].close() for lfdi in stale))
        for lfdi in stale:
            del self.sessions[lfdi]
        for lfdi, each in wanted.items():
            if lfdi not in self.sessions:
                made = self.sessions[lfdi] = Session(each, self.ground, self._changed)
                made.excused = self.excused
                made.start()
        self._at = _by(self.sessions.values(), lambda address: address)
        self._users = _by(self.sessions.values(), lambda address: address.partition("/")[0])

    def _changed(self, lfdi: str, there: bool) -> None:
        session = self.sessions.get(lfdi)
        why = session.why if session else ""
        LOG.info("unit there" if there else "unit away", part="facility", lfdi=lfdi, reason=why[:200])
        for each in tuple(self._listeners):
            try:
                each(lfdi, there)
            except Exception:
                LOG.exception("a listener broke", part="facility", lfdi=lfdi)


def _by(sessions: Iterable[Session], key: Callable[[str], str]) -> dict[str, list[Session]]:
    """Sessions by a part of the address of their unit."""
    found: dict[str, list[Session]] = {}
    for each in sessions:
        found.setdefault(key(each.unit.address.casefold()), []).append(each)
    return found


async def _units(store: Store) -> AsyncIterator[Unit]:
    """All units that have a row."""
    start = 0
    while rows := (await store.children(ours.FACILITIES, Cut(start=start, limit=PAGE))).rows:
        start += len(rows)
        for row in rows:
            try:
                yield unit.read(row)
            except (TypeError, ValueError) as error:
                LOG.warning("no unit", part="facility", lfdi=row.mark, reason=str(error)[:200])
