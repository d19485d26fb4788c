"""Our own relay, as the third of the servers: in a thread of this process, with the same certificates.

Who is revoked is a set of serial numbers here; the product asks its roll instead.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import uvloop

from bridge.sep2.talk import Peer
from bridge.transports import relay, tls
from bridge.transports.relay import Relay
from bridge.xmpp.board import Board
from bridge.xmpp.hooks import Hooks
from peers.relays.pki import DOMAIN, Pki
from peers.relays.servers import LIMIT, Server

T = TypeVar("T")


class Embedded(Server):
    """It, and the loop that it runs in."""

    loop: asyncio.AbstractEventLoop
    relay: Relay
    out: set[int]
    """Serial numbers of who is shut out."""

    def call(self, work: Coroutine[None, None, T]) -> T:
        """Do something on its loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(LIMIT)

    def stands(self, peer: Peer) -> bool:
        """Whether a peer is not revoked."""
        return not any(one.number in self.out for one in peer.serials)

    def revoke(self, pki: Pki, name: str) -> None:
        """Shut somebody out, and end his sessions."""
        self.out.add(pki.serials[name])

        async def kick() -> None:
            self.relay.kick(lambda who: any(one.number in self.out for one in who.serials), "revoked")

        self.call(kick())


@contextmanager
def embedded(folder: Path, pki: Pki) -> Iterator[Embedded]:
    """Run it."""
    (folder / "root.pem").write_bytes(pki.roots)
    files = tls.Files(pki.path / "relay.pem", pki.path / "relay.key", (folder / "root.pem",))
    server = Embedded("embedded", 0, 0, folder)
    server.loop, server.out = uvloop.new_event_loop(), {pki.serials["revoked"]}
    thread = threading.Thread(target=server.loop.run_forever)
    thread.start()
    try:
        server.relay = server.call(started(server, files))
        server.port, server.direct = server.relay.clear, server.relay.port
        yield server
        server.call(server.relay.stop())
    finally:
        server.loop.call_soon_threadsafe(server.loop.stop)
        thread.join()
        server.loop.run_until_complete(server.loop.shutdown_asyncgens())
        server.loop.close()


async def started(server: Embedded, files: tls.Files) -> Relay:
    """Let it listen."""
    hooks = Hooks(allowed=lambda *_: True)
    board = Board(DOMAIN, lambda: secrets.token_urlsafe(18), hooks)
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    guard = tls.Guard(files, relay.ALPN)
    return await relay.serve(held[:1], guard, board, server.stands, clear=held[1:])


def revoke(server: Server, pki: Pki, name: str) -> None:
    """As the suite asks for it."""
    if isinstance(server, Embedded):
        server.revoke(pki, name)
