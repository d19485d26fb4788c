"""The requests of one connection, one after another and answered in order.

A request is taken out of the stream whole, judged, and answered: from the kept pages where it is a plain
GET of one, by aiohttp's machinery otherwise, by a fault's own words where it is no request. Each time the
standing of the peer is asked for anew. Deadlines and sizes as the limits say. RFC 9112 clauses 9.3 to 9.6.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Protocol

from bridge.transports import faults, framing, heads, marks
from bridge.transports.faults import Fault
from bridge.transports.pages import START, Dates, Pages

if TYPE_CHECKING:
    from bridge.sep2.talk import Peer
    from bridge.transports.limits import Limits
    from bridge.transports.wire import Wire

BARE = re.compile(rb"(?<!\r)\n")
END = b"\r\n\r\n"
FORBIDDEN = 403
"""The one status of a fault that stands in the decision log."""
Plain = tuple[str, str]
"""Target and Accept of a plain request."""
Noting = Callable[[str, str, str, int, float, str, str], None]
"""Told LFDI, method, target, status, seconds that it took (none for a kept page), the reason, and the name of
the request where it has one."""


class House(Protocol):
    """What all lines share."""

    limits: Limits
    pages: Pages
    dates: Dates
    plain: dict[bytes, Plain]
    stopping: bool
    idle: float
    """When a connection that falls silent now is late."""
    noting: Noting | None
    """Who is told of each answer."""

    def learn(self, raw: bytes, plain: Plain) -> None:
        """Remember what the bytes of a plain request ask for."""
        ...

    def judge(self, data: bytes) -> heads.Head:
        """Judge a whole head."""
        ...

    def mark(self) -> str:
        """Make a name for a request."""
        ...

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def time(self) -> float:
        """The loop's time."""
        ...

    def stands(self, wire: Wire, now: float) -> bool:
        """Whether the peer may go on."""
        ...

    def serve(self, line: Line, head: heads.Head, raw: bytes) -> None:
        """Have a request answered; `answered` is called when it is."""
        ...


class Line:
    """One connection's requests."""

    __slots__ = ("_begun", "_body", "_head", "_held", "_house", "_looked", "busy", "gone", "wire")

    def __init__(self, house: House, wire: Wire) -> None:
        self._house = house
        self.wire = wire
        self._held: bytearray | None = None
        self._head: heads.Head | None = None
        self._body: framing.Counted | framing.Chunks | None = None
        self._begun = 0.0
        """When the body that is coming in began."""
        self._looked = 0
        """How far the head that is coming in was searched for its end."""
        self.busy = False
        self.gone = False
        """Whether the client sends no more."""

    @property
    def peer(self) -> Peer:
        """Whose request it is."""
        return self.wire.peer

    @property
    def by(self) -> str:
        """LFDI of the proxy that forwards it; empty where there is none."""
        return ""

    # ------------------------------------------------------------------------------- from the wire

    def received(self, data: bytes) -> None:
        """Take plain text."""
        if self._held is None:
            plain = self._house.plain.get(data)
            if plain is not None and not self.busy and self._kept(plain):
                return
            self._held = bytearray(data)
        else:
            self._held += data
        if not self.busy:
            self._advance()
        if self._waits() and len(self._held or b"") > self._house.limits.ahead:
            self.wire.hold(on=True)

    def ended(self) -> None:
        """The client sends no more; what it asked for before is answered."""
        self.gone = True
        if not self._waits():
            self.wire.close()

    def late(self) -> None:
        """End an idle connection; tell one that is in the middle of a request why."""
        if self._held:
            self._refuse(Fault(408, "the request takes too long"))
        else:
            self.wire.close()

    def writable(self) -> None:
        """Go on with what had to wait for the client to take its answers."""
        if self.busy:
            self.wire.due = inf
            return
        self._resume()
        if self.gone and not self._waits():
            self.wire.close()

    # ------------------------------------------------------------------------------- from the desk

    def answered(self, data: bytes, *, close: bool) -> None:
        """Send an answer, and go on with what came in meanwhile."""
        self.busy = False
        self.wire.send(data)
        if not (close or self._house.stopping or self.wire.full):
            self._resume()
        if close or self._house.stopping or (self.gone and not self._waits()):
            self.wire.close()

    def note(  # noqa: PLR0917 - as it is told on
        self, method: str, target: str, status: int, seconds: float, reason: str, mark: str = ""
    ) -> None:
        """Tell of an answer."""
        if self._house.noting is not None:
            self._house.noting(self.peer.lfdi, method, target, status, seconds, reason, mark)

    def stop(self) -> None:
        """End now, or after the answer that is on its way."""
        if not self.busy:
            self.wire.close()

    # ------------------------------------------------------------------------------------- inside

    def _waits(self) -> bool:
        """Whether the next request has to wait."""
        return self.busy or self.wire.full

    def _resume(self) -> None:
        """Go on with what came in meanwhile."""
        self.wire.due = self._house.idle
        if self._held is not None:
            self.wire.hold(on=False)
            self._advance()

    def _kept(self, plain: Plain) -> bool:
        """Answer a plain request from the kept pages, if it can be."""
        house = self._house
        now = house.now()
        page = house.pages.find((self.wire.peer.lfdi, *plain), now)
        if page is None or self.wire.full or house.stopping or not house.stands(self.wire, now):
            return False
        self.wire.due = house.idle
        self.wire.send(b"".join((START, house.dates.text(now), page.back)))
        if house.noting is not None:
            house.noting(self.wire.peer.lfdi, "GET", plain[0], 200, 0.0, "", "")
        return True

    def _advance(self) -> None:
        """Take out and answer what is there."""
        try:
            while self._held and not (self._waits() or self.wire.closing):
                if not self._next(self._held):
                    break
        except Fault as fault:
            self._refuse(fault)
        if not self._held:
            self._held = None

    def _next(self, held: bytearray) -> bool:
        """Take one request out and have it answered, if it is there whole."""
        if self._head is None and not self._begin(held):
            return False
        assert self._head is not None  # noqa: S101 - begun just now, or before
        assert self._body is not None  # noqa: S101 - the same
        if (end := self._body.end(held)) is None:
            limits = self._house.limits
            self.wire.due = self._begun + limits.body + len(held) / limits.rate
            return False
        raw, head = bytes(held[:end]), self._head
        del held[:end]
        self._head = self._body = None
        self._looked = 0
        self._dispatch(head, raw)
        return True

    def _begin(self, held: bytearray) -> bool:
        """Read the head, if it is there."""
        limits = self._house.limits
        while held.startswith(b"\r\n"):
            del held[:2]
        end = held.find(END, max(self._looked - 3, 0))
        if end < 0 or end > limits.whole:
            self._partial(held, limits)
            return False
        self._sized(held, limits)
        self._head = head = self._house.judge(bytes(held[:end]))
        self._body = framing.scan(end + len(END), head.length, limits)
        self._begun = self._house.time()
        if head.expect and len(held) == end + len(END):
            if head.fault is not None:
                raise head.fault
            self.wire.send(faults.CONTINUE)
        return True

    def _partial(self, held: bytearray, limits: Limits) -> None:
        """Refuse what can only become a bad head; begin the time for its end."""
        if self._looked == 0 and self.wire.due != inf:
            self.wire.due = min(self.wire.due, self._house.time() + limits.head)
        self._sized(held, limits)
        if BARE.search(held, max(self._looked - 1, 0)):
            raise Fault(400, "a line ends without carriage return")
        if len(held) > limits.whole:
            raise Fault(431, "the head is too large")
        first = held.find(b"\r\n")
        if first >= 0 and self._looked <= first:
            heads.line(bytes(held[:first]))
        self._looked = len(held)

    def _sized(self, held: bytearray, limits: Limits) -> None:
        if held.find(b"\r\n", 0, limits.line + 2) < 0 and len(held) > limits.line:
            raise Fault(414, "the request line is too long")

    def _dispatch(self, head: heads.Head, raw: bytes) -> None:
        now = self._house.now()
        if not self._house.stands(self.wire, now):
            self._refuse(Fault(403, "access is withdrawn"), mark=head.mark or self._house.mark())
        elif (fault := head.fault or self._unvetted(head, now)) is not None:
            name = head.mark or self._house.mark() if fault.status == FORBIDDEN else ""
            self._refuse(fault, head, name)
        elif not (head.plain and self._plain((head.target, head.accept), raw)):
            self.busy = True
            self.wire.due = inf
            self._house.serve(self, head, raw)

    def _unvetted(self, head: heads.Head, now: float) -> Fault | None:
        """Why a request is refused for whose it is."""
        try:
            self._vetted(head, now)
        except Fault as fault:
            return fault
        return None

    def _vetted(self, head: heads.Head, now: float) -> None:
        """Raise a Fault where it is not proved whose a request is; here the connection has proved it."""

    def _plain(self, plain: Plain, raw: bytes) -> bool:
        """Answer a plain request that is spelled in a new way, and learn the spelling."""
        self._house.learn(raw, plain)
        return self._kept(plain)

    def _refuse(self, fault: Fault, head: heads.Head | None = None, mark: str = "") -> None:
        """Answer with a fault; only after a soft one the connection goes on."""
        extra = ((marks.FIELD, mark),) if mark else ()
        close = not fault.soft or head is None or head.close
        bare = head is not None and head.method == "HEAD"
        date = self._house.dates.text(self._house.now())
        if close:
            self._held = None
        self.wire.send(faults.reply(fault.status, date, close=close, bare=bare, extra=extra))
        method, target = (head.method, head.target) if head else ("", "")
        self.note(method, target, fault.status, 0.0, fault.reason, mark)
        if close:
            self.wire.close()
        elif not self.wire.full:
            self.wire.due = self._house.idle
