"""A client that reads and writes octets: TLS, EXTERNAL, bind, and then whatever it is given.

It takes nothing apart, so that what a server did to a payload can be seen, and costs next to nothing, so that
a measurement shows the server.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEAD = (
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "version='1.0' to='{}'>"
)
AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
BIND = (
    "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{}</resource>"
    "</bind></iq>"
)
LIMIT = 15.0


class Raw:
    """A session over direct TLS."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    @asynccontextmanager
    async def session(
        cls, address: str, port: int, context: ssl.SSLContext, first: str = "<presence/>"
    ) -> AsyncIterator[Self]:
        """Log in, say something first, and give the session; it is closed at the end."""
        whom, _, resource = address.partition("/")
        domain = whom.partition("@")[2]
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname=domain, limit=2**24
        )
        self = cls(reader, writer)
        try:
            head = HEAD.format(domain)
            await self.say(head, b"</stream:features>")
            await self.say(AUTH, b"<success", b">")
            await self.say(head, b"</stream:features>")
            await self.say(BIND.format(resource), b"</iq>")
            writer.write(first.encode())
            yield self
        finally:
            writer.write(b"</stream:stream>")
            writer.transport.abort()  # a server that does not say farewell to TLS would hold us for long
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def say(self, text: str, *until: bytes) -> bytes:
        """Write text, and read until it was answered."""
        self.writer.write(text.encode())
        return b"".join([await self.read(mark) for mark in until])

    async def read(self, until: bytes) -> bytes:
        """Read up to a mark."""
        async with asyncio.timeout(LIMIT):
            return await self.reader.readuntil(until)

    async def message(self) -> tuple[bytes, bytes]:
        """Read the next message: its start tag, and all that is in it."""
        await self.read(b"<message")
        tag = await self.read(b">")
        inside = await self.read(b"</message>")
        return tag, inside.removesuffix(b"</message>")
