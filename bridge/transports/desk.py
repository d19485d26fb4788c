"""A desk: one of aiohttp's request handlers, not tied to a connection.

It is given a whole request, and what it wrote is given back whole. So an idle connection holds none of it.
aiohttp parses each request once more; where it would not take what we took, the answer is 400.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bridge.sep2.talk import Answer
from bridge.transports import faults, reply
from bridge.transports.turn import Turn

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http_parser import RawRequestMessage
    from aiohttp.streams import StreamReader

    from bridge.transports.office import Office

LOG = structlog.get_logger("derbridge.http")


class Tray(asyncio.Transport):
    """What a desk writes to: it only keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._closed = False

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Keep what is written."""
        self._parts.append(bytes(data))

    def take(self) -> bytes:
        """Give all that was written."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data

    def is_closing(self) -> bool:
        """Whether the desk is not to be used again."""
        return self._closed

    def close(self) -> None:
        """Say that the desk is not to be used again."""
        self._closed = True


class Desk(RequestHandler):
    """A request handler that writes to a tray."""

    __slots__ = ("_office", "_turn", "tray")

    _turn: Turn

    def __init__(self, office: Office, server: web.Server) -> None:
        loop = asyncio.get_running_loop()
        limits = office.limits
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type] # None is what aiohttp's own documentation says
            auto_decompress=False,
            lingering_time=0,
            max_line_size=limits.whole,  # never below what we let pass
            max_field_size=limits.whole,
            max_headers=limits.fields + 1,
        )
        self._office = office
        self.tray = Tray()
        self.connection_made(self.tray)

    def serve(self, turn: Turn, raw: bytes) -> None:
        """Answer one whole request."""
        self._turn = turn
        self.data_received(raw)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Ask the server, and put its answer into the form of a response."""
        return self._response(await self._turn.answer(await request.read()))

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Give what was written back, and take the next request."""
        turn = self._turn
        try:
            resp, reset = await super().finish_response(request, resp, start_time)
        except Exception:
            self.tray.take()
            self.force_close()
            LOG.exception("answer cannot be written", target=turn.head.target)
            turn.spoilt()
            return resp, True
        data, close = self.tray.take(), not resp.keep_alive or turn.head.close
        if not close:
            self._office.free(self)
        turn.end(resp.status, data, close=close)
        return resp, reset

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what aiohttp's parser does not take."""
        del request, message
        LOG.warning("request not taken", reason=repr(exc), target=self._turn.head.target)
        response = self._response(Answer(status, faults.body(status)))
        response.force_close()
        return response

    def _response(self, answer: Answer) -> web.Response:
        typed = (("Content-Type", answer.media),) if answer.body else ()
        first = (("Date", self._office.date().decode()), ("Server", reply.SERVER))
        headers = (*first, *typed, *self._turn.fields(answer))
        response = web.Response(status=answer.status, body=answer.body, headers=headers)
        if self._office.stopping or self._turn.head.close or answer.close:
            response.force_close()
        return response


def request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """A request with a body of any length, which our own limits have let pass."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=0)


async def handle(asked: web.BaseRequest) -> web.StreamResponse:
    """Answer at the desk that a request came to."""
    desk = asked.protocol
    assert isinstance(desk, Desk)  # noqa: S101 - the server is given no other
    return await desk.answer(asked)
