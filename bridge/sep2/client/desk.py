"""What the parts of a client share: who it speaks for, what it knows, what is to be done, and how late it is.

Moments come in the carrier's own time; `offset` turns them into the server's (IEEE 2030.5-2018 10.1, Time).
The offset is moved only as far as the server's answer demands, which is in whole seconds. No clock is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin

from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.sep2 import names
from bridge.sep2.client.agenda import Agenda, Key
from bridge.sep2.client.known import Known
from bridge.sep2.client.leads import Thing
from bridge.sep2.client.plant import Options, Party
from models import kit

OTHERS = ("csip", "2023", "csip-aus-1.2", "csip-aus-1.3", "2013")
"""Profiles that a server's document is read under where it is none of our own."""
SEND: Key = ("send",)


class Letter(NamedTuple):
    """A document to be posted once."""

    url: str
    body: bytes
    name: str
    """What it is, for whoever listens."""


def _silent(event: str, **fields: object) -> None:
    del event, fields


@dataclass(slots=True)
class Desk:
    """The state of a client."""

    lfdi: str
    """Of the client's own certificate."""
    base: str
    """Address of DeviceCapability, as it was given."""
    parties: dict[str, Party]
    options: Options
    known: Known
    calls: Agenda = field(default_factory=Agenda)
    """Requests to be made."""
    ticks: Agenda = field(default_factory=Agenda)
    """Devices whose events are to be looked at."""
    letters: deque[Letter] = field(default_factory=deque)
    note: Callable[..., None] = _silent
    """Told of what happens: a word for the event, and what it is about."""
    offset: float = 0.0
    sent: float = 0.0
    """When the request under way was made."""
    devices: dict[str, Thing] = field(default_factory=dict)
    """The EndDevices of the parties, and the client's own, below which its subscriptions are."""
    stale: set[str] = field(default_factory=set)
    """Devices of which something was read that may change what is asked of them."""

    def whose(self, device: Thing) -> str:
        """Give the LFDI of an EndDevice that the client speaks for, or is; empty for anyone else's."""
        if device.lFDI:
            lfdi = device.lFDI.upper()
            return lfdi if lfdi == self.lfdi or lfdi in self.parties else ""
        return next((each.lfdi for each in self.parties.values() if each.sfdi == device.sFDI), "")

    def time(self, now: float) -> float:
        """Give the server's time."""
        return now + self.offset

    def second(self, now: float) -> int:
        """Give the server's time in whole seconds."""
        return int(self.time(now))

    def set_clock(self, said: int, now: float) -> None:
        """Take the server's time, which was `said` at some moment between request and answer."""
        low, high = said - now, said + 1 - self.sent
        self.offset = min(max(self.offset, low), max(high, low))

    def at(self, href: str) -> str:
        """Give an address of the server's in full."""
        return urljoin(self.base, href)

    def post(self, letter: Letter, now: float) -> None:
        """Put a document among those to be posted, behind what is there."""
        self.letters.append(letter)
        self.calls.soon(SEND, now)

    def read(self, data: bytes) -> tuple[kit.Model, str]:
        """Give the object of a document and its edition; Refused where no profile reads it."""
        first: xml.Refused | None = None
        own = self.options.profile
        for name in (own, *(each for each in OTHERS if each != own)):
            try:
                return xml.read(data, load(name)), names.edition(name)
            except xml.Refused as refused:
                first = first or refused
        raise first or AssertionError("there is a profile")

    def stir(self, lfdis: frozenset[str], now: float) -> None:
        """Have the events of devices looked at anew."""
        for lfdi in sorted(lfdis & self.parties.keys()):
            self.stale.add(lfdi)
            self.ticks.soon((lfdi,), now)
