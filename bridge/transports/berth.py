"""One client of the relay above its TLS: bytes to its stream, and what is said to it, gathered and sent.

It holds a client to its rate, has a sender wait for a recipient that does not keep up, but never for long,
and asks a silent client whether it is there (XEP-0199, or XEP-0198 where that is on). What a stanza means is
for `bridge.xmpp`.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import structlog

from bridge.xmpp.fault import Broken
from bridge.xmpp.hooks import Credentials
from bridge.xmpp.names import PING, REQUEST
from bridge.xmpp.stream import Stream

if TYPE_CHECKING:
    from bridge.transports.relay import Relay
    from bridge.transports.wire import Wire
    from bridge.xmpp.session import Link

LOG = structlog.get_logger("derbridge.relay")


class Berth:
    """A client's place at the relay."""

    __slots__ = (
        "_asked", "_blocked", "_held", "_out", "_relay", "_spent", "_throttle", "_timer", "_tokens",
        "_waiters", "stream", "wire",
    )  # fmt: skip

    def __init__(self, relay: Relay, wire: Wire) -> None:
        self._relay = relay
        self.wire = wire
        self._out: list[bytes] = []
        self._asked = False
        """Whether the client was asked if it is there."""
        self._blocked: set[Berth] = set()
        """Whom it waits for."""
        self._waiters: set[Berth] = set()
        """Who waits for it."""
        self._timer: asyncio.TimerHandle | None = None
        self._spent = False
        """Whether others have waited for it long enough, until it has caught up."""
        self._held = False
        self._throttle: asyncio.TimerHandle | None = None
        self._tokens = (relay.bounds.burst, relay.time())
        """Bytes that may come at once, and when that was so."""
        peer = wire.peer
        known = Credentials(peer.lfdi, wire.addresses, peer.roles, peer.serials)
        self.stream = Stream(relay.board, self, known, self.stands)
        wire.widen(relay.bounds.full)

    # ------------------------------------------------------------------------------- from the wire

    def received(self, data: bytes) -> None:
        """Take plain text."""
        relay, wire = self._relay, self.wire
        now, time = relay.now(), relay.time()
        relay.moment = now
        if self.stream.session is not None:
            self._asked = False
            if not wire.full:
                wire.due = time + relay.bounds.idle
            if relay.bounds.rate:
                self._spend(len(data), time)
        try:
            self.stream.feed(data, now)
        except Exception:
            LOG.exception("stream failed", lfdi=wire.peer.lfdi)
            self.stream.fail(Broken("internal-server-error"))
        relay.flush()

    def ended(self) -> None:
        """The client is gone, or sends no more."""
        self._relay.moment = self._relay.now()
        self.stream.lost(self._relay.moment)
        self.caught_up()
        for one in tuple(self._blocked):
            one.dismiss(self)
        if self._throttle is not None:
            self._throttle.cancel()
        self._relay.flush()
        self.wire.close()

    def late(self) -> None:
        """Ask a silent client whether it is there; end one that was asked, or that never logged in."""
        session = self.stream.session
        if session is None:
            self.stream.fail(Broken("connection-timeout", "logging in takes too long"))
        elif self._asked:
            fault = Broken("connection-timeout", "there was no answer")
            self.stream.stop(fault, self._relay.now())
        else:
            self._asked = True
            self.wire.due = self._relay.time() + self._relay.bounds.answer
            self.write(REQUEST if session.tracked else self._ping(session.full))
        self._relay.flush()

    def writable(self) -> None:
        """The client has caught up."""
        self.wire.due = self._relay.time() + self._relay.bounds.idle
        self.caught_up()

    # ------------------------------------------------------------------------------ for the stream

    @property
    def full(self) -> bool:
        """Whether the client is behind."""
        return self.wire.full

    @property
    def choked(self) -> bool:
        """Whether the client is so far behind that nothing more is sent."""
        return self.wire.full and self.wire.backlog > self._relay.bounds.choked

    def write(self, data: bytes) -> None:
        """Send bytes with the others of this turn."""
        if not self._out:
            self._relay.dirty(self)
        self._out.append(data)

    def end(self) -> None:
        """Close once all is sent."""
        self.flush()
        self.wire.close()

    def secure(self) -> None:
        """TLS is there already, and a stream in it never asks for it."""

    def bound(self) -> None:
        """A session is there: the time for logging in is over."""
        self.wire.due = self._relay.time() + self._relay.bounds.idle

    def wait(self, other: Link) -> None:
        """Read no more until a recipient has caught up."""
        berth = other.outlet if isinstance(other, Stream) else None
        if isinstance(berth, Berth) and berth.hold(self):
            self._blocked.add(berth)
            self._rest()

    def stands(self) -> bool:
        """Whether the client may go on: its certificates, those we trust by now, and what the app says."""
        relay, wire = self._relay, self.wire
        if wire.edition != relay.guard.edition and not wire.judge():
            return False
        return relay.moment < wire.ends and relay.guard.standing(wire.peer)

    # ----------------------------------------------------------------------------- among each other

    def flush(self) -> None:
        """Send what was said in this turn."""
        if self._out:
            data, self._out = b"".join(self._out), []
            try:
                self.wire.send(data)
            except ssl.SSLError:  # its TLS is broken, and that is nobody else's fault
                self.wire.abort()

    def hold(self, sender: Berth) -> bool:
        """Have a sender wait, if it is not waited for too long already."""
        if self._spent or sender is self:
            return False
        self._waiters.add(sender)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._relay.bounds.hold, self._enough)
        return True

    def dismiss(self, sender: Berth) -> None:
        """Forget a sender that has gone."""
        self._waiters.discard(sender)

    def caught_up(self) -> None:
        """Let those go on who wait for this client."""
        self._enough()
        self._spent = False

    def free(self, other: Berth) -> None:
        """Go on reading if nothing else is in the way."""
        self._blocked.discard(other)
        self._rest()

    # -------------------------------------------------------------------------------------- inside

    def _enough(self) -> None:
        """Let those go on who wait, though nothing has become better."""
        self._spent = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiters, self._waiters = self._waiters, set()
        for one in waiters:
            one.free(self)

    def _spend(self, size: int, time: float) -> None:
        """Count bytes against the rate; a client over it is read again when it is paid off."""
        bounds = self._relay.bounds
        left, then = self._tokens
        left = min(left + (time - then) * bounds.rate, bounds.burst) - size
        self._tokens = left, time
        if left < 0 and self._throttle is None:
            loop = asyncio.get_running_loop()
            self._throttle = loop.call_later(-left / bounds.rate, self._paid)
            self._rest()

    def _paid(self) -> None:
        self._throttle = None
        self._rest()

    def _rest(self) -> None:
        """Read, or not."""
        held = bool(self._blocked) or self._throttle is not None
        if held != self._held:
            self._held = held
            self.wire.hold(on=held)

    def _ping(self, to: str) -> bytes:
        return (
            f"<iq type='get' id='ping' from={quoteattr(self._relay.board.domain)} to={quoteattr(to)}>"
            f"<ping xmlns='{PING}'/></iq>"
        ).encode()
