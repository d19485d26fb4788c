"""Marks of sealed messages: raised once and never lowered, in every process, through a kill."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE

from bridge.transports.store import opening
from bridge.transports.store.mark import Stored
from bridge.transports.store.store import Store
from tests.shape.tree import ROOT

SENDER, ME = "A" * 40, "B" * 40
GREATEST = 2**53 - 1


async def test_a_mark_rises_and_never_falls(store: Store) -> None:
    marks = Stored(store)
    steps = [(5, True), (5, False), (4, False), (6, True), (255, True), (256, True), (GREATEST, True)]
    for sequence, rises in steps:
        assert await marks.advance(SENDER, ME, sequence) is rises
    assert not await marks.advance(SENDER, ME, 257)


async def test_marks_of_others_are_their_own(store: Store) -> None:
    marks = Stored(store)
    assert await marks.advance(SENDER, ME, 9)
    assert await marks.advance(ME, ME, 1)
    assert await marks.advance(SENDER, "group", 1)


async def test_of_many_at_once_one_is_taken(url: str) -> None:
    async with opening.open(url) as one, opening.open(url) as other:
        asked = [Stored(store).advance(SENDER, ME, 7) for store in (one, other) for _ in range(20)]
        assert sum(await asyncio.gather(*asked)) == 1


WRITER = """
import asyncio, sys
from bridge.transports.store import opening
from bridge.transports.store.mark import Stored
async def main():
    async with opening.open(sys.argv[1]) as store:
        for sequence in range(1, 1000000):
            assert await Stored(store).advance(sys.argv[2], sys.argv[3], sequence)
            print(sequence, flush=True)
asyncio.run(main())
"""


async def test_a_mark_outlives_a_kill(sqlite: str) -> None:
    """What was told to have been raised is raised still, however the process ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, sqlite, SENDER, ME, stdout=PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    told = [int(await process.stdout.readline()) for _ in range(20)][-1]
    process.kill()
    rest = (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    told = max([told, *(int(line) for line in rest if line.endswith(b"\n"))])
    async with opening.open(sqlite) as store:
        marks = Stored(store)
        assert not await marks.advance(SENDER, ME, told)
        assert await marks.advance(SENDER, ME, told + 2)
