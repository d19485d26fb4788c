"""Serves units through their adapters: orders out, what they tell in, and only while an agreement stands.

Whether one stands is read anew before each order, and again before anything that a unit told is taken. When
it ends nothing more is said to the unit, which goes back to its default by itself, as it does when the bridge
is gone. Each unit is minded apart from all others. What an adapter says speaks for the unit it was asked of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from secrets import token_hex

import structlog

from bridge.app.adapter.guest import Guest
from bridge.app.adapter.word import Word
from bridge.app.agreement.standing import Standing
from bridge.core import fleet, primacy
from bridge.core.agreement import NEVER
from bridge.core.effects import UNSUPPORTED
from bridge.ports import Away, Heard, Kind, Order, Present, Reach, Unable
from bridge.transports.store.fault import Unavailable
from models.der import messages

AGAIN = 1.0
"""Seconds before a unit is minded again whose rows could not be read."""
LONGEST = 192
"""Characters of a reason."""
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True)
class Held:
    """A unit, as it is minded."""

    unit: str
    guest: Guest
    word: Word
    standing: Standing | None = None
    """None until it was asked for."""
    reach: Reach | None = None
    """None until the unit was met."""
    there: bool = False
    why: str = ""
    """Why it is not there."""
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """Of its adapter."""
        return self.guest.plug.name

    @property
    def barred(self) -> str:
        """Why nobody may speak with it; empty where somebody may."""
        none = self.standing is None or bool(self.standing.number)
        return "" if none or self.standing is None else f"no agreement on {self.name}: {self.standing.why}"


@dataclass(slots=True)
class Carrier:
    """For all adapters."""

    stands: Callable[[str, str], Awaitable[Standing]]
    """Say how it stands with a unit, by the name of its adapter and its LFDI, as things are now."""
    judged: Callable[[Held, str, bool], None]
    """Told of what was decided of a unit: what was wanted, and whether it was allowed."""
    clock: Callable[[], float]
    changed: Callable[[], None] = lambda: None
    """Told that something is to be shown otherwise."""
    units: dict[str, Held] = field(default_factory=dict)
    _present: list[Present] = field(default_factory=list)

    def open(self, held: Iterable[Held]) -> None:
        """Mind units from now on."""
        for each in held:
            self.units[each.unit] = each
            each.task = asyncio.create_task(self._mind(each))

    async def drop(self, guest: Guest) -> None:
        """Mind the units of an adapter no more."""
        gone = [each for each in self.units.values() if each.guest is guest]
        for each in gone:
            del self.units[each.unit]
            if each.task is not None:
                each.task.cancel()
        await asyncio.gather(*(each.task for each in gone if each.task is not None), return_exceptions=True)
        for each in gone:
            self._tell(each)

    async def close(self) -> None:
        """Mind nobody any more."""
        tasks = [each.task for each in self.units.values() if each.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stir(self) -> None:
        """Look at all units again: an agreement may have changed."""
        for each in self.units.values():
            each.stirred.set()

    def answered(self, word: messages.Outcome) -> None:
        """Take what was said for a unit: a refusal for want of an agreement is a decision."""
        held = self.units.get(word.device.upper())
        if held is not None and held.barred and word.reason == held.barred:
            self.judged(held, word.subject, False)

    # ------------------------------------------------------------------------------------------- the contract

    def reach(self, unit: str) -> Reach | None:
        """Say what a unit can be made to do: nothing, with the reason, while no agreement stands."""
        held = self.units.get(unit.upper())
        if held is None or held.standing is None:
            return None
        return Reach(why=held.barred) if held.barred else held.reach

    async def carry(self, order: Order) -> tuple[messages.Outcome, ...]:
        """Carry an order out, if an agreement stands at this moment."""
        held = self.units.get(order.unit.upper())
        if held is None:
            raise Away("no adapter serves it any more")
        await self._judge(held)
        if held.barred:
            self.judged(held, primacy.key(order.record), False)
            # what it was to leave it leaves by itself: nobody speaks with it any more
            return () if order.kind is Kind.leave else (self._refusal(order, UNSUPPORTED, held.barred),)
        try:
            await held.guest.carry(order)
        except Unable as no:
            status = no.status if no.status in fleet.CLOSED else UNSUPPORTED
            return (self._refusal(order, status, str(no)),)
        held.stirred.set()
        return ()

    def listen(self, heard: Heard) -> None:
        """Nobody is ever called: a unit of an adapter takes nothing ahead that it would tell of."""

    def there(self, present: Present) -> None:
        """Call with a unit whose reach is known, or other than before."""
        self._present.append(present)

    def _refusal(self, order: Order, status: int, reason: str) -> messages.Outcome:
        at = Decimal(int(self.clock() * 1000)).scaleb(-3)
        subject = primacy.key(order.record)
        return messages.Outcome(
            id=f"{order.unit}/{subject}/{status}@{at}",
            origin=messages.Origin(party=order.unit, door=messages.Door.core),
            target=messages.Target(),
            issued=at,
            created=at,
            correlation=order.record.correlation,
            device=order.unit,
            subject=subject,
            status=status,
            reason=reason[:LONGEST],
        )

    # ------------------------------------------------------------------------------------------------ minding

    async def _mind(self, held: Held) -> None:
        while True:
            held.stirred.clear()
            try:
                await self._judge(held)
                await (self._left(held) if held.barred else self._served(held))
            except Unavailable:
                await asyncio.sleep(AGAIN)
                continue
            except Exception:
                LOG.exception("minding broke", part="adapter", name=held.name, lfdi=held.unit)
                await asyncio.sleep(AGAIN)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause(held)):
                    await held.stirred.wait()

    def _pause(self, held: Held) -> float | None:
        """Seconds until a unit is looked at again, if nothing stirs it."""
        until = held.standing.until if held.standing is not None else NEVER
        edge = [] if until == NEVER else [max(until - self.clock(), 0.0)]
        poll = [] if held.barred else [held.guest.plug.said.poll]
        return min((*edge, *poll), default=None)

    async def _judge(self, held: Held) -> None:
        """Read how it stands, and have it known where that is other than before."""
        was, held.standing = held.standing, await self.stands(held.name, held.unit)
        if was is None or (was.number, was.why) != (held.standing.number, held.standing.why):
            LOG.info(
                "agreement", part="adapter", name=held.name, lfdi=held.unit,
                number=held.standing.number or None, reason=held.standing.why,
            )  # fmt: skip
            self.judged(held, held.unit, not held.barred)
            self._tell(held)

    def _tell(self, held: Held) -> None:
        self.changed()
        for each in self._present:
            each(held.unit)

    async def _left(self, held: Held) -> None:
        """Say nothing more to a unit."""
        if held.reach is not None:
            held.reach, held.there, held.why = None, False, ""
            await held.guest.part(held.unit)
            self.changed()

    async def _served(self, held: Held) -> None:
        """Meet a unit that is not there, and take what it tells."""
        was = held.there, held.why, held.reach
        try:
            if not held.there:
                held.reach = (await held.guest.meet(held.unit))._replace(hold=token_hex(4))
            held.there, held.why = True, ""
            said = await held.guest.tell(held.unit, head(held.unit, self.clock()))
        except (Away, Unable) as error:
            held.there, held.why = False, str(error)[:LONGEST]
        else:
            await self._judge(held)
            if not held.barred:
                await held.word.take(said)
        if (held.there, held.why, held.reach) != was:
            LOG.info(
                "unit there" if held.there else "unit away", part="adapter", name=held.name,
                lfdi=held.unit, reason=held.why,
            )  # fmt: skip
            self._tell(held)


def head(unit: str, at: float) -> dict[str, object]:
    """The envelope of what a unit says: by itself, of itself, now, in whole seconds as IEEE 2030.5 counts."""
    moment = Decimal(int(at))
    return {
        "id": f"{unit}@{at}",
        "origin": messages.Origin(party=unit, door=messages.Door.core),
        "target": messages.Target(device=(unit,)),
        "issued": moment,
    }
