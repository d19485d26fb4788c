"""Peer crash: writers at full speed killed with SIGKILL at random moments, on SQLite and on PostgreSQL.

After each kill the store is opened again: every write that was acknowledged is there whole, of the one that
was under way all or nothing, versions, archive and outbox agree. Every third time two processes write, and
are killed one after the other. Of PostgreSQL the process that writes is killed, not the server.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import cast

from bridge.sep2.shelf import Row
from bridge.transports.store import opening
from bridge.transports.store.decisions import Wish
from bridge.transports.store.query import Query
from bridge.transports.store.store import Store
from bridge.trust import log
from bridge.trust.proof import Proof
from peers.table import Missing, share
from tests.sep2.memory import Memory
from tests.transports.store import server, writer

ROOT = Path(__file__).resolve().parent.parent
LANES = 12
LONGEST = 0.5
"""Seconds after which the last one is killed."""
PATIENCE = 60.0
TOGETHER = (1, 1, 2)
"""Processes that write at once."""
EVERY = 25
"""Kills on one database, then the next one begins empty."""


class Nursery:
    """The process that forks the writers, and what they said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._to = cast("asyncio.StreamWriter", process.stdin)
        self._from = cast("asyncio.StreamReader", process.stdout)
        self._heard = asyncio.Event()
        self._reading = asyncio.create_task(self._read())
        self.lines: set[str] = set()
        self.last: dict[tuple[str, int], int] = {}
        self.pids: dict[str, int] = {}

    async def tell(self, line: str, word: str) -> None:
        """Give a command, and wait for a line that begins so."""
        self._to.write(f"{line}\n".encode())
        async with asyncio.timeout(PATIENCE):
            while not any(line.startswith(word) for line in self.lines):
                self._heard.clear()
                await self._heard.wait()

    async def close(self) -> None:
        """Let it end."""
        self._to.close()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        async for line in self._from:
            word, *rest = line.decode().split()
            if word == "done":
                self.last[rest[0], int(rest[1])] = int(rest[2])
                continue
            if word == "up":
                self.pids[rest[0]] = int(rest[1])
            self.lines.add(line.decode().strip())
            self._heard.set()


async def nursery() -> Nursery:
    """Start the one that forks."""
    command = (sys.executable, "-m", "tests.transports.store.writer")
    pipe = asyncio.subprocess.PIPE
    return Nursery(await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe))


async def rounds(url: str, bell: Path | None, kills: int, seed: int) -> Counter[str]:
    """Kill so many writers on one database, and look after each; an AssertionError tells what is wrong."""
    figures: Counter[str] = Counter()
    dice = Random(seed)  # noqa: S311 - a run that fails must fail again
    forks = await nursery()
    try:
        while figures["kills"] < kills:
            names = [
                f"{seed}x{figures['kills']}{letter}" for letter in "ab"[: TOGETHER[figures["kills"] % 3]]
            ]
            await asyncio.gather(*(_killed(forks, url, bell, name, dice) for name in names))
            async with opening.open(url, workers=2, bell=bell) as store:
                for name in names:
                    figures += await looked(store, forks, name)
                    await logged(store, forks, name)
                figures["kills"] += len(names)
                if figures["kills"] >= kills:
                    agree(not await store.check(), "what is there is not what the archive says")
    finally:
        await forks.close()
    return figures


def agree(so: bool, told: str) -> None:  # noqa: FBT001 - a condition is its only figure
    """Tell what is wrong."""
    if not so:
        raise AssertionError(told)


async def _killed(forks: Nursery, url: str, bell: Path | None, name: str, dice: Random) -> None:
    await forks.tell(f"start {url} {bell or '-'} {name} {LANES}", f"up {name} ")
    await asyncio.sleep(dice.random() * LONGEST)
    os.kill(forks.pids[name], SIGKILL)
    gone = f"gone {forks.pids[name]}"
    await forks.tell(f"reap {forks.pids[name]}", f"{gone} ")
    agree(f"{gone} killed" in forks.lines, f"{name} ended by itself")


async def looked(store: Store, forks: Nursery, name: str) -> Counter[str]:
    """Compare what is there with what was acknowledged; how many writes that were."""
    figures: Counter[str] = Counter()
    for lane in range(LANES):
        last = forks.last.get((name, lane), -1)
        there = await _there(store, f"/{name}/{lane}")
        model = Memory()
        entries: list[tuple[str, int, bytes, bool]] = []
        for number in range(last + 1):
            entries += await _turn(model, name, lane, number)
        if there != _expected(model, entries):
            entries += await _turn(model, name, lane, last + 1)
            agree(there == _expected(model, entries), f"{name}, writer {lane}, after {last}")
            figures["unheard"] += 1
        figures["acknowledged"] += last + 1
    return figures


async def logged(store: Store, forks: Nursery, name: str) -> None:
    """See that each acknowledged write has its decision in the log, and that the log is one chain."""
    proof, found = Proof((), {}), set()
    for entry in await store.decisions.find(Wish(after=0), 1_000_000):
        proof.take(entry)
        found.add(log.read(entry.body).decision.correlation)
    agree(not proof.end(), f"the decision log is broken: {proof.faults[:3]}")
    for lane in range(LANES):
        wanted = {f"{name}/{lane}/{number}" for number in range(forks.last.get((name, lane), -1) + 1)}
        agree(wanted <= found, f"{name}, writer {lane}: decisions are missing")


Picture = tuple[list[Row], list[tuple[str, int, bytes, bool]], list[bytes]]


async def _there(store: Store, root: str) -> Picture:
    """Rows, archive and outbox of a writer."""
    found = await store.history(root, beneath=True, limit=1_000_000)
    entries = [(entry.row.href, entry.row.version, entry.row.body, entry.removed) for entry in found]
    query = Query("SELECT subscription, body FROM outbox ORDER BY number", (), {})
    sent = [bytes(row[1]) for row in await store.engine.search(query, {}) if row[0] == f"{root}/sub"]
    return sorted(await store.beneath(root), key=lambda row: row.href), sorted(entries), sent


def _expected(model: Memory, entries: list[tuple[str, int, bytes, bool]]) -> Picture:
    rows = sorted(model.rows.values(), key=lambda row: row.href)
    return rows, sorted(entries), [parcel.body for parcel in model.parcels]


async def _turn(model: Memory, name: str, lane: int, number: int) -> list[tuple[str, int, bytes, bool]]:
    """Do a turn on the model; what the archive must say of it."""
    before = dict(model.rows)
    await model.commit(*writer.turn(name, lane, number, model.rows))
    gone = [(was.href, was.version, b"", True) for href, was in before.items() if href not in model.rows]
    put = [
        (row.href, row.version, row.body, False)
        for href, row in model.rows.items()
        if row is not before.get(href)
    ]
    return gone + put


def run(kills: str) -> dict[str, object]:
    """So many kills on each database, or the share of them that is asked for."""
    figures: dict[str, object] = {"ok": True}
    count = share(int(kills))
    with ExitStack() as stack:
        try:
            address = stack.enter_context(server.server())
        except RuntimeError as error:
            raise Missing(str(error)) from error
        for kind in ("sqlite", "postgresql"):
            total: Counter[str] = Counter()
            for seed in range(0, count, EVERY):
                with tempfile.TemporaryDirectory() as folder, ExitStack() as place:
                    url = f"sqlite:///{folder}/store.db"
                    if kind == "postgresql":
                        url = place.enter_context(server.database(address))
                    total += asyncio.run(rounds(url, Path(folder, "bell"), min(EVERY, count - seed), seed))
            figures |= {f"{kind}_{name}": value for name, value in sorted(total.items())}
    return figures
