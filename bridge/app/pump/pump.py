"""The pump: looks at each unit when something that bears on it changes, and brings it what it must be told.

It keeps the topics of what each look has read, so a change wakes the units that it concerns and no other;
beside them the moments at which the clock alone changes something. Each unit is told one thing after the
other, many units at once. All that must survive is in the rows (`books`); what is here is found again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

import structlog

from bridge.app.pump.agenda import Agenda
from bridge.app.pump.books import Books
from bridge.app.pump.porter import Porter
from bridge.core import delivery
from bridge.core.timeline import NEVER
from bridge.ports import Carrier, Kind
from bridge.sep2 import ours
from bridge.sep2.enrol import LIST
from bridge.sep2.shelf import Conflict, Cut
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from models.der import messages

PAGE = 255
AGAIN = Decimal(1)
"""Seconds before a unit is looked at again whose rows could not be read or written."""
LONGEST = 0.5
"""Seconds between two looks at the clock, which may be set, and at what other processes have written."""
GRACE = 5.0
"""Seconds that orders on their way have when the pump is to stop."""
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True)
class Pump:
    """One at work; `run` it until it is to stop."""

    books: Books
    porter: Porter
    carriers: Sequence[Carrier]
    clock: Callable[[], Decimal]
    together: int = 64
    agenda: Agenda = field(default_factory=Agenda)
    _words: dict[str, list[messages.Outcome]] = field(default_factory=dict)
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _all: bool = True
    _looked: Decimal = Decimal(0)
    """When it was last asked who is due."""

    def listen(self) -> None:
        """Hear carriers from now on."""
        for each in self.carriers:
            each.listen(self.heard)
            each.there(self.present)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        watching = asyncio.create_task(self._until(stop))
        try:
            while not stop.is_set():
                self._stirred.clear()
                self.books.store.current()
                await self._round()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stirred.wait(), self._pause())
        finally:
            watching.cancel()
            if self._busy:
                await asyncio.wait(self._busy.values(), timeout=GRACE)
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(watching, *self._busy.values(), return_exceptions=True)

    async def _until(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stirred.set()

    # ------------------------------------------------------------------------------------------ what is heard

    def topics(self, topics: frozenset[str]) -> None:
        """Take note of what has changed in the store."""
        if EVERY in topics or f"{LIST}/" in topics:
            self._all = True
        for unit in self.agenda.concerned(topics, everything=EVERY in topics):
            self._wake(unit)
        for one in topics:
            if one.startswith(f"{ours.TOLD}/") and (unit := one.removeprefix(f"{ours.TOLD}/")):
                self._nudged(unit)
        if self._all:
            self._stirred.set()

    def _nudged(self, unit: str) -> None:
        """Somebody else has changed what a unit was told: an operator."""
        if unit not in self._busy and self.agenda.knows(unit):
            self._wake(unit)

    def heard(self, word: messages.Outcome) -> None:
        """Take what a unit says by itself."""
        unit = word.device.upper()
        self._words.setdefault(unit, []).append(word)
        self._wake(unit)

    def present(self, unit: str) -> None:
        """Take that a unit has come, or can do something else than before."""
        self.porter.there(unit.upper())
        self._wake(unit.upper())

    def stir(self) -> None:
        """Look at the clock now."""
        self._stirred.set()

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do until the clock or somebody says so."""
        return not (self._busy or self._all or self._stirred.is_set() or self.agenda.next() <= self.clock())

    def _wake(self, unit: str, at: Decimal | None = None) -> None:
        self.agenda.wake(unit, self.clock() if at is None else at)
        self._stirred.set()

    # ------------------------------------------------------------------------------------------- what is done

    def _pause(self) -> float:
        if self._stirred.is_set():
            return 0.0
        due = self.agenda.next()
        if due <= self._looked:  # there was no room for it, or it is busy: when that ends, we are stirred
            return LONGEST
        return min(max(float(due - self.clock()), 0.0), LONGEST)

    async def _round(self) -> None:
        """Set off to every unit whose time has come, as far as there is room."""
        if self._all:
            self._all = False
            try:
                await self._units()
            except Unavailable:
                self._all = True
                await asyncio.sleep(float(AGAIN))
        self._looked = self.clock()
        for unit in self.agenda.due(self._looked, self.together - len(self._busy), self._busy):
            task = asyncio.create_task(self._visit(unit))
            self._busy[unit] = task
            task.add_done_callback(partial(self._done, unit))

    def _done(self, unit: str, task: asyncio.Task[None]) -> None:
        del self._busy[unit]
        self._stirred.set()
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if not isinstance(error, Conflict | Unavailable):
            LOG.error("broken off", part="pump", unit=unit, reason=repr(error))
        self._wake(unit, self.clock() + AGAIN)

    async def _units(self) -> None:
        """Look at every unit that a carrier knows and that was not looked at yet."""
        start = 0
        while rows := (await self.books.store.children(LIST, Cut(start=start, limit=PAGE))).rows:
            start += len(rows)
            for unit in (row.mark for row in rows):
                if unit and not self.agenda.knows(unit) and self.carrier(unit) is not None:
                    self._wake(unit)

    def carrier(self, unit: str) -> Carrier | None:
        """Give whoever reaches a unit."""
        return next((each for each in self.carriers if each.reach(unit) is not None), None)

    async def _visit(self, unit: str) -> None:
        """Take what a unit said, look what it must be told, and tell it, until there is nothing to do now."""
        for word in self._words.pop(unit, ()):
            self.porter.said(await self.books.heard(unit, word, self.clock()))
        while (carrier := self.carrier(unit)) is not None and (reach := carrier.reach(unit)) is not None:
            now, tick = self.clock(), self.books.store.tick
            seen = await self.books.look(unit, reach, now)
            self.porter.said(seen.said)
            self.agenda.concerns(unit, seen.topics)
            if self.books.store.touched(tick, seen.topics):
                continue
            if not seen.letters:
                self.agenda.wake(unit, seen.until)
                return
            letter = seen.letters[0]
            due = self.porter.due(letter)
            if due > now and not delivery.over(letter.order, now):
                end = letter.order.end if letter.order.kind is Kind.take else NEVER
                self.agenda.wake(unit, min(due, end, seen.until))
                return
            await self.porter.bring(carrier, letter, seen.told)
