"""A real server over mutual TLS, simulated inverters at it, and an operator; what they note is waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.app.sim.inverter import identity
from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.inverter.inverter import Inverter
from bridge.app.sim.unit import Output, Plate
from bridge.sep2.client.call import Call, Reply
from bridge.sep2.client.plant import Options
from models.der import messages
from tests.served import Served, served

PATIENCE = 60.0
API = "/api/v1"
PLATE = Plate(10_000.0, 11_000.0, 4_400.0)
SUNNY = Output(5_000.0, 100.0, 240.0, 60.0, available=5_000.0)
QUICK = Options(profile="2018", most=2.0, post_rate=2, first=0.1, longest=0.5, rates={"DERControlList": 0.3})
"""Reads controls again at once, so that nobody waits for a minute."""


@dataclass
class Recorder:
    """A unit that does at once what it is asked, as far as active power goes, and keeps what it was asked."""

    plate: Plate = PLATE
    output: Output = SUNNY
    demands: list[messages.Modes] = field(default_factory=list)
    entries: list[messages.GridEntry] = field(default_factory=list)

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        self.demands.append(modes)
        self.entries.append(entry)
        limit = modes.maxLimW
        share = 1.0 if limit is None else float(limit.value) / 100
        self.output = self.output._replace(w=min(5_000.0, share * self.plate.watts))


@dataclass
class Noted:
    """What an inverter says of itself, to be waited for; and what crossed the wire."""

    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    calls: list[tuple[Call, Reply | None]] = field(default_factory=list)
    fresh: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, event: str, **said: Any) -> None:
        self.lines.append((event, said))
        self.fresh.set()

    def heard(self, call: Call, reply: Reply | None) -> None:
        self.calls.append((call, reply))
        self.fresh.set()

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Wait until something holds, and give it."""
        async with asyncio.timeout(PATIENCE):
            while not (found := holds()):
                self.fresh.clear()
                await self.fresh.wait()
        return found

    def all(self, event: str) -> list[dict[str, Any]]:
        return [said for name, said in self.lines if name == event]

    def statuses(self, mrid: str) -> list[int]:
        return [said["status"] for said in self.all("event") if said["mrid"] == mrid]

    def answered(self, method: str, ending: str = "") -> list[Reply]:
        return [
            reply
            for call, reply in self.calls
            if reply is not None and call.method == method and call.url.partition("?")[0].endswith(ending)
        ]


@dataclass
class Lab:
    """The server and its operator."""

    site: Served

    async def ask(self, method: str, path: str, form: object = None) -> Any:
        status, said = await self.site.admin.request(method, API + path, form)
        assert status in {200, 201, 204}, (method, path, status, said)
        return said

    async def programme(self, *, group: str = "", primacy: int = 1, default: Any = None) -> Any:
        """A programme of a group, with its default."""
        home = group or (await self.ask("POST", "/groups", {"name": "feeder"}))["id"]
        made = await self.ask("POST", "/programmes", {"group": home, "primacy": primacy})
        if default is not None:
            await self.ask("PUT", f"/programmes/{made['id']}/default", {"modes": default})
        return made

    async def control(self, programme: Any, modes: Any, **said: Any) -> Any:
        form = {"modes": modes, "response_required": 7, "duration": 3600, **said}
        return await self.ask("POST", f"/programmes/{programme['id']}/controls", form)

    async def cancel(self, programme: Any, made: Any) -> None:
        await self.ask("POST", f"/programmes/{programme['id']}/controls/{made['id']}/cancel", {})

    async def responses(self, mrid: str) -> list[dict[str, Any]]:
        return list((await self.ask("GET", f"/responses?subject={mrid}&limit=500"))["items"])

    def who(self, name: str, role: str = "device") -> Identity:
        files = self.site.pki.client(name, role)
        return identity.read(files.certificate, files.key, files.root)


@contextmanager
def lab(folder: Path, **config: Any) -> Iterator[Lab]:
    """Start one."""
    rules = {"registration": "in-band", **config.pop("rules", {})}
    with served(folder, rules=rules, **config) as site:
        yield Lab(site)


@dataclass
class Actor:
    """An inverter that runs, its unit and its notes."""

    inverter: Inverter
    unit: Recorder
    noted: Noted


@asynccontextmanager
async def running(
    there: Lab, name: str = "inverter", options: Options = QUICK, **more: Any
) -> AsyncIterator[Actor]:
    """Run an inverter at a server."""
    unit, noted = Recorder(), Noted()
    who = more.pop("who", None) or there.who(name)
    made = Inverter(
        more.pop("unit", unit), time.time, who, f"{there.site.url}/dcap", options, look=0.2,
        note=noted.note, heard=noted.heard, **more,
    )  # fmt: skip
    task = asyncio.create_task(made.run())
    try:
        yield Actor(made, unit, noted)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled() or task.exception() is None, task.exception()
