"""What a link and its owner say to each other: what came, how much may be under way, and what can go wrong.

Conditions are those of RFC 6120 8.3.3. Plain values and exceptions; whoever sends or hears anything is in
link.py, outbox.py and hearing.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from bridge.xmpp.letter import Letter


class Denied(Exception):
    """What was sent was refused, by the other end or by the server; or is, when we raise it."""

    def __init__(self, condition: str, text: str = "") -> None:
        super().__init__(f"{condition}: {text}" if text else condition)
        self.condition, self.text = condition, text


class Late(Exception):
    """No answer, or no acknowledgement, came in time; `sent` says whether it left us at all."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__("no answer in time" if sent else "not sent in time")
        self.sent = sent


class Uncertain(Exception):
    """The session was lost before the server acknowledged: it has taken it over, or it has not."""


class Closed(Exception):
    """The link is at its end, and this was not sent."""


class Incoming(NamedTuple):
    """What somebody sent us."""

    sender: str
    """Full address, as the server stamped it."""
    how: str
    """`get`, `set` or `message`."""
    letter: Letter
    name: str
    """The stanza's id."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much, and how long in seconds."""

    outbox: int = 256
    """Stanzas of ours that the server has not taken over; the next one waits."""
    handling: int = 64
    """What came and is being dealt with; beyond it nothing more is read."""
    login: float = 20.0
    answer: float = 30.0
    """For an answer or an acknowledgement, unless said otherwise."""
    idle: float = 60.0
    """Between two requests for a sign of life."""
    stall: float = 20.0
    """For that sign."""
    shortest: float = 0.2
    """Before the first attempt to come back; each further one waits twice as long."""
    longest: float = 60.0
    attempts: int = 0
    """Without success one after the other, and the link ends; 0 for never."""
    linger: float = 5.0
    """For what is under way when the link is closed."""


BOUNDS = Bounds()


class Ears(NamedTuple):
    """What the owner of a link is told."""

    receive: Callable[[Incoming], Awaitable[Letter | None]]
    """Deal with what came, and give what an iq is answered with; raise `Denied` to refuse it."""
    presence: Callable[[str, bool], None] = lambda _address, _there: None
    """A peer is there, or is gone."""
    bounced: Callable[[str, str, Denied], None] = lambda _to, _name, _why: None
    """A message that the server had taken over came back: recipient, id, reason."""
    told: Callable[[str, str], None] = lambda _event, _why: None
    """begun, resumed, cut, failed, refused or ended; and why."""
