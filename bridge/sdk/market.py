"""Meters, prices, messages and requests: what is told to many meters at once, and what became of it.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing. Pages
are walked through with `async for`. Nothing is decided here.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import market
from bridge.sdk.operation import CSV
from bridge.sdk.sending import Caller, Family, Options, Pages, Request


class Meters:
    """Operations of the family `meters`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "meters")

    def list(self, query: market.MeterQuery | None = None) -> Pages[market.Meter]:
        """The registered meters."""
        return self._family.list("list", query or market.MeterQuery())

    async def show(self, esiid: str) -> market.Meter:
        """One meter."""
        found: market.Meter = await self._family.ask("show", esiid=esiid)
        return found

    async def set(self, esiid: str, body: market.MeterSet, **options: Unpack[Options]) -> market.Meter:
        """Say which devices stand behind a meter."""
        found: market.Meter = await self._family.do("set", body, {"esiid": esiid}, **options)
        return found

    async def load(self, content: bytes, **options: Unpack[Options]) -> market.Loaded:
        """Register many meters by a table in CSV, all or none."""
        request = Request({}, data=content, media=CSV, **options)
        found: market.Loaded = await self._family.send("load", request)
        return found

    async def delete(self, esiid: str, **options: Unpack[Options]) -> None:
        """Forget a meter."""
        await self._family.do("delete", None, {"esiid": esiid}, **options)


class Prices:
    """Operations of the family `prices`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "prices")

    async def create(self, body: market.PriceNew, **options: Unpack[Options]) -> market.Request:
        """Send a price to many meters."""
        found: market.Request = await self._family.do("create", body, {}, **options)
        return found


class Notices:
    """Operations of the family `notices`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "notices")

    async def create(self, body: market.NoticeNew, **options: Unpack[Options]) -> market.Request:
        """Send a text to many meters."""
        found: market.Request = await self._family.do("create", body, {}, **options)
        return found


class Requests:
    """Operations of the family `requests`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "requests")

    def list(self, query: market.RequestQuery | None = None) -> Pages[market.Request]:
        """What was sent to many meters."""
        return self._family.list("list", query or market.RequestQuery())

    async def show(self, request: int) -> market.Request:
        """One request."""
        found: market.Request = await self._family.ask("show", request=request)
        return found

    def addresses(self, request: int, query: market.ResultQuery | None = None) -> Pages[market.Result]:
        """What became of each address of a request."""
        return self._family.list("addresses", query or market.ResultQuery(), request=request)
