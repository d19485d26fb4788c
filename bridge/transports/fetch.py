"""One document fetched from an address that the operator named: of a bounded size, in bounded time, once.

A redirect is not followed, nothing is decompressed, no proxy of the environment is used. Where the server
says that it is the same as before (RFC 9110 13.1.2), nothing comes. Whether the document is any good is not
known here.
"""

from __future__ import annotations

import ssl
from typing import NamedTuple

import aiohttp

from bridge.transports import outing
from bridge.transports.calls import Failed

WHOLE, CONNECT = 30.0, 5.0
"""Seconds for all of it, and to the end of the TLS handshake."""
PIECE = 65_536
OK, SAME = 200, 304


class Fetched(NamedTuple):
    """A document; none where it is the same as before."""

    data: bytes | None
    tag: str
    """ETag, to be sent next time."""


async def fetch(url: str, context: ssl.SSLContext, *, tag: str = "", most: int) -> Fetched:
    """Get a document of `most` bytes at most; Failed where there is none to be had."""
    headers = {"User-Agent": "derbridge", "Accept-Encoding": "identity"}
    headers |= {"If-None-Match": tag} if tag else {}
    try:
        connector = aiohttp.TCPConnector(ssl=context, force_close=True)
        async with (
            outing.session(connector, WHOLE, CONNECT) as session,
            session.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status == SAME and tag:
                return Fetched(None, tag)
            if answer.status != OK:
                raise Failed(f"it is answered with {answer.status}")
            return Fetched(await _body(answer, most), answer.headers.get("ETag", ""))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise Failed(f"{type(error).__name__}: {error}") from error


async def _body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    data = bytearray()
    async for piece in answer.content.iter_chunked(PIECE):
        data += piece
        if len(data) > most:
            raise Failed(f"it has more than {most} bytes")
    return bytes(data)
