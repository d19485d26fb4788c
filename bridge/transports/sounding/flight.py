"""What a server answers to a ClientHello, read from bytes: its choices, its chain, whom it asks for, alerts.

RFC 5246 7.4 and RFC 8446 4.1.3: up to ServerHelloDone all of it is in the clear under TLS 1.2; under 1.3
only the ServerHello is. Whatever breaks the form is told as such; nothing here believes a length.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.transports.sounding import hello
from bridge.transports.sounding.names import TLS12

HANDSHAKE, ALERT = 22, 21
SEALED = (20, 23)
"""Records after which nothing is in the clear."""
SERVER, CERTIFICATE, EXCHANGE, REQUEST, DONE = 2, 11, 12, 13, 14
NAMED_CURVE = 3
LIMIT = 262_144
"""Bytes of an answer."""


class Garbage(ValueError):
    """Bytes that are no TLS."""


@dataclass
class Flight:
    """What was read so far."""

    version: int = 0
    suite: int = 0
    session: bool = False
    """Whether a session was given a name by which it could be resumed."""
    compression: int = 0
    extensions: dict[int, bytes] = field(default_factory=dict)
    chain: tuple[bytes, ...] = ()
    group: int = 0
    asks: bool = False
    """Whether a certificate of the client is asked for."""
    authorities: tuple[bytes, ...] = ()
    """Names, in DER, of those whose certificates are accepted."""
    alert: int | None = None
    done: bool = False


class Cursor:
    """Bytes that are taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def take(self, count: int) -> bytes:
        """So many bytes."""
        if count > len(self.left):
            raise Garbage("a length goes beyond the end")
        found, self.left = self.left[:count], self.left[count:]
        return found

    def number(self, size: int) -> int:
        """A number of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def field(self, size: int) -> Cursor:
        """What a length of so many bytes announces."""
        return Cursor(self.take(self.number(size)))


def read(data: bytes) -> Flight:
    """Read what is there; `done` says whether more would tell nothing more."""
    found, handshake = Flight(), b""
    while len(data) >= 5:  # noqa: PLR2004 - the header of a record
        kind, size = data[0], int.from_bytes(data[3:5], "big")
        if kind in SEALED:
            break
        if kind not in {HANDSHAKE, ALERT} or data[1] != 3:  # noqa: PLR2004 - the first byte of every version
            raise Garbage(f"no TLS: {data[:16]!r}")
        if len(data) < 5 + size:
            break
        body, data = data[5 : 5 + size], data[5 + size :]
        if kind == ALERT:
            _alert(found, body)
            break
        handshake += body
    if data and data[0] not in {HANDSHAKE, ALERT, *SEALED}:
        raise Garbage(f"no TLS: {data[:16]!r}")
    _messages(found, handshake)
    return found


def _alert(found: Flight, body: bytes) -> None:
    if len(body) != 2:  # noqa: PLR2004 - level and description
        raise Garbage("an alert of another length")
    found.alert, found.done = body[1], True


def _messages(found: Flight, data: bytes) -> None:
    """Take out the messages that are there whole."""
    while len(data) >= 4 and len(data) >= 4 + (size := int.from_bytes(data[1:4], "big")):  # noqa: PLR2004
        reader = READERS.get(data[0])
        if reader is not None:
            reader(found, Cursor(data[4 : 4 + size]))
        data = data[4 + size :]


def _server(found: Flight, body: Cursor) -> None:
    found.version = body.number(2)
    body.take(32)
    found.session = bool(body.field(1).left)
    found.suite, found.compression = body.number(2), body.number(1)
    extensions = body.field(2) if body.left else body
    while extensions.left:
        kind = extensions.number(2)
        found.extensions[kind] = extensions.field(2).left
    if hello.VERSIONS in found.extensions:
        found.version, found.session = Cursor(found.extensions[hello.VERSIONS]).number(2), False
        found.group = Cursor(found.extensions.get(hello.SHARES, b"\x00\x00")).number(2)
        found.done = True


def _certificate(found: Flight, body: Cursor) -> None:
    chain, found.chain = body.field(3), ()
    while chain.left:
        found.chain += (chain.field(3).left,)


def _exchange(found: Flight, body: Cursor) -> None:
    if body.left[:1] == bytes((NAMED_CURVE,)):
        body.take(1)
        found.group = body.number(2)


def _request(found: Flight, body: Cursor) -> None:
    """Read whom a server asks for; SSL 3.0 to TLS 1.1 name no signatures."""
    found.asks, found.authorities = True, ()
    body.field(1)
    if found.version == TLS12:
        body.field(2)
    names = body.field(2)
    while names.left:
        found.authorities += (names.field(2).left,)


def _done(found: Flight, _: Cursor) -> None:
    found.done = True


READERS = {SERVER: _server, CERTIFICATE: _certificate, EXCHANGE: _exchange, REQUEST: _request, DONE: _done}
"""What each kind of message is read by; others tell nothing here."""
