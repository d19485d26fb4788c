"""A server with a relay whose aggregators may command what they hold, and `derbridge sim` as a process at it.

The server reads its parties again where a line says that some are new. Holds no test.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.app.command import COMMAND
from tests.app.sim.lab import Lab, lab
from tests.served import RELAY

RULES = """
[[rule]]
name = "aggregators-command"
roles = ["AGGREGATOR"]
functions = ["control"]
actions = ["create", "change", "cancel"]
scope = "held"
"""
POLLED = (
    "DeviceCapability", "EndDeviceList", "FunctionSetAssignmentsList", "DERProgramList", "DERControlList",
    "DERList", "Time", "MirrorUsagePointList",
)  # fmt: skip
PATIENCE, SOON = 400, 120


@contextmanager
def relayed(folder: Path) -> Iterator[Lab]:
    """A server with a relay, whose aggregators may command what they hold."""
    (folder / "rules.toml").write_text(RULES, "utf-8")
    said: dict[str, Any] = {
        "relay": RELAY,
        "iec61850": {"enabled": True, "again": 2.0},
        "access": {"rules": "rules.toml"},
        "rules": {"post_rate": 1, "polls": dict.fromkeys(POLLED, 1)},
    }
    with lab(folder, **said) as made:
        made.site.pki.client("operator", "operator")
        yield made


async def ran(there: Lab, *words: str | Path) -> tuple[int, dict[str, Any], str]:
    """Run a verb to its end; the server reads its parties again where it is told that some are new."""
    site = there.site
    process = await asyncio.create_subprocess_exec(
        COMMAND, "sim", *map(str, words),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **site.environment},
    )  # fmt: skip
    assert process.stdout
    assert process.stderr
    told = b""
    async with asyncio.timeout(PATIENCE):
        reading = asyncio.create_task(process.stdout.read())
        async for line in process.stderr:
            told += line
            if b"SIGHUP" in line and site.process:
                site.process.send_signal(signal.SIGHUP)
        said = await reading
        code = await process.wait()
    return code, json.loads(said or b"{}"), told.decode()


@dataclass
class Verb:
    """A verb that runs and prints a document for each thing that happens."""

    there: Lab
    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]] = field(default_factory=list)
    fresh: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Task[None] | None = None

    async def read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.lines.append(json.loads(line))
            if b"SIGHUP" in line and self.there.site.process:
                self.there.site.process.send_signal(signal.SIGHUP)
            self.fresh.set()

    async def until(self, event: str) -> dict[str, Any]:
        """Wait until something has happened."""
        async with asyncio.timeout(SOON):
            while not (found := self.all(event)):
                assert self.process.returncode is None, self.lines
                self.fresh.clear()
                await self.fresh.wait()
        return found[0]

    def all(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    async def end(self) -> int:
        """Wait for its end."""
        assert self.reading
        async with asyncio.timeout(SOON):
            code = await self.process.wait()
            await self.reading
        return code


@asynccontextmanager
async def verb(there: Lab, *words: str | Path) -> AsyncIterator[Verb]:
    """Run a verb that goes on, with `--json`."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, "sim", *map(str, words), "--json",
        stdout=asyncio.subprocess.PIPE, env={**os.environ, **there.site.environment}, limit=2**24,
    )  # fmt: skip
    made = Verb(there, process)
    made.reading = asyncio.create_task(made.read())
    try:
        yield made
    finally:
        if process.returncode is None:
            process.terminate()
        await made.end()
