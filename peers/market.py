"""A price and a text by SOAP for 10,000 meters at a bridge that runs: how soon, how large, and after kill -9.

zeep sends both. Of the price the time to the answer, the time to the last address and the growth of the
process are measured; while the text is served the bridge is killed three times. Each address must be served
once, and an aggregator that holds half of the devices must be told of each of the two once.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lxml import etree

from peers.cactus import environment
from peers.port import free
from peers.soap import ZEEP, called, papers, register
from peers.table import share
from tests.app.gateway.company import World, world
from tests.app.market import crowd
from tests.app.market.stall import NS, esiid, lfdi
from tests.served import Client, Served

FIRST = 1_000_001
"""Number of the first meter and its device."""
KILLS = 3
MOST_SECONDS, MOST_GROWTH = 1.0, 100.0
"""To the answer; in MB."""
HOURS = 600
"""Minutes that both hold: longer than any run."""


def run(count: str = "10000") -> dict[str, object]:
    """Send both to so many, or the share that is asked for; the figures, and what became of each address."""
    program, many = environment(sys.executable, ZEEP), share(int(count))
    config = {"market": {"together": max(1, many // 100)}}
    with (
        TemporaryDirectory(prefix="derbridge-") as name,
        world(Path(name) / "site", "rsa", config) as found,
    ):
        lab = Lab(found, program, many)
        lab.prepare()
        price = lab.measured()
        killed = asyncio.run(lab.killed())
        return {**price, **killed, **asyncio.run(lab.judged(price, killed))}


class Lab:
    """A bridge, its meters, and who sends to them."""

    def __init__(self, found: World, program: Path, many: int) -> None:
        self.found, self.site, self.program, self.many = found, found.site, program, many
        self.meters = [esiid(at) for at in range(FIRST, FIRST + many)]

    def prepare(self) -> None:
        """Register devices and meters; an aggregator subscribes to where price and text will stand."""
        holder = self.site.client("aggregator", "aggregator")
        if self.site.stop():
            raise RuntimeError(self.site.log)
        asyncio.run(crowd.devices(self.site, FIRST, self.many, holder.lfdi))
        self.site.start()
        register(self.found.company)
        lines = (f"{esiid(at)},{lfdi(at)}\n" for at in range(FIRST, FIRST + self.many))
        table = ("esiid,devices\n" + "".join(lines)).encode()
        asyncio.run(registered(self.site, holder.lfdi, table))
        self.send({"IssuerEventID": 1}, {"MessageID": 1}, self.meters[:1])
        asyncio.run(self.settled())
        asyncio.run(subscribed(holder))

    def send(self, price: dict[str, int], message: dict[str, int], meters: list[str]) -> list[float]:
        """Have zeep send what is given; how long each answer took."""
        blocks = {"price": {**price, "Duration": HOURS}, "message": {**message, "DurationTime": HOURS}}
        kinds = [kind for kind, said in (("price", price), ("message", message)) if said]
        wanted = {"meters": meters, **blocks}
        said = {**papers(self.found.company), "changes": {}, "kinds": kinds, "wanted": wanted}
        seconds: list[float] = called(self.program, "caller", said)["seconds"]
        return seconds

    async def settled(self) -> None:
        """Wait until all that was sent is served."""
        for each in await requests(self.site):
            await crowd.until(self.site, each["id"], each["addresses"])

    def measured(self) -> dict[str, Any]:
        """Send the price; figures in seconds and MB."""
        before = memory(self.site, "VmRSS")
        (answer,) = self.send({"IssuerEventID": 7}, {}, self.meters)
        asyncio.run(self.settled())
        lines = {event: self.site.lines(event)[-1] for event in ("request taken", "request served")}
        taken, done = (moment(line) for line in lines.values())
        growth = memory(self.site, "VmHWM") - before
        return {
            "addresses": self.many, "answer": round(answer, 3), "growth": round(growth, 1),
            "fan_out": round(done - taken, 2),
        }  # fmt: skip

    async def killed(self) -> dict[str, Any]:
        """Send the text, kill the bridge while it serves; what it had served each time."""
        await asyncio.to_thread(self.send, {}, {"MessageID": 9}, self.meters)
        text = next(each for each in await requests(self.site) if not served(each))
        at = []
        for turn in range(1, KILLS + 1):
            said = await crowd.until(self.site, text["id"], self.many * turn // (KILLS + 2))
            self.site.kill()
            self.site.start()
            at.append(said["served"])
        await self.settled()
        return {"killed_at": at}

    async def judged(self, price: dict[str, Any], killed: dict[str, Any]) -> dict[str, Any]:
        """Whether each address was served once, the aggregator told once, and the bounds were kept."""
        sent = [each for each in await requests(self.site) if each["addresses"] == self.many]
        rows = [each["href"] for each in await crowd.entries(self.site, "Addressed")]
        wrong = {each["kind"]: await self.wrong(each, rows) for each in sent}
        outbox = (await self.site.admin.get("/api/v1/outbox"))[1]
        told = {"rows": outbox["total"], "subscriptions": len(outbox["items"])}
        fine = len(sent) == len(wrong) == 2 and not any(wrong.values()) and told["rows"] == 2  # noqa: PLR2004 - of each
        fine = fine and told["subscriptions"] == told["rows"] and min(killed["killed_at"]) < self.many
        bounds = price["answer"] < MOST_SECONDS and price["growth"] < MOST_GROWTH
        return {"ok": fine and bounds, "wrong": wrong, "notifications": told}

    async def wrong(self, request: dict[str, Any], rows: list[str]) -> int:
        """How many addresses of a request were not served, or more than once."""
        results = await crowd.results(self.site, request["id"])
        good = [
            each["esiid"] for each in results if each["verdict"] == "accepted" and len(each["devices"]) == 1
        ]
        mine = [href for href in rows if f"/{request['id']}/to/" in href]
        lost = len(self.meters) - sum(a == b for a, b in zip(good, self.meters, strict=False))
        return int(lost + abs(len(mine) - self.many) + len(mine) - len(set(mine)))


def served(request: dict[str, Any]) -> bool:
    """Whether each address of a request is served."""
    return bool(request["state"] == "served")


async def requests(site: Served) -> list[dict[str, Any]]:
    """The requests that the bridge holds."""
    items: list[dict[str, Any]] = (await site.admin.get("/api/v1/requests?limit=9"))[1]["items"]
    return items


async def registered(site: Served, aggregator: str, table: bytes) -> None:
    """Let the aggregator in, and all meters at once."""
    status, said = await site.admin.post("/api/v1/aggregators", {"lfdi": aggregator})
    if status == 201:  # noqa: PLR2004 - HTTP's own figure
        answer = await site.admin.client.post("/api/v1/meters", table, "text/csv")
        status, said = answer.status, answer.body
    if status != 200:  # noqa: PLR2004 - the same
        raise RuntimeError(f"{status} {said}")


async def subscribed(holder: Client) -> None:
    """Subscribe to the prices and the texts; where nobody listens, so that what is to be told stays."""
    async with holder as client:
        own = (await links(client, "/edev", "EndDevice"))[0]
        (components,) = await links(client, "/tp", "RateComponentListLink")
        lists = await links(client, components, "TimeTariffIntervalListLink")
        lists += await links(client, "/msg", "TextMessageListLink")
        for each in lists:
            body = (
                f'<Subscription xmlns="{NS[1:-1]}"><subscribedResource>{each}</subscribedResource>'
                "<encoding>0</encoding><level>+S1</level><limit>10</limit>"
                f"<notificationURI>http://127.0.0.1:{free()}/</notificationURI></Subscription>"
            )
            answer = await client.post(f"{own}/sub", body)
            if answer.status != 201:  # noqa: PLR2004 - HTTP's own figure
                raise RuntimeError(str(answer))


async def links(client: Client, path: str, name: str) -> list[str]:
    """Where the elements of a name in a list lead."""
    document = etree.fromstring((await client.get(f"{path}?l=9")).body)
    return [each.get("href", "") for each in document.iter(f"{NS}{name}")]


def memory(site: Served, name: str) -> float:
    """A figure of the process, in MB."""
    if site.process is None:
        raise RuntimeError("it does not run")
    text = Path(f"/proc/{site.process.pid}/status").read_text("ascii")
    (line,) = (line for line in text.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def moment(line: dict[str, Any]) -> float:
    """When a line of the log was written."""
    return datetime.fromisoformat(line["timestamp"]).timestamp()


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:]), indent=2))
