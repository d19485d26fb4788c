"""One TCP connection with TLS on it, worked by hand over two memory buffers.

The loops' own TLS sends no alert when a handshake fails and keeps large buffers for each idle connection;
here every alert leaves, the peer is identified before its first byte is heard, and nothing is held that is
not in use. RFC 5246, RFC 8446. What the bytes mean is for the line above.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Protocol, cast

import structlog

from bridge.transports import origin, tls

if TYPE_CHECKING:
    from bridge.sep2.talk import Peer
    from bridge.transports.limits import Limits

SLICE = 16_384
"""Of a record's plain text: buffers never grow much beyond it."""
ALERT = bytes.fromhex("1503030002 02")
"""A record of TLS 1.2 with a fatal alert, but for its number."""
LOG = structlog.get_logger("derbridge.tls")


class Above(Protocol):
    """What hears the plain text."""

    def received(self, data: bytes) -> None:
        """Take what came in."""
        ...

    def ended(self) -> None:
        """The client sends no more; it may still listen."""
        ...

    def late(self) -> None:
        """The deadline has passed."""
        ...

    def writable(self) -> None:
        """The client has taken what it was sent."""
        ...


class House(Protocol):
    """What all connections share."""

    guard: tls.Guard
    limits: Limits

    def enter(self, wire: Wire) -> bool:
        """Count a connection in, if there is room."""
        ...

    def admit(self, wire: Wire) -> Above | None:
        """Give the line for a connection whose peer is known, if it may have one; tls.Refused if revoked."""
        ...

    def leave(self, wire: Wire) -> None:
        """Count a connection out."""
        ...

    def time(self) -> float:
        """The loop's time."""
        ...


class Wire(asyncio.Protocol):
    """A connection. `due` is when it is late, in the loop's time."""

    __slots__ = (
        "_above", "_closing", "_house", "_in", "_out", "_tls", "_transport",
        "address", "addresses", "due", "edition", "ends", "full", "peer",
    )  # fmt: skip

    _transport: asyncio.Transport
    peer: Peer
    edition: int
    ends: float
    addresses: tuple[str, ...]
    """The XMPP addresses in the peer's certificate."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = house.guard.context.wrap_bio(self._in, self._out, server_side=True)
        self._above: Above | None = None
        self._closing = False
        self.full = False
        """Whether the client is behind with taking what it was sent."""
        self.due = inf
        self.address = b""
        """Whom connections are counted by before anybody is known."""

    # ------------------------------------------------------------------------------- from the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the time for the handshake."""
        self._transport = cast("asyncio.Transport", transport)
        self.address = origin.network(transport.get_extra_info("peername"))
        self.due = self._house.time() + self._house.limits.first
        if not self._house.enter(self):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the net."""
        if self._closing:
            return
        try:
            if len(data) <= SLICE:
                self._take(data)
            else:
                for start in range(0, len(data), SLICE):
                    self._take(data[start : start + SLICE])
        except ssl.SSLError as fault:
            LOG.info("connection refused", reason=fault.reason or str(fault), peer=self.name())
            self._hang()

    def eof_received(self) -> bool:
        """Keep the other direction open for an answer that is on its way."""
        if self._closing or self._above is None:
            return False
        self._above.ended()
        return not self._closing

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        del exc
        self._closing = True
        self._house.leave(self)
        if self._above is not None:
            above, self._above = self._above, None
            above.ended()

    def pause_writing(self) -> None:
        """Give a client that does not keep up its time."""
        self.full = True
        self.due = self._house.time() + self._house.limits.stall

    def resume_writing(self) -> None:
        """Go on with a client that has caught up."""
        self.full = False
        if self._above is not None and not self._closing:
            self._above.writable()

    # ------------------------------------------------------------------------------- for the line

    @property
    def closing(self) -> bool:
        """Whether nothing more is taken from the client."""
        return self._closing

    def send(self, data: bytes) -> None:
        """Send plain text."""
        if self._closing:
            return
        write = self._tls.write
        if len(data) <= SLICE:
            write(data)
            self._transport.write(self._out.read())
            return
        whole = memoryview(data)
        for start in range(0, len(data), SLICE):
            write(whole[start : start + SLICE])
            self._transport.write(self._out.read())

    def close(self) -> None:
        """End the connection: what was sent still arrives, and the client is told that no more comes."""
        if self._closing:
            return
        with suppress(ssl.SSLError):  # the client has not said goodbye yet, and need not
            self._tls.unwrap()
        self._hang()

    def abort(self) -> None:
        """Cut the connection."""
        self._closing = True
        self._transport.abort()

    def late(self) -> None:
        """The deadline has passed."""
        if self._closing or self.full or self._above is None:
            self.abort()
        else:
            self._above.late()

    @property
    def backlog(self) -> int:
        """Bytes that the client has not taken yet."""
        return self._transport.get_write_buffer_size()

    def widen(self, size: int) -> None:
        """Let a client be behind by so many bytes before it counts as full."""
        self._transport.set_write_buffer_limits(size)

    def hold(self, *, on: bool) -> None:
        """Stop reading from the net, or go on."""
        if self._closing or self._transport.is_closing():
            return
        if on:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def judge(self) -> bool:
        """Identify the peer again, and say whether that went well."""
        try:
            self._identify()
        except tls.Refused:
            return False
        return True

    def _identify(self) -> None:
        try:
            seen = self._house.guard.identify(self._tls)
        except tls.Refused as fault:
            LOG.info("connection refused", reason=str(fault), peer=self.name())
            raise
        self.edition, self.peer, self.ends = self._house.guard.edition, seen.peer, seen.ends
        self.addresses = seen.addresses

    def told(self, name: str, default: object = None) -> object:
        """Tell something of the connection, by the names that asyncio has for it."""
        if name in {"ssl_object", "sslcontext"}:
            return self._tls if name == "ssl_object" else self._tls.context
        return self._transport.get_extra_info(name, default)

    def name(self) -> str:
        """Where the peer is, for the log."""
        return str(self._transport.get_extra_info("peername"))

    # ------------------------------------------------------------------------------------- inside

    def _take(self, data: bytes) -> None:
        if not self._closing:
            self._in.write(data)
            if self._above is not None or self._shaken():
                self._read()

    def _shaken(self) -> bool:
        """Go on with the handshake, and say whether the peer is known and has its line."""
        try:
            self._tls.do_handshake()
            self._identify()
            above = self._house.admit(self)
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except tls.Refused as fault:
            self._turn(fault.alert)
            return False
        self._flush()
        if above is None:
            self.close()
            return False
        self._above = above
        return True

    def _turn(self, alert: int) -> None:
        """Turn a peer away where OpenSSL could not: under 1.2 the end of its handshake is still here."""
        if self._tls.version() == "TLSv1.2" and self._out.read():
            self._transport.write(ALERT + bytes((alert,)))
            self._hang()
        else:
            self.close()

    def _read(self) -> None:
        read, pending = self._tls.read, self._tls.pending
        while not self._closing and self._above is not None:
            try:
                data = read(SLICE)
            except ssl.SSLWantReadError:
                break
            if not data:
                self._above.ended()
                break
            self._above.received(data)
            if not self._in.pending and not pending():
                break
        if self._out.pending:
            self._flush()

    def _flush(self) -> None:
        if data := self._out.read():
            self._transport.write(data)

    def _hang(self) -> None:
        """Send what is left, an alert among it, and wait for the client to hang up."""
        self._closing = True
        self._flush()
        self.due = self._house.time() + self._house.limits.linger
        if not self._transport.is_closing():
            with suppress(OSError):  # the client is gone already
                self._transport.write_eof()
