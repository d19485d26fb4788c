"""The plain port: it answers every request with the place of the same thing over TLS, and ends.

CSIP test CORE-002: 301 from plain HTTP. A head that is malformed has the same fault here as there; a body is
not read. It knows no resource, so it cannot tell one that exists from one that does not.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from bridge.transports import faults, heads
from bridge.transports.faults import Fault
from bridge.transports.pages import Dates

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.transports.limits import Limits

END = b"\r\n\r\n"
HTTPS = 443


class Redirect(asyncio.Protocol):
    """One connection: one head, one answer."""

    _transport: asyncio.Transport
    _late: asyncio.TimerHandle

    def __init__(self, port: int, limits: Limits, now: Callable[[], float], mates: set[Redirect]) -> None:
        self._port = port
        self._limits = limits
        self._now = now
        self._mates = mates
        self._held = bytearray()
        self._done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the time for all of it."""
        self._transport = cast("asyncio.Transport", transport)
        self._late = asyncio.get_running_loop().call_later(self._limits.first, self.abort)
        if len(self._mates) >= self._limits.connections:
            self.abort()
        self._mates.add(self)

    def data_received(self, data: bytes) -> None:
        """Take a head, and answer it."""
        if self._done:
            return
        self._held += data
        date = Dates().text(self._now())
        try:
            place = self._place()
        except Fault as fault:
            self._end(faults.reply(fault.status, date, close=True))
        else:
            if place:
                self._end(faults.reply(301, date, close=True, extra=(("Location", place),)))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        del exc
        self._mates.discard(self)
        self._late.cancel()

    def abort(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    def _place(self) -> str:
        """Where the request should go; '' while it is not there whole."""
        if (end := self._held.find(END)) < 0:
            first = self._held.find(b"\r\n")
            if first >= 0:
                heads.line(bytes(self._held[:first]))
            if len(self._held) > self._limits.whole:
                raise Fault(431, "the head is too large")
            return ""
        head = heads.judge(bytes(self._held[:end]), self._limits)
        if head.fault is not None:
            raise head.fault
        if not head.host:
            raise Fault(400, "Host is missing")
        port = "" if self._port == HTTPS else f":{self._port}"
        return f"https://{_name(head.host)}{port}{head.target}"

    def _end(self, data: bytes) -> None:
        self._done = True
        self._transport.write(data)
        self._transport.write_eof()


def _name(host: str) -> str:
    """A Host field without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and "]" not in port else host
