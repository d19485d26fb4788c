"""Brings orders to units behind the relay, as their client, and tells what their schedules say.

What an order means is `bridge.iec61850.carrying`'s; here its conversation goes over the unit's session, one
at a time, with the reports that come beside. A unit that has come is looked at first: until then nobody knows
what it can do. Its schedules are looked at when their state should change, or a report says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

import structlog

from bridge.app import bases as given
from bridge.app.facility import blocks, talking
from bridge.app.facility import session as sessions
from bridge.app.facility.facilities import Facilities
from bridge.app.facility.tending import Tended, one, outcome, refusal
from bridge.iec61850.carrying import doing, fitting, survey, watch, ways
from bridge.iec61850.carrying.deed import Author
from bridge.iec61850.carrying.fault import Fault
from bridge.iec61850.carrying.line import Talk
from bridge.iec61850.hooks import Refusal
from bridge.mapping.bases import Bases
from bridge.ports import Away, Heard, Order, Present, Reach
from bridge.sep2.shelf import Shelf
from bridge.transports.store.fault import Unavailable
from models.der import messages

T = TypeVar("T")
FACETS: dict[str, Any] = {"DERCapability": messages.Capability, "DERSettings": messages.Setting}
NUMBERS = 256
"""ctlNum is an INT8U."""
REMOTE = 3
"""Originator category: a remote control."""
AGAIN = 5.0
"""Seconds before a unit is looked at again that would not be looked at."""
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True)
class Carrier:
    """For all units that have a row."""

    facilities: Facilities
    shelf: Shelf
    name: Callable[[], str]
    """Our own identity, under which the bridge commands."""
    clock: Callable[[], float]
    _tended: dict[str, Tended] = field(default_factory=dict)
    _heard: list[Heard] = field(default_factory=list)
    _present: list[Present] = field(default_factory=list)

    def open(self) -> None:
        """Mind units from now on."""
        fitting.usual()  # drawn up once, which takes a while: no order is to wait for it
        self.facilities.listen(self.changed)

    async def close(self) -> None:
        """Mind nobody any more."""
        tasks = [each.task for each in self._tended.values() if each.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------------------------------------- the contract

    def reach(self, unit: str) -> Reach | None:
        """Say what a unit can be made to do; None until that is known."""
        found = self._tended.get(unit.upper())
        known = found is not None and self.facilities.session(unit) is not None
        return found.reach if found is not None and known else None

    async def carry(self, order: Order) -> tuple[messages.Outcome, ...]:
        """Carry an order out, whole or not at all."""
        held = self._tended.get(order.unit.upper())
        if held is None or held.survey is None:
            raise Away("the unit is not there, or not looked at yet")
        async with held.lock:
            if held.survey is None:
                raise Away("the unit has gone")
            author = Author((REMOTE, self.name().upper().encode()), order.number % NUMBERS)
            bases = await self._bases(order.unit)
            found = await self._talk(held, doing.carry(order, held.survey, bases, author, self.clock()))
            await self._look(held)
        held.poke.set()
        if isinstance(found, Fault):
            return (refusal(order, found, self.clock()),)
        if found.apart:
            LOG.info("not told", part="facility", lfdi=order.unit, number=order.number, what=found.apart)
        return ()

    def listen(self, heard: Heard) -> None:
        """Call with what a unit says of itself."""
        self._heard.append(heard)

    def there(self, present: Present) -> None:
        """Call with a unit that has come, or whose reach is known or other than before."""
        self._present.append(present)

    # ------------------------------------------------------------------------------------------------ minding

    def changed(self, lfdi: str, there: bool) -> None:
        """A unit has come or gone."""
        held = self._tended.setdefault(lfdi, Tended(lfdi))
        held.survey = None
        if held.task is not None:
            held.task.cancel()
            held.task = None
        session = self.facilities.session(lfdi)
        if there and session is not None:
            held.session = session
            held.task = asyncio.create_task(self._mind(held))

    async def _mind(self, held: Tended) -> None:
        """Look at a unit, then at its schedules whenever that is worth it."""
        session = held.session
        stop = session.reports(held.hear) if session is not None else lambda: None
        try:
            while True:
                try:
                    await self._follow(held)
                except (Away, sessions.Away, Refusal, Unavailable) as error:
                    LOG.info("not looked at", part="facility", lfdi=held.lfdi, reason=str(error)[:200])
                except Exception:
                    LOG.exception("minding broke", part="facility", lfdi=held.lfdi)
                await asyncio.sleep(AGAIN)
        finally:
            stop()

    async def _follow(self, held: Tended) -> None:
        session = held.session
        if session is None:
            return
        async with held.lock:
            found = await self._talk(held, survey.survey(session.found, session.device, self.clock()))
            if found.strange:
                session.doubt(found.strange)
            bases = await self._bases(held.lfdi)
            held.domain = session.found.domains[session.device]
            held.survey, before = found, held.reach
            held.reach = ways.reach(found, bases)
            held.slots = {}
            await self._reporting(held)
            await self._look(held)
        LOG.info(
            "unit known", part="facility", lfdi=held.lfdi, ahead=len(held.reach.scheduled),
            direct=len(held.reach.direct), new=held.reach != before,
        )  # fmt: skip
        for each in self._present:
            each(held.lfdi)
        while True:
            await held.wait(watch.edge(held.slots, self._now()), self.clock())
            async with held.lock:
                await self._look(held)

    async def _reporting(self, held: Tended) -> None:
        """Have the unit report the state of its schedules; without a block for it they are looked at."""
        if held.session is not None and held.domain is not None:
            with suppress(Refusal):
                await held.session.converse(blocks.enabled(held.domain, watch.watched, {}))

    async def _look(self, held: Tended) -> None:
        """Look at a unit's schedules, and say what has become of them."""
        if held.survey is None:
            return
        after = await self._talk(held, watch.held(held.survey, self.clock()))
        before, held.slots = held.slots, after
        self._say(held.lfdi, watch.found(before, after, self._now(), held.survey.arbiters))
        over = watch.over(after, self._now())
        await self._talk(held, watch.forgotten(held.survey, over, self.clock()))
        for each in over:
            del held.slots[each.node]

    def _say(self, lfdi: str, turns: Iterable[watch.Turn]) -> None:
        for turn in dict.fromkeys((each.mark.key, each.status) for each in turns):
            said = outcome(lfdi, *turn, self.clock())
            for each in self._heard:
                each(said)

    # ----------------------------------------------------------------------------------------------- speaking

    async def _talk(self, held: Tended, talk: Talk[T]) -> T:
        """Drive a conversation over the unit's session; Away where it cannot be reached."""
        session = held.session
        if session is None:
            talk.close()
            raise Away("the unit has gone")
        return await talking.driven(talk, lambda asked: session.converse(one(asked)), held, self.clock)

    async def _bases(self, unit: str) -> Bases:
        """What the percentages of a unit are of, as the store knows it."""
        rows = [row for type_ in FACETS for row in await self.shelf.owned(type_, unit) if row.record]
        first = min((row.parent for row in rows), key=lambda at: (len(at), at), default="")
        records = [FACETS[row.type].model_validate_json(row.record) for row in rows if row.parent == first]
        return given.bases(records, ())

    def _now(self) -> Decimal:
        return Decimal(repr(self.clock()))
