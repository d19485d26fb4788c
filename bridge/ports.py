"""What the core needs from outside, as contracts: a store, an outbox, keys, carriers of orders, adapters.

The step itself needs none of them. The app around it lets the step answer a message and gives the answer to
the store in one commit, so that a message is taken whole with all that follows from it, or not at all.
Implementations live in `bridge/transports`; nothing here knows how they keep their promises.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

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


ENTRY = "entry"
"""Stands among modes for what a Default says beside its modes: entering service, ramps, trips (`entry`)."""


class Kind(StrEnum):
    """What an order asks of a unit: to take modes of a record, or to leave them."""

    take = "take"
    leave = "leave"


class Order(NamedTuple):
    """What one unit is told once: it bears a number, so that who carries it twice has carried it once."""

    unit: str
    """LFDI of the unit, in upper case."""
    number: int
    """Grows by one with each order to this unit; a carrier uses it modulo 256 as ctlNum."""
    kind: Kind
    record: messages.Control | messages.Default
    """The record whole, curves included; what it asks for beside `modes` is not for this order."""
    modes: frozenset[str]
    """Fields of Modes, or `entry`, that are to be taken or left."""
    start: Decimal
    """The window for these modes at this unit, its random part in it; `-Infinity` for a default."""
    end: Decimal
    """Not included; `Infinity` where nothing ends it. A direct mode is left by an order of its own."""


class Reach(NamedTuple):
    """What a unit can be made to do, and how; a mode in neither it cannot be made to do at all.

    A unit holds one window of a record for a mode at a time, and one default: a take replaces it. One that is
    commanded replaces whatever was commanded for the mode before.
    """

    scheduled: frozenset[str] = frozenset()
    """Modes it takes ahead of time, with their window, and leaves by itself at the end of it."""
    direct: frozenset[str] = frozenset()
    """Modes it can only be commanded at their time."""
    why: str = ""
    """Why it may be made to do nothing, where that is for no want of modes: nobody agreed to it."""
    hold: str = ""
    """Another one each time when the unit may hold nothing any more of what it was told; empty where a unit
    keeps that by itself. All that it is to hold is then told again."""


class Away(Exception):
    """The unit cannot be reached now, or said nothing in time; whether it heard is not known."""


Heard = Callable[[messages.Outcome], None]
Present = Callable[[str], None]


class Carrier(Protocol):
    """Whoever brings orders to units that do not come for them."""

    def reach(self, unit: str) -> Reach | None:
        """Say what a unit can be made to do, as far as is known; None where it is not of this door."""
        ...

    async def carry(self, order: Order) -> tuple[messages.Outcome, ...]:
        """Carry an order out, whole or not at all, and give what the unit said to it; raises Away.

        The same order may come twice, also after a restart. A refusal is an Outcome whose status is an end
        (10, 252 to 254, with addCause), never an exception; any other answer, or none, says that it was done.
        """
        ...

    def listen(self, heard: Heard) -> None:
        """Call with what a unit says of itself, later: begun (2), completed (3), refused or broken off."""
        ...

    def there(self, present: Present) -> None:
        """Call with the LFDI of a unit that has come, or whose reach is known or other than before."""
        ...


class Unable(Exception):
    """A unit cannot do, or refuses, what an order asks: the text says why, the status is for its owner."""

    def __init__(self, reason: str, status: int = 252) -> None:
        super().__init__(reason)
        self.status = status
        """10, 252, 253 or 254 of 2030.5-2018 table 27."""


class Teller(Protocol):
    """Whoever tells prices and texts to units that do not come for them."""

    async def tell(self, unit: str, word: messages.Price | messages.Notice, until: int) -> messages.Outcome:
        """Tell a unit once, no later than a moment (0 for no matter when), and give what it answered.

        Raises Away where it is to be tried again, and Unable where that would come to the same.
        """
        ...

    def there(self, present: Present) -> None:
        """Call with the LFDI of a unit that has come."""
        ...


class Adapter(Protocol):
    """A protocol by agreement, outside of the core: what an entry point of `derbridge.adapters` makes.

    It is made of its settings, with `Adapter(settings)`; `Settings` is the pydantic model of them, an
    attribute of its class. All runs in a loop and a thread of its own, one call for a unit at a time, each
    within a time. Away says that a unit cannot be reached; whatever else is raised is the adapter's own
    fault. A unit that is called no more must go back to its default by itself.
    """

    @property
    def units(self) -> frozenset[str]:
        """LFDIs of the units that it can reach, in upper case."""
        ...

    @property
    def health(self) -> str:
        """What is wrong with it as a whole; empty where it is well."""
        ...

    async def begin(self) -> None:
        """Get ready; no unit is spoken with yet."""
        ...

    async def end(self) -> None:
        """Let go of everything."""
        ...

    async def meet(self, unit: str) -> Reach:
        """Open the conversation with a unit, and say what it can be made to do; raises Away."""
        ...

    async def part(self, unit: str) -> None:
        """End the conversation with a unit, without a word that changes anything at it."""
        ...

    async def carry(self, order: Order) -> None:
        """Carry an order out, whole or not at all; raises Away, or Unable. The same order may come twice."""
        ...

    async def tell(self, unit: str, head: Mapping[str, Any]) -> Sequence[messages.Message]:
        """Say what a unit says: Capability, Setting, Status, Reading, as far as it has them; raises Away.

        `head` is the envelope that each message needs, as `messages.Status(**head, ...)`.
        """
        ...
