"""The courier: sends what the outbox holds, in order for each subscription, many subscriptions at once.

A parcel is put in the outbox by the commit that it tells of and stays there until it is taken (2xx), so
nothing is lost when the server is killed; at worst it is sent twice. What fails is tried again ever later, at
last given up. A subscriber that answers 400, 404 or 410 has no use for its subscription, which ends (CSIP
ERR-002). One worker of the server runs one courier. Never makes a notification.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import ceil
from random import Random
from typing import Protocol

from bridge.sep2 import subscription
from bridge.sep2.shelf import Conflict, Parcel, Shelf, Who
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Caller, Policy, Trace, Work
from bridge.transports.calls import Failed, Forbidden
from bridge.transports.store.fault import Unavailable

SENT, RETRIED, GIVEN_UP, ENDED, FORGOTTEN = "sent", "retried", "given up", "ended", "forgotten"
FAILED = "failed"
"""What became of a parcel: forgotten is news for a subscription that is no more, failed is our own fault."""
TAKEN = range(200, 300)
LAST = frozenset({400, 404, 410})
"""Answers that end a subscription: the subscriber does not understand it, or is not there any more."""
NEWS = b"<status>0</status>"
TRIES = 5
MOST = 64
AVERAGE = 0.75
"""What chance leaves of the time between two tries."""

Heard = Callable[[str, Parcel, str], None]
"""Told what became of a parcel, and why."""


class Outbox(Shelf, Protocol):
    """What a courier needs of the store."""

    async def waiting(self, now: int, limit: int = 100) -> list[Parcel]:
        """Give parcels that are due, the first of each subscription and no other."""
        ...

    async def sent(self, *numbers: int) -> None:
        """Take parcels out."""
        ...

    async def later(self, number: int, at: int) -> None:
        """Keep a parcel, and those behind it, back until a moment; one more try was made."""
        ...

    async def dropped(self, subscription: str) -> None:
        """Take all parcels of a subscription out."""
        ...


class Post(Protocol):
    """What it sends with."""

    async def post(self, url: str, body: bytes, media: str, lfdi: str = "") -> int:
        """Post a document; give the status of the answer, or raise Failed or Forbidden.

        The server bears the name that it is called by, or its certificate is the one of the LFDI.
        """
        ...


@dataclass(frozen=True, slots=True)
class Habit:
    """How persistent a courier is."""

    first: float = 1.0
    """Seconds until the second try; twice as long each time after that, up to half of it less by chance."""
    longest: float = 45.0
    """Seconds between two tries at most."""
    give_up: float = 172_800.0
    """Seconds after which a parcel is given up."""
    pause: float = 0.5
    """Seconds between two looks into an outbox that has nothing due."""
    together: int = 64
    """Parcels on their way at once."""

    def delay(self, tries: int, chance: Random) -> float:
        """Give the seconds until the next try, after so many."""
        longest = self._longest(tries)
        return longest - chance.random() * longest / 2

    def over(self, tries: int) -> bool:
        """Whether so many tries took, on average, as long as a parcel is kept."""
        return sum(self._longest(at) for at in range(tries)) * AVERAGE >= self.give_up

    def _longest(self, tries: int) -> float:
        return min(self.longest, self.first * 2.0 ** min(tries, MOST))


def unheard(outcome: str, parcel: Parcel, why: str) -> None:
    """Say nothing of what became of a parcel."""
    del outcome, parcel, why


class Courier:
    """One at work; `run` it until the server stops."""

    def __init__(
        self,
        outbox: Outbox,
        calls: Post,
        policy: Policy,
        habit: Habit = Habit(),
        *,
        clock: Callable[[], float],
        chance: Random,
        heard: Heard = unheard,
    ) -> None:
        self._outbox, self._calls, self._policy, self._habit = outbox, calls, policy, habit
        self._clock, self._chance, self._heard = clock, chance, heard
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._stirred = asyncio.Event()

    def stir(self) -> None:
        """Look into the outbox now: something was put there."""
        self._stirred.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; what is on its way then is brought to its end."""
        watching = asyncio.create_task(self._until(stop))
        try:
            while not stop.is_set():
                self._stirred.clear()
                await self._round()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stirred.wait(), self._habit.pause)
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
        finally:
            watching.cancel()
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(watching, *self._busy.values(), return_exceptions=True)

    async def _until(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stirred.set()

    async def _round(self) -> None:
        """Set off with everything that is due, as far as there is room."""
        room = self._habit.together - len(self._busy)
        if room <= 0:
            return
        try:
            found = await self._outbox.waiting(int(self._clock()), self._habit.together + len(self._busy))
        except Unavailable:
            return
        for parcel in [each for each in found if each.subscription not in self._busy][:room]:
            task = asyncio.create_task(self._deliver(parcel))
            self._busy[parcel.subscription] = task
            task.add_done_callback(partial(self._done, parcel))

    def _done(self, parcel: Parcel, task: asyncio.Task[None]) -> None:
        del self._busy[parcel.subscription]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._heard(FAILED, parcel, repr(error))
        else:
            self._stirred.set()

    async def _deliver(self, parcel: Parcel) -> None:
        """Send one parcel, and settle what becomes of it; what the store cannot settle now is sent again."""
        with suppress(Unavailable):
            row = await self._outbox.get(parcel.subscription)
            if NEWS in parcel.body and row is None:
                await self._outbox.sent(parcel.number)
                self._heard(FORGOTTEN, parcel, "its subscription is no more")
                return
            outcome, why = await self._sent(parcel, row.owner if row else "")
            await self._settle(outcome, parcel)
            self._heard(outcome, parcel, why)

    async def _sent(self, parcel: Parcel, lfdi: str) -> tuple[str, str]:
        """Post a parcel; give what is to become of it, and why."""
        try:
            status = await self._calls.post(parcel.url, parcel.body, parcel.media, lfdi)
        except (Failed, Forbidden) as error:
            why = str(error)
        else:
            if status in TAKEN:
                return SENT, str(status)
            if status in LAST:
                return ENDED, str(status)
            why = str(status)
        return (GIVEN_UP if self._habit.over(parcel.tries + 1) else RETRIED), why

    async def _settle(self, outcome: str, parcel: Parcel) -> None:
        if outcome == RETRIED:
            delay = self._habit.delay(parcel.tries, self._chance)
            await self._outbox.later(parcel.number, ceil(self._clock() + delay))
            return
        if outcome == ENDED:
            await self._end(parcel.subscription)
            await self._outbox.dropped(parcel.subscription)
            return
        await self._outbox.sent(parcel.number)

    async def _end(self, href: str) -> None:
        """Remove a subscription whose subscriber wants no more of it; it is not told."""
        for _ in range(TRIES):
            now = int(self._clock())
            ask = Ask("DELETE", href, Peer("", 0), now)
            work = Work(ask, Caller("", 0, "operator"), self._policy, Trace(self._outbox))
            row = await work.shelf.get(href)
            if row is None:
                return
            await subscription.ended(work, row)
            with suppress(Conflict):
                await self._outbox.commit(work.changes, Who("core", "courier", now))
                return
