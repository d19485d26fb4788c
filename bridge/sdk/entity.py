"""Companies that send signed requests: added, shown, changed, removed.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import entity as forms
from bridge.sdk.sending import Caller, Family, Options, Pages


class Entity:
    """Operations of the family `entity`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "entity")

    def list(self, query: forms.EntityQuery | None = None) -> Pages[forms.Entity]:
        """The companies."""
        return self._family.list("list", query or forms.EntityQuery())

    async def add(self, body: forms.EntityNew, **options: Unpack[Options]) -> forms.Entity:
        """Let a company send signed requests."""
        found: forms.Entity = await self._family.do("add", body, {}, **options)
        return found

    async def show(self, entity: str) -> forms.Entity:
        """One company."""
        found: forms.Entity = await self._family.ask("show", entity=entity)
        return found

    async def change(self, entity: str, body: forms.EntityChange, **options: Unpack[Options]) -> forms.Entity:
        """Change a company."""
        found: forms.Entity = await self._family.do("change", body, {"entity": entity}, **options)
        return found

    async def remove(self, entity: str, **options: Unpack[Options]) -> None:
        """Take nothing of a company any more, and forget it."""
        await self._family.do("remove", None, {"entity": entity}, **options)
