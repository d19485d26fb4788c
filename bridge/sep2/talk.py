"""One request and its answer, as the server sees them: no socket, no loop, no clock.

`Ask` is what came in, with who asks and when; `Answer` is what goes out, with what it was made from, so that
whoever carries it may keep it until that changes. `Told` is how any part of the server says no.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from bridge.trust.credential import Claim, Serial

MEDIA = "application/sep+xml"


class Peer(NamedTuple):
    """Who is at the other end of the connection, as its certificate says."""

    lfdi: str
    """40 digits, upper case."""
    sfdi: int
    roles: frozenset[str] = frozenset()
    """Roles that the certificate itself carries, as `operator` for a head-end."""
    serials: tuple[Serial, ...] = ()
    """What the certificates of its chain could be revoked by, leaf first."""
    claims: tuple[Claim, ...] = ()
    """Roles of IEC 62351-8 that a certificate of finite life claims."""


class Ask(NamedTuple):
    """A request."""

    method: str
    path: str
    """Decoded, without query; `/` at the end is left off."""
    peer: Peer
    now: int
    """Seconds since 1970."""
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    media: str = ""
    """Content-Type as it was sent."""
    accept: str = ""
    span: str = ""
    """Range header as it was sent, for files."""
    condition: str = ""
    """If-Range header as it was sent."""
    correlation: str = ""
    """What the request is called in every log, and in its answer."""
    by: str = ""
    """LFDI of the proxy that forwarded it; empty where the client itself is at the other end."""
    held: str = ""
    """If-None-Match header as it was sent, for files and claims."""

    @property
    def digest(self) -> str:
        """What tells one request from another: SHA-256 of its method, path and body."""
        return sha256(b"\0".join((self.method.encode(), self.path.encode(), self.body))).hexdigest()


class Answer(NamedTuple):
    """A response; `topics` and `until` say how long the same question gets the same answer."""

    status: int
    body: bytes = b""
    media: str = MEDIA
    location: str = ""
    allow: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    topics: frozenset[str] = frozenset()
    until: int | None = None
    """The first second at which it is stale whatever happens; None for never."""
    reason: str = ""
    """For the log."""
    close: bool = False
    """Whether the connection ends with it."""


class Told(Exception):
    """The peer is told no: a status, a reason in plain words, and what would have been allowed."""

    def __init__(
        self,
        status: int,
        reason: str,
        *,
        allow: tuple[str, ...] = (),
        location: str = "",
        close: bool = False,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.allow = allow
        self.location = location
        self.close = close
        self.headers = headers
