"""The gate of the administration listener: before anything is looked at, whether its caller still may.

A certificate that is revoked gets 403, which is recorded, and its connection ends; a command gets 503 while
the revocation data are too old. Both as problem documents. All behind it is served as if there were none.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bridge.app import commands
from bridge.app.journal import Seen
from bridge.app.office.application import refusal
from bridge.app.office.call import Wrong
from bridge.app.roll import Roll
from bridge.app.scribe import Scribe, refused
from bridge.sep2.talk import Peer
from bridge.transports.marks import MARK
from bridge.transports.store.fault import Unavailable

RETRY = {"Retry-After": "60"}


def gate(roll: Roll, scribe: Scribe, known: Callable[[web.Request], Peer | None]) -> Middleware:
    """Make one; `known` says who is at the other end of a connection."""

    @web.middleware
    async def pass_(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request pass, or refuse it."""
        try:
            await roll.fresh()
        except Unavailable as no:
            return refusal(request, Wrong(503, str(no), headers={"Retry-After": "1"}))
        peer = known(request)
        if peer is not None and not roll.judge(peer):
            seen = Seen(request.method, request.path, 403, peer.lfdi, 0.0, correlation=request.get(MARK, ""))
            scribe.note(refused("admin", seen))
            return refusal(request, Wrong(403, roll.reason(peer), headers={"Connection": "close"}))
        if (reason := roll.closed()) and commands.office(request.method, request.path):
            return refusal(request, Wrong(503, reason, headers=RETRY))
        return await handler(request)

    return pass_
