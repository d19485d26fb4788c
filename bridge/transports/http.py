"""The listener: TLS with certificates on both sides on one port, a plain port that only points to it.

It is given sockets that are bound, of IPv4 and IPv6, and may share its port with other processes. What a
request means is for `answer`, an async function from Ask to Answer; what is kept is in `Pages`. It stops
without losing an answer that is on its way.
"""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from bridge.transports import marks
from bridge.transports.limits import Limits
from bridge.transports.line import Noting
from bridge.transports.lines import Lines
from bridge.transports.office import Office
from bridge.transports.redirect import Redirect
from bridge.transports.turn import Answering
from bridge.transports.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.transports.pages import Pages
    from bridge.transports.tls import Guard

BACKLOG = 1024


@dataclass(slots=True)
class Listener:
    """A listener that runs."""

    port: int
    plain: int
    """The plain port, 0 if there is none."""
    hall: Lines
    servers: list[asyncio.Server] = field(default_factory=list)
    redirects: set[Redirect] = field(default_factory=set)

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self.hall.wires)

    async def stop(self, grace: float = 10.0) -> None:
        """Take no more connections, finish the requests in flight, and end."""
        for server in self.servers:
            server.close()
        await self.hall.stop(grace)
        for redirect in tuple(self.redirects):
            redirect.abort()
        for server in self.servers:
            await server.wait_closed()


async def serve(
    sockets: Sequence[socket.socket],
    guard: Guard,
    answer: Answering,
    pages: Pages,
    *,
    plain: Sequence[socket.socket] = (),
    limits: Limits | None = None,
    now: Callable[[], float] = time.time,
    noting: Noting | None = None,
    mark: Callable[[], str] = marks.fresh,
    proxies: frozenset[str] = frozenset(),
) -> Listener:
    """Listen on sockets that are bound, with TLS on `sockets` and the redirect to them on `plain`.

    `guard.standing` is asked before each request, too; `noting` is told of each answer; `mark` makes a name
    for each request that the server is asked. `proxies` are the LFDIs of who forwards others'.
    """
    limits = limits or Limits()
    hall = Lines(guard, Office(answer, pages, now, limits, mark), limits, proxies)
    hall.noting = noting
    found = Listener(_port(sockets), _port(plain), hall)
    loop = asyncio.get_running_loop()
    for one in sockets:
        found.servers.append(await loop.create_server(partial(Wire, hall), sock=one, backlog=BACKLOG))
    redirect = partial(Redirect, found.port, limits, now, found.redirects)
    for one in plain:
        found.servers.append(await loop.create_server(redirect, sock=one, backlog=BACKLOG))
    return found


def _port(sockets: Sequence[socket.socket]) -> int:
    return int(sockets[0].getsockname()[1]) if sockets else 0
