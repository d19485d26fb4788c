"""A process that is killed: puts, drops and counts as fast as it can, and tells each ticket that is durable.

It writes one line for each: what is kept then at the least, so that whoever kills it knows what must be
there.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bridge.transports.spool.spool import Spool
from bridge.xmpp.queue import NEVER, Record

OWNERS = ("fleet@relay.example", "head@relay.example/one")
TURN = 5
"""Stanzas put in one turn."""
BEHIND = 40
"""Stanzas that an owner has before the older ones are dropped."""


async def main(path: Path) -> None:
    """Write until killed."""
    queue = Spool(path, waiting=10_000, share=lambda _: 10_000_000, room=10_000_000)
    queue.open(Record(OWNERS[1], "00" * 32, "AB" * 20, NEVER))
    turns: dict[int, int] = {}

    def told(ticket: int) -> None:
        """Say up to which number all is durable."""
        done = [number for number, each in turns.items() if each <= ticket]
        for number in done:
            del turns[number]
        if done:
            sys.stdout.write(f"{max(done)}\n")
            sys.stdout.flush()

    queue.told = told
    number = 0
    while True:
        for _ in range(TURN):
            number += 1
            for owner in OWNERS:
                ticket = queue.put(owner, number, b"%d" % number, float(number), NEVER)
            queue.heard(OWNERS[1], number)
        if number > BEHIND and number % (TURN * 3) == 0:
            for owner in OWNERS:
                queue.drop(owner, number - BEHIND)
        turns[number] = ticket
        await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
