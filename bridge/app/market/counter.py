"""The counter: takes requests from the queue, serves them a step at a time, and has their senders told.

One worker has it. The most urgent request goes first, after each step anew. A step is one commit with the
notifications that follow from it; another's commit in between has it done again. Answers of devices stir it,
so that senders hear of them. All it must know is in rows; a crash costs the step that was not committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from bridge.app import journal
from bridge.app.market import asked, result, serve, state
from bridge.app.market.asked import Asked
from bridge.app.market.reading import Refused
from bridge.app.market.section import Market
from bridge.app.market.state import State
from bridge.sep2 import notify
from bridge.sep2.shelf import Change, Conflict, Cut, Row, Who
from bridge.sep2.talk import Ask, Peer, Told
from bridge.sep2.work import Caller, Policy, Trace, Work
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from models.meter import meter

LONGEST = 0.5
"""Seconds between two looks at what other processes have written."""
TRIES = 8
PAGE = 100
WHO = "core"
DOOR = "market"
Reporting: TypeAlias = Callable[[str, str, meter.ReportProgress], Awaitable[bool]]
"""Tells the entity that sent a request, at the address that it asked for if that is registered; says whether
it was told or needs no word, so that it is not tried again."""
ANSWERED = tuple(f"{type_}^" for type_ in result.RESPONSES)


@dataclass(slots=True)
class Counter:
    """One at work; `run` it until it is to stop."""

    store: Store
    policy: Callable[[], Policy]
    said: Market
    clock: Callable[[], int]
    reporting: Callable[[], Reporting | None]
    log: journal.Logger = field(default_factory=lambda: journal.logger(part="market"))
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _heard: set[str] = field(default_factory=set)
    """mRIDs of which devices have said something."""
    _asked: dict[str, Asked] = field(default_factory=dict)
    _due: float = 0.0

    def topics(self, topics: frozenset[str]) -> None:
        """Take note of what has changed in the store."""
        if f"{state.WAITING}/" in topics or "*" in topics:
            self._stirred.set()
        for one in topics:
            if one.startswith(ANSWERED):
                self._heard.add(one.partition("^")[2])

    def heard(self, mark: str) -> None:
        """Take note that a unit behind the relay has said something of an event."""
        self._heard.add(mark)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        while not stop.is_set():
            self.store.current()
            self._stirred.clear()
            if await self.step():
                continue
            await self.tell()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), LONGEST)

    # ------------------------------------------------------------------------------------------------ serving

    async def step(self) -> bool:
        """Do the next step of the most urgent request; whether there was one."""
        row = next(iter((await self.store.children(state.WAITING, Cut(limit=1))).rows), None)
        if row is None:
            return False
        for _ in range(TRIES):
            held = await self.store.get(row.href)
            if held is None:
                return True
            try:
                await self._once(held)
            except Conflict:
                continue
            return True
        self.log.warning("came to nothing", request=row.href, reason="other writes came between")
        return True

    async def _once(self, held: Row) -> None:
        was = state.read(held)
        wanted = await self._wanted(was.request)
        work, now = self._work(), was
        try:
            now = await self._done(work, wanted, was)
        except (Refused, Told) as error:
            work, now = self._work(), was._replace(reason=getattr(error, "reason", str(error)))
        place = "" if not now.served else state.DUE if wanted.callback else state.RESTING
        row = state.moved(held, now, place)
        work.changes.append(Change(row.href, row, expect=held.version))
        parcels = await notify.parcels(work)
        await self.store.commit(work.changes, Who(WHO, DOOR, work.now), parcels)
        self._note(wanted, now)

    async def _done(self, work: Work, wanted: Asked, was: State) -> State:
        """Do one step of a request."""
        if not was.mark:
            return await serve.begun(work, wanted, was, self.said)
        out = await serve.outlet(work, wanted, was)
        return await serve.served(work, out, self.said.together)

    def _note(self, wanted: Asked, now: State) -> None:
        facts = {"request": wanted.id, "entity": wanted.entity, "served": now.next, "of": now.total}
        if now.served:
            self._asked.pop(now.request, None)
        if now.reason:
            self.log.warning("request failed", **facts, reason=now.reason)
        elif now.served:
            self.log.info("request served", **facts, mrid=now.mark)
        else:
            self.log.info("request on its way", **facts, mrid=now.mark)

    async def _wanted(self, request: str) -> Asked:
        """Give a request, kept in memory while it is served."""
        if request not in self._asked:
            row = await self.store.get(request)
            if row is None:
                raise LookupError(f"there is no {request}")
            self._asked = {request: asked.read(row)}
        return self._asked[request]

    def _work(self) -> Work:
        policy = self.policy()
        ask = Ask("POST", "/", Peer("", 0), self.clock())
        return Work(
            ask, Caller(policy.lfdi, 0, "operator", profile=policy.profile), policy, Trace(self.store)
        )

    # ------------------------------------------------------------------------------------------------ telling

    async def tell(self) -> None:
        """Have senders told that wait for a word, not too often."""
        for mark in tuple(self._heard):
            await self._roused(mark)
            self._heard.discard(mark)
        now = asyncio.get_running_loop().time()
        if now < self._due or (reporting := self.reporting()) is None:
            return
        rows = (await self.store.children(state.DUE, Cut(limit=PAGE))).rows
        if rows:
            self._due = now + self.said.report
        for row in rows:
            await self._told(row, reporting)

    async def _roused(self, mark: str) -> None:
        """Let the senders of what devices have answered to be told."""
        for row in await self.store.grouped(asked.STATE, mark):
            request = await self.store.get(state.read(row).request)
            if row.parent == state.RESTING and request is not None and asked.read(request).callback:
                await self._move(row, state.DUE)

    async def _told(self, row: Row, reporting: Reporting) -> None:
        now = state.read(row)
        held = await self.store.get(now.request)
        if held is None:
            return
        wanted = asked.read(held)
        found = await result.lines(self.store, wanted.to, now)
        if await reporting(wanted.entity, wanted.callback, result.report(wanted.id, found, now)):
            await self._move(row, state.RESTING)

    async def _move(self, row: Row, place: str) -> None:
        with suppress(Conflict, Unavailable):
            moved = row._replace(parent=place)
            change = Change(row.href, moved, expect=row.version)
            await self.store.commit([change], Who(WHO, DOOR, self.clock()))
