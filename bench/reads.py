"""8-2-shaped reads a second through relay and link: sealed and in clear, beside an echo over the same path.

One client with one association reads one leaf of a logical device, some at a time. The reference is the same
relay and the same link between the same two cores, and a peer that gives each request back as it came: what
is between the two figures is what associations, rights, seals and the picture cost.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from random import random
from statistics import median
from typing import TYPE_CHECKING, Any

from rich.table import Table

from bench.ground import CORE, OTHER, alone
from bridge.app.facility.ground import Ground, Patience
from bridge.app.facility.line import Line
from bridge.app.facility.unit import Unit
from bridge.app.sim.outstation import station
from bridge.app.sim.outstation.station import Judge, Papers
from bridge.iec61850.floor import Floor
from bridge.iec61850.image import Image
from bridge.iec61850.server import Server
from bridge.transports import link
from bridge.transports.post import Ears, Incoming
from bridge.transports.stream import Door
from bridge.xmpp.letter import Letter
from tests.app.endpoint import asks
from tests.served import DOMAIN, RELAY, Served, certified, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.trust.folder import Client

NAMES = {"sealed": "sealer", "in clear": "plain", "echo": "asker"}
"""Who asks, by what is measured."""
ECHO = "echo"
TURNS, READS, FLYING = 3, 1_000, 8
"""Turns of each; reads of a turn, and how many are under way at once."""
ITEM = "DGEN1$SP$WMaxRtg$setMag$f"
PATIENCE = 60.0


def measure() -> dict[str, Any]:
    """Figures by what is measured: reads a second, and the median wait of one alone."""
    with tempfile.TemporaryDirectory() as name, _site(Path(name)) as site, _echo(site), alone(OTHER):
        found = {what: asyncio.run(_measured(site, what)) for what in NAMES}
    ratios = {what: found[what]["rate"] / found["echo"]["rate"] for what in NAMES if what != "echo"}
    return {"reads": found, "ratios": ratios}


def told(figures: Mapping[str, Any]) -> Table:
    """The figures as a table."""
    table = Table(title=f"8-2-shaped reads through relay and link, one association, {FLYING} at a time")
    for column in ("", "reads/s", "ms alone", "of the echo"):
        table.add_column(column, justify="right" if column else "left")
    for name, row in figures["reads"].items():
        ratio = figures["ratios"].get(name)
        table.add_row(name, f"{row['rate']:,.0f}", f"{row['alone']:.2f}", f"{ratio:.2f}" if ratio else "")
    return table


@contextmanager
def _site(place: Path) -> Iterator[Served]:
    """An installation with relay, endpoint and one device, on its core."""
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    for name in NAMES.values():
        shutil.copy(made.client(name, "aggregator").certificate, place / "parties" / f"{name}.pem")
    plain, ends = made.known(NAMES["in clear"]), (made.known("../server"), made.client(ECHO))
    relay = {**RELAY, "endpoints": tuple(one.lfdi for one in ends)}
    said = {"enabled": True, "clear": {f"{plain.lfdi.lower()}@{DOMAIN}": plain.lfdi}}
    with (
        alone(CORE),
        served(place, relay=relay, iec61850=said, log={"level": "info", "requests": False}) as site,
    ):
        asyncio.run(_furnished(site))
        yield site


async def _furnished(site: Served) -> None:
    """Let those who ask be operators, and register a device that tells what it can do."""
    inverter = site.client("inverter")
    for name in NAMES.values():
        await _made(site, "access", {"lfdi": site.pki.known(name).lfdi, "role": "operator"})
    await _made(site, "devices", {"lfdi": inverter.lfdi})
    if (
        answer := await inverter.put("/edev/1/der/1/dercap", asks.CAPABILITY)
    ).status != HTTPStatus.NO_CONTENT:
        raise RuntimeError(f"no capability: {answer}")


async def _made(site: Served, path: str, said: object) -> None:
    status, answer = await site.admin.post(f"/api/v1/{path}", said)
    if status != HTTPStatus.CREATED:
        raise RuntimeError(f"{path}: {status} {answer}")


@contextmanager
def _echo(site: Served) -> Iterator[None]:
    """A peer that gives back what it is sent, in a process of its own on the server's core."""
    with alone(CORE):
        said = (str(site.folder), str(site.ports["direct"]))
        process = subprocess.Popen([sys.executable, "-m", "bench.reads", *said])
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def _measured(site: Served, what: str) -> dict[str, float]:
    """The median of some turns."""
    who = site.pki.known(NAMES[what])
    judge = Judge(frozenset())
    papers_ = papers(site.folder / "pki", who)
    point = station.endpoint(papers_, judge, time.time)
    point.server = Server(Floor(Image()))
    ears = Ears(point.receive, point.presence, point.bounced, point.told)
    async with link.Link(door(who, site.ports["direct"]), lambda: station.secured(papers_), ears) as session:
        point.link = session
        if what == "echo":
            to = f"{site.pki.known(ECHO).lfdi.lower()}@{DOMAIN}/IEC"
            letter = Letter(b'<ctx xmlns="urn:bench">' + b"x" * 700 + b"</ctx>")
            return await _turns(lambda: session.send(to, "get", letter))
        bridge = site.pki.known("../server").lfdi
        unit = Unit(bridge, f"{bridge.lower()}@{DOMAIN}/IEC", sealed=what == "sealed")
        line = Line(Ground(point, random, Patience()), unit, lambda _: None)
        await line.open()
        domain = f"derbridgeD{site.pki.known('inverter').lfdi}"
        request = asks.read(domain, ITEM)
        found = await _turns(lambda: line.ask(request))
        await line.close()
        return found


async def _turns(one: Callable[[], Awaitable[object]]) -> dict[str, float]:
    """Reads a second with some under way, and milliseconds of one alone."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            await one()
            break
        except Exception:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)
    rates, alone_ = [], []
    for _ in range(TURNS):
        began = time.perf_counter()
        await asyncio.gather(*(_several(one, READS // FLYING) for _ in range(FLYING)))
        rates.append(READS // FLYING * FLYING / (time.perf_counter() - began))
        for _ in range(READS // 10):
            began = time.perf_counter()
            await one()
            alone_.append(1_000 * (time.perf_counter() - began))
    return {"rate": median(rates), "alone": median(alone_)}


async def _several(one: Callable[[], Awaitable[object]], count: int) -> None:
    for _ in range(count):
        await one()


def papers(pki: Path, who: Client) -> Papers:
    """What somebody at the relay shows and believes."""
    roots = pki / "roots"
    return Papers(
        who.lfdi, who.certificate, who.key, roots / "service.pem", roots / "serca.pem", pki / "server.pem"
    )


def door(who: Client, port: int) -> Door:
    """Where somebody logs in."""
    return Door(f"{who.lfdi.lower()}@{DOMAIN}/IEC", "127.0.0.1", port, direct=True)


async def _echoing(folder: Path, port: int) -> None:
    """Give back what comes, until ended."""
    from bridge.trust.folder import Folder  # noqa: PLC0415 - only the echo's own process needs it

    who = Folder(folder / "pki").known(ECHO)
    mine = papers(folder / "pki", who)

    async def back(said: Incoming) -> Letter:
        return said.letter

    async with link.Link(door(who, port), lambda: station.secured(mine), Ears(back)) as session:
        await session.ended


if __name__ == "__main__":
    asyncio.run(_echoing(Path(sys.argv[1]), int(sys.argv[2])))
