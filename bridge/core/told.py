"""What a unit was told, and how that changes: by what is asked of it now, by orders that were carried or not.

It is all that has to be remembered of a unit: the rest is worked out anew from what the store holds. Each
function gives a new value, to be made durable in one commit with the orders and statuses beside it, so that
whoever begins again at any point comes to the same end. Reads no clock, sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from bridge.core import fleet, orders, owing, primacy
from bridge.core.case import NOTHING, Case, Event, Said, subject
from bridge.core.effects import NO_PART, RECEIVED
from bridge.core.orders import Mark
from bridge.core.owing import Owed
from bridge.ports import Kind, Order
from models.der import messages

NO_RECORDS: Mapping[str, Event] = MappingProxyType({})
UNREACHED = "the unit was not reached"
FOLLOWED = frozenset({2, 3})
"""Started, completed: who says so has received it, and says that first."""


class Told(NamedTuple):
    """A unit, as far as it was told."""

    since: Decimal
    """When the first look at it was taken."""
    number: int = 0
    """Of its last order."""
    marks: frozenset[Mark] = frozenset()
    """What it holds once all orders on their way are carried out."""
    records: Mapping[str, Event] = NO_RECORDS
    """The records of the marks, by name: to be left even when they are gone."""
    said: Said = NOTHING
    """What was said for it."""
    hold: str = ""
    """Its reach's, when it was told that."""


class Round(NamedTuple):
    """What follows from one look at a unit."""

    told: Told
    orders: tuple[Order, ...]
    owed: tuple[Owed, ...]
    until: Decimal
    """When to look again if nothing else happens."""


def look(told: Told, case: Case, now: Decimal) -> Round:
    """Compare what a unit was told with what it is to hold."""
    owed = owing.owed(case, now)
    wish = orders.wish(case.plan, case.records, case.reach, now)
    turn = orders.turn(told.marks, wish.marks, now, anew=case.reach.hold not in {"", told.hold})
    known = {**told.records, **case.records}
    made = tuple(
        Order(case.unit, told.number + at, ask.kind, known[ask.key], ask.modes, ask.start, ask.end)
        for at, ask in enumerate(turn.asks, 1)
    )
    after = _said(_kept(told, case), owed)._replace(
        number=told.number + len(made),
        marks=turn.marks,
        records=MappingProxyType({one.key: known[one.key] for one in turn.marks}),
        hold=case.reach.hold or told.hold,
    )
    return Round(after, made, owed, min(wish.until, owing.until(case, now)))


def carried(told: Told, order: Order, answer: Iterable[messages.Outcome]) -> tuple[Told, tuple[Owed, ...]]:
    """Take in that an order was carried, with what the unit said to it."""
    words = [one for one in answer if one.status is not None]
    refused = order.kind is Kind.take and any(one.status in fleet.CLOSED for one in words)
    after = told._replace(marks=orders.undone(order, told.marks)) if refused else told
    return _new(after, [Owed(order.record, one.status or 0, one.reason) for one in words])


def expired(told: Told, order: Order) -> Told:
    """Take in that an order came too late."""
    return told._replace(marks=orders.undone(order, told.marks))


def dead(told: Told, order: Order) -> tuple[Told, tuple[Owed, ...]]:
    """Take in that an order was given up: the unit has no part in what it was to take."""
    if order.kind is Kind.leave:
        return told, ()
    after = told._replace(marks=orders.undone(order, told.marks))
    return _new(after, [Owed(order.record, NO_PART, UNREACHED)])


def again(told: Told, order: Order) -> Told:
    """Take back that an order was given up."""
    name = subject(order.record)
    words = tuple(one for one in told.said.get(name, ()) if one != NO_PART)
    return told._replace(said=MappingProxyType({**told.said, name: words}))


def heard(told: Told, record: Event, word: messages.Outcome) -> tuple[Told, tuple[Owed, ...]]:
    """Take in what a unit says of a record by itself; after an end nothing more is taken."""
    if word.status is None or any(one in fleet.CLOSED for one in told.said.get(subject(record), ())):
        return told, ()
    first = [Owed(record, RECEIVED)] if word.status in FOLLOWED else []
    return _new(told, [*first, Owed(record, word.status, word.reason)])


def _new(told: Told, words: Iterable[Owed]) -> tuple[Told, tuple[Owed, ...]]:
    """Note statuses, each once; give those that are news."""
    news: list[Owed] = []
    for one in words:
        if one.status not in told.said.get(subject(one.record), ()):
            told = _said(told, (one,))
            news.append(one)
    return told, tuple(news)


def _said(told: Told, owed: Iterable[Owed]) -> Told:
    said = dict(told.said)
    for one in owed:
        name = subject(one.record)
        said[name] = (*said.get(name, ()), one.status)
    return told._replace(said=MappingProxyType(said))


def _kept(told: Told, case: Case) -> Told:
    """Forget what was said of records that are asked for no more, and are left."""
    held = {one.key for one in told.marks} | {key for _, key in case.queued}
    names = {subject(one) for one in case.records.values()} | {
        subject(one) for one in told.records.values() if primacy.key(one) in held
    }
    return told._replace(
        said=MappingProxyType({name: words for name, words in told.said.items() if name in names})
    )
