"""The parties of the transcripts: a few readable clients, each with its certificate at a real bridge.

An inverter and an operator speak HTTP over mutual TLS (IEEE 2030.5 in XML, the administration API in JSON),
an aggregator is a sealed 61850 client at the relay, a unit is a 61850 server behind it. What they say stands
in the transcript; nothing is decided or expected here.
"""

from __future__ import annotations

import ast
import json
import re
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from bridge.iec61850 import discovery
from bridge.iec61850.operating import Operation
from bridge.iec61850.sorts import stamp
from models.mms import pdu
from models.mms.codes import AddCause, DataAccessError
from tests.app.endpoint.customer import Customer
from tests.app.endpoint.operator import Operator
from tests.app.facility.inverter import Inverter as Plant
from tests.app.facility.test_telemetry import state
from tests.conversations.script import Said
from tests.iec61850.carrying.works import Works
from tests.served import Client
from tests.transports.receiver import Receiver

LEAF = re.compile(r'"tag":"([a-z-]+)","value":"?([^"{}]+)"?\}')
"""A value of a PDU with its type."""
PLAIN: dict[str, Callable[[str], Any]] = {
    "floating-point": lambda text: struct.unpack(">f", bytes.fromhex(text))[0],
    "utc-time": lambda text: int(text[:8], 16),
}
TYPES: dict[str, Any] = {}
"""Types of devices, by whoever found them."""
NS = 'xmlns="urn:ieee:std:2030.5:ns"'


class Party(Protocol):
    """Somebody who speaks."""

    async def say(self, words: str, body: str) -> Said:
        """Say something, and give what is answered."""


@dataclass
class Speaker:
    """Somebody who speaks HTTP: 2030.5, or the administration API."""

    client: Client
    media: str = "application/sep+xml"

    async def say(self, words: str, body: str) -> Said:
        method, path = words.split()
        if body.startswith("<"):
            head, rest = body[: body.index(">")], body[body.index(">") :]
            body = f"{head} {NS}{rest}"
        reply = await self.client.request(method, path, body, self.media)
        return Said(f"{reply.status} {reply.headers.get('Location', '')}".strip(), reply.body)


@dataclass
class Hearer:
    """Somebody who is notified: each notification is there once."""

    receiver: Receiver

    async def say(self, words: str, body: str) -> Said:
        del words, body
        return Said("Notification", (await self.receiver.next()).body)


@dataclass
class Commander:
    """A 61850 client, by the names of IEC 61850-7-2; a device is named by its LFDI."""

    customer: Customer
    desks: dict[str, Operator] = field(default_factory=dict)
    under_way: dict[str, Operation] = field(default_factory=dict)
    heard: int = 0

    async def say(self, words: str, body: str) -> Said:
        del body
        service, reference, *value = words.split(maxsplit=2)
        device, _, item = reference.partition("/")
        if service == "Report":
            return Said(service, await self.report(item))
        return Said(await SERVICES[service](self, await self.desk(device), item, *value))

    async def desk(self, device: str) -> Operator:
        """Where a device is commanded; its model is read once, or known from others."""
        if device not in self.desks:
            domain = f"derbridgeD{device}"
            found = (await self.customer.talk(discovery.server())).domains
            if domain in found:
                TYPES[device] = found[domain].index.types
            types = TYPES.get(device) or next(iter(TYPES.values()))
            self.desks[device] = Operator(self.customer, domain, types)
        return self.desks[device]

    async def operate(self, desk: Operator, item: str, value: str) -> str:
        """Operate an object, at a moment where there is an `@`."""
        value, _, at = value.partition(" @")
        moment = float(at) if at else None
        made = self.under_way[item] = await desk.operate(item, ast.literal_eval(value), moment)
        return "accepted" if made.outcome is None else _told(made)

    async def terminated(self, desk: Operator, item: str) -> str:
        await desk.outcome(self.under_way[item])
        return _told(self.under_way[item])

    async def cancel(self, desk: Operator, item: str) -> str:
        await desk.cancel(self.under_way[item])
        return "done"

    async def get(self, desk: Operator, item: str) -> str:
        value = await desk.read(item)
        return value.hex() if isinstance(value, bytes) else str(value)

    async def set(self, desk: Operator, item: str, value: str) -> str:
        said = await desk.write(item, shaped(value))
        return "done" if said is None else DataAccessError(said).name

    async def report(self, block: str) -> bytes:
        """The next report of a block: its values by their types, as JSON."""
        while True:
            told, self.heard = self.customer.told[self.heard :], len(self.customer.told)
            found = [spelt(each.content) for each in told if each.what == "reported"]
            if wanted := [each for each in found if block in str(each["visible-string"][0])]:
                return json.dumps(wanted[-1]).encode()
            await self.customer.until(self.heard + 1)


def spelt(report: pdu.Unconfirmed_PDU) -> dict[str, list[Any]]:
    """The values of a report by their types, in order."""
    found: dict[str, list[Any]] = {}
    for tag, text in LEAF.findall(report.model_dump_json(exclude_none=True)):
        found.setdefault(tag, []).append(PLAIN.get(tag, str)(text))
    return found


def shaped(text: str) -> Any:
    """A value as it is written: a Python literal, or `@` and a moment."""
    return stamp(int(text[1:])) if text.startswith("@") else ast.literal_eval(text)


def _told(made: Operation) -> str:
    """How a command has ended."""
    assert made.outcome
    cause = made.outcome.cause
    return f"{made.outcome.result.name.lower()} {'' if cause is None else cause.name}".strip()


Service = Callable[..., Awaitable[str]]
SERVICES: dict[str, Service] = {
    "Operate": Commander.operate, "CommandTermination": Commander.terminated, "Cancel": Commander.cancel,
    "GetDataValues": Commander.get, "SetDataValues": Commander.set,
}  # fmt: skip


@dataclass
class Unit:
    """A 61850 server: what it holds, what it measures, and how it answers."""

    plant: Plant
    works: Works
    link: AsyncExitStack

    async def say(self, words: str, body: str) -> Said:
        del body
        if words == "leaves":
            await self.link.aclose()
            return Said("done")
        verb, item, *value = words.split(maxsplit=2)
        return Said(DEEDS[verb](self, item, *value))

    def holds(self, item: str) -> str:
        return str(self.works.read(item))

    def measures(self, item: str, value: str) -> str:
        self.plant.put(item, shaped(value))
        return "done"

    def stands(self, code: str) -> str:
        """Have it in a state (DEROpSt)."""
        self.plant.tell(state(int(code), time.time()))
        return "done"

    def refuses(self, item: str, cause: str) -> str:
        self.works.answers[item] = AddCause[cause]
        return "done"

    def obeys(self, item: str) -> str:
        del self.works.answers[item]
        return "done"


DEEDS: dict[str, Callable[..., str]] = {
    "holds": Unit.holds, "measures": Unit.measures, "refuses": Unit.refuses, "obeys": Unit.obeys,
    "stands": Unit.stands,
}  # fmt: skip
