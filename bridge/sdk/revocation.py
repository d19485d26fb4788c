"""The client's operations on revocation: lists, the operator's words, how current it all is.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing. Pages
are walked through with `async for`. Nothing is decided here.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import revocation as forms
from bridge.sdk.operation import OCTETS
from bridge.sdk.sending import Caller, Family, Options, Pages, Request


class Revocation:
    """Operations of the family `revocation`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "revocation")

    async def show(self) -> forms.State:
        """How things stand."""
        found: forms.State = await self._family.ask("show")
        return found

    def lists(self, query: forms.ListQuery | None = None) -> Pages[forms.List]:
        """The lists that are held."""
        return self._family.list("lists", query or forms.ListQuery())

    async def upload(self, content: bytes, **options: Unpack[Options]) -> forms.List:
        """Send a list in."""
        found: forms.List = await self._family.send(
            "upload", Request({}, data=content, media=OCTETS, **options)
        )
        return found

    async def list_show(self, list: str) -> forms.List:  # noqa: A002 - as the path names it
        """One list."""
        found: forms.List = await self._family.ask("list_show", list=list)
        return found

    async def list_delete(self, list: str, **options: Unpack[Options]) -> None:  # noqa: A002 - the same
        """Take a list away; what was on it is let in again."""
        await self._family.do("list_delete", None, {"list": list}, **options)

    def words(self, query: forms.WordQuery | None = None) -> Pages[forms.Word]:
        """What the operator said of certificates."""
        return self._family.list("words", query or forms.WordQuery())

    async def revoke(self, body: forms.WordNew, **options: Unpack[Options]) -> forms.Word:
        """Say that a certificate holds no more."""
        found: forms.Word = await self._family.do("revoke", body, **options)
        return found

    async def word(self, certificate: str) -> forms.Word:
        """What was said of one certificate."""
        found: forms.Word = await self._family.ask("word", certificate=certificate)
        return found

    async def withdraw(self, certificate: str, **options: Unpack[Options]) -> None:
        """Take a word back; its certificate is let in again."""
        await self._family.do("withdraw", None, {"certificate": certificate}, **options)
