"""What the relay is told by whoever runs it, and what it tells: callables, limits, counters.

`Hooks` are asked on the way of every stanza, so each has to answer at once and to cost next to nothing. No
hook waits, none raises. `Figures` are plain numbers that only grow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.trust.credential import Serial
from bridge.xmpp.address import Address
from bridge.xmpp.element import Element


class Credentials(NamedTuple):
    """What a verified certificate says of who shows it."""

    lfdi: str
    addresses: tuple[str, ...] = ()
    """Its xmppAddr names."""
    roles: frozenset[str] = frozenset()
    serials: tuple[Serial, ...] = ()


class Identity(NamedTuple):
    """Who is logged in."""

    lfdi: str
    bare: str
    """Its bare JID."""
    roles: frozenset[str] = frozenset()
    serials: tuple[Serial, ...] = ()


class Event(NamedTuple):
    """Something that is worth a line in a log."""

    name: str
    """login, refused, bound, resumed, left, replaced, kicked, broken, denied, forged, held, expired."""
    who: Identity | None
    to: str = ""
    reason: str = ""
    kind: str = ""
    """message, iq or presence, where a stanza is meant."""


Allowed = Callable[[Identity, Address, str, bool], bool]
Elsewhere = Callable[[Identity, Address, bytes], bool]


def _yes(*_: object) -> bool:
    return True


def _no(*_: object) -> bool:
    return False


def _nothing(_: Event) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Hooks:
    """Who is asked and told."""

    allowed: Allowed = _no
    """Whether somebody may send a stanza of a kind to an address; to itself everybody may. The last argument
    is whether it answers: a result, or an error."""
    keeps: Callable[[str], bool] = _yes
    """Whether messages are kept for a bare JID of this domain while it is not here."""
    expiry: Callable[[Element], float | None] = lambda _: None
    """How many seconds a message is worth keeping; None for what the limits say."""
    elsewhere: Elsewhere = _no
    """Take a stanza for an address that is not here, sender stamped, and say whether that was done."""
    speaks: Callable[[Identity, Address], bool] = _no
    """Whether somebody may send in the name of another address, as the relay of a lower level does."""
    hub: Callable[[Identity], bool] = _no
    """Whether somebody is the bridge's own endpoint, which everybody talks to."""
    note: Callable[[Event], None] = _nothing


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of what one peer may have; sizes in bytes, times in seconds."""

    before: int = 16_384
    """An element before login."""
    after: int = 262_144
    """An element after it."""
    attempts: int = 3
    """At logging in, on one connection."""
    sessions: int = 10
    """Of one account."""
    unacked: int = 1_000
    """Stanzas that a client with XEP-0198 has not confirmed."""
    resume: int = 300
    """How long a session waits for its client."""
    offline: int = 1_000
    """Messages kept for an account."""
    expiry: float = 86_400.0
    """How long a message is kept unless it says otherwise."""
    directed: int = 1_000
    """Addresses that a session has sent its presence to."""
    hub: int = 100_000
    """Of each of these two at the bridge's own endpoint."""


@dataclass(slots=True)
class Figures:
    """What has happened so far."""

    logins: int = 0
    resumed: int = 0
    stanzas: int = 0
    """Taken from clients."""
    routed: int = 0
    """Passed on to a session, or kept for one."""
    octets: int = 0
    """Of those."""
    held: int = 0
    """Messages kept for an account that was not here."""
    expired: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """Stanzas, by the condition of the error that was the answer."""
    broken: Counter[str] = field(default_factory=Counter)
    """Streams, by the condition of the error that ended them."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Attempts to log in, by the reason."""
