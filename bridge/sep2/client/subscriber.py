"""Subscriptions of a client: to what the server offers, below its own EndDevice, renewed before they are old.

IEEE 2030.5-2018 8.6; CSIP 2.1 5.3. A notification is taken as the word that there is news: the resource is
read again at once, for what a list brings in one is read differently by servers. What ends on the server's
side is subscribed to anew when it is next read. Sends nothing itself.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from bridge.mapping import xml
from bridge.sep2 import names
from bridge.sep2.client import leads, papers
from bridge.sep2.client.agenda import Key
from bridge.sep2.client.call import Call, Reply
from bridge.sep2.client.desk import Desk
from bridge.sep2.client.known import Place

SUB = "sub"
NEWS = 0
"""Notification.status: the resource has changed; any other says that the subscription is over."""


class Subscriber:
    """Makes subscriptions, and takes what they bring."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def seen(self, place: Place, now: float) -> None:
        """Look whether a resource that was read can be subscribed to."""
        offered = getattr(place.obj, "subscribable", None) in leads.SUBSCRIBABLE
        if self._desk.options.notify and offered and not place.told:
            self._desk.calls.soon((SUB, place.href), now)

    def call(self, key: Key, now: float) -> Call | None:
        """Give the request that subscribes, or renews."""
        del now
        desk, options = self._desk, self._desk.options
        place = desk.known.get(key[1])
        link = getattr(desk.devices.get(desk.lfdi), "SubscriptionListLink", None)
        if place is None or place.obj is None or link is None:
            return None
        limit = 1 if place.type in leads.MEMBERS else 0
        body = papers.subscription(urlsplit(place.href).path, options.notify, limit, options.profile)
        return Call("POST", desk.at(link.href), key, body)

    def took(self, call: Call, reply: Reply, now: float) -> None:
        """Take the answer to a subscription."""
        desk, href = self._desk, call.about[1]
        place = desk.known.get(href)
        if place is None:
            return
        desk.calls.set(call.about, now + desk.options.renew)
        if not reply.good:
            desk.note("refused", what="Subscription", href=href, status=reply.status)
            return
        if not place.told:
            desk.note("subscribed", href=href, type=place.type)
            desk.calls.set(("get", href), now)  # what has changed since it was read
        place.told = desk.at(reply.location) if reply.location else href

    def notified(self, body: bytes, now: float) -> int:
        """Take a Notification; give the status to answer it with."""
        desk = self._desk
        try:
            obj: Any = desk.read(body)[0]
        except xml.Refused as refused:
            desk.note("unreadable", type="Notification", reason=str(refused))
            return HTTPStatus.BAD_REQUEST
        if names.kind(obj) != "Notification":
            desk.note("unreadable", type="Notification", reason=f"it is a {names.kind(obj)}")
            return HTTPStatus.BAD_REQUEST
        place = desk.known.get(desk.at(obj.subscribedResource))
        if place is None or not place.told:
            desk.note("stray", href=obj.subscribedResource)
            return HTTPStatus.BAD_REQUEST
        desk.note("notified", href=place.href, type=place.type, status=obj.status)
        if obj.status != NEWS:
            place.told = ""
            desk.calls.drop((SUB, place.href))
        place.part = []
        desk.calls.set(("get", place.href), now)
        return HTTPStatus.NO_CONTENT
