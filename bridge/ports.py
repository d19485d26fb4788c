"""What the core needs from outside, as contracts: a store, an outbox, keys.

The step itself needs none of them. The app around it lets the step answer a message and gives the answer to
the store in one commit, so that a message is taken whole with all that follows from it, or not at all.
Implementations live in `bridge/transports`; nothing here knows how they keep their promises.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from models.der import messages


class Taken(NamedTuple):
    """One step, ready to be made durable: its message, what follows, and the pages that change."""

    message: messages.Message
    at: Decimal
    effects: Sequence[messages.Message]
    pages: Mapping[str, bytes]


class Store(Protocol):
    """Canonical records are the truth; pages are rendered from them in the same transaction."""

    def records(self, after: int = 0) -> AsyncIterator[tuple[int, Decimal, messages.Message]]:
        """Give every message taken after a version, with the moment it was taken at, oldest first."""
        ...

    async def commit(self, taken: Taken) -> int:
        """Make a step durable and give its version; when this returns, no crash can undo it."""
        ...

    async def page(self, href: str) -> tuple[int, bytes] | None:
        """Give a rendered page and its version, or None where there is none."""
        ...


class Outbox(Protocol):
    """Effects on their way out: written with the step that caused them, gone when they are delivered."""

    def waiting(self) -> AsyncIterator[messages.Message]:
        """Give effects in the order they were committed, and wait for more."""
        ...

    async def done(self, name: str) -> None:
        """Forget an effect by its id: it arrived, or it never can."""
        ...

    async def later(self, name: str, until: Decimal) -> None:
        """Keep an effect back until a moment."""
        ...


class Keys(Protocol):
    """Our own key, and the certificates of others: from here, never from a peer's message."""

    @property
    def own(self) -> str:
        """The identity that we speak under."""
        ...

    def sign(self, octets: bytes) -> bytes:
        """Sign with our own key."""
        ...

    def certificate(self, identity: str) -> bytes | None:
        """Give the DER certificate of a party, unless it is unknown or revoked at this moment."""
        ...
