"""What an aggregator commands, and what it hears of it: an order made of modes, carried out on one device.

Directly, each object is operated and its CommandTermination awaited; by schedule, its FSCH is written and
enabled, and SchdSt says that it stands (docs/carrying.md). What comes back is a word, with the AddCause that
LastApplError or the termination told. Keeps nothing, and knows no story.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from bridge.app.facility import line
from bridge.app.sim.aggregator import Aggregator
from bridge.app.sim.heard import Heard, Word
from bridge.iec61850.carrying.fault import Fault
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.termination import Ended
from bridge.mapping.bases import Bases
from bridge.ports import Away, Kind, Order
from models.der import messages


class Wanted(NamedTuple):
    """What is wanted: modes with their curves, from when, and for how long."""

    name: str
    """The record's mRID."""
    modes: messages.Modes
    start: float
    lasts: float


def order(hand: Aggregator, wanted: Wanted, number: int) -> Order:
    """An order as a carrier has it."""
    start = Decimal(int(wanted.start))
    record = messages.Control(
        id=f"{wanted.name}@{start}", origin=messages.Origin(party=hand.lfdi, door=messages.Door.iec61850),
        target=messages.Target(), issued=start, mRID=wanted.name, start=start,
        duration=Decimal(round(wanted.lasts)), modes=wanted.modes,
    )  # fmt: skip
    named = frozenset(name for name in messages.Modes.model_fields if getattr(wanted.modes, name) is not None)
    return Order(hand.lfdi, number, Kind.take, record, named, start, start + record.duration)


async def take(hand: Aggregator, wanted: Order, device: Survey, *, scheduled: bool) -> Heard:
    """Have a device follow an order, and tell what was heard."""
    return await _carried(hand, wanted, device if scheduled else _direct(device))


async def leave(hand: Aggregator, wanted: Order, device: Survey, *, scheduled: bool) -> Heard:
    """Have a device follow an order no longer."""
    end = wanted._replace(kind=Kind.leave, number=wanted.number + 1)
    return await _carried(hand, end, device if scheduled else _direct(device))


def _direct(device: Survey) -> Survey:
    """A device without its schedules, so that each object is operated."""
    return replace(device, arbiters=())


async def _carried(hand: Aggregator, wanted: Order, device: Survey) -> Heard:
    try:
        found = await hand.carry(wanted, device, Bases())
    except (Away, line.Away) as away:
        return _refused(hand.failure(device.domain), str(away), "nothing")
    except Refusal as refusal:
        return Heard("refused", why=str(refusal))
    if not isinstance(found, Fault):
        return Heard("done")
    return _refused(hand.failure(device.domain), str(found), "refused")


def _refused(said: Ended | None, why: str, word: Word) -> Heard:
    """What LastApplError or a termination told, or else what is known without one."""
    if said is None or said.failed is None:
        return Heard(word, why=why)
    return Heard("failed" if said.over else "refused", int(said.failed.cause), why)
