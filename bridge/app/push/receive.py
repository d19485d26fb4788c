"""`derbridge push receive`: listens for notices over HTTPS and XMPP, picks their bodies up, and prints them.

What a receiver does is in `receiver`; here are its doors, its files, its output and its end. TLS is mutual:
a Notification has no signature, so it counts only from the bridge's own certificate. No key is ever printed.
"""

from __future__ import annotations

import asyncio
import json
import signal
import ssl
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

import aiohttp
import uvloop
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bridge.app import screen
from bridge.app.fault import Fault
from bridge.app.push.receiver import Receiver, Refused, Taken, Unavailable, Unfit
from bridge.app.push.signing import SEALED
from bridge.core.push.seen import Seen
from bridge.sep2.talk import MEDIA
from bridge.transports import link, tls
from bridge.transports.post import Denied, Ears, Incoming
from bridge.transports.stream import Door
from bridge.trust import identity
from bridge.trust.ring import Ring
from bridge.xmpp.letter import Letter


class Wish(NamedTuple):
    """What is received, by whom, and where from."""

    bridge: str
    """URL of its 2030.5 listener."""
    sealer: Path
    """The bridge's certificate, with those above it."""
    cert: Path
    key: Path
    roots: tuple[Path, ...]
    """Roots of the bridge's certificate and of ours."""
    listen: str = ""
    """HOST:PORT; nothing for no listener."""
    server: Path | None = None
    """Certificate of the listener; ours where there is none."""
    secret: Path | None = None
    """Its private key."""
    address: str = ""
    """Full XMPP address; nothing for no session."""
    host: str = ""
    """HOST:PORT of the XMPP server, with TLS from the first byte."""
    services: tuple[Path, ...] = ()
    """Roots of the XMPP server's certificate."""
    state: Path | None = None
    """Where what was taken is kept."""
    most: int = 0
    """Stop after so many; 0 for never."""
    named: bool = True
    """Whether the bridge's certificate has to bear the name in its URL."""


@dataclass(slots=True)
class Desk:
    """The doors of a receiver."""

    wish: Wish
    teller: str
    receiver: Receiver
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def posted(self, request: web.Request) -> web.Response:
        """Take what is posted."""
        session = request.transport.get_extra_info("ssl_object") if request.transport else None
        shown = tls.presented(session)[0] if session else b""
        data = await request.read()
        try:
            if request.content_type == MEDIA:
                if identity.lfdi(shown) != self.teller:
                    return web.Response(status=403)
                await self.receiver.notified(data)
            elif request.content_type == SEALED:
                answer = await self.receiver.sealed(data.decode("ascii", "replace"))
                return web.Response(text=answer, content_type=SEALED) if answer else web.Response(status=204)
            else:
                return web.Response(status=415)
        except (Refused, Unfit) as error:
            screen.warn(f"derbridge: refused: {error}")
            return web.Response(status=400)
        except Unavailable as error:
            screen.warn(f"derbridge: not picked up: {error}")
            return web.Response(status=503)
        return web.Response(status=204)

    async def heard(self, said: Incoming) -> Letter | None:
        """Take what comes over XMPP."""
        try:
            answer = await self.receiver.sealed(said.letter.octets.decode("ascii", "replace"))
        except (Refused, Unfit) as error:
            screen.warn(f"derbridge: refused: {error}")
            raise Denied("not-acceptable", str(error)) from error
        except Unavailable as error:
            screen.warn(f"derbridge: not picked up: {error}")
            raise Denied("resource-constraint", str(error)) from error
        return Letter(answer.encode()) if answer else None

    async def took(self, found: Taken) -> None:
        """Print what was taken, and keep how far we are."""
        screen.say(json.dumps(found.shown()))
        await asyncio.to_thread(_flushed)
        self.keep()
        if self.wish.most and self.receiver.count >= self.wish.most:
            self.stop.set()

    def keep(self) -> None:
        """Keep how far we are."""
        if self.wish.state is not None:
            self.wish.state.write_text(json.dumps(asdict(self.receiver.seen)), "utf-8")


def _flushed() -> None:
    """Let go of what was printed."""
    print(end="", flush=True)


def run(wish: Wish) -> int:
    """Receive until told to stop, or until as many came as were wanted."""
    return uvloop.run(_run(wish))


async def _run(wish: Wish) -> int:
    try:
        chain, own = tls.ders((wish.sealer,)), tls.ders((wish.cert,))
        key = _key(wish.key)
        context = tls.client(wish.roots, wish.cert, wish.key, named=wish.named)
    except (OSError, ValueError, ssl.SSLError) as error:
        raise Fault(str(wish.cert), f"or another file cannot be used: {error}") from error
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
        )
        ring = Ring(tls.ders(wish.roots), [chain])
        teller = identity.lfdi(chain[0])
        receiver = Receiver(
            identity.lfdi(own[0]), key, wish.bridge.rstrip("/"), teller, ring, session, _later, _now,
            _seen(wish.state),
        )  # fmt: skip
        desk = Desk(wish, teller, receiver)
        receiver.done = desk.took
        return await _received(desk, stack)


async def _received(desk: Desk, stack: AsyncExitStack) -> int:
    """Open the doors, ask for what was missed, and wait."""
    wish, loop = desk.wish, asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, desk.stop.set)
    if wish.listen:
        await _listen(desk, stack)
    if wish.address:
        host, _, port = wish.host.rpartition(":")
        door = Door(wish.address, host, int(port), direct=True)
        made = link.Link(door, lambda: link.context(wish.services, wish.cert, wish.key), Ears(desk.heard))
        await stack.enter_async_context(made)
    try:
        await desk.receiver.missed()
        desk.keep()
    except Unavailable as error:
        screen.warn(f"derbridge: {error}")
    screen.warn(f"derbridge: receiving, from version {desk.receiver.seen.listed}")
    await desk.stop.wait()
    return 0


async def _listen(desk: Desk, stack: AsyncExitStack) -> None:
    wish = desk.wish
    files = tls.Files(wish.server or wish.cert, wish.secret or wish.key, wish.roots)
    app = web.Application(client_max_size=65_536)
    app.router.add_post("/{tail:.*}", desk.posted)
    runner = web.AppRunner(app, handle_signals=False, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    host, _, port = wish.listen.rpartition(":")
    site = web.TCPSite(runner, host.strip("[]"), int(port), ssl_context=tls.server(files))
    await site.start()


async def _later(_: Taken) -> None:
    """Stand in until there is a desk."""


def _now() -> int:
    return int(time.time())


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    found = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} is no key of an elliptic curve")  # noqa: TRY004 - what is in a file
    return found


def _seen(state: Path | None) -> Seen:
    """Give what was taken before."""
    if state is None or not state.exists():
        return Seen()
    said = json.loads(state.read_text("utf-8"))
    return Seen(said["last"], said.get("listed", 0))


def paths(some: Iterable[Path] | None) -> tuple[Path, ...]:
    """Give files that were named."""
    return tuple(some or ())
