"""The postman: brings letters to endpoints, each endpoint's in their order, many endpoints at once.

A letter stays in its row until it is taken, so nothing is lost when the server is killed; at worst it is told
twice, and its version says so. What fails is tried again ever later; an endpoint that fails in a row gets a
rest (breaker), one that fails for days is suspended. Dead letters stay to be seen and repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from bridge.app import journal
from bridge.app.push import feed, register, rows
from bridge.app.push.legs import Legs, Outcome
from bridge.app.push.rows import DOOR, Endpoint, Letter
from bridge.core import delivery
from bridge.core.delivery import THERE, Habit, Target
from bridge.core.push import trying
from bridge.core.push.states import Event, State
from bridge.core.push.trying import End, Try
from bridge.sep2 import ours
from bridge.sep2.shelf import Change, Conflict, Cut, Who
from bridge.sep2.work import Trace
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store

LONGEST = 0.5
"""Seconds between two looks at the clock, and at what other processes have written."""
TURN = 100
"""Letters that an endpoint is brought in one turn."""


@dataclass(slots=True)
class Postman:
    """One at work; `run` it until it is to stop."""

    store: Store
    legs: Legs
    habit: Habit
    now: Callable[[], int]
    chance: Callable[[], float]
    patience: int
    """Seconds of failure after which an endpoint is suspended."""
    together: int = 32
    counted: Callable[[str], None] = lambda _: None
    log: journal.Logger = field(default_factory=lambda: journal.logger(part="push"))
    _targets: dict[int, Target] = field(default_factory=dict)
    """What is remembered of each endpoint."""
    _busy: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of what has changed in the store."""
        if EVERY in topics or f"{ours.LETTERS}/" in topics or f"{ours.ENDPOINTS}/" in topics:
            self._stirred.set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self._stirred.clear()
                self.store.current()
                with suppress(Unavailable):
                    await self.round()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stirred.wait(), LONGEST)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def round(self) -> None:
        """Set off to every endpoint that something waits for, as far as there is room."""
        for one in await feed.endpoints(Trace(self.store)):
            room = one.number not in self._busy and len(self._busy) < self.together
            if room and one.state is State.active and self.free(one) and await self.first(one):
                task = asyncio.create_task(self.visit(one))
                self._busy[one.number] = task
                task.add_done_callback(partial(self._done, one.number))

    async def settled(self) -> None:
        """Wait until nobody is under way."""
        await asyncio.gather(*self._busy.values())

    def free(self, one: Endpoint) -> bool:
        """Whether an endpoint is not at rest."""
        return self._targets.get(one.number, THERE).until <= self.now()

    def _done(self, number: int, task: asyncio.Task[None]) -> None:
        del self._busy[number]
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._stirred.set()
        elif not isinstance(error, Conflict | Unavailable):
            self.log.error("broken off", endpoint=number, reason=repr(error))

    async def first(self, one: Endpoint) -> Letter | None:
        """Give the letter that is next for an endpoint, if it is due."""
        cut = Cut(limit=1, grp=rows.waiting(one.number))
        found = (await self.store.children(ours.LETTERS, cut)).rows
        letter = rows.letter(found[0]) if found else None
        return letter if letter is not None and letter.due <= self.now() else None

    async def visit(self, one: Endpoint) -> None:
        """Bring letters, one after the other, until one fails or none is left."""
        for _ in range(TURN):
            letter = await self.first(one)
            if letter is None or not await self._bring(one, letter):
                return

    async def _bring(self, one: Endpoint, letter: Letter) -> bool:
        """Try a letter, and write down what became of it; whether the next may go."""
        if letter.notice.expires <= self.now():
            found = Outcome(trying.Fate.failed, letter.reason or "its body is not to be had any more")
        else:
            found = await self.legs.tell(one, letter.notice, self.now())
        now = self.now()
        tried = Try(letter.tries + 1, letter.notice.expires, letter.since or now)
        end = trying.end(self.habit, found.fate, tried, now)
        self._remember(one, found, now)
        self.counted(end.value)
        say = self.log.debug if end is End.sent else self.log.warning
        say("notice", outcome=end.value, endpoint=one.number, version=letter.notice.version, reason=found.why)
        await self._settle(letter, end, tried, found)
        if end is End.again and trying.exhausted(tried, self.patience, now):
            why = f"failing for {now - tried.since} s: {found.why}"
            await register.happened(self.store, one.number, Event.suspend, now, why=why)
        return end is not End.again

    def _remember(self, one: Endpoint, found: Outcome, now: int) -> None:
        """Open or close the breaker of an endpoint: whoever answers is there, whatever it answers."""
        if found.fate is trying.Fate.failed and found.why:
            was = self._targets.get(one.number, THERE)
            self._targets[one.number] = delivery.failed(self.habit, was, Decimal(now))
        else:
            self._targets.pop(one.number, None)

    async def _settle(self, letter: Letter, end: End, tried: Try, found: Outcome) -> None:
        now = self.now()
        after: Letter | None = None
        if end is not End.sent:
            due = trying.due(self.habit, tried.tries, now, self.chance())
            dead, why = end is not End.again, "expired" if end is End.expired else found.why
            after = letter._replace(tries=tried.tries, due=due, reason=why, since=tried.since, dead=dead)
        row = None if after is None else rows.sent(after)
        await self.store.commit([Change(letter.href, row, expect=letter.version)], Who("core", DOOR, now))
