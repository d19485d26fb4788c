"""The way to a server that is to be sounded: a socket, STARTTLS of XMPP where it is asked for, an answer.

Each question has a connection of its own. Whatever the server does, silence included, ends within the time
that is given; how it ended is part of the answer. RFC 6120 clause 5.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from bridge.transports.sounding import flight
from bridge.transports.sounding.flight import Flight, Garbage

TLS = "urn:ietf:params:xml:ns:xmpp-tls"
OPENING = (
    "<?xml version='1.0'?><stream:stream to={} version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
)
FEATURES = re.compile(rb"</stream:features>|<stream:features\s*/>|</stream:stream>")
PROCEED = re.compile(rb"<(?:\w+:)?(proceed|failure)\b[^>]*>")
LIMIT = 65_536
SILENT, CLOSED, RESET = "no answer", "closed without an alert", "reset without an alert"


class Unreachable(Exception):
    """There is no server, or not one of this kind."""


@dataclass(frozen=True)
class Target:
    """A server."""

    host: str
    port: int
    xmpp: str = ""
    """The domain to speak XMPP to before TLS; '' for TLS at once."""
    patience: float = 5.0
    """Seconds for each step."""

    @property
    def name(self) -> str:
        """The name to ask for: none where the host is an address."""
        for family in (socket.AF_INET, socket.AF_INET6):
            with suppress(OSError):
                socket.inet_pton(family, self.host)
                return ""
        return self.xmpp or self.host

    def connect(self) -> socket.socket:
        """Connect, up to where TLS begins."""
        try:
            sock = socket.create_connection((self.host, self.port), self.patience)
        except OSError as error:
            raise Unreachable(f"no connection: {error.strerror or error}") from error
        try:
            if self.xmpp:
                self._starttls(sock)
        except OSError as error:
            sock.close()
            raise Unreachable(f"no STARTTLS: {error.strerror or error}") from error
        except Unreachable:
            sock.close()
            raise
        return sock

    def _starttls(self, sock: socket.socket) -> None:
        sock.sendall(OPENING.format(quoteattr(self.xmpp)).encode())
        if TLS.encode() not in _until(sock, FEATURES):
            raise Unreachable("no STARTTLS: the server does not offer it")
        sock.sendall(f"<starttls xmlns='{TLS}'/>".encode())
        found = PROCEED.search(_until(sock, PROCEED))
        if found is None or found[1] != b"proceed":
            raise Unreachable("no STARTTLS: the server refuses it")

    def ask(self, said: bytes) -> tuple[Flight, str]:
        """Send a ClientHello; what is answered, and how it ended if that was not by TLS."""
        with self.connect() as sock:
            data = b""
            try:
                sock.sendall(said)
                while not (found := flight.read(data)).done and len(data) < flight.LIMIT:
                    if not (part := sock.recv(65_536)):
                        return found, CLOSED
                    data += part
            except TimeoutError:
                return Flight(), SILENT
            except OSError:
                return Flight(), RESET
            except Garbage as fault:
                return Flight(), str(fault)
            return found, ""


def _until(sock: socket.socket, mark: re.Pattern[bytes]) -> bytes:
    """Read up to a mark; XMPP before TLS is short."""
    found = b""
    while not mark.search(found):
        part = sock.recv(4096)
        if not part or len(found) > LIMIT:
            raise Unreachable("no STARTTLS: the server does not speak XMPP")
        found += part
    return found
