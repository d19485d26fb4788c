"""The clear beginning of a connection to the STARTTLS port: a header, the wish for TLS, and nothing else.

RFC 6120 5. As soon as the wish is granted the connection belongs to a wire (wire.py), from the next byte on;
there is no moment between at which bytes could go astray. Who logs in, does so in there.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, cast

import structlog

from bridge.transports import origin
from bridge.transports.wire import Wire
from bridge.xmpp.fault import Broken
from bridge.xmpp.stream import Stream

if TYPE_CHECKING:
    from bridge.transports.relay import Relay
    from bridge.xmpp.session import Link

LOG = structlog.get_logger("derbridge.relay")


class Clear(asyncio.Protocol):
    """A connection without TLS. `due` is when it is late, in the loop's time."""

    _transport: asyncio.Transport
    full = choked = False

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._stream = Stream(relay.board, self, None, lambda: False)
        self._closing = False
        self.due = inf
        self.address = b""

    # ------------------------------------------------------------------------------- from the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the time for logging in."""
        self._transport = cast("asyncio.Transport", transport)
        self.address = origin.network(transport.get_extra_info("peername"))
        self.due = self._relay.time() + self._relay.bounds.login
        if not self._relay.enter(self):
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the net."""
        if self._closing:
            return
        try:
            self._stream.feed(data, self._relay.now())
        except Exception:
            LOG.exception("stream failed", peer=self.name())
            self._stream.fail(Broken("internal-server-error"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        del exc
        self._closing = True
        self._relay.leave(self)

    # ------------------------------------------------------------------------------ for the stream

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if not self._closing:
            self._transport.write(data)

    def end(self) -> None:
        """Close once all is sent."""
        if not self._closing:
            self._closing = True
            self._transport.close()

    def secure(self) -> None:
        """Leave the connection to TLS, with what is left of the time for logging in."""
        self._closing = True
        self._relay.leave(self)
        above = Wire(self._relay)
        self._transport.set_protocol(above)
        above.connection_made(self._transport)
        above.due = self.due

    def wait(self, other: Link) -> None:
        """Nobody sends anything from here."""

    def bound(self) -> None:
        """Nobody has a session here."""

    # ------------------------------------------------------------------------------- for the relay

    def late(self) -> None:
        """The time for logging in is over."""
        if self._closing:
            self.abort()
            return
        self.due = self._relay.time() + self._relay.bounds.linger
        self._stream.fail(Broken("connection-timeout", "logging in takes too long"))

    def stop(self, fault: Broken) -> None:
        """End the connection with an error."""
        self._stream.fail(fault)

    def name(self) -> str:
        """Where the peer is, for the log."""
        return str(self._transport.get_extra_info("peername"))

    def abort(self) -> None:
        """Cut the connection."""
        self._closing = True
        self._transport.abort()
