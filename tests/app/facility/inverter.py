"""A unit behind the relay for tests: a logical device, served by the real server, endpoint and seals.

What it can do is a canonical capability; its values are those of the estate, its report blocks keep what they
buffer in a file. It lets everybody read and write who is known to it. Its link is whatever a test gives it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app import bases as given
from bridge.app.endpoint import seals
from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.endpoint.house import House
from bridge.app.endpoint.seals import Seals
from bridge.iec61850 import device
from bridge.iec61850.estate import Estate
from bridge.iec61850.first import Plate
from bridge.iec61850.floor import Floor
from bridge.iec61850.image import Image
from bridge.iec61850.report import Reports
from bridge.iec61850.server import Server
from bridge.sep2 import talk
from bridge.transports.buffer import Disk
from bridge.transports.link import Link, context
from bridge.transports.post import Bounds, Ears
from bridge.transports.stream import Door
from bridge.trust import folder, identity
from bridge.trust.replay import Levels
from bridge.trust.ring import Ring
from models.der import messages
from tests.served import DOMAIN

IED = "plant"
QUICK = Bounds(longest=1.0)
"""So that a unit is back soon after a relay is."""


def ders(path: Path) -> list[bytes]:
    return [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(path.read_bytes())]


@dataclass
class Everybody:
    """Rights that allow everything, and remember what the endpoint turned back."""

    turned: list[str] = field(default_factory=list)
    asker: Any = None

    async def know(self, *_: Any) -> None:
        return None

    def allowed(self, *_: Any) -> bool:
        return True

    def refused(self, sender: str, what: str, unit: bytes, reason: str, target: str = "") -> None:
        del sender, what, unit, target
        self.turned.append(reason)


@dataclass
class Inverter:
    """A unit."""

    files: folder.Client
    image: Image
    estate: Estate
    endpoint: Endpoint
    reports: Reports
    rights: Everybody

    @property
    def lfdi(self) -> str:
        return self.files.lfdi

    @property
    def domain(self) -> str:
        """Name of its logical device."""
        return self.estate.devices[self.lfdi].name

    def can(self, *records: Any) -> None:
        """Be made anew, with what it can do and how it is set."""
        if self.lfdi in self.estate.devices:
            self.reports.leave(self.domain)
        plate = Plate(serial=self.lfdi)
        made = device.unit(self.lfdi, records[0], given.bases(records, ()), time.time(), plate=plate, ied=IED)
        self.estate.add(self.lfdi, made)
        self.reports.join(made.name, time.time())
        for each in records:
            self.tell(each)

    def tell(self, record: Any) -> None:
        """Show what a record says."""
        self.estate.show(self.lfdi, record, time.time())
        self.endpoint.stir()

    def put(self, item: str, value: Any) -> None:
        """Put one value."""
        self.image.put(self.domain, item, value, time.time())
        self.endpoint.stir()


@asynccontextmanager
async def inverter(
    files: folder.Client, pki: folder.Folder, place: Path, *records: messages.Capability
) -> AsyncIterator[Inverter]:
    """A unit that knows the bridge's certificate; it has no link yet."""
    image, rights = Image(), Everybody()
    shelf: Any = None
    house = House(
        shelf, _fresh, lambda _: True, lambda lfdi: talk.Peer(lfdi, identity.sfdi(lfdi)), {}, time.time
    )
    ring = Ring(ders(pki.path / "roots" / "serca.pem"), [ders(pki.certificate)])
    key = seals.key(files.key.read_bytes())
    sealing = Seals(files.lfdi, key, ring, lambda *_: False, Levels())
    free: Any = rights
    endpoint = Endpoint(house, sealing, free)
    loop = asyncio.get_running_loop()
    disk = Disk(place / f"{files.name}.db", partial(_stirred, loop, endpoint))
    reports = Reports(image, disk, endpoint.room)
    endpoint.server = Server(Floor(image, rights.allowed, reports=reports, note=endpoint.note))
    made = Inverter(files, image, Estate(image), endpoint, reports, rights)
    made.can(*records)
    try:
        yield made
    finally:
        await endpoint.close()
        disk.close()


def _stirred(loop: asyncio.AbstractEventLoop, endpoint: Endpoint) -> None:
    loop.call_soon_threadsafe(endpoint.stir)


@asynccontextmanager
async def linked(one: Inverter, pki: folder.Folder, port: int) -> AsyncIterator[Link]:
    """Have a unit log in at a relay, for as long as it takes."""
    door = Door(f"{one.lfdi.lower()}@{DOMAIN}/IEC", "127.0.0.1", port, direct=True)
    end, root = one.endpoint, pki.path / "roots" / "service.pem"
    ears = Ears(end.receive, end.presence, end.bounced, end.told)
    async with Link(
        door, lambda: context((root,), one.files.certificate, one.files.key), ears, QUICK
    ) as link:
        end.link = link
        try:
            yield link
        finally:
            end.link = None


async def _fresh() -> None:
    """Read nothing anew."""
