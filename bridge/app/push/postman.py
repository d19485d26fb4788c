"""The postman: brings letters to endpoints, each subject's in their order, many endpoints at once.

A letter stays in its row until it is taken, so nothing is lost when the server is killed; at worst it is told
twice, and its version says so. What fails is tried again ever later; an endpoint that fails in a row gets a
rest (breaker), one that fails for days is suspended. It is woken by commits, and by the next letter's moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from bridge.app import journal
from bridge.app.push import feed, queue, register, rows
from bridge.app.push.legs import Legs, Outcome
from bridge.app.push.queue import Queue
from bridge.app.push.rows import DOOR, Endpoint, Letter
from bridge.core import delivery
from bridge.core.delivery import THERE, Habit, Target
from bridge.core.push import trying
from bridge.core.push.states import Event, State
from bridge.core.push.trying import End, Try
from bridge.sep2 import ours
from bridge.sep2.shelf import Change, Conflict, Who
from bridge.sep2.work import Trace
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store

NOW = Decimal(0)
LONGEST = 60.0
"""Seconds between two looks at the clock, which somebody may have set."""
AGAIN = 1.0
"""Seconds after which is looked again at what could not be read or written."""
WAITING = f"{rows.LETTER}^{rows.waiting(0).removesuffix('0')}"
"""What the topic of letters to an endpoint begins with; its number follows."""


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
    _taken: dict[int, int] = field(default_factory=dict)
    """When each was there last: it took something, or refused it."""
    _due: dict[int, Decimal] = field(default_factory=dict)
    """When each endpoint that something waits for is to be looked at."""
    _all: bool = True
    """Whether all of them are."""
    _busy: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of what has changed in the store."""
        if EVERY in topics or f"{ours.ENDPOINTS}/" in topics:
            self._all = True
            self._stirred.set()
        for one in topics:
            if one.startswith(WAITING):
                self._wake(int(one.removeprefix(WAITING)))

    def _wake(self, number: int, at: Decimal = NOW) -> None:
        self._due[number] = at
        self._stirred.set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self._stirred.clear()
                wait = AGAIN
                with suppress(Unavailable):
                    await self.round()
                    wait = self.idle()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stirred.wait(), wait)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def idle(self) -> float:
        """Give the seconds until an endpoint is to be looked at, unless somebody wakes us."""
        some = [at for number, at in self._due.items() if number not in self._busy]
        if not some or len(self._busy) >= self.together:
            return LONGEST
        return min(max(float(min(some) - self.now()), 0.0), LONGEST)

    async def round(self) -> None:
        """Set off to every endpoint that something waits for now, as far as there is room."""
        if self._all:
            self._all = False
            try:
                self._due |= {one.number: NOW for one in await feed.endpoints(Trace(self.store))}
            except Unavailable:
                self._all = True
                raise
        for number in [number for number, at in self._due.items() if at <= self.now()]:
            if number not in self._busy and len(self._busy) < self.together:
                await self._look(number)

    async def _look(self, number: int) -> None:
        """Set off to an endpoint, or note when it is to be looked at again."""
        one, target = await self._active(number), self._targets.get(number, THERE)
        del self._due[number]
        if one is not None and target.until > self.now():
            self._due[number] = target.until
        elif one is not None:
            await self._begin(one)

    async def _begin(self, one: Endpoint) -> None:
        try:
            found = await queue.read(
                self.store, one, self.now(), self._taken.get(one.number, 0), away=self._tripped(one)
            )
        except Unavailable:
            self._due[one.number] = NOW
            raise
        if found.go:
            task = asyncio.create_task(self.visit(one, found))
            self._busy[one.number] = task
            task.add_done_callback(partial(self._done, one.number))
        elif found.due is not None:
            self._due[one.number] = min(found.due, self._due.get(one.number, found.due))

    async def _active(self, number: int) -> Endpoint | None:
        """Give an endpoint, if it is active."""
        row = await self.store.get(f"{ours.ENDPOINTS}/{number}")
        one = rows.endpoint(row) if row is not None else None
        return one if one is not None and one.state is State.active else None

    async def settled(self) -> None:
        """Wait until nobody is under way."""
        await asyncio.gather(*self._busy.values())

    def _done(self, number: int, task: asyncio.Task[None]) -> None:
        del self._busy[number]
        error = None if task.cancelled() else task.exception()
        self._wake(number, NOW if error is None else Decimal(self.now()) + Decimal(AGAIN))
        if error is not None and not isinstance(error, Conflict | Unavailable):
            self.log.error("broken off", endpoint=number, reason=repr(error))

    async def visit(self, one: Endpoint, found: Queue) -> None:
        """Bring letters one after the other; behind one that fails, those of its subject wait."""
        late = set[str]()
        for letter in found.go:
            if (
                self._targets.get(one.number, THERE).until > self.now()
                or await self._active(one.number) != one
            ):
                return
            if letter.subject not in late and not await self._brought(one, letter, found.since):
                late.add(letter.subject)

    async def _brought(self, one: Endpoint, letter: Letter, since: int) -> bool:
        """Bring a letter, unless somebody has changed it or taken it away meanwhile."""
        row = await self.store.get(letter.href)
        return row is not None and row.version == letter.version and await self._bring(one, letter, since)

    async def _bring(self, one: Endpoint, letter: Letter, since: int) -> bool:
        """Try a letter, and write down what became of it; whether the next of its subject may go."""
        if letter.notice.expires <= self.now():
            found = Outcome(trying.Fate.failed, letter.reason or "its body is not to be had any more")
            alone = True
        else:
            found = await self.legs.tell(one, letter.notice, self.now())
            alone = self._remember(one, found, letter.since or self.now())
        now = self.now()
        tried = Try(letter.tries + 1, letter.notice.expires, letter.since or now)
        end = trying.end(self.habit, found.fate, tried, now)
        if alone and end is End.again and trying.exhausted(tried, self.patience, now):
            end = End.dead
        self.counted(end.value)
        say = self.log.debug if end is End.sent else self.log.warning
        say("notice", outcome=end.value, endpoint=one.number, version=letter.notice.version, reason=found.why)
        await self._settle(letter, end, tried, found)
        if end is End.again and not alone:
            await self._despair(one, min(since or tried.since, tried.since), found.why)
        return end is not End.again

    async def _despair(self, one: Endpoint, since: int, why: str) -> None:
        """Suspend an endpoint that has failed for days."""
        now = self.now()
        if self._tripped(one) and trying.exhausted(Try(0, 0, since), self.patience, now):
            why = f"failing for {now - since} s: {why}"
            await register.happened(self.store, one.number, Event.suspend, now, why=why)

    def _tripped(self, one: Endpoint) -> bool:
        """Whether an endpoint has failed so often that its breaker has opened."""
        target = self._targets.get(one.number, THERE)
        return delivery.state(self.habit, target, Decimal(self.now())) is not delivery.State.closed

    def _remember(self, one: Endpoint, found: Outcome, since: int) -> bool:
        """Open or close the breaker of an endpoint; whether it is the letter alone that fails.

        Whoever answers is there, whatever it answers; and it was there if it took another meanwhile.
        """
        if found.fate is not trying.Fate.failed:
            self._targets.pop(one.number, None)
            self._taken[one.number] = self.now()
            return False
        if since <= self._taken.get(one.number, 0):
            return True
        was = self._targets.get(one.number, THERE)
        self._targets[one.number] = delivery.failed(self.habit, was, Decimal(self.now()))
        return False

    async def _settle(self, letter: Letter, end: End, tried: Try, found: Outcome) -> None:
        now = self.now()
        after: Letter | None = None
        if end is not End.sent:
            due = trying.due(self.habit, tried.tries, now, self.chance())
            dead, why = end is not End.again, "expired" if end is End.expired else found.why
            after = letter._replace(tries=tried.tries, due=due, reason=why, since=tried.since, dead=dead)
        row = None if after is None else rows.sent(after)
        await self.store.commit([Change(letter.href, row, expect=letter.version)], Who("core", DOOR, now))
