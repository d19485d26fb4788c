"""A bridge that is killed and begun again: `derbridge run` with endpoint, pump and relay, its store on disk.

Its ports stay the same from its first start on. It has begun when it tells systemd so. Parties that would
talk to it, and what is to be done by it, are not known here.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from bridge.app import loading, sample
from bridge.sdk.client import Client
from tests.served import DOMAIN, KEYS, PLAIN, RELAY, Served, certified

SAID: Mapping[str, Mapping[str, Any]] = {
    **PLAIN,
    "plain": {"enabled": False},
    "relay": RELAY,
    "rules": {"pen": 40732, "post_rate": 1},
    "iec61850": {"enabled": True, "again": 1.0, "poll": 600.0},
    "pump": {"longest": 2.0, "rest": 2.0},
    "log": {"level": "info", "format": "json"},
}
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120.0


@dataclass
class Bridge:
    """It, alive or not."""

    site: Served
    nursery: Process
    bell: socket.socket
    kills: int = 0
    pid: int = 0
    said: dict[str, str] = field(default_factory=dict)
    """Variables that keep its ports."""

    async def start(self) -> None:
        """Have it begin, and wait until it takes requests."""
        (told,) = await self._tell("start", *(f"{name}={value}" for name, value in self.said.items()))
        self.pid = told
        async with asyncio.timeout(PATIENCE):
            await asyncio.get_running_loop().sock_recv(self.bell, 1024)
        if not self.site.ports:
            ready = self.site.lines("ready")[-1]
            self.site.ports = {
                name: port for name, port in ready.items() if name in ("https", "admin", "relay", "direct")
            }
            self.said = {
                KEYS.get(name, f"DERBRIDGE_{name.upper()}__PORT"): str(port)
                for name, port in self.site.ports.items()
            }

    async def kill(self) -> None:
        """Kill it as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        assert await self._tell("reap", str(self.pid)) == [-signal.SIGKILL], self.site.log[-2000:]
        self.pid = 0
        self.kills += 1

    def api(self) -> Client:
        """An operator's client."""
        made = self.site.admin.client
        return Client(made.root, made.context(), timeout=10)

    async def _tell(self, *words: str) -> list[int]:
        cast("asyncio.StreamWriter", self.nursery.stdin).write(" ".join(words).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            line = await cast("asyncio.StreamReader", self.nursery.stdout).readline()
        return [int(word) for word in line.split()[1:]]


@asynccontextmanager
async def bridged(folder: Path, sealing: Iterable[str]) -> AsyncIterator[Bridge]:
    """Make an installation in a folder, which knows units by name, and have its bridge begin."""
    pki = certified(folder, DOMAIN)
    (folder / "parties").mkdir()
    for name in sealing:
        shutil.copy(pki.client(name, "device").certificate, folder / "parties")
    (folder / loading.NAME).write_text(sample.text(SAID), "utf-8")
    place = folder / "bell"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.bind(str(place))
        bell.setblocking(False)
        nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.app.wreck.nursery", folder,
            cwd=ROOT, stdin=PIPE, stdout=PIPE, env={**os.environ, "NOTIFY_SOCKET": str(place)},
        )  # fmt: skip
        made = Bridge(Served(folder), nursery, bell)
        try:
            await made.start()
            yield made
        finally:
            if made.pid:
                await made.kill()
            cast("asyncio.StreamWriter", nursery.stdin).close()
            await nursery.wait()
