"""One unit as the carrier minds it: what was found out about it, its schedules of ours, reports not yet used.

Plain state with the waits that belong to it, and the outcomes that a refusal or a schedule makes. Nothing is
asked or decided here. A report about something else than a control or a schedule is let go at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bridge.app.facility.session import Session
from bridge.core import primacy
from bridge.iec61850 import termination
from bridge.iec61850.carrying import watch
from bridge.iec61850.carrying.fault import Fault
from bridge.iec61850.carrying.slot import Slot
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.image import Domain
from bridge.ports import Order, Reach
from models.der import messages
from models.mms import pdu, services

MOST = 1_000
"""Reports that may wait for a conversation."""
POLL = 30.0
"""Seconds between two looks at schedules that wait or run."""
SHORTEST = 0.5
"""Seconds between two looks, whatever is told."""
LONGEST = 192
"""Characters of a reason."""


@dataclass(slots=True)
class Tended:
    """A unit that is minded."""

    lfdi: str
    session: Session | None = None
    survey: Survey | None = None
    """None until it was looked at, in the association that there is."""
    reach: Reach | None = None
    """As it was known last."""
    domain: Domain | None = None
    slots: dict[str, Slot] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    poke: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    _waiting: deque[pdu.Unconfirmed_PDU] = field(default_factory=lambda: deque(maxlen=MOST))
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, report: pdu.Unconfirmed_PDU) -> None:
        """Take a report."""
        if termination.read(report) is not None:
            self._waiting.append(report)
            self._came.set()
        elif self.domain is not None and watch.told(report, self.domain):
            self.poke.set()

    def reports(self) -> tuple[pdu.Unconfirmed_PDU, ...]:
        """The reports of controls that came since they were asked for last."""
        found = tuple(self._waiting)
        self._waiting.clear()
        self._came.clear()
        return found

    async def report(self, wait: float) -> None:
        """Wait for a report of a control."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(wait, 0)):
                await self._came.wait()

    async def wait(self, edge: Decimal | None, now: float) -> None:
        """Wait until schedules are worth a look: at an edge, when told, and from time to time."""
        self.poke.clear()
        await asyncio.sleep(SHORTEST)
        wait = None if edge is None else min(max(float(edge) - now, 0), POLL)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self.poke.wait()


def one(
    service: services.ConfirmedServiceRequest_choice,
) -> Generator[services.ConfirmedServiceRequest_choice, Any, Any]:
    """A conversation of one request."""
    return (yield service)


def refusal(order: Order, fault: Fault, now: float) -> messages.Outcome:
    """The outcome of an order that a unit refuses."""
    said = outcome(order.unit, primacy.key(order.record), fault.verdict.status, now)
    told = {
        "addCause": None if fault.cause is None else int(fault.cause),
        "serviceError": None if fault.error is None else int(fault.error),
        "reason": str(fault)[:LONGEST],
        "correlation": order.record.correlation,
    }
    return said.model_copy(update=told)


def outcome(lfdi: str, subject: str, status: int, now: float) -> messages.Outcome:
    """What a unit says of a record."""
    at = Decimal(int(now * 1000)).scaleb(-3)
    return messages.Outcome(
        id=f"{lfdi}/{subject}/{status}@{at}",
        origin=messages.Origin(party=lfdi, door=messages.Door.iec61850),
        target=messages.Target(),
        issued=at,
        created=at,
        device=lfdi,
        subject=subject,
        status=status,
    )
