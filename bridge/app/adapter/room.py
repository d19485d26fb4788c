"""A loop in a thread of its own: what an adapter does there stops nobody but itself.

Work is handed in and waited for within a time. Work that never began in that time shows that the loop is
blocked, which is told apart from a unit that is slow. The thread ends with the process, whatever it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import TypeVar

import structlog

T = TypeVar("T")
LAST = 2.0
"""Seconds for the thread to end."""
LOG = structlog.get_logger("derbridge")


class Blocked(Exception):
    """The loop did not even begin with what it was given."""


class Fallen(Exception):
    """What was done would have ended the process."""


class Room:
    """One of them."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._closing = False
        self._name = name
        self._thread = Thread(target=self._live, name=f"adapter-{name}", daemon=True)
        self._thread.start()

    def _live(self) -> None:
        """Run the loop, whatever falls through it."""
        asyncio.set_event_loop(self._loop)
        while not self._closing:
            try:
                self._loop.run_forever()
            except BaseException as error:  # noqa: BLE001 - SystemExit of an adapter is no reason to end
                LOG.critical("adapter fell out", part="adapter", name=self._name, reason=repr(error))
        left = asyncio.all_tasks(self._loop)
        for each in left:
            each.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def do(self, work: Callable[[], Awaitable[T]], patience: float) -> T:
        """Have something done there; TimeoutError where it takes longer, Blocked where it was not begun."""
        began = False

        async def wrapped() -> T:
            nonlocal began
            began = True
            try:
                return await work()
            except (SystemExit, KeyboardInterrupt) as error:
                raise Fallen(f"it wanted to end the process: {error!r}") from error

        future = asyncio.run_coroutine_threadsafe(wrapped(), self._loop)
        try:
            async with asyncio.timeout(patience):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            if not began:
                raise Blocked(f"nothing has moved in it for {patience:g} s") from None
            raise
        finally:
            future.cancel()

    async def close(self) -> None:
        """End it; a thread that hangs is left to the end of the process."""
        self._closing = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join, LAST)
