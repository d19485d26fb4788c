"""Orders to units that do not come for them, dead letters among them, and why a unit does what it does.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing. Pages
are walked through with `async for`. Nothing is decided here.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import orders
from bridge.sdk.sending import Caller, Family, Options, Pages, Request


class Orders:
    """Operations of the family `orders`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "orders")

    def list(self, query: orders.OrderQuery | None = None) -> Pages[orders.Order]:
        """The orders that are on their way, and dead letters."""
        return self._family.list("list", query or orders.OrderQuery())

    async def show(self, device: int | str, order: int) -> orders.Order:
        """One order."""
        found: orders.Order = await self._family.ask("show", device=device, order=order)
        return found

    async def again(self, device: int | str, order: int, **options: Unpack[Options]) -> None:
        """Have a dead letter brought again."""
        await self._family.do("again", None, {"device": device, "order": order}, **options)

    async def drop(self, device: int | str, order: int, **options: Unpack[Options]) -> None:
        """Forget a dead letter."""
        await self._family.do("drop", None, {"device": device, "order": order}, **options)

    async def explain(
        self, device: int | str, mode: str, query: orders.ExplainQuery | None = None
    ) -> orders.Explanation:
        """Which record holds a mode of a unit, and why."""
        request = Request({"device": device, "mode": mode}, query or orders.ExplainQuery())
        found: orders.Explanation = await self._family.send("explain", request)
        return found
