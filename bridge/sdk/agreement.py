"""Agreements on protocols, and the adapters that serve by them: offered, spoken to, shown.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing. Signing
is the party's own business (`bridge.trust.assent`).
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import agreement as forms
from bridge.sdk.sending import Caller, Family, Options, Pages


class Agreement:
    """Operations of the family `agreement`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "agreement")

    def list(self, query: forms.AgreementQuery | None = None) -> Pages[forms.Agreement]:
        """The agreements."""
        return self._family.list("list", query or forms.AgreementQuery())

    async def offer(self, body: forms.AgreementNew, **options: Unpack[Options]) -> forms.Agreement:
        """Offer an agreement to all that it affects."""
        found: forms.Agreement = await self._family.do("offer", body, **options)
        return found

    async def show(self, agreement: int) -> forms.Agreement:
        """One agreement."""
        found: forms.Agreement = await self._family.ask("show", agreement=agreement)
        return found

    async def say(self, agreement: int, body: forms.Statement, **options: Unpack[Options]) -> forms.Agreement:
        """Bring what a party says of it."""
        found: forms.Agreement = await self._family.do("say", body, {"agreement": agreement}, **options)
        return found


class Adapter:
    """Operations of the family `adapter`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "adapter")

    def list(self, query: forms.AdapterQuery | None = None) -> Pages[forms.Adapter]:
        """The adapters."""
        return self._family.list("list", query or forms.AdapterQuery())

    async def show(self, adapter: str) -> forms.Adapter:
        """One adapter, with its units."""
        found: forms.Adapter = await self._family.ask("show", adapter=adapter)
        return found
