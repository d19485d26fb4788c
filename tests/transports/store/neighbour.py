"""Another process on the same database: it commits what it is told to, and says when it is done."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bridge.sep2.shelf import Change, Row, Who
from bridge.transports.store import opening


async def main(url: str, bell: str) -> None:
    """Take lines of an address and a body; an empty line ends it."""
    async with opening.open(url, workers=2, bell=Path(bell) if bell else None) as store:
        print("ready", flush=True)  # noqa: T201 - what the test waits for
        while line := (await asyncio.to_thread(sys.stdin.readline)).split():
            href, body = line
            await store.commit([Change(href, Row(href, "/a", "Thing", body.encode()))], Who("IT", "test", 1))
            print(await store.fresh(), flush=True)  # noqa: T201 - the same


asyncio.run(main(sys.argv[1], sys.argv[2]))
