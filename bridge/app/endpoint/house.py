"""What the endpoint has around it: the link, the installation, requests on their way, associations.

Plain values and the shapes of what is given to it. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bridge.iec61850.peer import Peer
from bridge.sep2 import talk
from bridge.sep2.shelf import Shelf
from bridge.trust.verify import Verified
from bridge.xmpp.letter import Letter


class Carrier(Protocol):
    """The link, as the endpoint needs it."""

    async def send(self, to: str, how: str, what: Letter, *, within: float | None = None) -> Letter | None:
        """Send, and wait until the server has taken it over."""

    def greet(self, to: str) -> None:
        """Tell a peer that we are there."""

    def part(self, to: str) -> None:
        """Tell a peer that we are gone, for it."""


class Request(NamedTuple):
    """A unit that came, whose it is, and under which seal."""

    peer: Peer
    who: talk.Peer
    payload: bytes
    opaque: bool
    seal: Verified | None = None


class Open(NamedTuple):
    """How an association was opened: so it is told what it did not ask for."""

    peer: Peer
    sealed: bool
    opaque: bool


@dataclass(slots=True)
class House:
    """What the endpoint asks of the installation."""

    shelf: Shelf
    fresh: Callable[[], Awaitable[None]]
    """Reads what is revoked, before each request; awaited."""
    standing: Callable[[talk.Peer], bool]
    """Whether a party may go on, by all that is read."""
    known: Callable[[str], talk.Peer]
    """What is known of an LFDI."""
    clear: Mapping[str, str]
    """LFDIs by address, of parties whose reads are taken in clear."""
    clock: Callable[[], float]
