"""What a client reads: page by page, at the rates the server says, and what follows from a resource.

IEEE 2030.5-2018 4.6 (lists), 8.2 (pollRate): a resource without a rate of its own has that of the list that
led to it. What is subscribed to is read seldom. A resource that is not there is asked for again at its rate,
and what hung from it is forgotten. Sends nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bridge.mapping import xml
from bridge.sep2 import names
from bridge.sep2.client import leads
from bridge.sep2.client.agenda import Key
from bridge.sep2.client.call import Call, Reply
from bridge.sep2.client.desk import Desk
from bridge.sep2.client.known import Place
from models import kit

GET = "get"
SAME = 304
RULING = leads.RULING | {leads.CURVE, "EndDeviceList", "Registration"}
"""Types whose change may change what is asked of a device."""
Hook = Callable[[Place, float], None]


class Reader:
    """Makes the requests that read, and takes their answers."""

    def __init__(self, desk: Desk, hooks: Mapping[str, tuple[Hook, ...]]) -> None:
        """`hooks` are told of each resource of a type that was read whole, or found to be missing."""
        self._desk, self._hooks = desk, hooks

    def call(self, key: Key, now: float) -> Call | None:
        """Give the request that reads a resource; none where it is forgotten."""
        del now
        place = self._desk.known.get(key[1])
        if place is None:
            return None
        url = place.href
        if place.type in leads.MEMBERS:
            mark = "&" if "?" in url else "?"
            url = f"{url}{mark}s={len(place.part)}&l={self._desk.options.page}"
        return Call("GET", url, key, tag="" if place.part else place.tag)

    def took(self, call: Call, reply: Reply, now: float) -> None:
        """Take an answer."""
        place = self._desk.known.get(call.about[1])
        if place is None:
            return
        if reply.status == SAME and place.obj is not None:
            self._again(place, now)
        elif not reply.good:
            self._desk.note("missing", href=place.href, type=place.type, status=reply.status)
            self._missing(place, now)
        elif (found := self._parsed(place, reply.body)) is None:
            self._missing(place, now)
        else:
            place.edition = found[1]
            self._page(place, found[0], reply.tag, now)

    def _parsed(self, place: Place, body: bytes) -> tuple[kit.Model, str] | None:
        try:
            obj, edition = self._desk.read(body)
        except xml.Refused as refused:
            self._desk.note("unreadable", href=place.href, type=place.type, reason=str(refused))
            return None
        if names.kind(obj) != place.type:
            reason = f"{names.kind(obj)} where {place.type} is expected"
            self._desk.note("unreadable", href=place.href, type=place.type, reason=reason)
            return None
        return obj, edition

    def _page(self, place: Place, obj: kit.Model, tag: str, now: float) -> None:
        whole = self._desk.known.paged(place, obj)
        if whole is None:
            self._desk.calls.set((GET, place.href), now)
            return
        place.tag = tag
        place.rate = self._rate(place, whole)
        self._keep(place, whole, now)

    def _missing(self, place: Place, now: float) -> None:
        place.tag, place.part = "", []
        self._keep(place, None, now)

    def _keep(self, place: Place, obj: kit.Model | None, now: float) -> None:
        """Keep what a resource is now, see to what it leads to, and tell who wants to know."""
        desk, was, failed = self._desk, place.obj, place.failed
        fresh = desk.known.keep(place, was if obj is not None and was == obj else obj)
        for each in fresh:
            desk.calls.soon((GET, each.href), now)
        if was is not None and was != obj:
            for gone in desk.known.swept():
                desk.calls.drop((GET, gone.href))
                desk.calls.drop(("sub", gone.href))
        if place.type in RULING and (was != obj or failed != place.failed or fresh):
            desk.stir(place.devices or frozenset(desk.parties), now)
        self._again(place, now)
        for hook in self._hooks.get(place.type, ()):
            hook(place, now)

    def _again(self, place: Place, now: float) -> None:
        """Put the next reading of a resource on the agenda."""
        rate = max(place.rate, self._desk.options.slow) if place.told else place.rate
        self._desk.calls.set((GET, place.href), now + rate)

    def _rate(self, place: Place, obj: kit.Model) -> float:
        """Give the seconds between two reads: as configured, as the resource says, or as its parent's."""
        options = self._desk.options
        said = place.rate
        if "pollRate" in type(obj).model_fields:
            said = getattr(obj, "pollRate", None) or options.rate
        return min(options.rates.get(place.type, float(said)), options.most)
