"""Outgoing calls: one document posted to an address that a client named, and the status it is answered with.

IEEE 2030.5-2018 8.6: a Notification is a POST to the subscriber's notificationURI. The address is checked
again here, on the addresses that its name has at this moment, and the connection goes to one of those. No
redirect is followed, nothing of the answer is kept but its status. Never decides what becomes of a failure.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bridge.sep2.talk import Told
from bridge.sep2.target import allowed, target
from bridge.sep2.work import Policy
from bridge.transports import addressee, outing

KNOWN = 1024
"""Servers known by their LFDI whose contexts are kept."""


class Forbidden(Exception):
    """The address may not be called: by the rules, not by chance."""


class Failed(Exception):
    """No answer came: no connection, no agreement on TLS, no HTTP, or no time left."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one call may cost, and all of them together."""

    connect: float = 5.0
    """Seconds to the end of the TLS handshake."""
    whole: float = 10.0
    """Seconds to the end of the answer's head."""
    connections: int = 64
    """At once."""
    per_host: int = 8
    """At once to one host and port."""
    idle: float = 30.0
    """Seconds that a connection is kept for the next call."""


class _Shut(OSError):
    """A name leads to an address that may not be called."""


class Pinned(AbstractResolver):
    """Resolves a name and gives its addresses only if all of them may be called."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Give the addresses of a host."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        names = {str(info[4][0]): info[0] for info in found}
        usable = allowed(host.lower().rstrip("."), tuple(names), self._policy)
        if not usable:
            raise _Shut(f"{host} leads to an address that is not public")
        return [_result(host, port, name, names[name]) for name in usable]

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, port: int, name: str, family: int) -> ResolveResult:
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=name, port=port, family=family, proto=0, flags=flags)


class Calls:
    """A client for outgoing calls; to be entered once and used by many at once."""

    def __init__(
        self,
        policy: Policy,
        context: ssl.SSLContext,
        bounds: Bounds = Bounds(),
        *,
        nameless: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """`nameless` makes a context that checks no name, for servers that are known by their LFDI."""
        self._policy, self._context, self._bounds = policy, context, bounds
        self._nameless = nameless
        self._known: dict[str, ssl.SSLContext] = {}
        """Contexts of those whose certificates do not bear the name that they are called by."""
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        bounds = self._bounds
        connector = aiohttp.TCPConnector(
            resolver=Pinned(self._policy),
            limit=bounds.connections,
            limit_per_host=bounds.per_host,
            keepalive_timeout=bounds.idle,
            use_dns_cache=False,
        )
        self._session = outing.session(connector, bounds.whole, bounds.connect)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, url: str, body: bytes, media: str, lfdi: str = "") -> int:
        """Post a document to a server that bears the name it is called by, or is the holder of an LFDI."""
        try:
            target(url, self._policy)
        except Told as told:
            raise Forbidden(told.reason) from told
        for context, last in self._ways(lfdi):
            try:
                status = await self._posted(url, body, media, context)
            except Failed as failed:
                if last or not isinstance(failed.__cause__, aiohttp.ClientConnectorCertificateError):
                    raise
            else:
                self._learn(lfdi, context)
                return status
        raise AssertionError("there is a last way")

    def _ways(self, lfdi: str) -> Iterator[tuple[ssl.SSLContext, bool]]:
        """Contexts to try one after the other, first the one that worked before; and which is the last."""
        known = self._known.get(lfdi)
        if known is not None:
            yield known, False
        alone = known is not None or not lfdi or self._nameless is None
        yield self._context, alone
        if not alone and self._nameless is not None:
            yield addressee.known(self._nameless(), lfdi), True

    def _learn(self, lfdi: str, context: ssl.SSLContext) -> None:
        """Note which way worked."""
        self._known.pop(lfdi, None)
        if context is not self._context:
            self._known[lfdi] = context
        while len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]

    async def _posted(self, url: str, body: bytes, media: str, context: ssl.SSLContext) -> int:
        """Post a document; give the status of the answer."""
        if self._session is None:
            raise RuntimeError("calls are made between entering and leaving")
        try:
            async with self._session.post(
                url, data=body, headers=_heads(media), allow_redirects=False, ssl=context
            ) as answer:
                return answer.status
        except aiohttp.ClientError as error:
            raise cause(error) from error
        except (TimeoutError, OSError, ValueError) as error:
            raise Failed(f"{type(error).__name__}: {error}") from error


def _heads(media: str) -> Mapping[str, str]:
    return {"Content-Type": media, "User-Agent": "derbridge"}


def cause(error: aiohttp.ClientError) -> Failed | Forbidden:
    """Give what an error of the client means: no answer, or an address that may not be called."""
    inner = _cause(error)
    return Forbidden(str(inner)) if isinstance(inner, _Shut) else Failed(f"{type(error).__name__}: {error}")


def _cause(error: BaseException) -> BaseException | None:
    """Give the error of the resolver or of the system that one of the client's own stands for."""
    inner = getattr(error, "os_error", None) or error.__cause__
    return inner if isinstance(inner, BaseException) else None
