"""The pump: looks at each unit when something that bears on it changes, and brings it what it must be told.

It keeps the topics of what each look has read, so a change wakes the units that it concerns and no other;
beside them the moments at which the clock alone changes something. Each unit is told one thing after the
other, many units at once. All that must survive is in the rows (`books`); what is here is found again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bridge.app import chores
from bridge.app.pump.books import Books
from bridge.app.pump.porter import Porter
from bridge.app.pump.visits import AGAIN, Visits
from bridge.core import delivery
from bridge.core.timeline import NEVER
from bridge.ports import Carrier, Kind
from bridge.sep2 import ours
from bridge.sep2.enrol import LIST
from bridge.sep2.shelf import Cut
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from models.der import messages

PAGE = 255
GRACE = 5.0
"""Seconds that orders on their way have when the pump is to stop."""


@dataclass(slots=True)
class Pump:
    """One at work; `run` it until it is to stop."""

    books: Books
    porter: Porter
    carriers: Sequence[Carrier]
    clock: Callable[[], Decimal]
    together: int = 64
    visits: Visits = field(init=False)
    _words: dict[str, list[messages.Outcome]] = field(default_factory=dict)
    _all: bool = True

    def __post_init__(self) -> None:
        """Be ready to visit units."""
        self.visits = Visits("pump", self._visit, self.clock, self.together)

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
                self.visits.stirred.clear()
                self.books.store.current()
                await self._round()
                await self.visits.rest()
        finally:
            await chores.cancelled(watching)
            await self.visits.close(GRACE)

    async def _until(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.stir()

    # ------------------------------------------------------------------------------------------ what is heard

    def topics(self, topics: frozenset[str]) -> None:
        """Take note of what has changed in the store."""
        if EVERY in topics or f"{LIST}/" in topics:
            self._all = True
        for unit in self.visits.agenda.concerned(topics, everything=EVERY in topics):
            self.visits.wake(unit)
        for one in topics:
            if one.startswith(f"{ours.TOLD}/") and (unit := one.removeprefix(f"{ours.TOLD}/")):
                self._nudged(unit)
        if self._all:
            self.stir()

    def _nudged(self, unit: str) -> None:
        """Somebody else has changed what a unit was told: an operator."""
        if unit not in self.visits.busy and self.visits.agenda.knows(unit):
            self.visits.wake(unit)

    def heard(self, word: messages.Outcome) -> None:
        """Take what a unit says by itself."""
        unit = word.device.upper()
        self._words.setdefault(unit, []).append(word)
        self.visits.wake(unit)

    def present(self, unit: str) -> None:
        """Take that a unit has come, or can do something else than before."""
        self.porter.there(unit.upper())
        self.visits.wake(unit.upper())

    def stir(self) -> None:
        """Look at the clock now."""
        self.visits.stirred.set()

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do until the clock or somebody says so."""
        return self.visits.idle and not self._all

    # ------------------------------------------------------------------------------------------- what is done

    async def _round(self) -> None:
        """Set off to every unit whose time has come, as far as there is room."""
        if self._all:
            self._all = False
            try:
                await self._units()
            except Unavailable:
                self._all = True
                await asyncio.sleep(float(AGAIN))
        self.visits.set_off()

    async def _units(self) -> None:
        """Look at every unit that a carrier knows and that was not looked at yet."""
        start = 0
        while rows := (await self.books.store.children(LIST, Cut(start=start, limit=PAGE))).rows:
            start += len(rows)
            for unit in (row.mark for row in rows):
                if unit and not self.visits.agenda.knows(unit) and self.carrier(unit) is not None:
                    self.visits.wake(unit)

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
            self.visits.agenda.concerns(unit, seen.topics)
            if self.books.store.touched(tick, seen.topics):
                continue
            if not seen.letters:
                self.visits.agenda.wake(unit, seen.until)
                return
            letter = seen.letters[0]
            due = self.porter.due(letter)
            if due > now and not delivery.over(letter.order, now):
                end = letter.order.end if letter.order.kind is Kind.take else NEVER
                self.visits.agenda.wake(unit, min(due, end, seen.until))
                return
            await self.porter.bring(carrier, letter, seen.told)
