"""An order carried out on one unit, whole or not at all: taken, or left, and what the unit said to it.

First the plan, which refuses what cannot be; then settings, schedules, commands, Mod last. What the unit
refuses half-way is taken back, and the answer names the part. What it does not answer is tried again by
whoever holds the order: repeating it does the same once more. Follows the mapping's response table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from bridge.iec61850.carrying import book, leaving, plan, slot, ways
from bridge.iec61850.carrying.deed import Author, Desk
from bridge.iec61850.carrying.fault import Fault, Later
from bridge.iec61850.carrying.line import Line, Talk
from bridge.iec61850.carrying.plan import Command, Plan
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.shape import Value
from bridge.mapping.bases import Bases
from bridge.mapping.work import ON
from bridge.ports import Away, Kind, Order
from models.mms.codes import AddCause


class Done(NamedTuple):
    """An order was carried out."""

    schedules: tuple[str, ...] = ()
    """Those of the unit that it stands in."""
    commanded: bool = False
    """Something was commanded and the unit has said that it is done."""
    armed: bool = False
    """The commands wait at the unit for the window's begin."""
    apart: tuple[str, ...] = ()
    """Settings the unit has no object for."""


def carry(order: Order, survey: Survey, bases: Bases, author: Author, now: float) -> Talk[Done | Fault]:
    """Carry an order out; gives its refusal, raises Away for what is to be tried again."""
    desk = Desk(survey, Line(survey.domain, now), author)
    try:
        return (yield from STEPS[order.kind](desk, order, bases))
    except Fault as fault:
        left = yield from desk.undo()
        fault.why += f"; not taken back: {left}" if left else ""
        if fault.verdict.retry:
            raise Away(str(fault)) from None
        return fault
    except Later as later:
        raise Away(str(later)) from None


def take(desk: Desk, order: Order, bases: Bases) -> Talk[Done]:
    """Have a unit follow a record."""
    wanted = plan.planned(order, desk.survey, bases, desk.line.now)
    at = _ahead(desk, order, wanted)
    before = yield from desk.states(wanted.commands)
    yield from desk.settle(wanted.settings)
    mark = slot.marking(order.record, order.start, order.end)
    stood: tuple[str, ...] = ()
    for booking in (*wanted.bookings, *(yield from _modes(desk, wanted))):
        stood += ((yield from book.book(desk, booking, mark)).node,)
    yield from _command(desk, wanted.commands, before, at)
    if not plan.bounded(order):
        yield from leaving.replaced(desk, order, bases)
    armed = at is not None
    return Done(stood, bool(wanted.commands) and not armed, armed, wanted.apart)


def _command(
    desk: Desk, commands: tuple[Command, ...], before: Mapping[str, Value], at: float | None
) -> Talk[None]:
    """Command values, then Mod; a node that takes no value while it is off is switched on before it.

    Mod that is on is commanded where nothing else of its node is: else nobody would be told to begin.
    """
    modes = {each.target.node: each for each in commands if each.target.object == plan.MODE}
    valued = {each.target.node for each in commands if each.target.object != plan.MODE}
    for each in commands:
        mode, held = modes.get(each.target.node), before.get(each.ref)
        if each is mode:
            if held != each.value or each.target.node not in valued:
                yield from desk.command(each, held, at)
            continue
        try:
            yield from desk.command(each, held, at)
        except Fault as fault:
            if fault.cause is not AddCause.blocked_by_mode or mode is None or mode.value != ON:
                raise
            yield from desk.command(mode, before.get(mode.ref), at)
            yield from desk.command(each, held, at)
            before = {**before, mode.ref: ON}


def _ahead(desk: Desk, order: Order, wanted: Plan) -> float | None:
    """The moment to operate at, where commands come before their time and the unit can wait for it."""
    if not wanted.commands or order.start <= Decimal(repr(desk.line.now)) + plan.LEAD:
        return None
    now = {item.split("$")[2] for item in wanted.settings} - plan.STANDING
    timed = all(
        "operTm" in dict(getattr(desk.survey.services(each.target).get("Oper"), "fields", ()))
        for each in wanted.commands
    )
    if now or not timed:
        raise Later(f"not before its start at {order.start}")
    return float(order.start)


def _modes(desk: Desk, wanted: Plan) -> Talk[tuple[plan.Booking, ...]]:
    """Mod of the nodes of scheduled objects, under schedules of their own; else it is switched on at once."""
    found: list[plan.Booking] = []
    for booking in wanted.bookings:
        node = booking.entity.partition(".")[0]
        mode = Command(desk.survey.target(f"{node}.{plan.MODE}"), ON)
        if mode.ref == booking.entity or not desk.survey.model(mode.target):
            continue
        if any(each.entity == mode.ref for each in (*found, *wanted.bookings)):
            continue
        if ways.arbiter(desk.survey, mode.ref, "ENC"):
            found.append(booking._replace(entity=mode.ref, cdc="ENC", value=ON))
        elif (held := (yield from desk.states([mode])).get(mode.ref)) != ON:
            yield from desk.command(mode, held)
    return tuple(found)


def leave(desk: Desk, order: Order, bases: Bases) -> Talk[Done]:
    """Have a unit follow a record no longer."""
    return Done(commanded=(yield from leaving.left(desk, order, bases)))


STEPS: Mapping[Kind, Callable[[Desk, Order, Bases], Talk[Done]]] = {Kind.take: take, Kind.leave: leave}
