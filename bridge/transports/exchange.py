"""Documents exchanged with endpoints that somebody outside named: one POST, its answer; or a look at the TLS.

A name is resolved once, and the connection goes to an address that was judged; private ones, loopback and
link-local are shut unless the host is named by the operator, and so are all ports but those that are named.
No redirect is followed, a bounded part of the answer is read. The server is known by the host in the URL, or
by its LFDI. Never decides what becomes of a failure.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp

from bridge.sep2.talk import Told
from bridge.sep2.target import Target, target
from bridge.sep2.work import Policy
from bridge.transports import addressee, outing, tls
from bridge.transports.calls import Failed, Forbidden, Pinned, cause

MOST = 16_384
"""Bytes of an answer that are read."""
KNOWN = 1_024
"""Servers whose contexts are kept."""


class Reply(NamedTuple):
    """An answer."""

    status: int
    body: bytes = b""


class Glance(NamedTuple):
    """What was agreed on with a server, and the chain that it showed, leaf first."""

    version: str
    suite: str
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Where may be gone, and for how long."""

    hosts: frozenset[str] = frozenset()
    """Hosts that may be called although their addresses are not public."""
    ports: frozenset[int] = frozenset({443, 8443})
    whole: float = 10.0
    """Seconds to the end of an answer."""


def judged(url: str, terms: Terms) -> Target:
    """Give host and port of a URL; Forbidden where it may not be called."""
    try:
        found = target(url, Policy(hosts=terms.hosts))
    except Told as told:
        raise Forbidden(told.reason.replace("notificationURI", "the URL")) from told
    if found.port not in terms.ports:
        ports = ", ".join(map(str, sorted(terms.ports)))
        raise Forbidden(f"the URL names port {found.port}; an endpoint may be at {ports}")
    return found


class Exchange:
    """A client for all endpoints; to be entered once and used by many at once."""

    def __init__(
        self, terms: Terms, named: Callable[[], ssl.SSLContext], nameless: Callable[[], ssl.SSLContext]
    ) -> None:
        """`nameless` makes a context that checks no name, for servers that are known by their LFDI."""
        self.terms = terms
        self._named, self._nameless = named, nameless
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        connector = aiohttp.TCPConnector(resolver=self._resolver(), use_dns_cache=False, limit_per_host=4)
        self._session = outing.session(connector, self.terms.whole)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, url: str, body: bytes, media: str, identity: str = "") -> Reply:
        """Post a document to whom a URL, or an LFDI, names; Failed or Forbidden where that cannot be."""
        judged(url, self.terms)
        if self._session is None:
            raise RuntimeError("documents are exchanged between entering and leaving")
        heads = {"Content-Type": media, "User-Agent": "derbridge"}
        try:
            async with self._session.post(
                url, data=body, headers=heads, allow_redirects=False, ssl=self._context(identity)
            ) as answer:
                return Reply(answer.status, await answer.content.read(MOST))
        except aiohttp.ClientError as error:
            raise cause(error) from error
        except (TimeoutError, OSError, ValueError) as error:
            raise Failed(f"{type(error).__name__}: {error}") from error

    async def glance(self, url: str, identity: str = "") -> Glance:
        """Shake hands with a server, say nothing, and give what was agreed on."""
        where = judged(url, self.terms)
        try:
            async with asyncio.timeout(self.terms.whole):
                return await self._glanced(where, self._context(identity))
        except (TimeoutError, OSError, ValueError) as error:
            raise Failed(f"{type(error).__name__}: {error}") from error

    async def _glanced(self, where: Target, context: ssl.SSLContext) -> Glance:
        found = await self._resolver().resolve(where.host, where.port)
        _, writer = await asyncio.open_connection(
            found[0]["host"], where.port, ssl=context, server_hostname=where.host
        )
        try:
            session: ssl.SSLObject = writer.get_extra_info("ssl_object")
            suite = session.cipher()
            return Glance(session.version() or "", suite[0] if suite else "", tuple(tls.presented(session)))
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def renew(self) -> None:
        """Take certificates and roots in anew, for connections that are made from now on."""
        self._contexts.clear()

    def _resolver(self) -> Pinned:
        return Pinned(Policy(hosts=self.terms.hosts))

    def _context(self, identity: str) -> ssl.SSLContext:
        """What one is spoken with: made once for each, so that its connections are used again."""
        if identity not in self._contexts:
            while len(self._contexts) >= KNOWN:
                del self._contexts[next(iter(self._contexts))]
            made = addressee.known(self._nameless(), identity) if identity else self._named()
            self._contexts[identity] = made
        return self._contexts[identity]
