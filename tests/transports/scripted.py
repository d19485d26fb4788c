"""An XMPP server that does what a test says, over real TLS: one script for each connection, in order."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from bridge.transports import tls
from bridge.transports.link import Link, context
from bridge.transports.post import BOUNDS, Bounds, Ears
from bridge.transports.relay import ALPN
from bridge.transports.stream import Door
from tests.transports import relaying

ADDRESS = "alice@relay.example/IEC"
PATIENCE = 20.0
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
FEATURES = {
    "login": f"<mechanisms xmlns='{SASL}'><mechanism>EXTERNAL</mechanism></mechanisms>",
    "session": "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>",
}


def called(stanza: str) -> str:
    """The id of a stanza."""
    return stanza.partition('id="')[2].partition('"')[0]


class Talk:
    """One connection, from the server's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def read(self, until: str) -> str:
        """Read up to a mark."""
        async with asyncio.timeout(PATIENCE):
            return (await self._reader.readuntil(until.encode())).decode()

    def say(self, text: str) -> None:
        """Write."""
        self.writer.write(text.encode())

    async def features(self, inside: str) -> None:
        """Take a stream's head, and give one with features."""
        await self.read("version='1.0'>")
        self.say(
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s' "
            f"version='1.0' from='relay.example'><stream:features>{inside}</stream:features>"
        )

    async def login(self, features: str = FEATURES["session"]) -> None:
        """Go as far as an account."""
        await self.features(FEATURES["login"])
        await self.read("</auth>")
        self.say("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        await self.features(features)

    async def bind(self, address: str = ADDRESS) -> None:
        """Bind a resource."""
        name = called(await self.read("</iq>"))
        self.say(
            f"<iq type='result' id='{name}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            f"<jid>{address}</jid></bind></iq>"
        )

    async def begin(self) -> None:
        """Go as far as a new session that can be resumed, and take the first presence."""
        await self.bind()
        await self.read("resume='true'/>")
        self.say("<enabled xmlns='urn:xmpp:sm:3' id='again' resume='true'/>")
        await self.read("<presence/><r xmlns='urn:xmpp:sm:3'/>")
        self.say("<a xmlns='urn:xmpp:sm:3' h='1'/>")

    async def asked_to_resume(self) -> str:
        """Log in somebody who wants to go on; gives what he asks."""
        await self.login()
        return await self.read("previd='again'/>")

    def cut(self) -> None:
        """End it without a word."""
        self.writer.transport.abort()

    async def stay(self) -> None:
        """Take what comes, until the client goes."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._reader.readuntil(b"</stream:stream>")


Script = Callable[[Talk], Awaitable[None]]


async def session(talk: Talk) -> None:
    """A log-in as usual."""
    await talk.login()
    await talk.begin()


async def steady(talk: Talk) -> None:
    """The same, for as long as the client likes."""
    await session(talk)
    await talk.stay()


@asynccontextmanager
async def serving(*scripts: Script, clear: bool = False) -> AsyncIterator[int]:
    """Serve as many connections as there are scripts, on a port; a script that fails fails the test."""
    waiting, running = list(scripts), []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        done = asyncio.get_running_loop().create_future()
        running.append(done)
        try:
            await waiting.pop(0)(Talk(reader, writer))
            done.set_result(None)
        except BaseException as fault:  # noqa: BLE001 - it is the test's
            done.set_exception(fault)
        finally:
            writer.transport.abort()

    shown: ssl.SSLContext | None = None if clear else tls.server(relaying.files(), ALPN)
    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=shown)
    try:
        yield server.sockets[0].getsockname()[1]
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*running)
        assert not waiting, "a connection did not come"
    finally:
        server.close()


def link(port: int, ears: Ears, bounds: Bounds = BOUNDS, *, direct: bool = True) -> Link:
    """Alice's link to it."""
    alice = relaying.named("alice")
    door = Door(ADDRESS, "127.0.0.1", port, direct)
    return Link(door, lambda: context((alice.root,), alice.certificate, alice.key), ears, bounds)
