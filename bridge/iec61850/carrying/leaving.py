"""A mode left: its schedules disabled, its node switched off, or told what asks for nothing.

A schedule is known by its mark, so one that has ended, or that another order has taken over, is let be. A
node that serves one mode alone is switched off; one that others share is told the mode's neutral value, and
is switched off when none of its modes asks for anything. What cannot be left so is refused, by name.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.iec61850.carrying import book, plan, slot, ways
from bridge.iec61850.carrying.deed import Desk
from bridge.iec61850.carrying.fault import UNABLE, Fault
from bridge.iec61850.carrying.line import Talk
from bridge.iec61850.carrying.neutral import neutral
from bridge.iec61850.carrying.plan import Command, Plan
from bridge.iec61850.roster import running
from bridge.mapping.bases import Bases
from bridge.mapping.nodes import EQUIPMENT, Row, place, read
from bridge.mapping.points import Scalar
from bridge.mapping.work import OFF, ON
from bridge.ports import Kind, Order
from models.der import messages

ALWAYS = Decimal("-Infinity"), Decimal("Infinity")


def left(desk: Desk, order: Order, bases: Bases) -> Talk[bool]:
    """Leave the modes of an order; gives whether anything was commanded."""
    bases = ways.suited(desk.survey, bases)
    rows = {row.canonical: row for row in read().rows["Modes"]}
    mark, commanded = slot.marking(order.record, order.start, order.end), False
    for name in sorted(order.modes - plan.BESIDE):
        if ways.way(desk.survey, bases, rows[name]).slots and plan.bounded(order):
            yield from _unbooked(desk, rows[name], bases, mark)
        else:
            yield from _ended(desk, _ending(desk, order, rows[name], bases))
            yield from _emptied(desk, order, rows[name], bases)
            commanded = True
    return commanded


def _unbooked(desk: Desk, row: Row, bases: Bases, mark: slot.Mark) -> Talk[None]:
    """End the schedules of a mode that are of a record, and those of its node's mode.

    Where another one of the same object is about to begin, that one runs before: between the two is no gap.
    """
    for held in (yield from standing(desk, row, bases)):
        if slot.mine(held, mark, held.priority):
            if held.state == slot.RUNNING:
                yield from book.begun(desk, _others(desk, held))
            yield from book.drop(desk, held)


def _others(desk: Desk, held: slot.Slot) -> list[str]:
    """The schedules beside one, of the same object."""
    found = next(each.schedules for each in desk.survey.arbiters if held.node in each.schedules)
    return [each for each in found if each != held.node]


def standing(desk: Desk, row: Row, bases: Bases) -> Talk[tuple[slot.Slot, ...]]:
    """The schedules of a mode's objects, and of its nodes' own mode."""
    refs = (*ways.objects(row, bases), *(f"{node}.{plan.MODE}" for node in running(row)))
    entities = {ways.named(bases, ref) for ref in refs}
    names = [one for each in desk.survey.arbiters if each.entity in entities for one in each.schedules]
    return (yield from slot.look(desk.line, desk.survey, names))


def replaced(desk: Desk, order: Order, bases: Bases) -> Talk[None]:
    """End what a mode followed before by its only schedule, now that it was commanded otherwise."""
    bases = ways.suited(desk.survey, bases)
    for row in read().rows["Modes"]:
        alone = row.canonical in order.modes and 0 < ways.way(desk.survey, bases, row).slots < ways.AHEAD
        for held in (yield from standing(desk, row, bases)) if alone else ():
            if held.mark is not None:
                yield from book.drop(desk, held)


def _ending(desk: Desk, order: Order, row: Row, bases: Bases) -> Plan:
    """What ends a mode: Mod off of its own nodes, or its neutral value."""
    own = [ways.named(bases, node) for node in running(row) if place(node).node not in EQUIPMENT]
    modes = (Command(desk.survey.target(f"{node}.{plan.MODE}"), OFF) for node in own)
    there = tuple(each for each in modes if desk.survey.model(each.target))
    if there and not row.shared:
        return Plan({}, there)
    said = neutral(row.canonical, bases)
    if said is None:
        raise Fault(row.canonical, "its node cannot be switched off, and no value asks for nothing", UNABLE)
    told = plan.planned(_asking(order, row.canonical, said), desk.survey, bases, desk.line.now)
    return told._replace(commands=tuple(each for each in told.commands if each.target.object != plan.MODE))


def _ended(desk: Desk, told: Plan) -> Talk[None]:
    """Carry out what ends a mode; a node that is off already is let be."""
    before = yield from desk.states(told.commands)
    yield from desk.settle(told.settings)
    for each in told.commands:
        held = before.get(each.ref)
        if each.target.object != plan.MODE or held in (None, ON):
            yield from desk.command(each, held)


def _asking(order: Order, mode: str, said: Any) -> Order:  # noqa: ANN401 - the field's own class
    """An order for a value of one mode, without an end."""
    common = {name: getattr(order.record, name) for name in messages.Message.model_fields}
    modes = messages.Modes().model_copy(update={mode: said})
    record = messages.Default(**common, modes=modes, entry=messages.GridEntry())
    return order._replace(
        kind=Kind.take, record=record, modes=frozenset({mode}), start=ALWAYS[0], end=ALWAYS[1]
    )


def _emptied(desk: Desk, order: Order, row: Row, bases: Bases) -> Talk[None]:
    """Switch the shared nodes of a mode off when none of their modes asks for anything."""
    for node in (each for each in running(row) if row.shared and place(each).node not in EQUIPMENT):
        wanted = _nothing(order, node, bases)
        asked = [Command(desk.survey.target(ref), value) for ref, value in wanted.items()]
        held = yield from desk.states([each for each in asked if desk.survey.model(each.target)])
        mode = Command(desk.survey.target(ways.named(bases, f"{node}.{plan.MODE}")), OFF)
        if desk.survey.model(mode.target) and all(held[ref] == wanted[ref] for ref in held):
            yield from _ended(desk, Plan({}, (mode,)))


def _nothing(order: Order, node: str, bases: Bases) -> dict[str, Scalar]:
    """What the objects of a node hold when none of its modes asks for anything."""
    wanted: dict[str, Scalar] = {}
    for row in read().rows["Modes"]:
        said = neutral(row.canonical, bases) if row.shared and node in running(row) else None
        if said is not None:
            ref = ways.named(bases, row.iec61850)
            asked = _asking(order, row.canonical, said)
            points = plan.points(plan.narrowed(asked, asked.modes, asked.start), bases)
            wanted[ref] = next(each.value for each in points if each.ref.startswith(f"{ref}."))
    return wanted
