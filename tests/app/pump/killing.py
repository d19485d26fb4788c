"""A story lived through by a bridge that is killed at random points, while its units live on.

The parent is the operator, the clock and the units. What a killed bridge was told and has not acknowledged is
told to the next one again. The points are drawn: while something is done, before a unit does what it hears,
and before the bridge hears that it did.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from bridge.ports import Kind, Order
from bridge.transports.store import opening
from models.der import messages
from tests.app.pump import town as towns
from tests.app.pump.rider import REACHES
from tests.app.pump.town import NOW, UNITS
from tests.core import records
from tests.core.unit import Fake

ROOT = Path(__file__).resolve().parents[3]
STORY: tuple[tuple[Any, ...], ...] = (
    ("control", "0A", 10, 100, 2),
    ("at", 5),
    ("at", 10),
    ("control", "0B", 40, 30, 1),
    ("at", 16),
    ("control", "0C", 120, 50, 2),
    ("at", 40),
    ("at", 46),
    ("cancel", "0B"),
    ("control", "0D", 130, 100, 1),
    ("at", 50),
    ("at", 111),
    ("at", 126),
    ("at", 136),
    ("cancel", "0C"),
    ("at", 171),
    ("at", 231),
)
PATIENCE = 60.0


@dataclass
class Life:
    """One run of the story."""

    url: str
    socket: Path
    dice: Random
    odds: float
    """Of a kill at each point."""
    units: dict[str, Fake] = field(default_factory=lambda: {unit: Fake(REACHES[unit]) for unit in UNITS})
    kills: int = 0
    moment: Decimal = Decimal(NOW)
    log: set[tuple[str, int, str, str]] = field(default_factory=set)
    """Unit, number, kind and record of each order that arrived."""
    held: list[dict[str, list[str]]] = field(default_factory=list)
    """What each unit held after each step."""
    _nursery: asyncio.subprocess.Process | None = None
    _lines: asyncio.Queue[tuple[asyncio.StreamWriter, dict[str, Any]]] = field(default_factory=asyncio.Queue)
    _pid: int = 0
    _writer: asyncio.StreamWriter | None = None

    async def run(self, story: Sequence[tuple[Any, ...]] = STORY) -> dict[str, list[int]]:
        """Live through it; what was said at the end."""
        await self._laid()
        server = await asyncio.start_unix_server(self._read, self.socket)
        pipe = asyncio.subprocess.PIPE
        self._nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.app.pump.rider", cwd=ROOT, stdin=pipe, stdout=pipe
        )
        said: dict[str, list[int]] = {}
        try:
            async with server, asyncio.timeout(PATIENCE * 10):
                for step in story:
                    if step[0] == "at":
                        self.moment = Decimal(NOW + step[1])
                    said = await self._step(step)
                    self.held.append({unit: self._holds(unit) for unit in UNITS})
                await self._kill()
        finally:
            assert self._nursery.stdin
            self._nursery.stdin.close()
            await self._nursery.wait()
        return said

    def _holds(self, unit: str) -> list[str]:
        return sorted(mark[:2] for mark in self.units[unit].holds("maxLimW", self.moment))

    async def _laid(self) -> None:
        async with opening.open(self.url) as store:
            town = towns.make(store, towns.Street())
            await town.settle()
            first = await store.get(town.programme)
            assert first
            await town.lay(first.grp, primacy=1)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):  # of one that was killed
            async for text in reader:
                self._lines.put_nowait((writer, json.loads(text)))
        writer.close()

    async def _step(self, step: tuple[Any, ...]) -> dict[str, list[int]]:
        """Have a step done, by as many bridges as it takes."""
        while True:
            if not self._pid:
                await self._start()
            self._send({"do": step})
            done = await self._lived()
            if done is not None:
                return done

    async def _lived(self) -> dict[str, list[int]] | None:
        """Serve the units until a step is done; None where the bridge was killed."""
        timer = self.dice.random() * 0.05 if self.dice.random() < self.odds else None
        while True:
            try:
                async with asyncio.timeout(timer or PATIENCE):
                    writer, line = await self._lines.get()
            except TimeoutError:
                assert timer is not None, "the bridge has stopped working"
                await self._kill()
                return None
            if writer is not self._writer:
                continue
            if "done" in line:
                found: dict[str, list[int]] = line["done"]
                return found
            if not await self._carried(line["carry"]):
                return None

    async def _carried(self, said: dict[str, Any]) -> bool:
        """Have a unit do what it is told; False where the bridge was killed before or after it."""
        if self.dice.random() < self.odds:
            await self._kill()
            return False
        order = _order(said)
        self.units[order.unit].carry(order)
        self.log.add((order.unit, order.number, order.kind.value, str(order.record.mRID)[:2]))
        if self.dice.random() < self.odds:
            await self._kill()
            return False
        self._send({"did": f"{order.unit}/{order.number}"})
        return True

    def _send(self, line: dict[str, Any]) -> None:
        assert self._writer
        self._writer.write(json.dumps(line).encode() + b"\n")

    async def _start(self) -> None:
        assert self._nursery
        assert self._nursery.stdin
        self._nursery.stdin.write(f"start {self.url} {self.socket} {self.moment}\n".encode())
        async with asyncio.timeout(PATIENCE):
            while True:
                writer, line = await self._lines.get()
                if "carry" in line and writer is not self._writer:
                    self._early.append((writer, line))
                if "up" in line:
                    break
        self._pid, self._writer = line["up"], writer
        for pair in self._early:
            if pair[0] is writer:
                self._lines.put_nowait(pair)
        self._early.clear()

    _early: list[tuple[asyncio.StreamWriter, dict[str, Any]]] = field(default_factory=list)

    async def _kill(self) -> None:
        assert self._nursery
        assert self._nursery.stdin
        assert self._nursery.stdout
        os.kill(self._pid, signal.SIGKILL)
        self._nursery.stdin.write(f"reap {self._pid}\n".encode())
        await self._nursery.stdout.readline()
        self._pid, self._writer = 0, None
        self.kills += 1


def _order(said: dict[str, Any]) -> Order:
    made: messages.Control | messages.Default = records.control(said["key"])
    if said["type"] == "Default":
        made = records.default(said["key"])
    kind, modes = Kind(said["kind"]), frozenset(said["modes"])
    return Order(
        said["unit"], said["number"], kind, made, modes, Decimal(said["start"]), Decimal(said["end"])
    )


async def compared(folder: Path, urls: Sequence[str], seed: int, odds: float) -> Counter[str]:
    """Live through the story undisturbed and disturbed; an AssertionError tells what differs."""
    calm = Life(urls[0], folder / f"calm{seed}", Random(seed), 0.0)  # noqa: S311 - a failing run fails again
    wild = Life(urls[1], folder / f"wild{seed}", Random(seed), odds)  # noqa: S311
    wanted, found = await calm.run(), await wild.run()
    assert found == wanted, (seed, wanted, found)
    assert wild.held == calm.held, (seed, calm.held, wild.held)
    assert wild.log == calm.log, (seed, sorted(calm.log ^ wild.log))
    return Counter(kills=wild.kills - 1, orders=len(wild.log), statuses=sum(map(len, found.values())))
