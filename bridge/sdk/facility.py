"""Units behind the relay, whose client the bridge is: added, shown, looked at anew, removed.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import facility as forms
from bridge.sdk.sending import Caller, Family, Options, Pages


class Facility:
    """Operations of the family `facility`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "facility")

    def list(self, query: forms.FacilityQuery | None = None) -> Pages[forms.Facility]:
        """The units."""
        return self._family.list("list", query or forms.FacilityQuery())

    async def add(self, lfdi: str, body: forms.FacilitySet, **options: Unpack[Options]) -> forms.Facility:
        """Say where a unit speaks."""
        found: forms.Facility = await self._family.do("add", body, {"lfdi": lfdi}, **options)
        return found

    async def show(self, lfdi: str) -> forms.Facility:
        """One unit."""
        found: forms.Facility = await self._family.ask("show", lfdi=lfdi)
        return found

    async def remove(self, lfdi: str, **options: Unpack[Options]) -> None:
        """Speak with a unit no more; its device stays."""
        await self._family.do("remove", None, {"lfdi": lfdi}, **options)

    async def discover(self, lfdi: str, **options: Unpack[Options]) -> forms.Facility:
        """Begin anew with a unit: open an association, look at its model, read everything."""
        found: forms.Facility = await self._family.do("discover", None, {"lfdi": lfdi}, **options)
        return found
