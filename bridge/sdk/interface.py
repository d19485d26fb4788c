"""Versions of interfaces: deprecated, retired, taken back; who uses them, and what those were told.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import interface as forms
from bridge.sdk.forms.kinds import Page
from bridge.sdk.sending import Caller, Family, Options, Pages


class Interface:
    """Operations of the family `interface`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "interface")

    async def list(self) -> Page[forms.Interface]:
        """The versions, and how far each has come."""
        found: Page[forms.Interface] = await self._family.ask("list")
        return found

    async def show(self, interface: str) -> forms.Interface:
        """One version."""
        found: forms.Interface = await self._family.ask("show", interface=interface)
        return found

    async def deprecate(
        self, interface: str, body: forms.Deprecation, **options: Unpack[Options]
    ) -> forms.Interface:
        """Announce that a version is deprecated."""
        path = {"interface": interface}
        found: forms.Interface = await self._family.do("deprecate", body, path, **options)
        return found

    async def retire(
        self, interface: str, body: forms.Retirement, **options: Unpack[Options]
    ) -> forms.Interface:
        """Announce from when on a version is served no more."""
        found: forms.Interface = await self._family.do("retire", body, {"interface": interface}, **options)
        return found

    async def restore(self, interface: str, **options: Unpack[Options]) -> forms.Interface:
        """Take back what was announced."""
        found: forms.Interface = await self._family.do("restore", None, {"interface": interface}, **options)
        return found

    def users(self, interface: str, query: forms.UserQuery | None = None) -> Pages[forms.User]:
        """Who uses a version."""
        return self._family.list("users", query or forms.UserQuery(), interface=interface)

    def notices(self, interface: str, query: forms.ToldQuery | None = None) -> Pages[forms.Told]:
        """What its users were told."""
        return self._family.list("notices", query or forms.ToldQuery(), interface=interface)
