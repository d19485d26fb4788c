"""Waiting for what comes by itself, a moment later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def soon(so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so, and fail where it never is."""
    async with asyncio.timeout(20):
        while not await so():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.05)
