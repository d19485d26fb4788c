"""A unit that carries out what it is told, and the rounds that tell it: for the tests of orders.

It does to the letter what it is told and knows nothing else: a leave switches its mode off whatever it
follows, so that one too many is seen. Nothing of `Rounds` but `told` and `queue` outlives a step, as rows do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from bridge.core import orders, primacy, told
from bridge.core.case import Case, Event, pictured
from bridge.core.owing import Owed
from bridge.ports import Kind, Order, Reach
from models.der import messages
from tests.core import records

UNIT = records.UNITS[0]
SEED = b"seed"


@dataclass
class Fake:
    """A unit."""

    reach: Reach
    windows: dict[tuple[str, str], tuple[Decimal, Decimal]] = field(default_factory=dict)
    single: dict[tuple[str, str], str] = field(default_factory=dict)
    """What was commanded, and what is behind the windows, by mode and slot."""
    carried: list[Order] = field(default_factory=list)

    def carry(self, order: Order) -> tuple[messages.Outcome, ...]:
        """Do it."""
        self.carried.append(order)
        key, default = primacy.key(order.record), isinstance(order.record, messages.Default)
        for mode in order.modes:
            slot = "behind" if default else "ahead"
            slot = slot if mode in self.reach.scheduled else "now"
            if order.kind is Kind.take and slot == "ahead":
                self.windows[mode, key] = (order.start, order.end)
            elif order.kind is Kind.take:
                self.single[mode, slot] = key
            elif slot == "ahead":
                self.windows.pop((mode, key), None)
            else:
                self.single.pop((mode, slot), None)
        return ()

    def holds(self, mode: str, now: Decimal) -> set[str]:
        """What it follows in a mode: of windows that overlap each one."""
        if mode in self.reach.scheduled:
            running = {
                key for (one, key), (start, end) in self.windows.items() if one == mode and start <= now < end
            }
            return running or {self.single[key] for key in [(mode, "behind")] if key in self.single}
        return {self.single[key] for key in [(mode, "now")] if key in self.single}


@dataclass
class Rounds:
    """What the bridge remembers of a unit, and what it does with it."""

    reach: Reach
    told: told.Told = field(default_factory=lambda: told.Told(Decimal(0)))
    queue: list[Order] = field(default_factory=list)
    said: list[Owed] = field(default_factory=list)
    until: Decimal = Decimal(0)

    def case(self, asked: Iterable[Event], now: Decimal) -> Case:
        """The unit at a moment."""
        queued = frozenset((one.kind, primacy.key(one.record)) for one in self.queue)
        picture = pictured(records.enrolment(UNIT), (), asked, self.told.said, now)
        marks, said = self.told.marks, self.told.said
        return Case(picture, UNIT, self.reach, marks, queued, said, self.told.since, SEED)

    def look(self, asked: list[Event], now: Decimal) -> None:
        """Look until nothing follows any more."""
        while True:
            found = told.look(self.told, self.case(asked, now), now)
            same = found.told == self.told and not found.orders
            self.told, self.until = found.told, found.until
            self.queue += found.orders
            self.said += found.owed
            if same:
                return

    def deliver(self, unit: Fake, *, twice: bool = False, crash: bool = False) -> bool:
        """Carry the first order; False where there is none. A crash comes after the unit heard."""
        if not self.queue:
            return False
        order = self.queue[0]
        modes = orders.left(order, self.told.marks)
        if modes:
            for _ in range(1 + twice):
                unit.carry(order._replace(modes=modes))
            if crash:
                return True
        self.queue.pop(0)
        self.told, news = told.carried(self.told, order, ())
        self.said += news
        return True
