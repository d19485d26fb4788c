"""Takes notifications for many simulated inverters: one TLS listener, one path for each of them.

IEEE 2030.5-2018 8.6. The caller shows a certificate below the same roots as the server's. What a notification
means is for the machine of whoever it is for; a path that nobody has is 404. Bodies are of a bounded size.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.inverter.wire import MOST
from bridge.transports import tls

Taker = Callable[[bytes], int]
"""Takes the body of a notification and gives the status of the answer."""
GRACE = 1.0


@dataclass(slots=True)
class Listener:
    """A listener that runs; `takers` by the path."""

    host: str
    port: int
    takers: MutableMapping[str, Taker] = field(default_factory=dict)

    def url(self, name: str) -> str:
        """Give the notificationURI of somebody."""
        return f"https://{self.host}:{self.port}/{name}"

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        taker = self.takers.get(request.path.strip("/"))
        if taker is None:
            return web.Response(status=404)
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        data = bytearray()
        async for piece in request.content.iter_chunked(MOST):
            data += piece
            if len(data) > MOST:
                return web.Response(status=413)
        return web.Response(status=taker(bytes(data)))


def context(who: Identity) -> ssl.SSLContext:
    """Give the listener's side of mutual TLS."""
    return tls.server(tls.Files(who.certificate, who.key, who.roots))


@asynccontextmanager
async def listening(who: Identity, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Listener]:
    """Listen on an address; port 0 is any that is free."""
    found = Listener(host, port)
    server = web.Server(found.answer, access_log=None)
    made = await asyncio.get_running_loop().create_server(server, host, port, ssl=context(who))
    found.port = made.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        made.close()
        ends = [each.transport for each in server.connections if each.transport is not None]
        await server.shutdown(GRACE)
        for each in ends:
            each.abort()  # a caller that does not answer the end of TLS would keep its socket open
        await made.wait_closed()
        await asyncio.sleep(0)
