"""The crier: brings prices and texts to units behind the relay, each unit's in order, many units at once.

A letter stays in its row until its unit has answered, or never will; what became of it is written down in
the same commit, in the row of the address. How persistent it is says `core.delivery`, as for orders. A crash
costs the answer that was not committed: the unit is told again, and knows it by its name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal

from bridge.app import journal
from bridge.app.market import letter, verdict
from bridge.app.market.desk import Desk
from bridge.app.market.letter import Letter
from bridge.app.market.verdict import Verdict
from bridge.app.pump.visits import Visits
from bridge.core import delivery
from bridge.core.delivery import THERE, Habit, Target
from bridge.ports import Away, Teller, Unable
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable

SOME = 1_000_000
LATE = "its window was over before the unit was known to have it"


@dataclass(slots=True)
class Crier:
    """One at work; `run` it until it is cancelled."""

    desk: Desk
    teller: Teller | None
    habit: Habit
    patience: float
    clock: Callable[[], Decimal]
    chance: Callable[[], float]
    together: int = 64
    log: journal.Logger = field(default_factory=lambda: journal.logger(part="market"))
    visits: Visits = field(init=False)
    _targets: dict[str, Target] = field(default_factory=dict)
    _all: bool = True

    def __post_init__(self) -> None:
        """Be ready to visit units."""
        self.visits = Visits("market", self._visit, self.clock, self.together)

    def topics(self, topics: frozenset[str]) -> None:
        """Take note of what has changed in the store."""
        self._all = self._all or EVERY in topics
        for one in topics:
            if one.startswith(letter.TOPIC) and (unit := one.removeprefix(letter.TOPIC)):
                self.visits.wake(unit)
        if self._all:
            self.visits.stirred.set()

    def present(self, unit: str) -> None:
        """Take that a unit has come: nothing of before keeps it from being told."""
        self._targets[unit] = THERE._replace(came=True)
        self.visits.wake(unit)

    async def run(self) -> None:
        """Work until cancelled."""
        if self.teller is not None:
            self.teller.there(self.present)
        try:
            while True:
                self.visits.stirred.clear()
                self.desk.store.current()
                await self._round()
                await self.visits.rest()
        finally:
            await self.visits.close()

    async def _round(self) -> None:
        """Set off to every unit whose time has come, as far as there is room."""
        if self._all:
            with suppress(Unavailable):
                rows = (await self.desk.store.children(ours.WORDS, Cut(limit=SOME))).rows
                self._all = False
                for unit in {row.owner for row in rows}:
                    self.visits.agenda.wake(unit, self.clock())
        self.visits.set_off()

    async def _visit(self, unit: str) -> None:
        """Tell a unit what waits for it, one after the other, until there is nothing to do now."""
        while rows := (await self.desk.store.children(ours.WORDS, Cut(limit=1, owner=unit))).rows:
            one, now = letter.read(rows[0]), self.clock()
            over = 0 < one.until <= now
            due = delivery.due(self._targets.get(unit, THERE), one.due)
            if due > now and not over:
                self.visits.agenda.wake(unit, min(due, Decimal(one.until or due)))
                return
            found = verdict.failed(LATE) if over else await self._told(one)
            if found is None:
                continue
            await self.desk.settle(one, found)
            self._say(one, found.word, found.reason)

    async def _told(self, one: Letter) -> Verdict | None:
        """Tell a unit once; nothing where it is to be told again."""
        try:
            async with asyncio.timeout(self.patience):
                found = await self._once(one)
        except (Away, TimeoutError) as error:
            return await self._failed(one, str(error) or "no answer in time")
        self._targets[one.unit] = THERE
        return found

    async def _once(self, one: Letter) -> Verdict:
        word, no = await self.desk.word(one)
        if word is None:
            return verdict.failed(no)
        if self.teller is None:
            raise Away("there is no endpoint of IEC 61850 here")
        try:
            return verdict.answered(await self.teller.tell(one.unit, word, one.until))
        except Unable as error:
            return verdict.failed(str(error))

    async def _failed(self, one: Letter, why: str) -> Verdict | None:
        """Have it tried again later, or given up."""
        unit, now, tries = one.unit, self.clock(), one.tries + 1
        self._targets[unit] = delivery.failed(self.habit, self._targets.get(unit, THERE), now)
        if tries >= self.habit.tries:
            return verdict.failed(why)
        due = now + delivery.pause(self.habit, tries, self.chance())
        await self.desk.later(one, one._replace(tries=tries, due=due), why)
        self._say(one, "again", why)
        return None

    def _say(self, one: Letter, outcome: str, why: str) -> None:
        say = self.log.info if outcome in verdict.GOOD else self.log.warning
        say("told", unit=one.unit, mrid=one.mark, ends=one.ends, outcome=outcome, reason=why[:200])
