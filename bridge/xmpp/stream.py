"""One client's stream, from its first byte to its last: RFC 6120 4. Bytes in, bytes out through an outlet.

Any division of the bytes gives the same. Until a session is there a stream takes one element at a time, since
each can begin it anew; from then on stanzas go straight to their routes. It knows no socket and no clock, and
what it raises ends no other stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from xml.sax.saxutils import quoteattr

from bridge.xmpp import address, routes
from bridge.xmpp.element import Element
from bridge.xmpp.fault import Broken, rendered
from bridge.xmpp.hooks import Event
from bridge.xmpp.names import CLOSE, ERROR, LANG, ROOT, STANZAS
from bridge.xmpp.reader import Ended, Opened, Reader
from bridge.xmpp.reader import Event as Read
from bridge.xmpp.states import EARLY, FEATURES, TABLE, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.xmpp.board import Board
    from bridge.xmpp.hooks import Credentials, Identity
    from bridge.xmpp.session import Link, Session

BLANK = b" \t\r\n"
"""What may stand between elements, and says nothing."""


class Outlet(Protocol):
    """The connection below."""

    @property
    def full(self) -> bool:
        """Whether the client is behind with taking what it was sent."""
        ...

    @property
    def choked(self) -> bool:
        """Whether it is so far behind that nothing more is sent."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes, soon."""
        ...

    def end(self) -> None:
        """Close once all is sent."""
        ...

    def secure(self) -> None:
        """Begin with TLS."""
        ...

    def wait(self, other: Link) -> None:
        """Read no more until another stream has caught up."""
        ...

    def bound(self) -> None:
        """A session is there: the time for logging in is over."""
        ...


class Stream:
    """A stream; `credentials` are those of a verified certificate, None where there is no TLS yet."""

    def __init__(
        self,
        board: Board,
        outlet: Outlet,
        credentials: Credentials | None,
        standing: Callable[[], bool],
    ) -> None:
        self.board = board
        self.outlet = outlet
        self.credentials = credentials
        self.standing = standing
        """Whether the certificate is still good; asked at login and for each stanza."""
        self.write = outlet.write
        self.state = State.LOGIN if credentials is not None else State.CLEAR
        self.identity: Identity | None = None
        self.session: Session | None = None
        self.now = 0.0
        self.attempts = 0
        self.challenged = False
        self.rest = False
        """Whether more than white space is behind the element that is being taken."""
        self._said = False
        """Whether our own stream has begun."""
        self._reader = Reader(board.limits.before)

    @property
    def full(self) -> bool:
        """Whether the client is behind."""
        return self.outlet.full

    @property
    def choked(self) -> bool:
        """Whether the client is so far behind that nothing more is sent."""
        return self.outlet.choked

    def wait(self, other: Link) -> None:
        """Read no more until another stream has caught up."""
        self.outlet.wait(other)

    def feed(self, data: bytes, now: float) -> None:
        """Take bytes."""
        self.now = now
        try:
            if self.session is None:
                data = self._slowly(data)
            if data and self.state is State.BOUND:
                self._quickly(self._reader.feed(data), now)
        except Broken as fault:
            self.fail(fault)

    def lost(self, now: float) -> None:
        """The connection is gone."""
        self.state = State.OVER
        session, self.session = self.session, None
        if session is not None and session.link is self:
            self.board.pause(session, now)

    def fail(self, fault: Broken) -> None:
        """End the stream with an error, and the session for good."""
        if self.state is State.OVER:
            return
        self.state = State.OVER
        self.board.figures.broken[fault.condition] += 1
        self.board.hooks.note(Event("broken", self.identity, fault.condition, fault.reason))
        self._begin({})
        self.write(rendered(fault))
        self.outlet.end()
        self._leave(fault)

    def stop(self, fault: Broken, now: float) -> None:
        """End the stream with an error of ours that a session outlives."""
        if self.session is not None and self.session.resumable:
            self.board.pause(self.session, now)
            self.session = None
        self.fail(fault)

    # ----------------------------------------------------------------------------- for the steps

    def hand_over(self) -> None:
        """Leave the connection to TLS; another stream begins on it."""
        self.state = State.OVER
        self.outlet.secure()

    def restart(self, identity: Identity) -> None:
        """Begin anew, logged in."""
        self.identity, self.state, self._said = identity, State.BIND, False
        self._reader = Reader(self.board.limits.before)

    def bound(self, session: Session) -> None:
        """Go on with a session."""
        self.session, self.state = session, State.BOUND
        self._reader.most = self.board.limits.after
        self.outlet.bound()

    # -------------------------------------------------------------------------------------- inside

    def _slowly(self, data: bytes) -> bytes:
        """Take an element at a time; give what is left once there is a session."""
        place = 0
        while place < len(data) and self.session is None and self.state is not State.OVER:
            end = data.find(b">", place) + 1 or len(data)
            piece, place = data[place:end], end
            self.rest = bool(data[place:].strip(BLANK))
            for event in self._reader.feed(piece):
                self._take(event)
        return data[place:]

    def _quickly(self, events: list[Read], now: float) -> None:
        """Take stanzas, and what stands between them."""
        board, session, standing = self.board, self.session, self.standing
        assert session is not None  # noqa: S101 - the state says so
        for event in events:
            if type(event) is Element and event.name in STANZAS:
                if not standing():
                    raise Broken("not-authorized", "access is withdrawn")
                routes.take(board, session, event, now)
            else:
                self._take(event)
            if self.state is State.OVER:
                return
        board.custody.settle(session)

    def _take(self, event: Read) -> None:
        if isinstance(event, Element):
            self._step(event)
        elif isinstance(event, Opened):
            self._open(event.attrs)
        elif isinstance(event, Ended):
            self._close()
        else:
            raise event

    def _step(self, element: Element) -> None:
        step = TABLE[self.state].get(element.name)
        if step is not None:
            step(self, element)
        elif element.name == ERROR:
            self._close()
        elif element.name in EARLY:
            raise Broken("not-authorized", "this is not the time for it")
        else:
            raise Broken("unsupported-stanza-type")

    def _open(self, attrs: Mapping[str, str]) -> None:
        """Answer a header, and offer what can be done now."""
        self._begin(attrs)
        if not _spoken(attrs.get("version", "")):
            raise Broken("unsupported-version", "streams are of version 1.0")
        try:
            meant = address.host(attrs.get("to", ""))
        except ValueError:
            meant = ""
        if meant != self.board.domain:
            raise Broken("host-unknown", f"this is {self.board.domain}")
        self.write(f"<stream:features>{FEATURES[self.state]}</stream:features>".encode())

    def _begin(self, attrs: Mapping[str, str]) -> None:
        """Say our header, once a stream."""
        if self._said:
            return
        self._said = True
        said = {"from": self.board.domain, "id": self.board.token(), "version": "1.0"}
        said |= {"xml:lang": attrs[LANG][:35] if LANG in attrs else "en"}
        text = "".join(f" {name}={quoteattr(value)}" for name, value in said.items())
        self.write(b"<?xml version='1.0'?>" + ROOT + f"{text}>".encode())

    def _close(self) -> None:
        """Answer the end of a stream with ours."""
        self.state = State.OVER
        self.write(CLOSE)
        self.outlet.end()
        self._leave(None)

    def _leave(self, fault: Broken | None) -> None:
        session, self.session = self.session, None
        if session is not None and session.link is self:
            session.link = None
            self.board.end(session, fault, self.now, "left")


def _spoken(version: str) -> bool:
    major, dot, minor = version.partition(".")
    return bool(dot) and major.isdecimal() and minor.isdecimal() and int(major) == 1
