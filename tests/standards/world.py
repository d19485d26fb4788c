"""A server with one of everything: something at each address of the standard's WADL, and how to make another.

Documents are the least that the schema allows, with what has a meaning put in: identities, windows that are
open now, subjects that exist. What may be written over 2030.5 is written so, by the device where the method
is mandatory and by a head-end otherwise; the rest goes through the administration API.
"""

from __future__ import annotations

import csv
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bridge.sep2 import document
from bridge.trust import identity
from tests.sep2.sowing import some
from tests.served import Served
from tests.standards.judged import Party, hrefs

TYPES = {
    "AssociatedUsagePoint": "UsagePoint",
    "AssociatedDERProgram": "DERProgram",
    "CurrentDERProgram": "DERProgram",
}
"""What the schema calls an entry of the WADL."""
EVENTS = ("DERControl", "EndDeviceControl", "TextMessage", "TimeTariffInterval", "FlowReservationResponse")
ANSWER = "<createdDateTime>{later}</createdDateTime><endDeviceLFDI>{lfdi}</endDeviceLFDI><status>1</status>"
SWAPS = (
    ("<mRID/>", "<mRID>{mrid}</mRID>"),
    ("<subject/>", "<subject>{subject}</subject>"),
    ("<creationTime>0<", "<creationTime>{now}<"),
    ("<createdDateTime>0<", "<createdDateTime>{later}<"),
    ("<dateTime>0<", "<dateTime>{now}<"),
    ("<duration>0</duration><start>0<", "<duration>3600</duration><start>{open}<"),
    ("<effectiveTime>0<", "<effectiveTime>{open}<"),
    ("<endDeviceLFDI/>", ANSWER),
    ("<deviceLFDI/>", "<deviceLFDI>{lfdi}</deviceLFDI>"),
    ("<lFDI/>", "<lFDI>{lfdi}</lFDI>"),
    ("<subscribedResource>/<", "<subscribedResource>{edev}<"),
    ("<notificationURI>/<", "<notificationURI>http://127.0.0.1:9/{mrid}<"),
    ("<level/>", "<level>+S1</level>"),
    ("<CurveData><xvalue>0</xvalue><yvalue>0</yvalue></CurveData><curveType>0<",
     "<CurveData><xvalue>9000</xvalue><yvalue>10</yvalue></CurveData><curveType>11<"),
    ("<DERControlBase/>", "<DERControlBase><opModConnect>true</opModConnect></DERControlBase>"),
    ("<roleFlags/>", "<roleFlags>0008</roleFlags>"),
    ("<sFDI>0</sFDI>", "<lFDI>{lfdi}</lFDI><sFDI>{sfdi}</sFDI>"),
    ("<dateTimeRegistered>0</dateTimeRegistered><pIN>0<",
     "<dateTimeRegistered>{now}</dateTimeRegistered><pIN>111115<"),
)  # fmt: skip
"""What is put into the least document of a type."""
READING = (
    "<MirrorMeterReading><mRID>{mrid}AA</mRID><description>power</description>"
    "<MirrorReadingSet><mRID>{mrid}AB</mRID><timePeriod><duration>300</duration><start>{open}</start></timePeriod>"
    "<Reading><value>5</value></Reading></MirrorReadingSet>"
    "<ReadingType><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>38</uom></ReadingType></MirrorMeterReading>"
)
MIRROR_LIST = (
    '<MirrorMeterReadingList xmlns="urn:ieee:std:2030.5:ns" all="1" results="1">{}</MirrorMeterReadingList>'
)
SUBJECTS = {
    "Response": "DERControl",
    "DERControlResponse": "DERControl",
    "DrResponse": "EndDeviceControl",
    "PriceResponse": "TimeTariffInterval",
    "TextResponse": "TextMessage",
    "FlowReservationResponseResponse": "FlowReservationResponse",
    "FlowReservationResponse": "FlowReservationRequest",
}
GROUPED = ("derp", "dr", "tp", "msg", "bill", "ppy")
"""Lists whose members hang from a group: a head-end posts to those of an assignment."""
LAST = ("/upt", "/rsps")
"""What needs other things to be there first, in this order."""
LAID = frozenset({"/bill/{id1}/ss"})
"""What no method of the WADL puts in place."""
ADMINISTERED = frozenset({"/brs/{id1}"})
"""What hangs from a group and has no list in an assignment."""
SETS = "/upt/{id1}/mr/{id2}/rs/{id3}"
FOUND = ("/upt/{id1}", "/upt/{id1}/mr/{id2}", SETS, f"{SETS}/r/{{id4}}")
"""What is there because something was mirrored."""
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")


@cache
def least(name: str) -> str:
    """The least document of a type."""
    return document.written(some("2018", name, 1)[0], name, "2018").decode()


class Entry(NamedTuple):
    """An entry of the WADL."""

    resource: str
    path: str
    modes: Mapping[str, str]
    """M, O, D or E by method."""

    @property
    def member(self) -> bool:
        """Whether there are many of it."""
        return self.path.endswith("}")

    @property
    def lists(self) -> bool:
        """Whether it is a list."""
        return self.resource.endswith("List")

    @property
    def above(self) -> str:
        """The path that it stands below."""
        return self.path.rpartition("/")[0]


@cache
def entries() -> tuple[Entry, ...]:
    """All entries of the WADL."""
    with Path(__file__).with_name("wadl.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Entry(row["resource"], row["path"], {method: row[method] for method in METHODS})
            for row in csv.DictReader(file)
        )


@dataclass
class World:
    """What there is, and who is there."""

    site: Served
    device: Party
    head: Party
    edev: str = ""
    group: int = 0
    count: int = 0
    places: dict[str, str] = field(default_factory=dict)
    """Address by path of the WADL."""
    own: dict[str, str] = field(default_factory=dict)
    """Address by type: several may stand under one path."""
    marks: dict[str, str] = field(default_factory=dict)
    """mRID of the latest thing of a type."""

    def at(self, entry: Entry) -> str:
        """Where the one of an entry is."""
        return self.own.get(entry.resource, "") if entry.member else self.places[entry.path]

    def reader(self, entry: Entry) -> Party:
        """Who reads an entry: notifications are the server's own."""
        return self.head if entry.path.startswith("/ntfy") else self.device

    def writer(self, entry: Entry, method: str) -> Party:
        """Who writes: a device what the standard makes mandatory, a head-end the rest."""
        return self.reader(entry) if entry.modes[method] == "M" else self.head

    def write(self, name: str) -> str:
        """A document of a type that may be sent."""
        self.count += 1
        type_ = TYPES.get(name, name)
        now = int(time.time())
        lfdi = f"{self.count:040X}" if type_ == "EndDevice" else self.device.lfdi
        told: dict[str, object] = {
            "mrid": f"{self.count:08X}00009F1C",
            "subject": self.marks.get(SUBJECTS.get(type_, ""), ""),
            "now": now,
            "later": now + self.count,
            "open": now - 60,
            "lfdi": lfdi,
            "sfdi": identity.sfdi(lfdi),
            "edev": self.edev,
        }
        said = least(type_)
        for old, new in SWAPS:
            said = said.replace(old, new.format(**told))
        if type_ in EVENTS:
            said = said.replace(" xmlns", ' replyTo="/rsps/1/rsp" responseRequired="03" xmlns', 1)
        if type_ == "MirrorUsagePoint":
            said = said.replace("</deviceLFDI>", "</deviceLFDI>" + READING.format(**told))
        self.marks.setdefault(type_, str(told["mrid"]))
        return said

    async def another(self, entry: Entry, list_: Entry) -> str:
        """Make another member of a list; its address."""
        if entry.path in ADMINISTERED:
            return await self.administered(entry)
        grouped = entry.path.count("/") == 2 and entry.path.split("/")[1] in GROUPED
        place = f"{self.edev}/fsa/{self.group}{entry.above}" if grouped else self.places[entry.above]
        return await self.writer(list_, "POST").made(place, self.write(entry.resource))

    async def administered(self, entry: Entry) -> str:
        """Make a member through the administration API, for the device's group."""
        place = f"/api/v1/resources{self.places[entry.above]}?group={self.group}"
        reply = await self.site.admin.client.post(place, self.write(entry.resource))
        assert reply.status == 201, reply
        return reply.headers["Location"].partition("/resources")[2]

    async def restore(self, entry: Entry) -> None:
        """Put back what was removed, with what stood below it."""
        await self.lay(entry)
        for list_, each in itertools.product(entries(), entries()):
            if list_.above == entry.path and each.above == list_.path and each.member:
                self.own[each.resource] = await self.another(each, list_)

    async def lay(self, entry: Entry) -> None:
        """Put what stands at an address of its own in place."""
        if entry.path in LAID:
            place = f"/api/v1/resources{self.places[entry.path]}"
            reply = await self.site.admin.client.put(place, self.write(entry.resource))
            assert reply.status in {200, 201}, reply
        elif entry.modes["PUT"] != "E" and entry.path not in {"/sdev", "/tm"}:
            await self.writer(entry, "PUT").laid(self.places[entry.path], self.write(entry.resource))


async def founded(site: Served) -> World:
    """Make a world with one of everything."""
    device = Party(site, site.pki.client("device"), site.url)
    head = Party(site, site.pki.client("head", "operator"), site.url)
    _, group = await site.admin.post("/api/v1/groups", {"name": "feeder"})
    form = {"lfdi": device.lfdi, "groups": [group["id"]], "pin": 111115}
    _, made = await site.admin.post("/api/v1/devices", form)
    world = World(site, device, head, made["href"], group["id"])
    world.own |= {
        "EndDevice": world.edev,
        "FunctionSetAssignments": f"{world.edev}/fsa/{world.group}",
        "DER": f"{world.edev}/der/1",
    }
    async with device, head:
        for entry in sorted(entries(), key=_late):
            await _placed(world, entry)
    return world


def _late(entry: Entry) -> int:
    top = f"/{entry.path.split('/')[1]}"
    return LAST.index(top) + 1 if top in LAST else 0


async def _placed(world: World, entry: Entry) -> None:
    if not entry.member:
        above = world.places.get(entry.above, "")
        world.places[entry.path] = f"{above}/{entry.path.rpartition('/')[2]}"
        if not entry.lists:
            await world.lay(entry)
        return
    if entry.path in FOUND:
        (world.own[entry.resource],) = hrefs(await world.device.read(world.places[entry.above]))
    elif entry.resource not in world.own:
        list_ = next(each for each in entries() if each.path == entry.above)
        world.own[entry.resource] = await world.another(entry, list_)
    world.places.setdefault(entry.path, world.own[entry.resource])
