"""The listeners that aiohttp serves: administration API, signed requests, the probe, the revocation data.

The administration listener trusts the operators' roots alone, and works its TLS, judges each chain and takes
new certificates in as the 2030.5 listener does. All have that one's deadlines. It knows no resource.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.typedefs import Handler

from bridge.app import authorities, probe, sockets
from bridge.app.bulletin import Bulletin
from bridge.app.clerk import Runner
from bridge.app.config import Config
from bridge.app.gate import gate
from bridge.app.gateway.gateway import Gateway
from bridge.app.journal import Seen
from bridge.app.office import application
from bridge.app.office.call import Terms
from bridge.app.push.engine import terms as doors
from bridge.app.site import Site
from bridge.app.sockets import Held
from bridge.sep2.talk import Peer
from bridge.transports import marks, tls
from bridge.transports.booth import Booth
from bridge.transports.hall import Hall
from bridge.transports.limits import Limits
from bridge.transports.marks import MARK
from bridge.transports.reply import SERVER
from bridge.transports.timed import Timed
from bridge.transports.wire import Wire
from bridge.trust.ocsp import Responder

BACKLOG = 128
GRACE = 5.0
"""Seconds for requests in flight."""
PEER = web.RequestKey("peer", Peer)


def known(guard: tls.Guard) -> Callable[[web.Request], Peer | None]:
    """Who is at the other end of a connection, judged at each request."""

    def look(request: web.Request) -> Peer | None:
        session = request.transport and request.transport.get_extra_info("ssl_object")
        try:
            peer = guard.identify(session).peer if session else None
        except tls.Refused:
            return None
        if peer:
            request[PEER] = peer
        return peer

    return look


def reporter(site: Site, door: str) -> type[AbstractAccessLogger]:
    """A class of access logger, as aiohttp wants it, that notes answers at a site."""

    class Reporter(AbstractAccessLogger):
        """Notes each answer."""

        def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
            """Note an answer."""
            peer = request.get(PEER)
            lfdi = peer.lfdi if peer else ""
            said = request.method, request.raw_path, response.status, lfdi, time
            site.note(door, Seen(*said, correlation=request.get(MARK, "")))

        @property
        def enabled(self) -> bool:
            """Each answer is noted."""
            return True

    return Reporter


@dataclass(slots=True)
class Desks:
    """What aiohttp serves."""

    site: Site
    held: Held
    guard: tls.Guard | None = None
    bulletin: Bulletin | None = None
    runners: dict[str, web.AppRunner] = field(default_factory=dict)
    halls: list[Hall] = field(default_factory=list)
    gateway: Gateway | None = None
    doors: list[asyncio.Server] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    closed: bool = False
    busy: int = 0
    """Requests that are being answered."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self, config: Config) -> None:
        """Listen."""
        self.limits = Limits(**config.limits.model_dump())
        if "probe" in self.held:
            self.runners["probe"] = await self._runner(probe.routes(web.Application(), self.site), "probe")
            await self._listen("probe")
        if "admin" in self.held:
            trusted = files(config, operators=True)
            standing, hear = self.site.revoked.standing, self.site.store.current
            self.guard = tls.Guard(trusted, standing=standing, hear=hear)
            terms = Terms(backups=config.keep.backups, doors=doors(config.push), second=config.push.second)
            who = known(self.guard)
            office = application.application(self.site, known=who, terms=terms)
            office.middlewares.append(gate(self.site.revoked, self.site.scribe, who))
            self.runners["admin"] = await self._runner(probe.routes(office, self.site), "admin")
            await self._admit(self.guard, "admin")
        if "revocation" in self.held:
            self.bulletin = Bulletin(self.site.revoked, Responder(authorities.signers(config)))
            self.runners["revocation"] = await self._runner(self.bulletin.application(), "revocation")
            await self._listen("revocation")

        if "soap" in self.held:
            self.gateway = Gateway(self.site, config, self.site.revoked.standing)
            await self.gateway.open()
            self.runners["soap"] = await self._runner(self.gateway.application(known), "soap")
            await self._admit(self.gateway.guard, "soap")

    async def renew(self, config: Config) -> None:
        """Take certificates and roots in anew; connections that are open are judged by them, too."""
        if self.bulletin is not None:
            self.bulletin.responder = Responder(authorities.signers(config))
        if self.guard is not None:
            renew(self.guard, files(config, operators=True))
        if self.gateway is not None:
            self.gateway.renew(config)

    async def close(self) -> None:
        """Finish what is in flight, and end."""
        if self.bulletin is not None:
            await self.bulletin.close()
        for door in self.doors:
            door.close()
        for runner in self.runners.values():
            await runner.cleanup()
        for hall in self.halls:
            await hall.stop(GRACE)
        if self.gateway is not None:
            await self.gateway.close()
        self.closed = True
        with suppress(TimeoutError):
            if self.busy:
                await asyncio.wait_for(self.idle.wait(), GRACE)

    async def _runner(self, made: web.Application, door: str) -> web.AppRunner:
        made.on_response_prepare.append(_signed)
        made.middlewares.insert(0, self._gate)  # before any that asks the store
        runner = Runner(
            made, handle_signals=False, access_log_class=reporter(self.site, door), shutdown_timeout=GRACE
        )
        runner.limits = self.limits
        await runner.setup()
        return runner

    @web.middleware
    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Name and count a request; cut off one whose handshake ended only after all was closed."""
        request[MARK] = marks.brought(request.headers.get(marks.FIELD, "")) or marks.fresh()
        if self.closed and request.transport:
            request.transport.abort()
            return web.Response(status=503)
        self.busy += 1
        self.idle.clear()
        try:
            return await handler(request)
        finally:
            self.busy -= 1
            if not self.busy:
                self.idle.set()

    async def _listen(self, name: str) -> None:
        """Listen in plain HTTP."""
        for sock in self.held[name]:
            await web.SockSite(self.runners[name], sockets.again(sock), backlog=BACKLOG).start()

    async def _admit(self, guard: tls.Guard, name: str) -> None:
        """Listen for whom a guard lets in."""
        runner = self.runners[name]

        def seat(wire: Wire) -> Booth:
            handler = runner.server() if runner.server else None
            assert isinstance(handler, Timed)  # noqa: S101 - our runner makes no other
            return Booth(wire, handler)

        hall, loop = Hall(guard, self.limits, seat), asyncio.get_running_loop()
        for sock in self.held[name]:
            made = partial(Wire, hall)
            self.doors.append(await loop.create_server(made, sock=sockets.again(sock), backlog=BACKLOG))
        self.halls.append(hall)


async def _signed(request: web.Request, response: web.StreamResponse) -> None:
    """Say no more of what we are made of than the 2030.5 listener does, and what the request is called."""
    response.headers["Server"] = SERVER
    if name := request.get(MARK, ""):
        response.headers[marks.FIELD] = name


def files(config: Config, *, operators: bool = False) -> tls.Files:
    """Where the certificates of a listener lie; that of the administration trusts operators alone."""
    own, trust = config.https, config.trust
    roots = trust.operators if operators else trust.devices
    return tls.Files(own.certificate, own.key, roots, trust.operators)


def renew(guard: tls.Guard, wanted: tls.Files) -> None:
    """Have a guard take files in, or keep those it has where that fails."""
    before, guard.files = guard.files, wanted
    try:
        guard.reload()
    except Exception:
        guard.files = before
        raise
