"""What the listeners of aiohttp's say to what is no HTTP: a problem document, and one line in the log.

aiohttp answers such a request in plain text and with its own name, and logs where in its code it noticed. A
client that speaks no HTTP is no fault of ours. What the office itself refuses never comes here.
"""

from __future__ import annotations

from http import HTTPStatus

import structlog
from aiohttp import web

from bridge.app.office.application import refusal
from bridge.app.office.call import Wrong
from bridge.transports.limits import Limits
from bridge.transports.reply import SERVER
from bridge.transports.timed import Ledger, Timed

LOG = structlog.get_logger("derbridge.http")


class Clerk(Timed):
    """A request handler that says no as the office does."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no request, and end the connection."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return super().handle_error(request, status, exc, message)
        LOG.info("request not taken", peer=request.remote, reason=type(exc).__name__)
        response = refusal(request, Wrong(status, "this is no request that HTTP/1.1 knows"))
        response.headers["Server"] = SERVER
        response.force_close()
        return response


class Room(web.Server):
    """A server with such clerks."""

    ledger: Ledger

    def __call__(self) -> Clerk:
        """Take a connection on."""
        return Clerk(self.ledger, self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """A runner of such a server."""

    limits = Limits()

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        made.__class__ = Room
        assert isinstance(made, Room)  # noqa: S101 - it was just made one
        made.ledger = Ledger(self.limits)
        return made

    async def cleanup(self) -> None:
        """Finish what is in flight, and end."""
        room = self.server
        await super().cleanup()
        if isinstance(room, Room):
            room.ledger.close()
