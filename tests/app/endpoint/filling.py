"""A site whose inverter tells a buffered block more than anybody reads, to be killed: for tests, and a peer.

Lanes post readings of series of their own, each list once the one before has been taken; each value of a
series is greater than the one before. A client takes the block's reports, and knows what it has.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bridge.iec61850 import discovery, received
from bridge.iec61850.received import Received, Reception
from tests.app.endpoint import asks
from tests.app.endpoint.operator import Operator
from tests.app.endpoint.test_endpoint import HOME, customer, domain, opened
from tests.app.endpoint.test_meters import kind, series
from tests.sep2.metered import point, reading, readings, value
from tests.served import DOMAIN, RELAY, Served, certified, served

BLOCK = "LLN0$BR$brcbMeasurements01"
LARGEST = 2**16
START = 1_700_000_000
QUALIFIERS: tuple[dict[str, int], ...] = (
    {},
    {"dataQualifier": 2},
    {"dataQualifier": 8},
    {"dataQualifier": 9},
)
"""Of MMXU1, AvMMXU1, MaxMMXU1, MinMMXU1: each is a lane."""
TYPES = (
    *({"uom": uom} for uom in (38, 61, 63, 65)),
    *({"uom": uom, "phase": phase} for uom in (38, 61, 63, 29, 5) for phase in (128, 64, 32)),
)
"""Of as many series in each lane as there are rows."""
OBJECTS = 9
"""That they are values of: TotW, TotVA, TotVAr, TotPF; W, VA, VAr, PhV, A by phase."""


@contextmanager
def filled(place: Path) -> Iterator[Served]:
    """A site with an aggregator that is known."""
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    shutil.copy(made.client("owner", "aggregator").certificate, place / "parties" / "owner.pem")
    with served(place, relay=RELAY, iec61850={"enabled": True}, log={"level": "info"}) as site:
        yield site


async def _furnish(site: Served) -> None:
    owner, inverter = site.pki.known("owner").lfdi, site.client("inverter")
    for path, said in (
        ("access", {"lfdi": owner, "role": "aggregator"}),
        ("devices", {"lfdi": inverter.lfdi, "aggregator": owner}),
    ):
        assert (await site.admin.post(f"/api/v1/{path}", said))[0] == 201
    assert (await inverter.put(f"{HOME}/dercap", asks.CAPABILITY)).status == 204


def mark(number: int) -> str:
    return f"{number + 1:032X}"


@dataclass
class Lane:
    """Some of the series, and what was posted of them."""

    place: str
    first: int
    posted: int = 0
    taken: int = 0
    """The value that was last acknowledged."""

    async def run(self, site: Served) -> None:
        """Post until nobody answers any more."""
        with suppress(aiohttp.ClientError, OSError):
            async with site.client("inverter") as client:
                while True:
                    self.posted += 1
                    told = (
                        reading(mark(each), value(self.posted, START + self.posted), head="")
                        for each in range(self.first, self.first + len(TYPES))
                    )
                    reply = await client.post(self.place, readings(*told))
                    assert reply.status == 204, reply
                    self.taken = self.posted


async def lanes(site: Served) -> list[Lane]:
    """The aggregator's inverter, with a mirror for each lane, of series of its own."""
    await _furnish(site)
    inverter, found = site.client("inverter"), list[Lane]()
    for qualifier in QUALIFIERS:
        first = len(TYPES) * len(found)
        inner = (
            series(mark(first + place), kind(kind=37, **row, **qualifier)) for place, row in enumerate(TYPES)
        )
        made = await inverter.post("/mup", point(*inner, mark=mark(1000 + first), device=inverter.lfdi))
        assert made.status == 201, made
        found.append(Lane(made.headers["Location"], first))
    return found


@dataclass
class Reader:
    """What the client has of the block, over all lives of the bridge."""

    site: Served
    types: Any = None
    reception: Reception = field(default_factory=lambda: Reception(LARGEST))
    seen: list[Received] = field(default_factory=list)

    @asynccontextmanager
    async def enabled(self) -> AsyncIterator[Operator]:
        """Have the block enabled, after the last entry that is known."""
        async with customer(self.site, "owner") as one:
            await opened(one)
            if self.types is None:
                self.types = (await one.talk(discovery.server())).domains[domain(self.site)].index.types
            reader = Operator(one, domain(self.site), self.types)
            if self.seen:
                assert await reader.write(f"{BLOCK}$EntryID", self.seen[-1].EntryID or b"") is None
            else:
                assert await reader.write(f"{BLOCK}$BufTm", 0) is None
            self.reception = Reception(LARGEST)
            assert await reader.write(f"{BLOCK}$RptEna", True) is None
            yield reader

    def last(self) -> dict[int, float]:
        """The last value of each member that was in a report."""
        return {item.place: figure(item.value) for report in self.seen for item in report.items}

    async def take(self, reader: Operator, more: int) -> None:
        """Take reports until there are so many more."""
        wanted, told = len(self.seen) + more, reader.customer.told
        while True:
            for event in told[reader.heard :]:
                assert event.what == "reported", event
                if whole := self.reception.take(received.read(event.content.informationReport)):
                    self.seen.append(whole)
            reader.heard = len(told)
            if len(self.seen) >= wanted:
                return
            reader.customer.came.clear()
            await asks.soon(reader.customer.came.wait())


def figure(value_: Any) -> float:
    """The figure of a member, the first one of several phases."""
    while isinstance(value_, tuple):
        value_ = value_[0]
    return float(value_)


async def life(posting: list[Lane], reader: Reader, more: int) -> float:
    """Let the block fill, take so many reports, kill the bridge at that; gives the seconds it took."""
    async with reader.enabled() as one:
        begun = time.monotonic()
        posts = [asyncio.create_task(lane.run(reader.site)) for lane in posting]
        await reader.take(one, more)
        took = time.monotonic() - begun
        reader.site.kill()
        await asyncio.gather(*posts)
    reader.site.start()
    return took


async def away(posting: list[Lane], reader: Reader, more: int) -> None:
    """Let the block fill while its client is away, and kill the bridge."""
    wanted = posting[0].taken + more
    posts = [asyncio.create_task(lane.run(reader.site)) for lane in posting]
    while posting[0].taken < wanted:  # noqa: ASYNC110 - lanes tell nobody
        await asyncio.sleep(0.02)
    reader.site.kill()
    await asyncio.gather(*posts)
    reader.site.start()


async def rest(posting: list[Lane], reader: Reader) -> None:
    """Take reports until the client has the last value of every series that the bridge has taken."""
    wanted = sorted(lane.taken for lane in posting for _ in range(OBJECTS))
    async with reader.enabled() as one:
        while not _has(sorted(reader.last().values()), wanted):
            await reader.take(one, 1)


def _has(values: list[float], wanted: list[int]) -> bool:
    return len(values) == len(wanted) and all(has >= value for has, value in zip(values, wanted, strict=True))


def judged(reader: Reader) -> None:
    """Nothing missing, nothing doubled, nothing out of order, and no value that was never told."""
    numbers = [int.from_bytes(report.EntryID or b"", "big") for report in reader.seen]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [report for report in reader.seen if report.BufOvfl or report.missed] == []
    before: dict[int, float] = {}
    for report in reader.seen:
        for item in report.items:
            assert figure(item.value) >= before.get(item.place, 1), (report.EntryID, item)
            before[item.place] = figure(item.value)
