"""A raw XMPP client on a blocking socket: it sends what it is told to, and shows the bytes that come back.

It knows the few exchanges that every login has, and nothing of what they mean; it keeps no state of a
session, so that a test decides what is said, however wrong it is.
"""

from __future__ import annotations

import re
import socket
import ssl
from base64 import b64encode
from typing import Self

PATIENCE = 20.0
DOMAIN = "relay.example"
SM = "urn:xmpp:sm:3"
STARTTLS = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


def header(to: str = DOMAIN) -> bytes:
    """How a client's stream begins."""
    return (
        f"<?xml version='1.0'?><stream:stream to='{to}' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>"
    ).encode()


def auth(authzid: str = "", mechanism: str = "EXTERNAL") -> bytes:
    """A wish to log in."""
    said = b64encode(authzid.encode()).decode() or "="
    return f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{said}</auth>".encode()


def binding(resource: str = "") -> bytes:
    """A wish for a resource."""
    said = f"<resource>{resource}</resource>" if resource else ""
    return (
        f"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{said}</bind></iq>"
    ).encode()


def resume(secret: str, h: int) -> bytes:
    """A wish to go on with a session of before."""
    return f"<resume xmlns='{SM}' previd='{secret}' h='{h}'/>".encode()


def message(to: str, inner: str, extra: str = "") -> bytes:
    """A message."""
    return f"<message to='{to}'{extra}>{inner}</message>".encode()


class Raw:
    """A client's end of a connection; bytes that came and were not looked at yet are `held`."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(PATIENCE)
        self.held = b""
        self.jid = ""

    @classmethod
    def to(cls, port: int, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Self:
        """Connect; with TLS from the first byte on where a context is given."""
        sock = socket.create_connection((host, port), PATIENCE)
        try:
            return cls(context.wrap_socket(sock, server_hostname=DOMAIN) if context else sock)
        except BaseException:
            sock.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, *data: bytes) -> None:
        """Send bytes."""
        self.sock.sendall(b"".join(data))

    def until(self, mark: bytes | str) -> bytes:
        """Read to the first match of a regular expression; give all bytes up to its end."""
        wanted = re.compile(mark.encode() if isinstance(mark, str) else mark, re.DOTALL)
        while (found := wanted.search(self.held)) is None:
            if not (data := self.sock.recv(65_536)):
                raise EOFError(f"closed after {self.held[-500:]!r}, before {mark!r}")
            self.held += data
        said, self.held = self.held[: found.end()], self.held[found.end() :]
        return said

    def ask(self, data: bytes, mark: bytes | str) -> bytes:
        """Send bytes, and read to a match."""
        self.send(data)
        return self.until(mark)

    def rest(self) -> bytes:
        """Read to the end of the connection, however that comes."""
        try:
            while data := self.sock.recv(65_536):
                self.held += data
        except (ConnectionError, ssl.SSLError):
            pass
        said, self.held = self.held, b""
        return said

    def secure(self, context: ssl.SSLContext) -> None:
        """Begin with TLS on the STARTTLS port."""
        self.ask(header(), b"</stream:features>")
        self.ask(STARTTLS, b"<proceed[^>]*>")
        self.sock = context.wrap_socket(self.sock, server_hostname=DOMAIN)
        self.sock.settimeout(PATIENCE)

    def login(self, authzid: str = "") -> None:
        """Log in, and begin the stream anew."""
        self.ask(header(), b"</stream:features>")
        self.ask(auth(authzid), b"<success[^>]*>")
        self.ask(header(), b"</stream:features>")

    def bind(self, resource: str = "") -> str:
        """Bind a resource, and give the full JID."""
        said = self.ask(binding(resource), b"</iq>|</stream:error>")
        found = re.search(rb"<jid>(.*)</jid>", said)
        assert found is not None, said
        self.jid = found[1].decode()
        return self.jid

    def available(self) -> None:
        """Say that messages for the account are welcome here."""
        self.ask(b"<presence/>", rb"<presence[^>]*/>")

    def enable(self) -> str:
        """Have stanzas counted, and give the secret to resume by."""
        said = self.ask(f"<enable xmlns='{SM}' resume='true'/>".encode(), b"<enabled[^>]*>")
        found = re.search(rb" id='([^']*)'", said)
        assert found is not None, said
        return found[1].decode()

    def synced(self) -> None:
        """Wait until all that was sent before is taken: the answer to a ping comes after it."""
        self.ask(
            f"<iq type='get' id='sync' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>".encode(),
            rb"<iq[^>]*id=.sync.[^>]*>",
        )

    def cut(self) -> None:
        """Cut the connection, as a net does that fails: no goodbye of TLS, no end of the stream."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.sock.close()
