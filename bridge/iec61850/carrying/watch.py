"""What a unit says of its schedules by itself: begun, over, broken off, from reports and from looking.

A report only says that it is worth looking: its members are named by references or by the data set it is of
(IEC 61850-7-2). A schedule that runs has begun; one that is not ready at its end is completed; before it, the
unit has broken it off. One that bears no mark of ours is nobody's business here. Keeps no clock.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from bridge.iec61850 import received
from bridge.iec61850.carrying import slot
from bridge.iec61850.carrying.line import Line, Talk
from bridge.iec61850.carrying.slot import RUNNING, Mark, Slot
from bridge.iec61850.carrying.survey import Arbiter, Survey
from bridge.iec61850.image import Domain
from bridge.iec61850.received import Malformed
from bridge.iec61850.shape import Value
from models.mms import pdu

STARTED, COMPLETED, BROKEN = 2, 3, 10
"""Response status of 2030.5."""
STATE = "$ST$SchdSt"
SLACK = Decimal(2)
"""Seconds by which a unit's clock may be ahead of ours."""


class Turn(NamedTuple):
    """What has become of a schedule of ours."""

    mark: Mark
    status: int


def told(report: pdu.Unconfirmed_PDU, domain: Domain) -> bool:
    """Whether a report tells the state of a schedule of a device."""
    try:
        said = received.read(report.informationReport)
    except Malformed:
        return False
    listed = domain.sets.get(str(said.DatSet or "").partition("/")[2])
    members = listed.members if listed else ()
    places = (members[each.place][1] for each in said.items if each.place < len(members))
    return any(STATE in name for name in (*places, *(each.reference or "" for each in said.items)))


def watched(item: str) -> bool:
    """Whether a member of a data set is the state of a schedule."""
    return STATE in item


def held(survey: Survey, now: float) -> Talk[dict[str, Slot]]:
    """The schedules of a unit that bear our mark, or may."""
    schedules = dict.fromkeys(each for one in survey.arbiters for each in one.schedules)
    found = yield from slot.look(Line(survey.domain, now), survey, list(schedules))
    return {each.node: each for each in found if each.mark is not None}


def found(
    before: Mapping[str, Slot], after: Mapping[str, Slot], now: Decimal, arbiters: Iterable[Arbiter] = ()
) -> Iterator[Turn]:
    """What has become of schedules since they were looked at, or of those seen for the first time.

    One in whose place the other schedule of its object stands for the same record was not broken off.
    """
    objects = {node: each.node for each in arbiters for node in each.schedules}
    lives = {(objects.get(node), each.mark.key) for node, each in after.items() if each.mark and each.enabled}
    for node, each in after.items():
        was = before.get(node)
        fresh = was is None or was.mark != each.mark
        if each.mark is None or (was is not None and not fresh and was.state == each.state):
            continue
        if each.state == RUNNING:
            yield Turn(each.mark, STARTED)
        elif not each.enabled and each.mark.end <= now + SLACK:
            yield Turn(each.mark, COMPLETED)
        elif was is not None and not fresh and was.state == RUNNING and not _moved(objects, each, lives):
            yield Turn(each.mark, BROKEN)


def _moved(objects: Mapping[str, str], each: Slot, lives: Container[tuple[str | None, str]]) -> bool:
    key = each.mark.key if each.mark else ""
    return each.node in objects and (objects[each.node], key) in lives


def over(slots: Mapping[str, Slot], now: Decimal) -> tuple[Slot, ...]:
    """The schedules that have ended and still bear a mark."""
    return tuple(
        each for each in slots.values() if each.mark and not each.enabled and each.mark.end <= now + SLACK
    )


def forgotten(survey: Survey, slots: Iterable[Slot], now: float) -> Talk[None]:
    """Take the marks off schedules."""
    values: dict[str, Value] = {each.marked: "" for each in slots if each.marked}
    if values:
        yield from Line(survey.domain, now).write(values, survey.types)


def edge(slots: Mapping[str, Slot], now: Decimal) -> Decimal | None:
    """When the state of a schedule is next to change; at once, where it should have changed already."""
    moments = [
        each.mark.end if each.state == RUNNING else each.start
        for each in slots.values()
        if each.mark and each.enabled
    ]
    return max(min(moments), now) if moments else None
