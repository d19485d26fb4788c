"""What tests of adapters share: packages installed for a while, and an inverter that speaks lines."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bridge.trust import assent, checkpoint
from bridge.trust import folder as trust
from bridge.trust.assent import Assent
from tests.served import Served, certified

PATIENCE = 60.0


def install(folder: Path, name: str, source: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a module with an entry point, for this process and those that it starts."""
    info = folder / f"derbridge_{name}-0.1.dist-info"
    info.mkdir(parents=True)
    (folder / f"{target.partition(':')[0]}.py").write_text(source, "utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: derbridge-{name}\nVersion: 0.1\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[derbridge.adapters]\n{name} = {target}\n", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.syspath_prepend(folder)


@dataclass
class Inverter:
    """A server of the lines that docs/adapters.md tells of; it drops a limit by itself."""

    port: int = 0
    limit: float = 100.0
    until: float = 0.0
    said: list[str] = field(default_factory=list)
    refusing: str = ""

    def answer(self, line: str) -> str:
        """What it answers."""
        self.said.append(line)
        if self.refusing and not line.startswith("read"):
            return f"no {self.refusing}"
        match line.split():
            case ["limit", percent, seconds]:
                self.limit = float(percent)
                self.until = asyncio.get_running_loop().time() + float(seconds)
            case ["free"]:
                self.limit = 100.0
        return "w=1200 v=230.1 max=5000" if line == "read" else "ok"

    @property
    def follows(self) -> float:
        """The limit that it follows now."""
        return self.limit if asyncio.get_running_loop().time() < self.until else 100.0


@asynccontextmanager
async def inverter() -> AsyncIterator[Inverter]:
    """Run one on loopback."""
    made = Inverter()
    doors: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        doors[writer] = asyncio.current_task()
        while line := (await reader.readline()).decode().strip():
            writer.write(f"{made.answer(line)}\n".encode())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for each in doors:
            each.close()
        await asyncio.gather(*filter(None, doors.values()), return_exceptions=True)


async def until(true: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Wait until something is true, and give it."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await true()):  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.05)
    assert found, what
    return found


async def agree(site: Served, protocol: str, unit: Any, act: str = "accept", number: int = 0) -> int:
    """Have the operator and the owner of a unit sign; give the number of the agreement."""
    if not number:
        body = {"protocol": protocol, "units": [unit.lfdi]}
        status, made = await site.admin.post("/api/v1/agreements", body)
        assert status == 201, made
        number = made["id"]
    _, shown = await site.admin.get(f"/api/v1/agreements/{number}")
    signers = (site.admin.client.files, unit.files) if act == "accept" else (unit.files,)
    for files in signers:
        by = checkpoint.signer(files.certificate.read_bytes(), files.key.read_bytes())
        said = Assent(act, assent.digest(shown["text"].encode()), site_now())
        body = {"token": assent.sealed(said, by), "certificate": files.certificate.read_text("ascii")}
        status, told = await site.admin.post(f"/api/v1/agreements/{number}/statements", body)
        assert status == 200, told
    return number


def owner(folder: Path) -> trust.Client:
    """Make the certificates of an installation; give those of the owner of a unit."""
    return certified(folder).client("owner", "device")


def site_now() -> int:
    """Seconds since 1970."""
    return int(time.time())


async def settled(site: Served, unit: Any) -> tuple[str, str]:
    """A registered unit in a group with a programme; give the programme's number and the DER's address."""
    _, group = await site.admin.post("/api/v1/groups", {"name": "feeder"})
    body = {"lfdi": unit.lfdi, "groups": [group["id"]], "pin": 111115}
    status, made = await site.admin.post("/api/v1/devices", body)
    assert status == 201, made
    _, programme = await site.admin.post("/api/v1/programmes", {"primacy": 1, "group": group["id"]})
    return str(programme["id"]), f"/edev/{made['id']}/der/1"


async def control(site: Served, programme: str, mrid: str, percent: float, seconds: int = 3_600) -> None:
    """Post a limit that begins now, as a head-end does."""
    body = (
        f'<DERControl xmlns="urn:ieee:std:2030.5:ns" replyTo="/rsps/1/rsp" responseRequired="03">'
        f"<mRID>{mrid}</mRID><creationTime>{site_now()}</creationTime>"
        f"<EventStatus><currentStatus>0</currentStatus><dateTime>{site_now()}</dateTime>"
        f"<potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
        f"<interval><duration>{seconds}</duration><start>{site_now()}</start></interval>"
        f"<DERControlBase><opModMaxLimW>{percent * 100:.0f}</opModMaxLimW></DERControlBase></DERControl>"
    )
    head = site.client("operator", "operator")
    reply = await head.post(f"/derp/{programme}/derc", body)
    assert reply.status == 201, reply.body


async def responses(site: Served, mrid: str) -> list[int]:
    """The statuses that a head-end reads of a control; those of one second have no order."""
    head = site.client("operator", "operator")
    text = (await head.get("/rsps/1/rsp?l=100")).body.decode()
    found = re.findall(r"<status>(\d+)</status>\s*<subject>([0-9A-F]+)</subject>", text)
    return sorted(int(status) for status, subject in found if subject == mrid)
