"""A session of aiohttp for calls that we make: no cookie kept, no proxy from outside, nothing unpacked.

So the bytes of an answer are those that came, and one call knows nothing of another. Where a connection
leads, and by which TLS, is its connector's.
"""

from __future__ import annotations

import aiohttp


def session(
    connector: aiohttp.BaseConnector, whole: float, connect: float | None = None
) -> aiohttp.ClientSession:
    """Give one, with the seconds that an answer, and a connection, may take; to be closed by the caller."""
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=whole, connect=connect),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )
