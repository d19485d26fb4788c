"""A relay's own session at the next relay above it, as a client of that: RFC 6120 and XEP-0198, sans-IO.

What goes up is in the queue until the relay above has confirmed it; what comes down is confirmed when it is
safe here. The session outlives its connections, and begins anew where it cannot be resumed: then what was not
confirmed is said again. The relay above speaks for everybody but those of our own domain.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from bridge.xmpp import address, answer, routes
from bridge.xmpp.element import Element
from bridge.xmpp.fault import Broken
from bridge.xmpp.hooks import Event, Identity
from bridge.xmpp.names import BIND, IQ, REQUEST, ROOT, SASL, SM, STANZAS, STREAMS
from bridge.xmpp.reader import Ended, Reader
from bridge.xmpp.resumption import counter
from bridge.xmpp.session import WRAP, Link, Session, confirmed

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.xmpp.board import Board

NAME = "relay"
"""The resource that we bind, and what the session is called here."""
AUTH = f"<auth xmlns='{SASL}' mechanism='EXTERNAL'>=</auth>".encode()
ENABLE = f"<presence/><enable xmlns='{SM}' resume='true'/>".encode()
ASKED = f"<iq type='set' id='bind'><bind xmlns='{BIND}'><resource>{NAME}</resource></bind></iq>".encode()


class State(Enum):
    """How far it has come."""

    SHUT = auto()
    OPENING = auto()
    PROVING = auto()
    AGAIN = auto()
    RESUMING = auto()
    BINDING = auto()
    COUNTING = auto()
    UP = auto()


class Outlet(Protocol):
    """The connection."""

    @property
    def full(self) -> bool:
        """Whether the relay above is behind with taking what it was sent."""
        ...

    @property
    def choked(self) -> bool:
        """Whether it is so far behind that nothing more is sent."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...

    def end(self, reason: str) -> None:
        """Close."""
        ...


class Ascent:
    """The session; it is also the link that the session writes to."""

    def __init__(self, board: Board, above: str) -> None:
        self.board = board
        self.above = address.host(above)
        self.state = State.SHUT
        self.now = 0.0
        place = address.made("", self.above, NAME)
        self.session = Session(Identity("", self.above), place, None, 0.0)
        self.session.tracked = True
        kept = board.queue.after(place.full, 0)
        self.session.acked = kept[0].seq - 1 if kept else 0
        self.session.sent = kept[-1].seq if kept else 0
        self._name = ""
        """By which the session is resumed."""
        self._outlet: Outlet | None = None
        self._reader = Reader(board.limits.after)

    # ------------------------------------------------------------------------------- the connection

    def begin(self, outlet: Outlet, now: float) -> None:
        """Take a connection with TLS, and log in on it."""
        self._outlet, self.now = outlet, now
        self._open(State.OPENING)

    def feed(self, data: bytes, now: float) -> None:
        """Take bytes."""
        self.now = now
        for event in self._reader.feed(data):
            if isinstance(event, Element):
                self._take(event)
            elif isinstance(event, Broken):
                self._end(f"its stream is not one: {event.condition}")
            elif isinstance(event, Ended):
                self._end("it has ended the stream")

    def lost(self) -> None:
        """The connection is gone; the session is not."""
        self.state, self._outlet, self.session.link = State.SHUT, None, None

    def pass_up(self, raw: bytes, now: float) -> bool:
        """Send a stanza up; only messages wait for a connection. Whether it was taken."""
        there = self.session.link is not None
        if not there and not raw.startswith(b"<message"):
            return False
        return not self.board.custody.deliver(self.session, raw, now)

    # ---------------------------------------------------------------------- the link of the session

    @property
    def full(self) -> bool:
        """Whether the relay above is behind."""
        return self._outlet is not None and self._outlet.full

    @property
    def choked(self) -> bool:
        """Whether it is so far behind that nothing more is sent."""
        return self._outlet is not None and self._outlet.choked

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self._outlet is not None:
            self._outlet.write(data)

    def fail(self, fault: Broken) -> None:
        """End the stream."""
        self._end(fault.condition)

    def wait(self, other: Link) -> None:
        """Go on: what comes down is bounded by what is not confirmed."""

    # -------------------------------------------------------------------------------------- inside

    def _open(self, state: State) -> None:
        self.state, self._reader = state, Reader(self.board.limits.after)
        self.write(b"<?xml version='1.0'?>" + ROOT + f" to='{self.above}' version='1.0'>".encode())

    def _end(self, reason: str) -> None:
        if self._outlet is not None:
            self._outlet.end(reason)

    def _take(self, element: Element) -> None:
        step = STEPS.get((self.state, element.name)) or STEPS.get((None, element.name))
        if step is not None:
            step(self, element)
        elif self.state is State.UP and element.name in STANZAS:
            self.session.heard += 1
            self._down(element)
        else:
            self._end(f"it says {element.name.rpartition(' ')[2]} where that has no place")

    def _offered(self, element: Element) -> None:
        if "EXTERNAL" in "".join(element.tree().itertext()):
            self.state = State.PROVING
            self.write(AUTH)
        else:
            self._end("it does not offer EXTERNAL: it does not accept our certificate")

    def _denied(self, _: Element) -> None:
        self._end("it does not let us log in")

    def _proved(self, _: Element) -> None:
        self._open(State.AGAIN)

    def _choose(self, _: Element) -> None:
        if self._name:
            self.state = State.RESUMING
            said = f"<resume xmlns='{SM}' previd='{self._name}' h='{self.session.heard % WRAP}'/>"
            self.write(said.encode())
        else:
            self._bind(_)

    def _bind(self, _: Element) -> None:
        self.state, self._name = State.BINDING, ""
        self.write(ASKED)

    def _bound(self, element: Element) -> None:
        if element.kind != "result":
            self._end("it gives us no session")
            return
        self.state = State.COUNTING
        self.write(ENABLE)

    def _enabled(self, element: Element) -> None:
        """Begin a session, with what the one before has left."""
        session, custody = self.session, self.board.custody
        left = self.board.queue.after(session.full, session.acked)
        custody.forget(session)
        session.acked = session.sent = session.heard = 0
        session.waiting.clear()
        session.acks.clear()
        session.asked = False
        self._name = element.attrs.get("id", "") if element.attrs.get("resume") else ""
        self.state, session.link = State.UP, self
        for one in left:
            custody.deliver(session, one.stanza, self.now)

    def _resumed(self, element: Element) -> None:
        """Go on with the session, and say again what was not confirmed."""
        if (more := self._count(element)) is not None:
            self.session.acked += more
            self.board.queue.drop(self.session.full, self.session.acked)
            self.state, self.session.link = State.UP, self
            self.board.custody.again(self.session, REQUEST)

    def _request(self, _: Element) -> None:
        self.board.custody.confirm(self.session)

    def _confirmed(self, element: Element) -> None:
        if (more := self._count(element)) is not None:
            self.board.custody.confirmed(self.session, more, self.now)

    def _count(self, element: Element) -> int | None:
        said = counter(element.attrs.get("h"))
        more = None if said is None else confirmed(self.session, said)
        if more is None:
            self._end("it confirms more than it was sent")
        return more

    def _error(self, element: Element) -> None:
        self._end(f"it ends the stream: {', '.join(each.rpartition(' ')[2] for each in element.children)}")

    def _echo(self, _: Element) -> None:
        """Pass over what it says before it counts: our own presence, most likely."""

    def _down(self, stanza: Element) -> None:
        """Hand a stanza to whom it is for, in the name of its sender."""
        sender, to = (stanza.attrs.get(name, self.above) for name in ("from", "to"))
        try:
            origin, meant = address.parse(sender), address.parse(to)
        except ValueError:
            return
        if origin.domain == self.board.domain:
            self.board.hooks.note(Event("forged", self.session.identity, sender))
        elif meant.domain == self.board.domain:
            session = Session(Identity("", origin.bare), origin, Voice(self), self.now)
            routes.take(self.board, session, stanza, self.now)
        elif meant.domain == self.above and stanza.kind in routes.ASKING:  # us: a ping, most likely
            self.pass_up(answer.error(stanza, "service-unavailable", sender), self.now)


class Voice:
    """The link of somebody above us: what is said to him goes up, counted like everything that does."""

    def __init__(self, ascent: Ascent) -> None:
        self._ascent = ascent
        self.full = self.choked = False

    def write(self, data: bytes) -> None:
        """Send bytes: one stanza."""
        self._ascent.pass_up(data, self._ascent.now)

    def fail(self, fault: Broken) -> None:
        """Nothing: one sender's fault ends nobody else's stream."""

    def wait(self, other: Link) -> None:
        """Go on."""


STEPS: dict[tuple[State | None, str], Callable[[Ascent, Element], None]] = {
    (State.OPENING, f"{STREAMS} features"): Ascent._offered,  # noqa: SLF001 - the table of its steps
    (State.PROVING, f"{SASL} success"): Ascent._proved,  # noqa: SLF001
    (State.PROVING, f"{SASL} failure"): Ascent._denied,  # noqa: SLF001
    (State.AGAIN, f"{STREAMS} features"): Ascent._choose,  # noqa: SLF001
    (State.RESUMING, f"{SM} resumed"): Ascent._resumed,  # noqa: SLF001
    (State.RESUMING, f"{SM} failed"): Ascent._bind,  # noqa: SLF001
    (State.BINDING, IQ): Ascent._bound,  # noqa: SLF001
    (State.COUNTING, f"{SM} enabled"): Ascent._enabled,  # noqa: SLF001
    (State.COUNTING, "jabber:client presence"): Ascent._echo,  # noqa: SLF001
    (State.UP, f"{SM} r"): Ascent._request,  # noqa: SLF001
    (State.UP, f"{SM} a"): Ascent._confirmed,  # noqa: SLF001
    (None, f"{STREAMS} error"): Ascent._error,  # noqa: SLF001
}
"""What is done with an element, by the state that it comes in; None stands for each."""
