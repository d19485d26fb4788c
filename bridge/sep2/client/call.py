"""One request of the client and its answer, as the machine sees them: no socket, no loop, no clock.

Whoever carries a `Call` gives back a `Reply`, or says that none came. `about` is what the machine knows it by
and is not sent. Nothing is followed or repeated by the carrier: that is decided here.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.sep2.client.agenda import Key


class Call(NamedTuple):
    """A request."""

    method: str
    url: str
    about: Key
    body: bytes = b""
    tag: str = ""
    """If-None-Match, where the server gave an ETag."""
    hops: int = 0
    """Redirects followed so far."""


class Reply(NamedTuple):
    """An answer."""

    status: int
    body: bytes = b""
    location: str = ""
    tag: str = ""
    """ETag."""
    wait: float | None = None
    """Retry-After in seconds."""

    @property
    def good(self) -> bool:
        """Whether it is what was asked for."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of success

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later (RFC 9110: 408, 425, 429, 5xx but 501 and 505)."""
        return self.status in {408, 425, 429} or (
            self.status >= 500 and self.status not in {501, 505}  # noqa: PLR2004 - the class of the server's faults
        )
