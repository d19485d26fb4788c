"""Prices and texts at units behind the embedded relay: `derbridge run`, seals, simulated units, kill -9."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge.app.sim.outstation.station import Outstation, Papers, outstation
from bridge.transports.post import Denied
from bridge.transports.stream import Door
from models.der import messages
from tests.app.gateway import company
from tests.app.market import crowd
from tests.app.market.stall import esiid
from tests.app.sim.lab import Recorder
from tests.served import DOMAIN, RELAY, Admin, Served, certified, served

SAID = {"enabled": True, "again": 1.0}
PUMP = {"first": 0.2, "longest": 1.0, "trip": 1_000}
SOON = 60.0
PRICE = {"number": 7001, "price": 0.12777, "duration": 3600, "label": "TOU", "generation": 0.1}
TEXT = {"number": 40004, "text": "Simple Message TEST", "duration": 300}


@dataclass
class Stand:
    """A unit with its board, and what that has said."""

    made: Outstation
    door: Door
    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fresh: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, event: str, **said: Any) -> None:
        self.lines.append((event, said))
        self.fresh.set()

    @property
    def lfdi(self) -> str:
        return self.made.papers.lfdi

    def all(self, event: str) -> list[dict[str, Any]]:
        return [said for name, said in self.lines if name == event]

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Wait until something holds that its board says."""
        async with asyncio.timeout(SOON):
            while not (found := holds()):
                self.fresh.clear()
                await self.fresh.wait()
        return found

    def price(self) -> messages.Price | None:
        return self.made.box.board.price(Decimal(repr(time.time())))

    def text(self) -> messages.Notice | None:
        return self.made.box.board.text(Decimal(repr(time.time())))


@asynccontextmanager
async def scene(place: Path, count: int = 1, **said: Any) -> AsyncIterator[tuple[Served, list[Stand]]]:
    """An installation whose meters 1 to `count` stand for units that have no link yet."""
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    files = [made.client(f"unit-{at}", "device") for at in range(1, count + 1)]
    for one in files:
        shutil.copy(one.certificate, place / "parties")
    with served(place, relay=RELAY, iec61850=SAID, pump=PUMP, **said) as site:
        async with AsyncExitStack() as stack:
            roots, stands = made.path / "roots", list[Stand]()
            for at, one in enumerate(files, 1):
                service, serca = roots / "service.pem", roots / "serca.pem"
                papers = Papers(one.lfdi, one.certificate, one.key, service, serca, made.certificate)
                await _known(site, at, one.lfdi)
                door = Door(
                    f"{one.lfdi.lower()}@{DOMAIN}/IEC", "127.0.0.1", site.ports["direct"], direct=True
                )
                unit = await stack.enter_async_context(outstation(papers, Recorder(), time.time))
                stands.append(Stand(unit, door))
                unit.box.board.note = stands[-1].note
            yield site, stands


async def _known(site: Served, at: int, lfdi: str) -> None:
    """Register a unit and its meter."""
    for method, path, form in (
        ("POST", "/devices", {"lfdi": lfdi}),
        ("PUT", f"/facilities/{lfdi}", {"address": f"{lfdi.lower()}@{DOMAIN}"}),
        ("PUT", f"/meters/{esiid(at)}", {"devices": [lfdi]}),
    ):
        status, said = await site.admin.request(method, f"/api/v1{path}", form)
        assert status in {200, 201}, (path, said)


async def sent(site: Served, path: str, form: dict[str, Any], *meters: int, by: Admin | None = None) -> Any:
    """Send a price or a text, and wait until each address is served."""
    form = {**form, "meters": [esiid(at) for at in meters]}
    status, made = await (by or site.admin).post(f"/api/v1{path}", form)
    assert status == 201, made
    return await crowd.until(site, made["id"], len(meters))


async def verdict(site: Served, request: Any, wanted: str, at: int = 0) -> Any:
    """Wait for what becomes of an address."""
    deadline = time.monotonic() + SOON
    while (found := (await crowd.results(site, request["id"]))[at])["verdict"] != wanted:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)
    return found


async def test_a_price_and_a_text_are_at_the_unit_they_are_for(tmp_path: Path) -> None:
    async with scene(tmp_path, 2) as (site, (one, other)):
        for each in (one, other):
            await each.made.live(each.door)
        start = int(time.time()) - 5
        price = await sent(site, "/prices", {**PRICE, "start": start}, 1)
        text = await sent(site, "/notices", TEXT, 1)
        for request in (price, text):
            assert (await verdict(site, request, "delivered"))["devices"] == [one.lfdi]
        held, word = one.price(), one.text()
        assert held is not None
        assert (held.price, held.generation, held.currency) == (Decimal("0.12777"), Decimal("0.1"), 840)
        assert (held.start, held.duration, held.rateCode) == (Decimal(start), Decimal(3600), "TOU")
        assert (held.mRID, held.target.device) == (price["mrid"], (one.lfdi,))
        assert word is not None
        assert (word.text, word.mRID, word.duration) == (TEXT["text"], text["mrid"], Decimal(300))
        assert other.lines == []
        status, page = await site.admin.get(f"/api/v1/responses?device={one.lfdi}")
        assert sorted((each["subject"], each["status"]) for each in page["items"]) == sorted(
            [(price["mrid"], 1), (text["mrid"], 1)]
        ), (status, page)


async def test_a_company_s_price_is_at_the_unit(tmp_path: Path) -> None:
    authority = company.issued(tmp_path, "authority", kind="ec", authority=True)
    tls, signer = (company.issued(tmp_path, name, authority, "ec") for name in ("tls", "signer"))
    soap = {"enabled": True, "hosts": ("127.0.0.1",), "port": 0, "roots": (str(authority.place),)}
    async with scene(tmp_path, soap=soap) as (site, (one,)):
        sender = company.Company(site, "RETAIL", tls, signer)
        status, said = await site.admin.post("/api/v1/entities", sender.said())
        assert status == 201, said
        meter = company.address(0).findtext("ESIID")
        assert (await site.admin.put(f"/api/v1/meters/{meter}", {"devices": [one.lfdi]}))[0] == 200
        await one.made.live(one.door)
        data = sender.signed("price", addresses="1", RequestID="mine", Price="12777", PriceTrailingDigit="3")
        assert (await sender.send(data))[0] == 200
        await one.until(lambda: one.all("price"))
        status, page = await site.admin.get("/api/v1/requests?name=mine")
        assert status == 200, page
        await verdict(site, page["items"][0], "delivered")
        assert (held := one.price()) is not None
        assert (held.price, held.mRID, held.correlation) == (
            Decimal("12.777"),
            page["items"][0]["mrid"],
            "mine",
        )


async def test_a_newer_price_takes_its_place_and_a_duration_of_0_takes_it_back(tmp_path: Path) -> None:
    async with scene(tmp_path, market={"endless": "cancel"}) as (site, (one,)):
        await one.made.live(one.door)
        await verdict(site, await sent(site, "/prices", PRICE, 1), "delivered")
        newer = {**PRICE, "number": 7002, "price": 0.5}
        await verdict(site, await sent(site, "/prices", newer, 1), "delivered")
        assert (held := one.price()) is not None
        assert held.price == Decimal("0.5")
        back = await sent(site, "/prices", {**newer, "duration": 0}, 1)
        assert (await verdict(site, back, "delivered"))["devices"] == [one.lfdi]
        assert (held := one.price()) is not None
        assert held.price == Decimal("0.12777")


async def test_a_text_that_holds_until_the_next_one_is_taken_back(tmp_path: Path) -> None:
    async with scene(tmp_path, market={"endless": "until-changed"}) as (site, (one,)):
        await one.made.live(one.door)
        first = await sent(site, "/notices", {**TEXT, "duration": 0}, 1)
        await verdict(site, first, "delivered")
        await verdict(
            site, await sent(site, "/notices", {**TEXT, "number": 2, "text": "next"}, 1), "delivered"
        )
        assert [said["mrid"] for said in one.all("taken back")] == [first["mrid"]]
        assert [
            each.text for each in one.made.box.board.words.values() if isinstance(each, messages.Notice)
        ] == ["next"]


async def test_killed_between_accept_and_delivery_it_is_told_once(tmp_path: Path) -> None:
    async with scene(tmp_path, 3, market={"together": 1}) as (site, units):
        price = await sent(site, "/prices", PRICE, 1, 2, 3)
        await verdict(site, price, "accepted", 2)
        site.kill()
        site.start()
        for one in units:
            await one.made.live(one.door)
            await one.until(partial(one.all, "price"))
            site.kill()  # its answer may or may not have been written down
            site.start()
        for at, one in enumerate(units):
            await verdict(site, price, "delivered", at)
            assert [said["price"] for said in one.all("price")] == ["0.12777"]
        assert [row["esiid"] for row in await crowd.results(site, price["id"])] == [
            esiid(at) for at in (1, 2, 3)
        ]


async def test_a_person_confirms_what_asks_for_it(tmp_path: Path) -> None:
    async with scene(tmp_path, 2) as (site, (one, other)):
        for each in (one, other):
            await each.made.live(each.door)
        asked = await sent(site, "/notices", {**TEXT, "confirm": True}, 1)
        plain = await sent(site, "/notices", {**TEXT, "number": 2}, 2)
        for request in (asked, plain):
            await verdict(site, request, "delivered")
        text, own = one.text(), other.text()
        assert text is not None
        assert own is not None
        await one.made.box.confirm(text)
        await verdict(site, asked, "confirmed")
        for wrong in (text, own, own.model_copy(update={"mRID": "AB" * 16})):
            with pytest.raises(Denied, match="not-acceptable"):
                await other.made.box.confirm(wrong)
        assert (await verdict(site, plain, "delivered"))["reason"] == ""
        status, page = await site.admin.get(f"/api/v1/responses?subject={asked['mrid']}")
        assert sorted(each["status"] for each in page["items"]) == [1, 11], status


async def test_a_unit_that_is_revoked_is_told_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as (site, (one,)):
        price = await sent(site, "/prices", PRICE, 1)
        status, said = await site.admin.post("/api/v1/revocation/certificates", {"lfdi": one.lfdi})
        assert status == 201, said
        assert "revoked" in (await verdict(site, price, "failed"))["reason"]
        assert one.lines == []


async def test_a_price_that_comes_too_late_has_failed(tmp_path: Path) -> None:
    async with scene(tmp_path) as (site, (one,)):
        price = await sent(site, "/prices", {**PRICE, "duration": 2}, 1)
        assert "window" in (await verdict(site, price, "failed"))["reason"]
        await one.made.live(one.door)
        text = await sent(site, "/notices", TEXT, 1)
        await verdict(site, text, "delivered")
        assert one.all("price") == []


CHANGES: dict[str, tuple[str, str, Any]] = {
    "create pricing": ("POST", "/access/{sender}/roles/VIEWER", {}),
    "is let in no more": ("POST", "/access/{sender}/revoke", None),
    "no device stands behind the meter": ("PUT", f"/meters/{esiid(1)}", {"devices": []}),
}
"""What is done between accept and delivery, by the reason why nothing is told then."""


@pytest.mark.parametrize("reason", CHANGES)
async def test_who_may_not_any_more_has_no_word(tmp_path: Path, reason: str) -> None:
    async with scene(tmp_path) as (site, (one,)):
        second = site.client("second", "operator")
        second.root = site.admin.client.root
        price = await sent(site, "/prices", PRICE, 1, by=Admin(second))
        method, path, form = CHANGES[reason]
        status, said = await site.admin.request(method, f"/api/v1{path.format(sender=second.lfdi)}", form)
        assert status in {200, 201, 204}, said
        await one.made.live(one.door)
        assert reason in (await verdict(site, price, "failed"))["reason"]
        assert one.lines == []
