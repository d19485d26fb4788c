"""What the endpoint has around it: the link, the installation, requests on their way, associations.

Plain values and the shapes of what is given to it. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from bridge.iec61850.peer import Peer
from bridge.sep2 import talk
from bridge.sep2.shelf import Shelf
from bridge.transports.post import Incoming
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


class Units(Protocol):
    """Those that we are a client of, as the endpoint needs them."""

    async def hear(self, said: Incoming) -> bool:
        """Take what one of them tells unasked; False where it is from nobody of them."""

    def presence(self, address: str, *, there: bool) -> None:
        """Take that somebody has come, or gone."""

    def begun(self) -> None:
        """Take that the link has a new session."""

    def sweep(self) -> None:
        """End what is open with whoever is revoked."""


class Judge(Protocol):
    """Who says what a party may do, and keeps what was turned back."""

    asker: Any
    """Whose request is being dealt with, while one is."""

    async def know(self, shelf: Shelf, peer: talk.Peer, unit: bytes, correlation: str, now: int) -> object:
        """Say who asks."""

    def refused(self, sender: str, what: str, unit: bytes, reason: str, target: str = "") -> None:
        """Keep that something was turned back."""


class Neighbour(Protocol):
    """Whoever keeps something for each logical device: report blocks, logs."""

    def join(self, domain: str, now: float) -> None:
        """Take up one that has come."""

    def leave(self, domain: str) -> None:
        """Put by one that is to go."""


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
