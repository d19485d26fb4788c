"""Who brings one order to its unit and has written down what came of it: done, refused, again, expired, dead.

How persistent is `core.delivery`'s to say; chance and the clock are given. What a carrier raises beside
`Away` is our own fault, told in the log and counted as a try. Each end has a line in the log and a figure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import structlog

from bridge.app.pump.books import Books, Step
from bridge.app.pump.rows import Letter
from bridge.core import delivery, fleet, orders, told
from bridge.core.delivery import THERE, Habit, State, Target, Verdict
from bridge.core.told import Told
from bridge.ports import Away, Carrier, Order
from models.der import messages

DONE, REFUSED, PASSED = "done", "refused", "passed over"
LATE = "its window is over"
Count = Callable[[str], None]
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True)
class Porter:
    """For all units."""

    books: Books
    habit: Habit
    patience: float
    clock: Callable[[], Decimal]
    chance: Callable[[], float]
    """From 0 up to 1."""
    count: Count
    """Told what became of each try."""
    spoken: Callable[[messages.Outcome], None] = lambda _word: None
    """Told what was said for a unit."""
    targets: dict[str, Target] = field(default_factory=dict)

    def there(self, unit: str) -> None:
        """Take that a unit has come: nothing of before keeps it from being tried."""
        self.targets[unit] = THERE._replace(came=True)

    def due(self, letter: Letter) -> Decimal:
        """Give when an order may go out."""
        return delivery.due(self.targets.get(letter.order.unit, THERE), letter.due)

    async def bring(self, carrier: Carrier, letter: Letter, state: Told) -> None:
        """Bring an order to its unit, unless it means nothing any more."""
        order = letter.order
        modes = orders.left(order, state.marks)
        if delivery.over(order, self.clock()):
            await self._late(letter)
        elif not modes:
            await self._end(PASSED, letter, None, lambda now: (now, ()))
        else:
            await self._carry(carrier, letter, order._replace(modes=modes))

    async def _carry(self, carrier: Carrier, letter: Letter, order: Order) -> None:
        try:
            async with asyncio.timeout(self.patience):
                answer = await carrier.carry(order)
        except (Away, TimeoutError) as error:
            await self._failed(letter, str(error) or "no answer in time")
        except Exception as error:
            LOG.exception("carrier broke off", part="pump", unit=order.unit, number=order.number)
            await self._failed(letter, repr(error))
        else:
            self.targets[order.unit] = THERE
            refused = any(one.status in fleet.CLOSED for one in answer)
            end = REFUSED if refused else DONE
            await self._end(end, letter, None, lambda now: told.carried(now, order, answer), answer)

    async def _failed(self, letter: Letter, why: str) -> None:
        unit, now, tries = letter.order.unit, self.clock(), letter.tries + 1
        self.targets[unit] = delivery.failed(self.habit, self.targets.get(unit, THERE), now)
        tried = letter._replace(tries=tries, reason=why[:400])
        verdict = delivery.verdict(self.habit, letter.order, tries, now)
        if verdict is Verdict.expired:
            await self._late(tried)
        elif verdict is Verdict.dead:
            await self._end(
                "dead", tried, tried._replace(dead=True), lambda one: told.dead(one, letter.order)
            )
        else:
            due = now + delivery.pause(self.habit, tries, self.chance())
            await self._end("again", tried, tried._replace(due=due), lambda one: (one, ()))

    async def _late(self, letter: Letter) -> None:
        """Keep an order that came too late as a dead letter."""
        reason = f"{LATE}: {letter.reason}" if letter.reason else LATE
        late = letter._replace(dead=True, reason=reason)
        await self._end("expired", late, late, lambda one: (told.expired(one, letter.order), ()))

    async def _end(
        self, how: str, letter: Letter, after: Letter | None, step: Callable[[Told], Step],
        answer: tuple[messages.Outcome, ...] = (),
    ) -> None:  # fmt: skip
        found = await self.books.settle(letter, after, step, answer)
        self.count(how)
        order, why = letter.order, letter.reason or next((one.reason for one in answer if one.reason), "")
        say = LOG.info if how in {DONE, PASSED} else LOG.warning
        say(
            "order", part="pump", outcome=how, unit=order.unit, number=order.number, kind=order.kind.value,
            record=order.record.mRID or order.record.id, modes=sorted(order.modes), tries=letter.tries,
            breaker=self.state(order.unit).value, reason=why, correlation=order.record.correlation,
        )  # fmt: skip
        self.said(found)

    def state(self, unit: str) -> State:
        """Give the state of a unit's breaker."""
        return delivery.state(self.habit, self.targets.get(unit, THERE), self.clock())

    def said(self, outcomes: Iterable[messages.Outcome]) -> None:
        """Tell the log what was said for a unit."""
        for one in outcomes:
            self.spoken(one)
            LOG.info(
                "outcome", part="pump", unit=one.device, subject=one.subject, status=one.status,
                cause=one.addCause, reason=one.reason, correlation=one.correlation,
            )  # fmt: skip
