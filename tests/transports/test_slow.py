"""Five hundred slow peers of four kinds beside a good client: it gets every answer, they their deadlines.

Silent ones, a header one line at a time, a body one byte at a time, a TLS handshake that stops. No time is
measured here; bench/slow.py does that.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from itertools import cycle

import pytest

from bridge.transports.limits import Limits
from tests.transports import site
from tests.transports.site import Site, Talk

PEERS = 500
LIMITS = Limits(first=8.0, head=2.0, body=1.0, rate=1_000, idle=60.0, linger=1.0, peer=PEERS)
HEAD = (b"GET /dcap HTTP/1.1\r\n", b"X: y\r\n")
BODY = (b"PUT /dcap HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n", b"x")
HELLO = (bytes.fromhex("16030100c8010000c40303"),)
KINDS: dict[str, tuple[tuple[bytes, ...], bool, bytes]] = {
    "silent": ((), True, b""),
    "head": (HEAD, True, b"HTTP/1.1 408"),
    "body": (BODY, True, b"HTTP/1.1 408"),
    "handshake": (HELLO, False, b""),
}
"""What each says, the last part again and again; whether over TLS; and what it is told in the end."""
PACE = 0.2


async def slow(port: int, context: ssl.SSLContext, kind: str, few: asyncio.Semaphore) -> bytes:
    """Be slow until the server has had enough; what it said."""
    speech, secure, _ = KINDS[kind]
    async with few:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context if secure else None)

    async def say() -> None:
        for part in speech:
            writer.write(part)
            await asyncio.sleep(PACE)
        while secure and speech and not writer.is_closing():
            writer.write(speech[-1])
            await asyncio.sleep(PACE)

    talk = asyncio.create_task(say())
    try:
        return await reader.read()
    finally:
        talk.cancel()
        with suppress(asyncio.CancelledError):
            await talk
        writer.transport.abort()


async def beside(here: Site, talk: Talk) -> tuple[list[bytes], int]:
    """What the slow ones were told, and how many answers the good one got meanwhile."""
    context, kinds, answers, few = site.context(), list(KINDS), 0, asyncio.Semaphore(20)
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(slow(here.listener.port, context, kinds[one % len(kinds)], few))
            for one in range(PEERS)
        ]
        while not all(one.done() for one in asked):
            reply = await asyncio.to_thread(talk.get, "/kept")
            assert (reply.status, reply.told["path"]) == (200, "/kept")
            answers += 1
    return [one.result() for one in asked], answers


@pytest.mark.parametrize("loop", site.LOOPS)
def test_slow_peers_meet_their_deadlines_and_harm_nobody(loop: str) -> None:
    with (
        Site(limits=LIMITS, loop_name=loop).running() as here,
        here.connect(site.device("good")) as talk,
    ):
        said, answers = asyncio.run(beside(here, talk))
        assert answers
        for one, (_, _, told) in zip(said, cycle(KINDS.values()), strict=False):
            assert (one[: len(told)], bool(one)) == (told, bool(told))
        assert site.eventually(lambda: here.listener.connections == 1)
        assert talk.get("/after").status == 200
