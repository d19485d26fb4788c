"""aiohttp's request handler with the deadlines and limits of our own listener, which it has none of.

First head, head, body, silence, an answer that is not taken: each has its time, as `limits` says. Connections
are counted in all and for each network. Who is late with a body is told so (408), anybody else is cut. A
request that waits for its answer waits as long as that takes. RFC 9112 clause 9.5; it knows no resource.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, Any, cast

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bridge.transports import origin
from bridge.transports.census import Census
from bridge.transports.hall import pace

if TYPE_CHECKING:
    from bridge.transports.limits import Limits

LOG = structlog.get_logger("derbridge.http")


class Ledger:
    """The connections of one listener, and who looks whether they are late."""

    def __init__(self, limits: Limits) -> None:
        loop = asyncio.get_running_loop()
        self.limits = limits
        self.time = loop.time
        self.here: set[Timed] = set()
        self._census = Census(limits)
        self._tick = pace(limits)
        self._looking = loop.call_later(self._tick, self._look)

    def enter(self, one: Timed) -> bool:
        """Count a connection in, if there is room."""
        if reason := self._census.enter(one.network):
            LOG.info("connection refused", reason=reason)
            return False
        self.here.add(one)
        return True

    def leave(self, one: Timed) -> None:
        """Count a connection out."""
        if one in self.here:
            self.here.discard(one)
            self._census.leave(one.network)

    def close(self) -> None:
        """Look no more."""
        self._looking.cancel()

    def _look(self) -> None:
        """Let go of those that are late."""
        now = self.time()
        for one in tuple(self.here):
            if one.leaving:
                one.due = min(one.due, now + self.limits.linger)
            if one.due < now:
                one.late()
        self._looking = asyncio.get_running_loop().call_later(self._tick, self._look)


class Timed(RequestHandler):
    """One connection; `due` is when it is late, in the loop's time."""

    __slots__ = (
        "_ahead", "_answered", "_begun", "_cable", "_full", "_ledger", "_partial", "_taken", "due", "network",
    )  # fmt: skip

    _cable: asyncio.Transport

    def __init__(self, ledger: Ledger, server: web.Server, **said: Any) -> None:  # noqa: ANN401 - what aiohttp passes on
        super().__init__(server, **said)
        self._ledger = ledger
        self._begun = ledger.time()
        """When the body that is coming in began."""
        self._taken = 0
        """Bytes that came in since."""
        self._answered = 0
        """Requests that were answered, of those that came."""
        self._partial = self._ahead = self._full = False
        self.due = self._begun + ledger.limits.first
        self.network = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the time for the first head."""
        self._cable = cast("asyncio.Transport", transport)
        self.network = origin.network(transport.get_extra_info("peername"))
        if self._ledger.enter(self):
            super().connection_made(transport)
        else:
            self._cable.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection."""
        self._ledger.leave(self)
        super().connection_lost(exc)

    @property
    def busy(self) -> bool:
        """Whether a request is being answered, or waits for that."""
        return self._request_count > self._answered

    @property
    def leaving(self) -> bool:
        """Whether the connection ends as soon as what was sent is taken."""
        return self._cable.is_closing()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and see what they give time for."""
        before = self.busy
        self._taken += len(data)
        self._ahead = self._ahead or (bool(data) and self._whole())
        super().data_received(data)
        if self._full or not data:
            return
        limits = self._ledger.limits
        if self.busy:
            if not before:
                self._begun, self._taken = self._ledger.time(), 0
            self.due = self._begun + limits.body + self._taken / limits.rate
        elif not self._partial:
            self._partial = True
            self.due = min(self.due, self._ledger.time() + limits.head)

    def eof_received(self) -> bool:  # type: ignore[override] # None says False to the loop
        """Keep the other direction open for an answer that is on its way."""
        answering = self._whole()
        self.close()
        return answering

    def pause_writing(self) -> None:
        """Give a client that does not keep up its time."""
        super().pause_writing()
        self._full, self.due = True, self._ledger.time() + self._ledger.limits.stall

    def resume_writing(self) -> None:
        """Go on with a client that has caught up."""
        super().resume_writing()
        self._full, self.due = False, self._ledger.time() + self._ledger.limits.idle

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer, and begin the time for the next request."""
        done = await super().finish_response(request, resp, start_time)
        self._answered += 1
        limits = self._ledger.limits
        self._begun, self._taken = self._ledger.time(), 0
        self.due = self._begun + (limits.head if self._ahead else limits.idle)
        self._partial, self._ahead = self._ahead, False
        return done

    def late(self) -> None:
        """The deadline has passed."""
        request = self._current_request
        if self._full or self.leaving:
            self._cable.abort()
        elif self._whole():
            self.due = inf
        elif request is not None:
            self.due = self._ledger.time() + self._ledger.limits.linger
            self._lingering_time = 0.0
            request.content.set_exception(web.HTTPRequestTimeout())
            self.close()
        elif self.busy:
            self.due = self._ledger.time() + self._ledger.limits.body  # it is just being taken up
        else:
            self.force_close()

    def _whole(self) -> bool:
        """Whether a request is being answered that came in whole."""
        return self._current_request is not None and self._current_request.content.is_eof()
