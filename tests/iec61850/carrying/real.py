"""A unit for the tests of carrying: our own server with a plant that holds values and runs its schedules.

The device is drawn up like those of the bridge, so its nodes and types are those of the name space; FSCH is a
machine of its own here (IEC 61850-7-4: enabled it is ready, runs for its window, and is frozen meanwhile).
Conversations go from bytes to bytes. Time is a number that only a wait moves on.
"""

from __future__ import annotations

import math
from typing import Any, TypeVar, cast

from bridge.iec61850 import roster, unit
from bridge.iec61850.able import BITS, modes, stores
from bridge.iec61850.carrying.deed import Author
from bridge.iec61850.carrying.line import Heard, Talk, Wait
from bridge.iec61850.carrying.survey import Survey, survey
from bridge.iec61850.control import Controls
from bridge.iec61850.device import named
from bridge.iec61850.discovery import Found
from bridge.iec61850.first import Birth, Plate, common, own, personal
from bridge.iec61850.floor import Floor, Note
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.image import Domain, Image
from bridge.iec61850.outline import Outline
from bridge.iec61850.panel import blocks, sets
from bridge.iec61850.peer import Out, Peer
from bridge.iec61850.server import Server
from bridge.iec61850.shape import Value
from bridge.iec61850.tree import domain
from bridge.mapping.nodes import read
from bridge.mapping.schedule import slot
from models.der import messages
from models.mms import pdu, services
from tests.iec61850 import conversation
from tests.iec61850.carrying.works import NOT_READY, Works
from tests.iec61850.units import LFDI, capability, everything

T = TypeVar("T")
NOW = 1_700_000_000.0
NAME = named("unit", f"D{LFDI}")
ME = Peer("bridge@dso.example/IEC")
AUTHOR = Author((3, b"BRIDGE"), 9)
TRIP = 0.001
"""Seconds that a request takes."""


def made(told: messages.Capability, slots: int, *, schedules: bool) -> Domain:
    """The device of a unit whose objects have one schedule or two each, or none."""
    held = roster.unit(modes(told), storing=stores(told))
    for node in [name for name in held if name.startswith(("FSCC", "FSCH"))]:
        if not schedules or (node.startswith("FSCH") and slot(node) >= slots):
            del held[node]
        for more in range(slots, roster.SLOTS) if node in held and node.startswith("FSCC") else ():
            del held[node][f"Schd{more + 1}"]
    nodes = roster.nodes(held)
    outline = Outline("", nodes, sets(nodes), blocks(NAME, sets(nodes)))
    birth = Birth(NAME, f"D{LFDI}", Plate(serial=LFDI), NOW)
    mine = {leaf[0]: own(leaf, birth) for leaf in personal(nodes)}
    values = common(nodes, held) | {item: value for item, value in mine.items() if value is not None}
    figures = {
        item: 0.0 if isinstance(value, float) and math.isnan(value) else value
        for item, value in values.items()
    }
    states = {f"{node.name}$ST$SchdSt$stVal": NOT_READY for node in nodes if node.name.startswith("FSCH")}
    return domain(NAME, outline, {**figures, **states})


def able(*wanted: str) -> messages.Capability:
    """A unit that can do these modes, and stores energy."""
    codes = read().codes
    bits = {
        name: sum(1 << bit for bit, mode in enumerate(codes[listed]["bits"]) if mode in wanted)
        for name, listed in BITS.items()
    }
    return capability(type=83, **{name: f"{found:08X}" for name, found in bits.items()})


class Unit:
    """A unit behind a server, and a clock that stands still unless somebody waits."""

    def __init__(
        self, told: messages.Capability | None = None, slots: int = 1, *, schedules: bool = True
    ) -> None:
        self.image = Image({NAME: made(told or everything(), slots, schedules=schedules)})
        self.works = Works(self.image, NAME)
        self.works.now = NOW
        self.notes: list[Note] = []
        self.controls = Controls(self.image, self.works)
        self.server = Server(
            Floor(
                self.image, lambda *_: True, self.works.write, controls=self.controls, note=self.notes.append
            )
        )
        self.now = NOW
        self.peer = self._open()
        self.asked = 0
        self.limit: int | None = None
        """Requests after which nothing is answered any more."""

    def _open(self) -> Peer:
        sent = conversation.wrapped("001:000", conversation.INITIATE.format(size=65_000))
        return self.server.receive(ME, sent, "set", self.now)[0].peer

    def look(self) -> Survey:
        """What the bridge finds out about the unit."""
        return self.talk(survey(Found(dict(self.image.domains)), NAME, self.now))

    def talk(self, talk: Talk[T]) -> T:
        """Have a conversation, from bytes to bytes."""
        heard: Heard | None = None
        try:
            while True:
                step = next(talk) if heard is None else talk.send(heard)
                heard = self._waited(step) if isinstance(step, Wait) else self._asked(step)
        except StopIteration as end:
            return cast("T", end.value)

    def _waited(self, step: Wait) -> Heard:
        due = self.server.deadline
        self.now = min(step.until, max(due, self.now)) if due is not None else step.until
        self.works.run(self.now)
        return Heard(self.now, reports=reports(self.server.tick(self.now)))

    def _asked(self, step: services.ConfirmedServiceRequest_choice) -> Heard:
        self.asked += 1
        self.now += TRIP
        if self.limit is not None and self.asked > self.limit:
            raise Silent
        held = services.ConfirmedServiceRequest(choice=step)
        asked = pdu.Confirmed_RequestPDU(invokeID=1, ConfirmedServiceRequest=held)
        payload = unit.write(self.peer.assoc, "confirmed-RequestPDU", asked)
        how = "get" if step.tag == "read" else "set"
        self.works.now = self.now
        outs = self.server.receive(ME, payload, how, self.now)
        (answer,) = [unit.read(out.payload).choice for out in outs if out.how == "result"]
        if answer.tag == "confirmed-ErrorPDU":
            refused = cast("Any", answer.value).serviceError.errorClass.choice
            return Heard(self.now, refused=Refusal(refused.tag, int(refused.value)), reports=reports(outs))
        said = cast("Any", answer.value).ConfirmedServiceResponse.choice.value
        return Heard(self.now, said, reports=reports(outs))

    def go(self, seconds: float) -> tuple[pdu.Unconfirmed_PDU, ...]:
        """Let time pass; gives what the unit reports of controls."""
        self.now += seconds
        self.works.run(self.now)
        return reports(self.server.tick(self.now))

    def read(self, item: str) -> Value:
        return self.image.read(NAME, item)

    def leaves(self) -> dict[str, Value]:
        """All that the unit is told, and all that it holds: what has no say in a comparison is left out."""
        held = self.image.domains[NAME].leaves
        return {
            item: value
            for item, value in held.items()
            if item.split("$")[1] in TELLING and not item.endswith(BY_THE_WAY)
        }


class Silent(Exception):
    """The unit answers no more."""


BY_THE_WAY = ("$t", "$q", "$d", "$origin$orCat", "$origin$orIdent", "$ctlNum", "$SchdEnaErr$stVal")
"""What a refused order leaves behind: when and by whom an object was commanded last."""
TELLING = ("SP", "CF", "MX", "ST", "DC")


def reports(outs: list[Out]) -> tuple[pdu.Unconfirmed_PDU, ...]:
    """What a server tells unasked."""
    found = (unit.read(out.payload).choice.value for out in outs if out.how == "message")
    return tuple(each for each in found if isinstance(each, pdu.Unconfirmed_PDU))
