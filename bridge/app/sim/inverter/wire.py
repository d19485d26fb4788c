"""Carries the calls of a client machine over HTTP and mutual TLS: one connection, one call at a time.

No redirect is followed and nothing repeated here, the machine decides on both. An answer is of a bounded size
and comes in bounded time. What was sent and answered may be listened to, for records and tests.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Self
from weakref import WeakSet

import aiohttp

from bridge.sep2.client.call import Call, Reply
from bridge.sep2.talk import MEDIA
from bridge.transports import outing

MOST = 4_194_304
"""Bytes of an answer."""
PIECE = 65_536
WHOLE, CONNECT, IDLE = 30.0, 10.0, 900.0
"""Seconds for a call, to the end of the handshake, and that a connection is kept."""
LOOKS, LOOK = 200, 0.01
"""How often it is looked whether a connection has ended, and seconds between two looks."""
Heard = Callable[[Call, Reply | None], None]


class Failed(Exception):
    """No answer came: no connection, no agreement on TLS, no HTTP, no time left, or too much."""


class Wire:
    """A client's connection; to be entered once."""

    def __init__(self, context: ssl.SSLContext, *, whole: float = WHOLE, heard: Heard | None = None) -> None:
        self._context, self._whole, self._heard = context, whole, heard
        self._session: aiohttp.ClientSession | None = None
        self._made: WeakSet[socket.socket] = WeakSet()

    def _socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        """Make a socket, and know it: what is broken off leaves the end of TLS to run by itself."""
        made = socket.socket(*address[:3])
        self._made.add(made)
        return made

    async def __aenter__(self) -> Self:
        """Make ready; nothing is opened before the first call."""
        connector = aiohttp.TCPConnector(
            ssl=self._context, limit=1, keepalive_timeout=IDLE, socket_factory=self._socket
        )
        self._session = outing.session(connector, self._whole, CONNECT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection, and wait until it is closed."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        for _ in range(LOOKS):
            if all(one.fileno() < 0 for one in self._made):
                break
            await asyncio.sleep(LOOK)

    async def carry(self, call: Call) -> Reply:
        """Send a call and give its answer; Failed where none comes."""
        try:
            reply = await self._carried(call)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._tell(call, None)
            raise Failed(f"{type(error).__name__}: {error}") from error
        except Failed:
            self._tell(call, None)
            raise
        self._tell(call, reply)
        return reply

    def _tell(self, call: Call, reply: Reply | None) -> None:
        if self._heard is not None:
            self._heard(call, reply)

    async def _carried(self, call: Call) -> Reply:
        if self._session is None:
            raise RuntimeError("calls are made between entering and leaving")
        heads = {"Accept": MEDIA, "User-Agent": "derbridge-sim", "Accept-Encoding": "identity"}
        heads |= {"Content-Type": MEDIA} if call.body else {}
        heads |= {"If-None-Match": call.tag} if call.tag else {}
        asked = self._session.request(
            call.method, call.url, data=call.body or None, headers=heads, allow_redirects=False
        )
        async with asked as answer:
            data = bytearray()
            async for piece in answer.content.iter_chunked(PIECE):
                data += piece
                if len(data) > MOST:
                    raise Failed(f"an answer of more than {MOST} bytes")
            wait = answer.headers.get("Retry-After", "")
            return Reply(
                answer.status,
                bytes(data),
                answer.headers.get("Location", ""),
                answer.headers.get("ETag", ""),
                float(wait) if wait.isdigit() else None,
            )
