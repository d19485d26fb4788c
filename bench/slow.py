"""Five hundred slow peers beside a good client: its p99 with them and without, in the same run.

A quarter of them each is silent, sends a header a line at a time, sends a body a byte at a time, or stops in
the middle of its TLS handshake. Who is closed by a deadline comes again, so that there are always as many.
They live in this process; the good client is the native one.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from bench import server
from bench.ground import Ground, ground
from bench.server import Load
from bridge.transports import tls

PEERS = 500
ROUNDS = 5
GOAL = 3
CONNECTIONS = 8
PACE = 3.0
"""Seconds between two lines, or two bytes: what the deadlines are there to catch."""
HEAD = b"GET /dcap HTTP/1.1\r\n", b"X: y\r\n"
BODY = b"PUT /edev HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n", b"x"
SPEECHES: tuple[tuple[bytes, ...] | None, ...] = ((), HEAD, BODY, None)
"""What each kind says after its handshake, the last part again and again; None breaks the handshake off."""
HELLO = bytes.fromhex("16030100c8010000c40303")


def measure() -> dict[str, Any]:
    """The p99 in milliseconds, in turns."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        load = server.built(place)
        (place / "site").mkdir()
        with ground(place / "site") as site:
            return asyncio.run(compared(site, load))


async def compared(site: Ground, load: Path) -> dict[str, Any]:
    """Turns without and with slow peers."""
    what = Load([server.get("/dcap")], CONNECTIONS)
    found: dict[str, list[float]] = {"without": [], "with": []}
    for _ in range(ROUNDS):
        found["without"].append(await p99(site, load, what))
        async with asyncio.TaskGroup() as group:
            slow = [group.create_task(peer(site, SPEECHES[one % len(SPEECHES)])) for one in range(PEERS)]
            await asyncio.sleep(PACE)
            found["with"].append(await p99(site, load, what))
            for one in slow:
                one.cancel()
    figures = {name: median(each) for name, each in found.items()}
    return {"peers": PEERS, **figures, "ratio": figures["with"] / figures["without"]}


async def p99(site: Ground, load: Path, what: Load) -> float:
    """The good client's, while the others go on; one answer that is none ends everything."""
    return (await asyncio.to_thread(server.run, site, load, site.port, what))["p99"]


async def peer(site: Ground, speech: tuple[bytes, ...] | None) -> None:
    """Be slow until told to stop, and come again when the server has had enough."""
    context = tls.client((site.client.root,), site.client.certificate, site.client.key)
    while True:
        with suppress(OSError, EOFError):
            secure = context if speech is not None else None
            reader, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=secure)
            try:
                talk = asyncio.create_task(said(writer, (HELLO,) if speech is None else speech))
                await reader.read()
                talk.cancel()
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.1)


async def said(writer: asyncio.StreamWriter, speech: tuple[bytes, ...]) -> None:
    """Say the parts slowly, the last of them for ever."""
    for part in speech:
        if writer.is_closing():
            return
        writer.write(part)
        await asyncio.sleep(PACE)
    while speech and speech[-1] != HELLO and not writer.is_closing():
        writer.write(speech[-1])
        await asyncio.sleep(PACE)


def told(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """The row that is printed."""
    name = f"p99 of GET /dcap beside {figures['peers']} slow peers, against none"
    shown = f"{figures['with']:.2f} ms", f"{figures['without']:.2f} ms"
    yield name, *shown, f"{figures['ratio']:.2f} (goal: at most {GOAL})"
