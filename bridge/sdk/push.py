"""Endpoints, accounts, notices, bulletins: who is told of changes, and what the market is told.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import push as forms
from bridge.sdk.sending import Caller, Family, Options, Pages


class Endpoints:
    """Operations of the family `endpoints`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "endpoints")

    def list(self, query: forms.EndpointQuery | None = None) -> Pages[forms.Endpoint]:
        """The endpoints."""
        return self._family.list("list", query or forms.EndpointQuery())

    async def create(self, body: forms.EndpointNew, **options: Unpack[Options]) -> forms.Endpoint:
        """Register an endpoint."""
        found: forms.Endpoint = await self._family.do("create", body, **options)
        return found

    async def show(self, endpoint: int) -> forms.Endpoint:
        """One endpoint."""
        found: forms.Endpoint = await self._family.ask("show", endpoint=endpoint)
        return found

    async def update(
        self, endpoint: int, body: forms.EndpointChange, **options: Unpack[Options]
    ) -> forms.Endpoint:
        """Change an endpoint, which is a draft after that."""
        found: forms.Endpoint = await self._family.do("update", body, {"endpoint": endpoint}, **options)
        return found

    async def challenge(self, endpoint: int, **options: Unpack[Options]) -> forms.Endpoint:
        """Have an endpoint prove that it is there, and whose it is."""
        found: forms.Endpoint = await self._family.do("challenge", None, {"endpoint": endpoint}, **options)
        return found

    async def activate(self, endpoint: int, **options: Unpack[Options]) -> forms.Endpoint:
        """Tell an endpoint of changes from now on."""
        found: forms.Endpoint = await self._family.do("activate", None, {"endpoint": endpoint}, **options)
        return found

    async def test(self, endpoint: int, **options: Unpack[Options]) -> forms.Endpoint:
        """Tell an endpoint something to try it."""
        found: forms.Endpoint = await self._family.do("test", None, {"endpoint": endpoint}, **options)
        return found

    async def suspend(self, endpoint: int, body: forms.Reason, **options: Unpack[Options]) -> forms.Endpoint:
        """Keep what comes up for an endpoint, and tell it nothing."""
        found: forms.Endpoint = await self._family.do("suspend", body, {"endpoint": endpoint}, **options)
        return found

    async def resume(self, endpoint: int, **options: Unpack[Options]) -> forms.Endpoint:
        """Tell a suspended endpoint what it has missed, and go on."""
        found: forms.Endpoint = await self._family.do("resume", None, {"endpoint": endpoint}, **options)
        return found

    async def retire(self, endpoint: int, **options: Unpack[Options]) -> forms.Endpoint:
        """Tell an endpoint nothing any more, for good."""
        found: forms.Endpoint = await self._family.do("retire", None, {"endpoint": endpoint}, **options)
        return found


class Accounts:
    """Operations of the family `accounts`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "accounts")

    def list(self, query: forms.AccountQuery | None = None) -> Pages[forms.Account]:
        """The accounts."""
        return self._family.list("list", query or forms.AccountQuery())

    async def create(self, body: forms.AccountNew, **options: Unpack[Options]) -> forms.Account:
        """Register an account."""
        found: forms.Account = await self._family.do("create", body, **options)
        return found

    async def show(self, account: str) -> forms.Account:
        """One account."""
        found: forms.Account = await self._family.ask("show", account=account)
        return found

    async def activate(self, account: str, **options: Unpack[Options]) -> forms.Account:
        """Let an account pick up."""
        found: forms.Account = await self._family.do("activate", None, {"account": account}, **options)
        return found

    async def suspend(self, account: str, **options: Unpack[Options]) -> forms.Account:
        """Let an account pick up nothing for a while."""
        found: forms.Account = await self._family.do("suspend", None, {"account": account}, **options)
        return found

    async def resume(self, account: str, **options: Unpack[Options]) -> forms.Account:
        """Let a suspended account pick up again."""
        found: forms.Account = await self._family.do("resume", None, {"account": account}, **options)
        return found

    async def retire(self, account: str, **options: Unpack[Options]) -> forms.Account:
        """Let an account pick up nothing any more, for good."""
        found: forms.Account = await self._family.do("retire", None, {"account": account}, **options)
        return found


class Push:
    """Operations of the family `push`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "push")

    def list(self, query: forms.NoticeQuery | None = None) -> Pages[forms.Notice]:
        """Notices that are on their way, and dead letters."""
        return self._family.list("list", query or forms.NoticeQuery())

    async def show(self, letter: int) -> forms.Notice:
        """One notice."""
        found: forms.Notice = await self._family.ask("show", letter=letter)
        return found

    async def repeat(self, letter: int, **options: Unpack[Options]) -> forms.Notice:
        """Have a dead letter told again."""
        found: forms.Notice = await self._family.do("repeat", None, {"letter": letter}, **options)
        return found

    async def drop(self, letter: int, **options: Unpack[Options]) -> None:
        """Forget a dead letter."""
        await self._family.do("drop", None, {"letter": letter}, **options)


class Bulletins:
    """Operations of the family `bulletins`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "bulletins")

    def list(self, query: forms.BulletinQuery | None = None) -> Pages[forms.Bulletin]:
        """The bulletins."""
        return self._family.list("list", query or forms.BulletinQuery())

    async def create(self, body: forms.BulletinNew, **options: Unpack[Options]) -> forms.Bulletin:
        """Tell the market something."""
        found: forms.Bulletin = await self._family.do("create", body, **options)
        return found

    async def show(self, bulletin: int) -> forms.Bulletin:
        """One bulletin."""
        found: forms.Bulletin = await self._family.ask("show", bulletin=bulletin)
        return found

    async def withdraw(self, bulletin: int, **options: Unpack[Options]) -> forms.Bulletin:
        """Say that a bulletin holds no more."""
        found: forms.Bulletin = await self._family.do("withdraw", None, {"bulletin": bulletin}, **options)
        return found
