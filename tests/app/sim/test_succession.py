"""One limit after the other at a simulated unit: from the first one on there is no moment without a limit.

The unit is that of `derbridge sim` behind its own server, spoken to from bytes to bytes; what it has in force
is looked at at every request, and ten times a second while nobody asks. Only a wait or a request moves time.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Any, cast

import pytest

import models.der.messages as m
from bridge.app.sim.outstation.desk import Desk
from bridge.iec61850 import device, unit
from bridge.iec61850.carrying.doing import Done, carry
from bridge.iec61850.carrying.line import Heard, Wait
from bridge.iec61850.carrying.survey import survey
from bridge.iec61850.control import Controls
from bridge.iec61850.discovery import Found
from bridge.iec61850.estate import Estate
from bridge.iec61850.floor import Floor
from bridge.iec61850.image import Image
from bridge.iec61850.server import Server
from bridge.ports import Kind, Order
from models.mms import pdu, services
from tests.iec61850.carrying import real
from tests.iec61850.carrying.asked import FOREVER
from tests.iec61850.carrying.real import AUTHOR, ME, NOW, Unit, able
from tests.iec61850.units import LFDI, amount, said
from tests.mapping.fitting import BASES

BEGUN = Decimal(int(NOW))
TRIP = 0.01
"""Seconds that a request takes."""
TENTH, LONG = 0.1, 60
"""Seconds between two looks, and past which one each second will do."""


class Station(Unit):
    """The desk of a simulated unit in the place of a plant of the tests' own."""

    def __init__(self) -> None:
        """With a node that is on, and nothing in force."""
        self.image, self.now, self.asked, self.limit = Image(), NOW, 0, None
        self.estate = Estate(self.image)
        self.desk = Desk(self.estate, LFDI, lambda: self.now)
        self.estate.add(LFDI, device.unit(LFDI, able("maxLimW"), BASES, NOW))
        self.controls = Controls(self.image, self.desk)
        floor = Floor(self.image, lambda *_: True, self.desk.written, controls=self.controls)
        self.server = Server(floor)
        self.image.watchers.append(self.desk.changed)
        self.peer, self.number = self._open(), 0
        self.seen: list[str] = []
        self.known: Any = None

    @property
    def domain(self) -> str:
        return self.desk.device.name

    def look(self) -> Any:
        """What the bridge finds out about the unit, once."""
        if self.known is None:
            self.known = self.talk(survey(Found(dict(self.image.domains)), self.domain, self.now))
        return self.known

    def note(self) -> None:
        """Note what is in force."""
        modes, _ = self.desk.modes(self.now)
        self.seen.append("nothing" if modes.maxLimW is None else f"{modes.maxLimW.value:.0f}")

    def _asked(self, step: services.ConfirmedServiceRequest_choice) -> Heard:
        held = services.ConfirmedServiceRequest(choice=step)
        asked = pdu.Confirmed_RequestPDU(invokeID=1, ConfirmedServiceRequest=held)
        payload = unit.write(self.peer.assoc, "confirmed-RequestPDU", asked)
        outs = self.server.receive(ME, payload, "get" if step.tag == "read" else "set", self.now)
        (answer,) = [cast("Any", unit.read(out.payload).choice.value) for out in outs if out.how == "result"]
        reports = (*real.reports(outs), *self.go(TRIP))
        return Heard(self.now, answer.ConfirmedServiceResponse.choice.value, reports=reports)

    def _waited(self, step: Wait) -> Heard:
        return Heard(self.now, reports=self.go(step.until - self.now))

    def go(self, seconds: float) -> tuple[Any, ...]:
        """Let time pass, and look at what is in force all the time."""
        until, step = self.now + seconds, TENTH if seconds < LONG else 1.0
        self.note()
        while self.now + step < until:
            self.now += step
            self.note()
        self.now = until
        self.note()
        return real.reports(self.server.tick(self.now))

    def order(self, kind: Kind, percent: int, start: Decimal, end: Decimal, rank: int = 1) -> None:
        """Carry out an order for a limit."""
        self.number += 1
        limit = m.Modes(maxLimW=amount(percent, "%", "setMaxW"))
        common = said(mRID=f"B{percent:03d}", modes=limit)
        record: Any = (
            m.Default(**common, entry=m.GridEntry()) if end == FOREVER
            else m.Control(**common, start=start, duration=end - start, primacy=rank)
        )  # fmt: skip
        asked = Order(LFDI, self.number, kind, record, frozenset({"maxLimW"}), start, end)
        found = self.talk(carry(asked, self.look(), BASES, AUTHOR, self.now))
        assert isinstance(found, Done), found

    def told(self) -> list[str]:
        """What was in force, one after the other."""
        return [one for one, _ in groupby(self.seen)]


@pytest.fixture
def station() -> Station:
    """A unit that follows a default, then a limit by its schedule."""
    made = Station()
    made.order(Kind.take, 90, -FOREVER, FOREVER)
    made.order(Kind.take, 50, BEGUN, BEGUN + 3600)
    made.go(5)
    assert made.told()[-2:] == ["90", "50"]
    made.seen.clear()
    return made


def test_a_limit_that_another_one_supersedes_at_once_is_followed_until_that_one_is(station: Station) -> None:
    start = Decimal(int(station.now))
    station.order(Kind.take, 30, start, start + 600, rank=0)
    station.order(Kind.leave, 50, BEGUN, BEGUN + 3600)
    station.go(700)
    assert station.told() == ["50", "30", "90"]


def test_a_limit_that_is_cut_short_for_later_is_followed_meanwhile(station: Station) -> None:
    start = Decimal(int(station.now)) + 60
    station.order(Kind.take, 50, BEGUN, start)
    station.order(Kind.take, 30, start, start + 600, rank=0)
    station.go(700)
    assert station.told() == ["50", "30", "90"]


def test_a_limit_that_is_cut_short_twice_is_followed_meanwhile(station: Station) -> None:
    start = Decimal(int(station.now)) + 60
    station.order(Kind.take, 50, BEGUN, start + 60)
    station.order(Kind.take, 50, BEGUN, start)
    station.order(Kind.take, 30, start, start + 600, rank=0)
    station.go(700)
    assert station.told() == ["50", "30", "90"]


def test_limits_that_adjoin_are_followed_one_after_the_other(station: Station) -> None:
    station.order(Kind.take, 40, BEGUN + 3600, BEGUN + 7200)
    station.go(8000)
    assert station.told() == ["50", "40", "90"]
