"""Outages of devices and groups: declared, changed, cleared; how each stands, and how it stood before.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import outage as forms
from bridge.sdk.sending import Caller, Family, Options, Pages


class Outage:
    """Operations of the family `outage`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "outage")

    def list(self, query: forms.OutageQuery | None = None) -> Pages[forms.Outage]:
        """The devices that are out or derated now."""
        return self._family.list("list", query or forms.OutageQuery())

    async def device(self, device: int | str) -> forms.Outage:
        """How one device stands."""
        found: forms.Outage = await self._family.ask("device", device=device)
        return found

    async def group(self, group: int) -> forms.GroupOutage:
        """How the devices of a group stand together."""
        found: forms.GroupOutage = await self._family.ask("group", group=group)
        return found

    async def set(self, body: forms.OutageNew, **options: Unpack[Options]) -> forms.OutageEntry:
        """Say that a device or a group is out, derated, or in service after all; for now or ahead of time."""
        found: forms.OutageEntry = await self._family.do("set", body, **options)
        return found

    def entries(self, query: forms.EntryQuery | None = None) -> Pages[forms.OutageEntry]:
        """What operators said, now and ahead of time."""
        return self._family.list("entries", query or forms.EntryQuery())

    async def show(self, entry: int) -> forms.OutageEntry:
        """One entry."""
        found: forms.OutageEntry = await self._family.ask("show", entry=entry)
        return found

    async def change(
        self, entry: int, body: forms.OutageChange, **options: Unpack[Options]
    ) -> forms.OutageEntry:
        """Change an entry that is not over."""
        found: forms.OutageEntry = await self._family.do("change", body, {"entry": entry}, **options)
        return found

    async def clear(self, entry: int, **options: Unpack[Options]) -> forms.OutageEntry:
        """End an entry now; one that lies ahead never begins."""
        found: forms.OutageEntry = await self._family.do("clear", None, {"entry": entry}, **options)
        return found

    def history(self, query: forms.HistoryQuery | None = None) -> Pages[forms.Turn]:
        """Every change of how a device or a group stands, oldest first."""
        return self._family.list("history", query or forms.HistoryQuery())
