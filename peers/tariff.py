"""Prices and texts from SOAP to a foreign client of IEEE 2030.5: zeep sends, py20305 reads.

A real bridge stands between. What the client understood is held against what was sent, each document that it
was given against the official schema; its answer for receipt must stand at the address of the request, and
a device that nobody addressed must find nothing.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from peers.cactus import environment
from peers.soap import ZEEP, called, papers, register
from peers.verdicts import official
from tests.app.gateway.company import World, world
from tests.app.market import crowd
from tests.app.market.stall import esiid
from tests.served import Client

ZONE = ZoneInfo("America/Chicago")
PRICE = {"Price": 12777, "GenerationPrice": 6001, "PriceTrailingDigit": 5, "RegisterTier": 3, "Duration": 60}
PRICES = {1: [12777], 19: [6001]}
"""By FlowDirectionType: what is delivered, and what is received."""
SAID = {"multiplier": -5, "currency": 840, "tier": 3, "duration": 3600}
MESSAGE = {"Message": "Peak at four: save energy & money", "MCPriority": 2, "DurationTime": 90}
TEXT = {
    "text": MESSAGE["Message"], "priority": 2, "duration": 5400, "originator": "zeep", "locale": "en-US",
}  # fmt: skip


def run() -> dict[str, object]:
    """Send both, read both; what was understood, and what was wrong."""
    program = environment(sys.executable, ZEEP)
    with TemporaryDirectory(prefix="derbridge-") as name, world(Path(name) / "site", "rsa") as found:
        register(found.company)
        device, stranger = (registered(found, number) for number in (1, 2))
        noon = (datetime.now(ZONE) + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
        message = {**MESSAGE, "StartTime": noon.replace(tzinfo=None).isoformat()}
        wanted = {"meters": [esiid(1)], "price": PRICE, "message": message}
        before = int(time.time())
        called(program, "caller", {**papers(found.company), "changes": {}, "wanted": wanted})
        span = range(before, int(time.time()) + 1)
        asyncio.run(served(found))
        mine, others = read(found, device), read(found, stranger)
        verdicts = asyncio.run(answered(found))
    judged = {
        "price": priced(mine, device, span),
        "text": texted(mine, int(noon.timestamp())),
        "schema": valid({**mine["documents"], **others["documents"]}),
        "stranger": not (others["prices"] or others["texts"]),
        "receipt": verdicts == {"Price": ["delivered"], "Notice": ["accepted"]},
    }
    return {"ok": all(judged.values()), **judged, "documents": len(mine["documents"]), "verdicts": verdicts}


def registered(found: World, number: int) -> Client:
    """A device behind a meter."""
    device, admin = found.site.client(f"inverter-{number}"), found.site.admin
    asyncio.run(admin.post("/api/v1/devices", {"lfdi": device.lfdi}))
    asyncio.run(admin.put(f"/api/v1/meters/{esiid(number)}", {"devices": [device.lfdi]}))
    return device


async def requests(found: World) -> list[Any]:
    """The requests that the bridge holds."""
    items: list[Any] = (await found.site.admin.get("/api/v1/requests"))[1]["items"]
    return items


async def served(found: World) -> None:
    """Wait until both are served."""
    for each in await requests(found):
        await crowd.until(found.site, each["id"], 1)


async def answered(found: World) -> dict[str, list[str]]:
    """What became of the address of each request."""
    return {
        each["kind"]: [one["verdict"] for one in await crowd.results(found.site, each["id"])]
        for each in await requests(found)
    }


def read(found: World, device: Client) -> dict[str, Any]:
    """What the foreign client reads with the certificate of a device."""
    files = {"cert": device.files.certificate, "key": device.files.key, "ca": device.files.root}
    said = {"url": found.site.url, **{name: str(place) for name, place in files.items()}}
    return called(Path(sys.executable), "reader", said)


def priced(mine: dict[str, Any], device: Client, span: range) -> bool:
    """Whether both prices were understood as they were sent, in the direction of each."""
    found = {mine["directions"][each["component"]]: each for each in mine["prices"]}
    whole = {way: each["prices"] for way, each in found.items()} == PRICES and len(mine["prices"]) == len(
        PRICES
    )
    return whole and all(
        SAID.items() <= each.items() and each["start"] in span and each["devices"] == [device.lfdi.lower()]
        for each in found.values()
    )


def texted(mine: dict[str, Any], start: int) -> bool:
    """Whether the text was understood as it was sent."""
    found = [{name: each[name] for name in (*TEXT, "start")} for each in mine["texts"]]
    return found == [{**TEXT, "start": start}]


def valid(documents: dict[str, str]) -> bool:
    """Whether the official schema takes each document."""
    schema = official("sep2_schema_2018.xsd")
    return all(schema.validate(etree.fromstring(each.encode())) for each in documents.values())


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
