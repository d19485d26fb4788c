"""A market for tests: a real SQLite store with registered devices and meters, and who serves them.

Devices ask the real server. Nothing is imitated; the clock is the test's.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from bridge.app.market import intake, registry, state
from bridge.app.market.counter import Counter
from bridge.app.market.registry import Meter
from bridge.app.market.section import Market
from bridge.sep2 import server
from bridge.sep2.shelf import Change, Row, Who
from bridge.sep2.talk import Answer, Ask, Peer
from bridge.sep2.work import Policy
from bridge.transports.store import opening
from bridge.transports.store.store import Store
from bridge.trust import identity
from models.meter import meter

NOW = 1_800_000_000
"""2027-01-15T02:00:00 in Chicago."""
NS = "{urn:ieee:std:2030.5:ns}"
PLAIN: dict[str, Any] = {
    "ProviderID": 604792792, "RateLabel": "Rate Label1", "IssuerEventID": 7001, "UOM": 1, "Currency": "USD",
    "PriceTier": 1, "PriceTrailingDigit": 3, "StartTime": "0", "Duration": 55, "Price": 12777,
}  # fmt: skip
TEXT: dict[str, Any] = {
    "MessageID": 40004, "StartTime": "0", "DurationTime": 5, "Message": "Simple Message TEST",
    "MCTransmission": 0, "MCPriority": 0, "MCConfirmation": 0,
}  # fmt: skip


def lfdi(number: int) -> str:
    """The LFDI of a device."""
    return f"{number:040X}"


def esiid(number: int) -> str:
    """The ESIID of a meter."""
    return f"1008901{number:015d}"


def device(number: int) -> Row:
    """A registered device."""
    name = lfdi(number)
    body = (
        f'<EndDevice xmlns="urn:ieee:std:2030.5:ns"><lFDI>{name}</lFDI>'
        f"<sFDI>{identity.sfdi(name)}</sFDI><changedTime>1</changedTime></EndDevice>"
    ).encode()
    return Row(f"/edev/{number}", "/edev", "EndDevice", body, "2018", owner=name, mark=name, rank=name)


def asking(numbers: Sequence[int], **more: Any) -> dict[str, Any]:
    """What both requests say of who and whom."""
    listed = [meter.Address(ESIID=esiid(one), MeterSerialNumber="0") for one in numbers]
    return {
        "RequesterType": 0,
        "RequesterAuthenticationID": "957877905",
        "RequesterID": "REPAAdmin1",
        "RequestPriority": meter.Priority.L,
        "AddressBlock": meter.AddressBlock(AddressList=meter.AddressList(Address=tuple(listed))),
        **more,
    }


def price(numbers: Sequence[int] = (1,), about: dict[str, Any] | None = None, **block: Any) -> Any:
    """A price for some meters."""
    said = meter.PriceMessageBlock(**{**PLAIN, **block})
    return meter.PriceSignalRequest(**asking(numbers, **(about or {})), PriceMessageBlock=said)


def text(numbers: Sequence[int] = (1,), about: dict[str, Any] | None = None, **block: Any) -> Any:
    """A text for some meters."""
    said = meter.SimpleMessageBlock.model_validate_json(json.dumps({**TEXT, **block}))
    return meter.SimpleMessageRequest(**asking(numbers, **(about or {})), SimpleMessageBlock=said)


@dataclass
class Stall:
    """A market, and what a test does with it."""

    store: Store
    market: Market = field(default_factory=Market)
    policy: Policy = field(default_factory=lambda: Policy(pen=40732))
    moment: int = NOW
    told: list[tuple[str, str, meter.ReportProgress]] = field(default_factory=list)
    counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        self.fresh()

    def fresh(self) -> None:
        """A counter that has just begun."""
        self.counter = Counter(
            self.store, lambda: self.policy, self.market, lambda: self.moment, lambda: self._told
        )

    async def _told(self, entity: str, uri: str, report: meter.ReportProgress) -> bool:
        self.told.append((entity, uri, report))
        return True

    @property
    def shelf(self) -> Store:
        return self.store

    async def open(self, count: int, start: int = 1) -> None:
        """Register devices, each behind a meter of its own."""
        rows = []
        for at in range(start, start + count):
            rows += [device(at), registry.row(Meter(esiid(at), (lfdi(at),)))]
        await self.put(*rows)

    async def put(self, *rows: Row) -> None:
        await self.store.commit([Change(row.href, row) for row in rows], Who("test", "test", self.moment))

    async def send(self, request: Any, entity: str = "REP") -> str:
        """Send a request, and serve whatever waits."""
        name = await intake.accept(self, entity, request, self.moment)
        while await self.counter.step():
            pass
        return name

    async def state(self, number: int = 0) -> Any:
        """How far a request has got: the first one, the next."""
        rows = [row for row in await self.store.beneath("/-/request") if row.type == "RequestState"]
        return state.read(sorted(rows, key=lambda row: len(row.href) * 1000 + row.changed)[number])

    async def ask(self, path: str, device: int = 1, method: str = "GET", body: str = "") -> Answer:
        """What a device gets."""
        name = lfdi(device)
        ask = Ask(
            method, path, Peer(name, identity.sfdi(name)), self.moment, (("l", "99"),), body.encode(),
            "application/sep+xml",
        )  # fmt: skip
        return await server.answer(ask, self.store, self.policy)

    async def get(self, path: str, device: int = 1) -> Element:
        """A document that a device reads."""
        answer = await self.ask(path, device)
        assert answer.status == 200, (path, answer)
        return fromstring(answer.body)  # noqa: S314 - our own server wrote it

    async def items(self, path: str, device: int = 1) -> list[Element]:
        return list(await self.get(path, device))

    async def intervals(self, device: int = 1, list_: str = "/tp") -> list[Element]:
        """The intervals that a device is led to, by the links alone."""
        found = []
        for profile in await self.items(list_, device):
            for component in await self.items(link(profile, "RateComponentListLink"), device):
                found += await self.items(link(component, "TimeTariffIntervalListLink"), device)
        return found

    async def texts(self, device: int = 1) -> list[Element]:
        """The messages that a device is led to."""
        found = []
        for programme in await self.items("/msg", device):
            found += await self.items(link(programme, "TextMessageListLink"), device)
        return found


def link(thing: Element, name: str) -> str:
    """Where a link leads."""
    found = thing.find(NS + name)
    assert found is not None, (thing.tag, name)
    return found.get("href", "")


def said(thing: Element, *names: str) -> str:
    """What a field says."""
    return thing.findtext("/".join(NS + name for name in names)) or ""


@asynccontextmanager
async def stall(folder: Path, count: int = 3, **market: Any) -> AsyncIterator[Stall]:
    """Open one with some devices."""
    async with opening.open(f"sqlite:///{folder / 'market.db'}") as store:
        made = Stall(store, Market(**market))
        await made.open(count)
        yield made
