"""A unit's word in the store, by the same door as if the device itself had sent it over IEEE 2030.5.

Documents are made of canonical records in the server's own edition, and PUT or POSTed as the device, so that
access, checks, notifications and the archive are those of every other device. What the server will not take
is told by its status and reason; nothing is tried again here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.sep2 import document, mirror, mrid, recast, server, talk
from bridge.sep2.shelf import Row, Shelf
from bridge.sep2.work import Policy
from bridge.transports import marks
from models import kit
from models.der import messages

PROFILE = "2018"
PATHS: Mapping[str, str] = MappingProxyType({
    "DERCapability": "dercap",
    "DERSettings": "derg",
    "DERStatus": "ders",
    "DERAvailability": "dera",
})  # fmt: skip
"""Where a document of a DER stands, by its type."""
METER: Mapping[bool, str] = MappingProxyType({False: "DER", True: "site"})
FLAGS: Mapping[bool, str] = MappingProxyType({False: "49", True: "03"})
"""roleFlags of a mirror: the DER's own meter, or the site's (CSIP 2.1, 5.3)."""
SINCE = re.compile(rb"<(updatedTime|readingTime|dateTime)>[0-9]*</")
"""When something was told: by that alone no document is another one."""
GOOD = range(200, 300)


class Unheard(Exception):
    """What a unit says is not taken, and why."""


@dataclass(slots=True)
class Voice:
    """Speaks for one unit."""

    lfdi: str
    shelf: Shelf
    policy: Callable[[], Policy]
    peer: Callable[[str], talk.Peer]
    clock: Callable[[], float]

    async def put(self, record: kit.Model, kind: str, *, again: bool) -> bool:
        """Say what a record of the unit's DER says, as a document of a type; whether it had to be said.

        What the store has already is said once more only if it is to be said again.
        """
        made = recast.turned(_told(record, kind), PROFILE, frozenset({kind}))
        if made is None:
            raise Unheard(f"it tells too little for a {kind}")
        path = f"{await self._home()}/der/1/{PATHS[kind]}"
        body, was = xml.write(made.obj, load(PROFILE)), await self.shelf.get(path)
        if not again and was is not None and SINCE.sub(b"", was.body) == SINCE.sub(b"", body):
            return False
        await self._ask("PUT", path, body)
        return True

    async def read(self, readings: list[Any], *, site: bool) -> None:
        """Say readings of a meter of the unit, oldest first; its mirror is made where there is none."""
        mark = self.mark(METER[site])
        rows = await self.shelf.marked(mirror.TYPE, mark)
        place = rows[0].href if rows else await self._founded(mark, site=site)
        body = document.made(PROFILE, "MirrorMeterReadingList", MirrorMeterReading=tuple(readings),
                             all=len(readings), results=len(readings))  # fmt: skip
        await self._ask("POST", place, document.written(body, "MirrorMeterReadingList", PROFILE))

    def series(self, name: str, *, site: bool) -> str:
        """The mRID of a series of a meter."""
        return self.mark(f"{METER[site]} {name}")

    def mark(self, seed: str) -> str:
        """The mRID of something of this unit's, the same for the same thing."""
        return mrid.made(f"{self.lfdi} {seed}", self.policy())

    async def _founded(self, mark: str, *, site: bool) -> str:
        point = document.made(
            PROFILE, "MirrorUsagePoint", mRID=mark, description=METER[site],
            roleFlags=FLAGS[site], serviceCategoryKind=0, status=1, deviceLFDI=self.lfdi,
        )  # fmt: skip
        answer = await self._ask("POST", mirror.PLACE, document.written(point, mirror.TYPE, PROFILE))
        return answer.location

    async def _home(self) -> str:
        """The address of the unit's EndDevice."""
        rows = await self.shelf.marked("EndDevice", self.lfdi)
        if not rows:
            raise Unheard("it is not registered")
        return rows[0].href

    async def _ask(self, method: str, path: str, body: bytes) -> talk.Answer:
        asked = talk.Ask(
            method, path, self.peer(self.lfdi), int(self.clock()), body=body, media=talk.MEDIA,
            correlation=marks.fresh(),
        )  # fmt: skip
        answer = await server.answer(asked, self.shelf, self.policy())
        if answer.status not in GOOD:
            raise Unheard(f"{method} {path}: {answer.status} {answer.reason}")
        return answer


def _told(record: kit.Model, kind: str) -> Row:
    """A row that never was a document: its record stands for it."""
    return Row("", "", kind, record=record.model_dump_json().encode())


def kept(status: messages.Status, part: str) -> messages.Status | None:
    """A status of which only one part is said; None where that says nothing."""
    said = getattr(status, part)
    other = {"operation": "availability", "availability": "operation"}[part]
    return None if said is None else status.model_copy(update={other: None, "modes": None})
