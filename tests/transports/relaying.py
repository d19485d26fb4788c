"""A relay in a thread of its own, its certificates, and clients that are logged in: tests over real TLS."""

from __future__ import annotations

import asyncio
import atexit
import secrets
import shutil
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import uvloop

from bridge.sep2.talk import Peer
from bridge.transports import tls
from bridge.transports.bounds import Bounds
from bridge.transports.relay import ALPN, Relay, serve
from bridge.trust import draft, folder, issue
from bridge.trust.folder import Client, Folder
from bridge.xmpp.board import Board
from bridge.xmpp.hooks import Event, Hooks, Limits
from bridge.xmpp.queue import Queue
from tests.transports import site, xmpp

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "uvloop": uvloop.new_event_loop,
    "asyncio": asyncio.new_event_loop,
}


@cache
def pki() -> Folder:
    """One folder of certificates for every test of a run."""
    place = Path(mkdtemp(prefix="derbridge-"))
    atexit.register(shutil.rmtree, place)
    made = folder.make(place / "pki", ("localhost",))
    named = issue.made(made.issuer("mica"), draft.relay(xmpp.DOMAIN, ("localhost", "127.0.0.1")))
    folder.keep(made.path / "services" / "relay", named)
    return made


@cache
def named(user: str) -> Client:
    """A client with an XMPP address of the relay's domain, the same each time."""
    return made(user, draft.client(user, address=f"{user}@{xmpp.DOMAIN}"))


@cache
def device(name: str = "inverter") -> Client:
    """A client with a device's certificate of 2030.5."""
    return pki().client(name, "device")


def made(name: str, said: draft.Draft, **life: Any) -> Client:
    """A client with a certificate as drafted."""
    return pki().add(name, issue.made(pki().issuer("mica"), said, **life))


def files() -> tls.Files:
    """What a relay trusts and presents."""
    services = pki().path / "services"
    return tls.Files(services / "relay.pem", services / "relay.key", (pki().roots,), (pki().operators,))


def context(one: Client | None, *, new: bool = True) -> ssl.SSLContext:
    """A client's side of TLS 1.3, or 1.2."""
    shown = (one.certificate, one.key) if one else (None, None)
    made = tls.client((pki().roots,), *shown)
    made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_3 if new else ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols([ALPN])
    return made


def until(holds: Callable[[], object]) -> None:
    """Wait for something to be so."""
    deadline = time.monotonic() + xmpp.PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.005)


def token() -> str:
    """A text that nobody guesses."""
    return secrets.token_urlsafe(18)


def anybody(*_: object) -> bool:
    """Whoever it is."""
    return True


@dataclass
class Here:
    """A relay that runs; everything in it may be changed before `running`."""

    hooks: Hooks = field(default_factory=lambda: Hooks(allowed=anybody))
    limits: Limits = field(default_factory=Limits)
    bounds: Bounds = field(default_factory=Bounds)
    queue: Queue | None = None
    standing: Callable[[Peer], bool] = anybody
    now: Callable[[], float] = time.time
    loop_name: str = "uvloop"

    loop: asyncio.AbstractEventLoop = field(init=False)
    board: Board = field(init=False)
    relay: Relay = field(init=False)
    events: list[Event] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[Here]:
        """Run it in a thread."""
        self.loop = LOOPS[self.loop_name]()
        thread = threading.Thread(target=self.loop.run_forever)
        thread.start()
        self.start()
        try:
            yield self
        finally:
            self.call(self.relay.stop(2.0))
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    def start(self) -> None:
        """Start a relay on free ports."""
        self.hooks.note = self.events.append
        self.board = Board(
            xmpp.DOMAIN, lambda: secrets.token_urlsafe(18), self.hooks, self.limits, self.queue
        )
        self.relay = self.call(self._serve())

    def call(self, work: Any) -> Any:
        """Do something on the relay's loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(xmpp.PATIENCE)

    def do(self, work: Callable[[], Any]) -> Any:
        """Call something on the relay's loop, and wait for it."""

        async def called() -> Any:
            return work()

        return self.call(called())

    async def _serve(self) -> Relay:
        return await serve(
            site.held(), tls.Guard(files(), ALPN), self.board, self.standing,
            clear=site.held(), bounds=self.bounds, now=self.now,
        )  # fmt: skip

    def raw(self, one: Client | None = None, *, new: bool = True, clear: bool = False) -> xmpp.Raw:
        """A connection with TLS, by STARTTLS where `clear`."""
        if not clear:
            return xmpp.Raw.to(self.relay.port, context(one, new=new))
        found = xmpp.Raw.to(self.relay.clear)
        try:
            found.secure(context(one, new=new))
        except BaseException:
            found.sock.close()
            raise
        return found

    def client(self, user: str = "alice", resource: str = "r") -> xmpp.Raw:
        """A client that has a session, and is available."""
        found = self.raw(named(user))
        found.login()
        found.bind(resource)
        found.available()
        return found
