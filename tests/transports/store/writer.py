"""The one that is killed: writers at full speed, each with a root of its own, that say what was acknowledged.

What a writer does at each turn follows from a seed and from what is there, so who reads its words knows what
must be in the database; a decision that it notes first allows each turn. This process only forks the ones
that write: it has loaded everything, so they begin at once. Lines to it: `start URL BELL SEED LANES`,
`reap PID`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from signal import SIGKILL

import uvloop

from bridge.sep2.shelf import Change, Parcel, Row, Who
from bridge.transports.store import opening, postgres
from tests.sep2.memory import Memory
from tests.transports.store.logged import decision

Turn = tuple[list[Change], Who, list[Parcel]]
MOST = 12
"""Rows of a writer; then it removes."""
FORKED: set[int] = set()
"""Those that write."""
DRIVER = postgres.Postgres
"""Loaded here, so that no fork loads it."""


def turn(seed: str, lane: int, number: int, rows: dict[str, Row]) -> Turn:
    """What a writer does at a turn: some rows put, amended or removed, perhaps with parcels."""
    dice = Random(f"{seed}/{lane}/{number}")  # noqa: S311 - it is to be the same again
    root = f"/{seed}/{lane}"
    there = sorted(rows)
    changes: dict[str, Change] = {}
    for each in range(dice.randint(1, 4)):
        kind = dice.random()
        if there and (kind < 0.15 or len(there) > MOST):
            was = rows[dice.choice(there)]
            changes[was.href] = Change(was.href, None, was.version, deep=kind < 0.05)
        elif there and kind < 0.5:
            was = rows[dice.choice(there)]
            changes[was.href] = Change(was.href, _row(was.href, root, dice), was.version)
        else:
            href = f"{root}/{number}" + ("/x" if kind > 0.9 else f"-{each}")
            changes[href] = Change(href, _row(href, root, dice), 0)
    parcels = [
        Parcel(f"{root}/sub", "https://example.org", f"{number}/{each}".encode(), "text/plain")
        for each in range(dice.choice((0, 0, 1, 2)))
    ]
    return list(changes.values()), Who(f"LANE{lane}", "test", number), parcels


def _row(href: str, root: str, dice: Random) -> Row:
    body = dice.randbytes(dice.choice((0, 40, 400, 3_000)))
    mark = dice.choice(("", f"{dice.getrandbits(64):016X}"))
    return Row(
        href, root, "Thing", body, mark=mark, owner=root, rank=f"{dice.randrange(99):02}", record=body[:9]
    )


async def write(url: str, bell: str, seed: str, lanes: int) -> None:
    """Write until the end, which comes from outside."""
    async with opening.open(url, workers=2, bell=Path(bell) if bell != "-" else None) as store:

        async def lane(number: int) -> None:
            there = Memory()
            for each in count():
                now = turn(seed, number, each, there.rows)
                store.decisions.note(decision(each, correlation=f"{seed}/{number}/{each}"))
                await store.commit(*now)
                say(f"done {seed} {number} {each}")
                await there.commit(*now)

        say(f"up {seed} {os.getpid()}")
        await asyncio.gather(*(lane(number) for number in range(lanes)))


def say(line: str) -> None:
    """Write a line at once and whole, so that it is out before anything else happens."""
    os.write(1, f"{line}\n".encode())


def start(url: str, bell: str, seed: str, lanes: str) -> None:
    """Fork one that writes; it never comes back here."""
    pid = os.fork()
    if pid:
        FORKED.add(pid)
        return
    try:
        uvloop.run(write(url, bell, seed, int(lanes)))
    finally:
        os._exit(1)


def reap(pid: str) -> None:
    """Wait for one that was killed."""
    _, status = os.waitpid(int(pid), 0)
    FORKED.remove(int(pid))
    say(f"gone {pid} {'killed' if os.WTERMSIG(status) == SIGKILL else status}")


if __name__ == "__main__":
    for command in sys.stdin:
        name, *arguments = command.split()
        commands: dict[str, Callable[..., None]] = {"start": start, "reap": reap}
        commands[name](*arguments)
    for left in FORKED:
        os.kill(left, SIGKILL)
