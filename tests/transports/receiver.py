"""A receiver of notifications as an aggregator runs one: http, or https that asks for a certificate."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiohttp import web

from bridge.transports import tls
from tests.transports.site import pki

PATIENCE = 15.0


class Got(NamedTuple):
    """A request that came in."""

    path: str
    body: bytes
    media: str
    cipher: str
    shown: bool
    """Whether the caller showed a certificate."""


@dataclass
class Receiver:
    """What came in, and what is answered: for each path its statuses one after the other, then 204."""

    port: int = 0
    scheme: str = "https"
    got: list[Got] = field(default_factory=list)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """Paths that are not answered before their event."""
    location: str = ""
    news: asyncio.Queue[Got] = field(default_factory=asyncio.Queue)

    def url(self, path: str = "/hook", host: str = "localhost") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    async def next(self) -> Got:
        """Wait for the next request."""
        return await asyncio.wait_for(self.news.get(), PATIENCE)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        session: Any = request.transport and request.transport.get_extra_info("ssl_object")
        cipher, shown = (session.cipher()[0], session.getpeercert() is not None) if session else ("", False)
        got = Got(request.path, await request.read(), request.headers["Content-Type"], cipher, shown)
        self.got.append(got)
        self.news.put_nowait(got)
        if request.path in self.held:
            await self.held[request.path].wait()
        line = self.statuses.get(request.path)
        status = line.pop(0) if line else 204
        return web.Response(status=status, headers={"Location": self.location} if self.location else {})


def context() -> ssl.SSLContext:
    """A server's context that asks for a certificate and does without."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers(tls.SUITES)
    made.load_cert_chain(pki().certificate, pki().key)
    made.load_verify_locations(pki().roots)
    made.verify_mode = ssl.CERT_OPTIONAL
    return made


@asynccontextmanager
async def receiving(*, plain: bool = False, made: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Run a receiver on a free port."""
    found = Receiver(scheme="http" if plain else "https")
    server = web.Server(found.answer)
    loop = asyncio.get_running_loop()
    site = await loop.create_server(server, "127.0.0.1", 0, ssl=None if plain else made or context())
    found.port = site.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        for event in found.held.values():
            event.set()
        site.close()
        await server.shutdown(1.0)
        await site.wait_closed()
