"""Commanding an inverter over 61850: who does it, and waiting for what the inverter and the image then show.

The site is one that `test_commands` starts; the inverter polls over mutual TLS. Holds no test.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bridge.iec61850 import discovery, received, termination
from bridge.iec61850.operating import Operation
from bridge.iec61850.shape import Value
from bridge.iec61850.stages import Result
from models.mms.codes import AddCause
from tests.app.endpoint.inverter import Control, Inverter
from tests.app.endpoint.operator import Operator
from tests.app.endpoint.test_endpoint import HOME, customer, domain, opened
from tests.served import Served

NS = 'xmlns="urn:ieee:std:2030.5:ns"'
CAPABILITY = (
    f"<DERCapability {NS}><modesSupported>07F400FC</modesSupported>"
    "<rtgMaxVA><multiplier>0</multiplier><value>5000</value></rtgMaxVA>"
    "<rtgMaxVar><multiplier>0</multiplier><value>2200</value></rtgMaxVar>"
    "<rtgMaxW><multiplier>0</multiplier><value>5000</value></rtgMaxW><type>4</type></DERCapability>"
)
RULES = """
[[rule]]
name = "aggregators-command"
roles = ["AGGREGATOR"]
functions = ["control", "default"]
actions = ["create", "change", "cancel"]
scope = "held"
limits = { least = 10 }
"""
"""What lets an aggregator command what it holds."""
ALIVE = (0, 1)
"""States of what is not over: it is scheduled, or active."""
TYPES: dict[Path, Any] = {}
"""What was found of a site's device, once."""
POINTS = ((92.0, 44.0), (98.0, 0.0), (102.0, 0.0), (108.0, -44.0))


async def furnished(site: Served) -> None:
    """An inverter of the owner's."""
    admin, owner = site.admin, site.pki.known("owner").lfdi
    assert (await admin.post("/api/v1/access", {"lfdi": owner, "role": "aggregator"}))[0] == 201
    inverter = site.client("inverter")
    status, made = await admin.post("/api/v1/devices", {"lfdi": inverter.lfdi, "aggregator": owner})
    assert status == 201, made
    assert (await inverter.put(f"{HOME}/dercap", CAPABILITY)).status == 204


@asynccontextmanager
async def operator(site: Served, name: str = "owner") -> AsyncIterator[Operator]:
    """Somebody who commands the inverter."""
    async with customer(site, name) as one:
        await opened(one)
        if site.folder not in TYPES:
            TYPES[site.folder] = (await one.talk(discovery.server())).domains[domain(site)].index.types
        yield Operator(one, domain(site), TYPES[site.folder])


async def over(inverter: Inverter, control: Control) -> None:
    """Wait until a control is over, as the inverter reads it."""
    deadline = time.monotonic() + 30
    while any(each.mrid == control.mrid and each.state in ALIVE for each in await inverter.poll()):
        assert time.monotonic() < deadline, inverter.seen
        await asyncio.sleep(0.05)


async def polled(inverter: Inverter, about: str, *states: int) -> Control:
    """The control that something became, in one of some states, once the inverter polls."""
    found = [each for each in await inverter.poll() if each.description == about and each.state in states]
    assert len(found) == 1, inverter.seen
    return found[0]


async def shown(one: Operator, item: str, value: object) -> None:
    """Wait until the image shows something."""
    deadline = time.monotonic() + 30
    while (said := await one.read(item)) != value:
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.05)


def result(made: Operation) -> tuple[Result, AddCause | None]:
    """How a command has ended."""
    assert made.outcome is not None
    return made.outcome.result, made.outcome.cause


async def drawn(one: Operator) -> None:
    """Write a curve, point by point."""
    for number, (x, y) in enumerate(POINTS):
        for name, value in (("xVal", x), ("yVal", y)):
            assert await one.write(f"DVVR1$SP$VVArCrv$crvPts({number})${name}", value) is None


def told(one: Operator) -> list[list[Value]]:
    """The leaves of each report that came."""
    units = [event.content for event in one.customer.told if termination.read(event.content) is None]
    reports = [received.read(each.informationReport) for each in units]
    return [[leaf for item in report.items for leaf in leaves(item.value)] for report in reports]


def leaves(value: Value) -> list[Value]:
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, tuple) else [value]
