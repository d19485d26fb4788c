"""Where requests are answered that no kept page answers: simple ones at once, others at a desk of aiohttp's.

Simple is what was read whole by us and leaves aiohttp nothing to do: a known method of HTTP/1.1, fields of
which none changes how it is read, a body of known length. The bytes of the answer are the same either way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bridge.transports import desk, marks, reply
from bridge.transports.desk import Desk
from bridge.transports.pages import Dates, Pages
from bridge.transports.turn import Answering, Turn

if TYPE_CHECKING:
    from bridge.transports.heads import Head
    from bridge.transports.limits import Limits
    from bridge.transports.line import Line

LOG = structlog.get_logger("derbridge.http")
SHUT = 0.05
"""Seconds for a desk to be given up: 0 would mean for ever there."""


class Office:
    """What all answers share."""

    def __init__(
        self,
        answer: Answering,
        pages: Pages,
        now: Callable[[], float],
        limits: Limits,
        mark: Callable[[], str] = marks.fresh,
    ) -> None:
        self.answer = answer
        self.mark = mark
        self.pages = pages
        self.now = now
        self.dates = Dates()
        self.stopping = False
        self.limits = limits
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._free: list[Desk] = []
        self._server = web.Server(desk.handle, request_factory=desk.request)

    def serve(self, line: Line, head: Head, raw: bytes) -> None:
        """Have a request answered."""
        if head.simple:
            task = self._loop.create_task(self._simple(Turn(self, line, head), raw))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self.seat(line, head, raw)

    def seat(self, line: Line, head: Head, raw: bytes) -> None:
        """Have a request answered at a free desk, or a new one."""
        while self._free:
            place = self._free.pop()
            if not place.tray.is_closing():
                break
        else:
            place = Desk(self, self._server)
        place.serve(Turn(self, line, head), raw)

    def free(self, place: Desk) -> None:
        """Take a desk back."""
        self._free.append(place)

    def date(self) -> bytes:
        """The Date of an answer that is sent now."""
        return self.dates.text(self.now())

    async def close(self) -> None:
        """Close every desk; what is still being answered is given up."""
        for task in self._tasks:
            task.cancel()
        desks = tuple(self._server.connections)
        await self._server.shutdown(SHUT)
        for place in desks:
            place.connection_lost(None)

    async def _simple(self, turn: Turn, raw: bytes) -> None:
        answer = await turn.answer(raw[len(raw) - turn.head.length :])
        close = self.stopping or answer.close
        try:
            extra = turn.fields(answer)
            data = reply.text(answer.status, answer.body, self.date(), extra, media=answer.media, close=close)
        except ValueError:
            LOG.exception("answer cannot be written", target=turn.head.target)
            turn.spoilt()
        else:
            turn.end(answer.status, data, close=close)
