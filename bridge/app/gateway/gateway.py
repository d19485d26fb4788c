"""The gateway for companies, put together: what it trusts, its desk, its callbacks; opened, renewed, closed.

It has roots of its own, and nothing of the other listeners' but the site. The listener itself is one of
`bridge.app.desks`. Nothing is judged here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from bridge.app.config import Config
from bridge.app.gateway import door, papers
from bridge.app.gateway.callback import Callbacks
from bridge.app.gateway.desk import Denied, Desk
from bridge.app.market import intake
from bridge.app.office.application import Known
from bridge.app.site import Site
from bridge.sep2.talk import Peer
from bridge.soap.bodies import Request
from bridge.transports.partners import Partners

Finder = Callable[[Partners], Known]


@dataclass(slots=True)
class Gateway:
    """That of one worker."""

    site: Site
    config: Config
    standing: Callable[[Peer], bool]
    guard: Partners = field(init=False)
    desk: Desk = field(init=False)
    callbacks: Callbacks = field(init=False)

    async def open(self) -> None:
        """Read what is trusted; have senders told from now on."""
        said = self.config.soap
        hear = self.site.store.current
        self.guard = Partners(papers.files(self.config), said.pinned, standing=self.standing, hear=hear)
        self.desk = Desk(self.site, said, papers.read(self.config), taken, time.time)
        self.callbacks = Callbacks(self.desk, self.config, time.monotonic)
        await self.callbacks.open()
        self.site.reporting = self.callbacks.tell

    def application(self, known: Finder) -> web.Application:
        """The application; `known` makes what says who is at the other end."""
        return door.application(self.desk, known(self.guard))

    def renew(self, config: Config) -> None:
        """Take certificates and roots in anew; what cannot be used leaves all as it was."""
        found = papers.read(config)
        before, self.guard.files = self.guard.files, papers.files(config)
        try:
            self.guard.reload()
        except Exception:
            self.guard.files = before
            raise
        self.desk.papers = found
        self.callbacks.renew(config)

    async def close(self) -> None:
        """Tell nobody any more."""
        self.site.reporting = None
        await self.callbacks.close()


async def taken(site: Site, entity: str, request: Request, at: int) -> str:
    """Hand a request over to whoever serves it."""
    try:
        return await intake.accept(site, entity, request, at)
    except intake.Refused as no:
        raise Denied(str(no)) from None
