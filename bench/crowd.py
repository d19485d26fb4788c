"""Who the bridge speaks with when one control goes to many: light 2030.5 devices, light 61850 units.

A device subscribes to the controls of its programme, takes Notifications over TLS, reads what changed and
posts its Responses; a unit is an outstation with a link, seals and a model of its own behind the relay, and
runs schedules to the letter. All live in one process and do at once what they are asked. Measures nothing.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path

import aiohttp

from bench.reads import door, papers
from bridge.app.sim.inverter import identity
from bridge.app.sim.inverter.listener import listening
from bridge.app.sim.outstation.station import Outstation, outstation
from bridge.iec61850.control import Controls
from bridge.iec61850.server import Server
from bridge.sep2.talk import MEDIA
from bridge.trust.folder import Client, Folder
from tests.app.sim.lab import Recorder
from tests.iec61850.carrying.works import READY, RUNNING, Works

NAMESPACE = 'xmlns="urn:ieee:std:2030.5:ns"'
SUBSCRIPTION = (
    f"<Subscription {NAMESPACE}><subscribedResource>{{resource}}</subscribedResource><encoding>0</encoding>"
    "<level>+S1</level><limit>10</limit><notificationURI>{uri}</notificationURI></Subscription>"
)
RESPONSE = (
    f"<DERControlResponse {NAMESPACE}><createdDateTime>{{now}}</createdDateTime><endDeviceLFDI>{{lfdi}}"
    "</endDeviceLFDI><status>{status}</status><subject>{subject}</subject></DERControlResponse>"
)
CONTROL = re.compile(
    rb"<mRID>(?P<mark>\w+)</mRID>.*?<currentStatus>(?P<state>\d+)</currentStatus>"
    rb".*?<interval>.*?<start>(?P<start>\d+)</start>",
    re.DOTALL,
)
RECEIVED, STARTED, CANCELLED = 1, 2, 6
OFF = b"2"
"""EventStatus of a control that was cancelled."""
MODES = frozenset({"maxLimW"})
TICK = 0.2
"""Seconds between two looks at the schedules of all units."""
AT_ONCE = 32
"""Of a crowd that begin together."""


@dataclass(slots=True)
class Heard:
    """When each 2030.5 device's Responses were acknowledged, by control and status; what else they asked."""

    moments: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    asked: int = 0
    """Requests since the last control."""
    failed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Device:
    """A 2030.5 device that does at once what it is told of."""

    files: Client
    url: str
    programme: str
    session: aiohttp.ClientSession
    heard: Heard
    known: dict[str, set[bytes]] = field(default_factory=dict)
    """States of each control that were read."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def subscribe(self, number: int, uri: str) -> None:
        """Subscribe to the controls of its programme."""
        said = SUBSCRIPTION.format(resource=f"{self.programme}/derc", uri=uri)
        await self.ask("POST", f"/edev/{number}/sub", said)

    def notified(self, body: bytes) -> int:
        """Take a Notification: what it is about is read."""
        del body
        task = asyncio.ensure_future(self._follow())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return HTTPStatus.NO_CONTENT

    async def ask(self, method: str, path: str, body: str = "") -> bytes:
        """Ask the server."""
        heads = {"Content-Type": MEDIA} if body else {}
        asked = self.session.request(method, self.url + path, data=body.encode() or None, headers=heads)
        async with asked as answer:
            self.heard.asked += 1
            if answer.status >= HTTPStatus.BAD_REQUEST:
                self.heard.failed.append(f"{method} {path}: {answer.status}")
            return await answer.read()

    async def _follow(self) -> None:
        """Read the controls, and say of each what has become of it."""
        async with self.turn:
            page = await self.ask("GET", f"{self.programme}/derc?l=10")
            for one in CONTROL.finditer(page):
                mark = one["mark"].decode()
                if mark not in self.known:
                    await self.respond(mark, RECEIVED)
                    await asyncio.sleep(max(int(one["start"]) - time.time(), 0))
                    await self.respond(mark, STARTED)
                if one["state"] == OFF and OFF not in self.known.get(mark, ()):
                    await self.respond(mark, CANCELLED)
                self.known[mark] = {*self.known.get(mark, ()), one["state"]}

    async def respond(self, mark: str, status: int) -> None:
        """Post a Response, and note when it was taken."""
        said = {"now": int(time.time()), "lfdi": self.files.lfdi, "status": status, "subject": mark}
        await self.ask("POST", "/rsps/1/rsp", RESPONSE.format(**said))
        self.heard.moments.setdefault((mark, status), []).append(time.time())


@asynccontextmanager
async def devices(
    pki: Folder, url: str, programme: str, numbers: Sequence[tuple[Client, int]]
) -> AsyncIterator[tuple[list[Device], Heard]]:
    """So many devices that have subscribed; each is given with the number of its EndDevice."""
    ear = identity.read(pki.certificate, pki.key, pki.roots)
    heard = Heard()
    async with AsyncExitStack() as stack:
        listener = await stack.enter_async_context(listening(ear))
        found = []
        for files, _ in numbers:
            secure = identity.read(files.certificate, files.key, files.root).context()
            joint = aiohttp.TCPConnector(ssl=secure, limit=1, keepalive_timeout=900)
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=joint))
            found.append(Device(files, url, programme, session, heard))
            listener.takers[files.lfdi] = found[-1].notified
        host = f"https://localhost:{listener.port}"
        await several([
            partial(each.subscribe, number, f"{host}/{each.files.lfdi}")
            for each, (_, number) in zip(found, numbers, strict=True)
        ])  # fmt: skip
        yield found, heard


@dataclass(slots=True)
class Plant:
    """A 61850 unit that does to the letter what it is told, and runs the schedules that it is given."""

    outstation: Outstation
    works: Works
    schedules: tuple[str, ...]
    """The leaves with the state of each."""

    @property
    def lfdi(self) -> str:
        """Who it is."""
        return self.outstation.papers.lfdi

    def turn(self, now: float) -> None:
        """Begin and end what its schedules say."""
        if any(self._due(item, now) for item in self.schedules):
            self.works.run(now)
            self.outstation.endpoint.stir()

    def _due(self, item: str, now: float) -> bool:
        state = self.works.read(item)
        begin, end = self.works.window(item.partition("$")[0]) if state in {READY, RUNNING} else (now, now)
        return (state == READY and begin <= now) or (state == RUNNING and end <= now)


@asynccontextmanager
async def plants(pki: Path, who: Sequence[Client], port: int) -> AsyncIterator[list[Plant]]:
    """So many units that are logging in."""
    async with AsyncExitStack() as stack:
        found = []
        for files in who:
            made = outstation(papers(pki, files), Recorder(), time.time, MODES)
            found.append(plant(await stack.enter_async_context(made)))
        turning = asyncio.create_task(_turning(found))
        await several([
            partial(each.outstation.live, door(files, port)) for each, files in zip(found, who, strict=True)
        ])  # fmt: skip
        yield found
        turning.cancel()
        await asyncio.gather(turning, return_exceptions=True)


def plant(made: Outstation) -> Plant:
    """Put works behind the server of a unit."""
    image, floor = made.estate.image, made.endpoint.server.floor
    made.step()
    works = Works(image, made.domain)
    works.now = made.clock()
    made.endpoint.server = Server(replace(floor, controls=Controls(image, works), written=works.write))
    states = tuple(item for item in image.domains[made.domain].leaves if item.endswith("$ST$SchdSt$stVal"))
    return Plant(made, works, states)


async def _turning(found: Sequence[Plant]) -> None:
    while True:
        for each in found:
            each.turn(time.time())
        await asyncio.sleep(TICK)


async def several(deeds: Sequence[Callable[[], Awaitable[object]]], most: int = AT_ONCE) -> None:
    """Do many things, so many at a time."""
    room = asyncio.Semaphore(most)

    async def one(deed: Callable[[], Awaitable[object]]) -> None:
        async with room:
            await deed()

    await asyncio.gather(*(one(each) for each in deeds))
