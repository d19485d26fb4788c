"""What clients have told: mirrors, readings, responses, log events, subscriptions.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing. Pages
are walked through with `async for`. Nothing is decided here.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import records
from bridge.sdk.sending import Caller, Family, Options, Pages


class Mirrors:
    """Operations of the family `mirrors`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "mirrors")

    def list(self, query: records.MirrorQuery | None = None) -> Pages[records.Mirror]:
        """The mirror usage points."""
        return self._family.list("list", query or records.MirrorQuery())

    async def empty(self, body: records.Empty, **options: Unpack[Options]) -> records.Emptying:
        """Remove mirror usage points with their readings."""
        found: records.Emptying = await self._family.do("empty", body, **options)
        return found

    async def rate(self, body: records.MirrorRate, **options: Unpack[Options]) -> records.Rated:
        """Say how often the clients of mirrors are to post."""
        found: records.Rated = await self._family.do("rate", body, **options)
        return found

    async def show(self, mirror: int) -> records.Mirror:
        """One mirror usage point."""
        found: records.Mirror = await self._family.ask("show", mirror=mirror)
        return found

    async def delete(self, mirror: int, **options: Unpack[Options]) -> None:
        """Remove a mirror usage point with its readings."""
        await self._family.do("delete", None, {"mirror": mirror}, **options)


class Readings:
    """Operations of the family `readings`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "readings")

    def list(self, query: records.ReadingQuery | None = None) -> Pages[records.Reading]:
        """Readings, oldest first."""
        return self._family.list("list", query or records.ReadingQuery())


class Responses:
    """Operations of the family `responses`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "responses")

    def list(self, query: records.ResponseQuery | None = None) -> Pages[records.Response]:
        """Responses."""
        return self._family.list("list", query or records.ResponseQuery())


class Logs:
    """Operations of the family `logs`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "logs")

    def list(self, query: records.Window | None = None) -> Pages[records.LogEvent]:
        """Log events."""
        return self._family.list("list", query or records.Window())


class Subscriptions:
    """Operations of the family `subscriptions`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "subscriptions")

    def list(self, query: records.SubscriptionQuery | None = None) -> Pages[records.Subscription]:
        """Subscriptions."""
        return self._family.list("list", query or records.SubscriptionQuery())

    async def delete(self, device: int | str, subscription: int, **options: Unpack[Options]) -> None:
        """End a subscription; its client is told."""
        await self._family.do("delete", None, {"device": device, "subscription": subscription}, **options)
