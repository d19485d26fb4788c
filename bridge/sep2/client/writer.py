"""What a client writes of its devices: registration, the four resources of a DER, the mirror, its readings.

IEEE 2030.5-2018 6.3, 10.10.4.3 and 10.11; CSIP 2.1 5.2: what changes is put anew at once, state at the
postRate, capability and settings only where they differ from what the server took. A refusal is told and the
thing tried again at its rate. Makes requests; what is in them the plant says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urljoin

from bridge.mapping import xml
from bridge.sep2.client import papers
from bridge.sep2.client.agenda import Key
from bridge.sep2.client.call import Call, Reply
from bridge.sep2.client.desk import Desk
from bridge.sep2.client.known import Place
from bridge.sep2.client.leads import Thing
from bridge.sep2.client.plant import Plant
from models.der import messages

ENROL, PUT, MIRROR, RATE, READINGS = "enrol", "put", "mirror", "rate", "readings"
TAKEN, MISSING = 409, 404


class Paper(NamedTuple):
    """One of the resources of a DER."""

    link: str
    told: Callable[[Plant, int], messages.Message]
    always: bool
    """Whether it is put at each postRate, changed or not."""


PAPERS: Mapping[str, Paper] = MappingProxyType(
    {
        "DERCapability": Paper("DERCapabilityLink", lambda plant, now: plant.capability(now), always=False),
        "DERSettings": Paper("DERSettingsLink", lambda plant, now: plant.setting(now), always=False),
        "DERStatus": Paper("DERStatusLink", lambda plant, now: plant.status(now), always=True),
        "DERAvailability": Paper(
            "DERAvailabilityLink", lambda plant, now: plant.availability(now), always=True
        ),
    }
)


class Writer:
    """Makes the requests that write, and takes their answers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._places: dict[Key, str] = {}
        """Where each resource of a DER is put."""
        self._last: dict[Key, bytes] = {}
        """What the server took last."""
        self._mirrors: dict[str, str] = {}
        self._rates: dict[str, float] = {}
        """postRate of each device's mirror."""

    def calls(self) -> Mapping[str, Callable[[Key, float], Call | None]]:
        """Give the makers of requests by their kind."""
        return {
            ENROL: self._enrol,
            PUT: self._put,
            MIRROR: self._mirror,
            RATE: self._rate,
            READINGS: self._readings,
        }

    def takers(self) -> Mapping[str, Callable[[Call, Reply, float], None]]:
        """Give the takers of answers by their kind."""
        return {
            ENROL: self._enrolled,
            PUT: self._taken,
            MIRROR: self._mirrored,
            RATE: self._rated,
            READINGS: self._posted,
        }

    # -------------------------------------------------------------------------------------- what was read

    def listed(self, place: Place, now: float) -> None:
        """Take the EndDevices that there are: register those that are missing."""
        desk = self._desk
        desk.devices = {desk.whose(each): each for each in place.members()}
        for lfdi in sorted(desk.parties.keys() - desk.devices.keys()) if desk.options.enrol else ():
            desk.calls.soon((ENROL, lfdi), now)

    def ders(self, place: Place, now: float) -> None:
        """Take the DERs of a device: its first one is told of, and mirrored."""
        for lfdi in place.devices:
            first = next(iter(place.members()), None)
            for name, paper in PAPERS.items() if first is not None else ():
                self._settle((PUT, lfdi, name), getattr(first, paper.link, None), place, now)
            if lfdi not in self._mirrors and self._list() is not None:
                self._desk.calls.soon((MIRROR, lfdi), now)

    def _settle(self, key: Key, link: Thing, place: Place, now: float) -> None:
        if link is None:
            self._places.pop(key, None)
        elif self._places.get(key) != (href := urljoin(place.href, link.href)):
            self._places[key] = href
            self._desk.calls.soon(key, now)

    def stir(self, lfdi: str, now: float) -> None:
        """Have the state of a device told at once."""
        for name in PAPERS:
            if (PUT, lfdi, name) in self._places:
                self._desk.calls.soon((PUT, lfdi, name), now)

    # ------------------------------------------------------------------------------------------ registration

    def _enrol(self, key: Key, now: float) -> Call | None:
        desk, root = self._desk, self._desk.known.get(self._desk.known.root)
        party, link = desk.parties[key[1]], root and root.obj and root.obj.EndDeviceListLink
        if not link or root is None:
            return None
        options = desk.options
        body = papers.device(party.lfdi, party.sfdi, options.category, desk.second(now), options.profile)
        return Call("POST", urljoin(root.href, link.href), key, body)

    def _enrolled(self, call: Call, reply: Reply, now: float) -> None:
        if reply.good or reply.status == TAKEN:
            self._desk.note("registered", lfdi=call.about[1], status=reply.status)
            self._desk.calls.set(("get", call.url), now)
        else:
            self._desk.note("refused", what="EndDevice", lfdi=call.about[1], status=reply.status)

    # --------------------------------------------------------------------------------------------------- DER

    def _put(self, key: Key, now: float) -> Call | None:
        desk, (_, lfdi, name) = self._desk, key
        href = self._places.get(key)
        if href is None:
            return None
        paper = PAPERS[name]
        record = paper.told(desk.parties[lfdi].plant, desk.second(now))
        body = papers.told(record, name, desk.options.profile)
        if not paper.always and self._last.get(key) == body:
            desk.calls.set(key, now + self._pace(lfdi))
            return None
        return Call("PUT", href, key, body)

    def _taken(self, call: Call, reply: Reply, now: float) -> None:
        _, lfdi, name = call.about
        if reply.good:
            if name == "DERCapability" and call.about not in self._last:
                self._desk.note("reporting", lfdi=lfdi)
            self._last[call.about] = call.body
        else:
            self._desk.note("refused", what=name, lfdi=lfdi, status=reply.status)
        self._desk.calls.soon(call.about, now + self._pace(lfdi))

    def _pace(self, lfdi: str) -> float:
        """Give the time between two reports of a device: its postRate, else CSIP's."""
        options = self._desk.options
        start = self._desk.known.get(next(iter(self._desk.known.starts.get(lfdi, ())), ""))
        said = getattr(start.behind, "postRate", None) if start is not None else None
        return float(said or self._rates.get(lfdi) or options.post_rate)

    # ---------------------------------------------------------------------------------------------- metering

    def _list(self) -> str | None:
        root = self._desk.known.get(self._desk.known.root)
        link = root and root.obj and root.obj.MirrorUsagePointListLink
        return urljoin(root.href, link.href) if root and link else None

    def _mirror(self, key: Key, now: float) -> Call | None:
        del now
        desk, href = self._desk, self._list()
        if href is None:
            return None
        body = papers.told(desk.parties[key[1]].plant.mirror(), "MirrorUsagePoint", desk.options.profile)
        return Call("POST", href, key, body)

    def _mirrored(self, call: Call, reply: Reply, now: float) -> None:
        lfdi = call.about[1]
        if reply.good and reply.location:
            self._mirrors[lfdi] = urljoin(call.url, reply.location)
            self._desk.calls.set((RATE, lfdi), now)
            return
        self._desk.note("refused", what="MirrorUsagePoint", lfdi=lfdi, status=reply.status)
        self._desk.calls.set(call.about, now + self._pace(lfdi))

    def _rate(self, key: Key, now: float) -> Call | None:
        del now
        href = self._mirrors.get(key[1])
        return None if href is None else Call("GET", href, key)

    def _rated(self, call: Call, reply: Reply, now: float) -> None:
        """Take the postRate that the server wants, which may be another than was asked for."""
        lfdi, desk = call.about[1], self._desk
        try:
            obj: Thing = desk.read(reply.body)[0] if reply.good else None
        except xml.Refused:
            obj = None
        said = getattr(obj, "postRate", None)
        self._rates[lfdi] = float(said or desk.options.post_rate)
        if (READINGS, lfdi) not in desk.calls:
            desk.calls.set((READINGS, lfdi), now)
        desk.calls.set((RATE, lfdi), now + min(desk.options.rate, desk.options.most))

    def _readings(self, key: Key, now: float) -> Call | None:
        desk, href = self._desk, self._mirrors.get(key[1])
        if href is None:
            return None
        record = desk.parties[key[1]].plant.readings(desk.second(now))
        return Call("POST", href, key, papers.readings(record, desk.options.profile))

    def _posted(self, call: Call, reply: Reply, now: float) -> None:
        lfdi = call.about[1]
        if reply.status == MISSING:
            del self._mirrors[lfdi]
            self._desk.calls.drop((RATE, lfdi))
            self._desk.calls.set((MIRROR, lfdi), now)
            return
        if not reply.good:
            self._desk.note("refused", what="MirrorMeterReadingList", lfdi=lfdi, status=reply.status)
        self._desk.calls.set(call.about, now + self._rates.get(lfdi, self._desk.options.post_rate))
