"""The marks of sealed messages in the store: the highest sequence of each sender, through every restart.

The contract is that of `bridge.trust.replay`. A mark is raised by one statement, so of several processes that
are shown the same message one alone takes it; and it is durable before anybody acts upon the message.
"""

from __future__ import annotations

from bridge.transports.store.store import Store

WIDTH = 8
"""Bytes of a sequence, the first the highest, so that they compare as the numbers do."""


class Stored:
    """Marks in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def advance(self, sender: str, recipient: str, sequence: int) -> bool:
        """Raise a mark, durably, and say so; False, with nothing changed, where it is as high already."""
        return await self._store.advance(f"sealed/{recipient}/{sender}", sequence.to_bytes(WIDTH, "big"))
