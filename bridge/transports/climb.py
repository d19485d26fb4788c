"""The connection of a relay to the next one above: TLS from the first byte, again and again, ever later.

It shows the relay's own certificate and checks the other's by roots and name. A silent connection is asked
whether it is there (XEP-0198), and given up when it is not. What is said on it is for `bridge.xmpp.ascent`.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import structlog

from bridge.transports import tls
from bridge.transports.relay import ALPN
from bridge.xmpp.ascent import Ascent, State
from bridge.xmpp.names import REQUEST

LOG = structlog.get_logger("derbridge.relay", part="relay")
FULL, CHOKED = 262_144, 4_194_304
"""Unsent bytes from which the relay above is behind, and from which it gets nothing more."""
IDLE = 60.0
"""Seconds of silence, after which it is asked; after twice as many it is given up."""
FIRST, LONGEST = 1.0, 30.0
"""Seconds before the second attempt, and before a later one at most."""
LOGIN = 20.0
"""Seconds from the connection to a session."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the relay above is."""

    host: str
    port: int
    domain: str


class Connection(asyncio.Protocol):
    """One connection."""

    _transport: asyncio.Transport

    def __init__(self, ascent: Ascent) -> None:
        self._ascent = ascent
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[str] = self._loop.create_future()
        """Done with the reason when it has ended."""
        self._reason = "the connection was lost"
        self._heard = self._loop.time()
        self._timer = self._loop.call_later(LOGIN, self._look)

    @property
    def full(self) -> bool:
        """Whether the relay above is behind."""
        return self._transport.get_write_buffer_size() > FULL

    @property
    def choked(self) -> bool:
        """Whether it is so far behind that nothing more is sent."""
        return self._transport.get_write_buffer_size() > CHOKED

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transport.write(data)

    def end(self, reason: str) -> None:
        """Close."""
        self._reason = reason
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._ascent.begin(self, time.time())

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        self._heard = self._loop.time()
        try:
            self._ascent.feed(data, time.time())
        except Exception:
            LOG.exception("stream failed", above=self._ascent.above)
            self.end("what it said could not be taken")

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits."""
        self._timer.cancel()
        self._ascent.lost()
        if not self.gone.done():
            self.gone.set_result(str(exc) if exc else self._reason)

    def _look(self) -> None:
        """Give up who never let us in, or is silent; ask who is about to be."""
        silent = self._loop.time() - self._heard
        if self._ascent.state is not State.UP or silent > 2 * IDLE:
            self.end("it does not answer")
            return
        if silent >= IDLE:
            self.write(REQUEST)
        self._timer = self._loop.call_later(IDLE / 2, self._look)


def client(roots: Iterable[Path], certificate: Path, key: Path) -> ssl.SSLContext:
    """Make our side of TLS."""
    context = tls.client(roots, certificate, key)
    context.set_alpn_protocols([ALPN])
    return context


async def climb(
    place: Place, context: Callable[[], ssl.SSLContext], ascent: Ascent, chance: Callable[[], float]
) -> None:
    """Stay connected until cancelled; `chance` is from 0 to 1."""
    failures = 0
    while True:
        try:
            up, reason = await _once(place, context(), ascent)
        except (OSError, ValueError) as error:
            up, reason = False, str(error)
        failures = 0 if up else failures + 1
        LOG.warning("not connected above", above=place.domain, reason=reason, failures=failures)
        await asyncio.sleep(min(FIRST * 2.0**failures, LONGEST) * (0.5 + chance() / 2))


async def _once(place: Place, context: ssl.SSLContext, ascent: Ascent) -> tuple[bool, str]:
    """One connection from beginning to end: whether it came to a session, and why it ended."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: Connection(ascent), place.host, place.port, ssl=context, server_hostname=place.domain
    )
    up = False
    try:
        while not connection.gone.done():
            await asyncio.wait([connection.gone], timeout=0.2 if not up else None)
            if not up and ascent.state is State.UP:
                up = True
                LOG.info("connected above", above=place.domain)
    finally:
        connection.end("we stop")
    return up, connection.gone.result()
