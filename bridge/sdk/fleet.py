"""What may connect: devices, aggregators, the access of certificates, and groups.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing. Pages
are walked through with `async for`. Nothing is decided here.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import access, fleet, grid, groups
from bridge.sdk.forms.kinds import Page
from bridge.sdk.sending import Caller, Family, Options, Pages, Request


class Devices:
    """Operations of the family `devices`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "devices")

    def list(self, query: fleet.DeviceQuery | None = None) -> Pages[fleet.Device]:
        """The registered devices."""
        return self._family.list("list", query or fleet.DeviceQuery())

    async def create(self, body: fleet.DeviceNew, **options: Unpack[Options]) -> fleet.Device:
        """Register a device out of band."""
        found: fleet.Device = await self._family.do("create", body, **options)
        return found

    async def show(self, device: int | str) -> fleet.Device:
        """One device."""
        found: fleet.Device = await self._family.ask("show", device=device)
        return found

    async def update(
        self, device: int | str, body: fleet.DeviceChange, **options: Unpack[Options]
    ) -> fleet.Device:
        """Change a device."""
        found: fleet.Device = await self._family.do("update", body, {"device": device}, **options)
        return found

    async def delete(self, device: int | str, **options: Unpack[Options]) -> None:
        """Remove a device with all that belongs to it."""
        await self._family.do("delete", None, {"device": device}, **options)

    async def ders(self, device: int | str) -> tuple[fleet.Der, ...]:
        """What the DER of a device have said of themselves."""
        return await self._family.list("ders", None, device=device).all()

    async def der(self, device: int | str, der: int) -> fleet.Der:
        """What one DER has said of itself."""
        found: fleet.Der = await self._family.ask("der", device=device, der=der)
        return found

    async def groups(
        self, device: int | str, body: fleet.Membership, **options: Unpack[Options]
    ) -> fleet.Device:
        """Say which groups a device is a member of."""
        found: fleet.Device = await self._family.do("groups", body, {"device": device}, **options)
        return found

    async def programmes(self, device: int | str) -> tuple[grid.Programme, ...]:
        """The programmes that a device sees."""
        return await self._family.list("programmes", None, device=device).all()

    async def controls(self, device: int | str) -> tuple[grid.Control, ...]:
        """The controls that a device sees, not yet over."""
        return await self._family.list("controls", None, device=device).all()


class Aggregators:
    """Operations of the family `aggregators`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "aggregators")

    def list(self, query: fleet.AggregatorQuery | None = None) -> Pages[fleet.Aggregator]:
        """The aggregators."""
        return self._family.list("list", query or fleet.AggregatorQuery())

    async def create(self, body: fleet.AggregatorNew, **options: Unpack[Options]) -> fleet.Aggregator:
        """Let an aggregator in, and make its own EndDevice."""
        found: fleet.Aggregator = await self._family.do("create", body, **options)
        return found

    async def show(self, lfdi: str) -> fleet.Aggregator:
        """One aggregator."""
        found: fleet.Aggregator = await self._family.ask("show", lfdi=lfdi)
        return found

    async def update(
        self, lfdi: str, body: fleet.AggregatorChange, **options: Unpack[Options]
    ) -> fleet.Aggregator:
        """Change an aggregator."""
        found: fleet.Aggregator = await self._family.do("update", body, {"lfdi": lfdi}, **options)
        return found

    async def delete(self, lfdi: str, **options: Unpack[Options]) -> None:
        """Remove an aggregator; its devices stay and become direct ones."""
        await self._family.do("delete", None, {"lfdi": lfdi}, **options)

    def devices(self, lfdi: str, query: fleet.HeldQuery | None = None) -> Pages[fleet.Device]:
        """The devices that an aggregator holds."""
        return self._family.list("devices", query or fleet.HeldQuery(), lfdi=lfdi)


class Access:
    """Operations of the family `access`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "access")

    def list(self, query: fleet.AccessQuery | None = None) -> Pages[fleet.Access]:
        """What is said of certificates."""
        return self._family.list("list", query or fleet.AccessQuery())

    async def create(self, body: fleet.AccessNew, **options: Unpack[Options]) -> fleet.Access:
        """Say what a certificate, or an LFDI, may be."""
        found: fleet.Access = await self._family.do("create", body, **options)
        return found

    async def identify(self, body: fleet.Certificate, **options: Unpack[Options]) -> fleet.Identity:
        """Say who a certificate is; nothing is kept."""
        found: fleet.Identity = await self._family.do("identify", body, **options)
        return found

    async def show(self, lfdi: str) -> fleet.Access:
        """What is said of one certificate."""
        found: fleet.Access = await self._family.ask("show", lfdi=lfdi)
        return found

    async def set(self, lfdi: str, body: fleet.AccessSet, **options: Unpack[Options]) -> fleet.Access:
        """Say something of a certificate, known or not."""
        found: fleet.Access = await self._family.do("set", body, {"lfdi": lfdi}, **options)
        return found

    async def delete(self, lfdi: str, **options: Unpack[Options]) -> None:
        """Forget what was said of a certificate."""
        await self._family.do("delete", None, {"lfdi": lfdi}, **options)

    async def grant(self, lfdi: str, **options: Unpack[Options]) -> fleet.Access:
        """Let a client in from now on."""
        found: fleet.Access = await self._family.do("grant", None, {"lfdi": lfdi}, **options)
        return found

    async def revoke(self, lfdi: str, **options: Unpack[Options]) -> fleet.Access:
        """Refuse every request of a client from now on."""
        found: fleet.Access = await self._family.do("revoke", None, {"lfdi": lfdi}, **options)
        return found

    async def rules(self) -> tuple[access.RuleShown, ...]:
        """The rules in force."""
        return await self._family.list("rules", None).all()

    async def check(self) -> access.Findings:
        """What is wrong with rules and assignments."""
        found: access.Findings = await self._family.ask("check")
        return found

    async def who(
        self, action: str, function: str, query: access.WhoQuery | None = None
    ) -> tuple[access.May, ...]:
        """Who may do something."""
        path = {"action": action, "function": function}
        found: Page[access.May] = await self._family.send("who", Request(path, query or access.WhoQuery()))
        return found.items

    async def why(
        self, lfdi: str, action: str, href: str, query: access.WhyQuery | None = None
    ) -> access.Why:
        """Which rule decides on a request, and why others do not."""
        path = {"lfdi": lfdi, "action": action, "href": href.lstrip("/")}
        found: access.Why = await self._family.send("why", Request(path, query or access.WhyQuery()))
        return found

    async def roles(self, lfdi: str) -> access.Roles:
        """The roles of somebody."""
        found: access.Roles = await self._family.ask("roles", lfdi=lfdi)
        return found

    async def assign(
        self, lfdi: str, role: str, body: access.RoleNew | None = None, **options: Unpack[Options]
    ) -> access.Roles:
        """Assign a role."""
        path = {"lfdi": lfdi, "role": role}
        found: access.Roles = await self._family.do("assign", body or access.RoleNew(), path, **options)
        return found

    async def revoke_role(
        self, lfdi: str, role: str, query: access.RoleQuery | None = None, **options: Unpack[Options]
    ) -> None:
        """Take a role away."""
        path = {"lfdi": lfdi, "role": role}
        await self._family.do("revoke_role", None, path, query or access.RoleQuery(), **options)

    def pending(self, query: access.PendingQuery | None = None) -> Pages[access.Pending]:
        """Requests that wait for another subject's approval."""
        return self._family.list("pending", query or access.PendingQuery())

    async def approve(self, pending: int, **options: Unpack[Options]) -> access.Settled:
        """Approve a request, and do it."""
        found: access.Settled = await self._family.do("approve", None, {"pending": pending}, **options)
        return found

    async def reject(self, pending: int, **options: Unpack[Options]) -> access.Settled:
        """Drop a request that waits."""
        found: access.Settled = await self._family.do("reject", None, {"pending": pending}, **options)
        return found


class Groups:
    """Operations of the family `groups`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "groups")

    def list(self, query: groups.GroupQuery | None = None) -> Pages[groups.Group]:
        """The groups."""
        return self._family.list("list", query or groups.GroupQuery())

    async def create(self, body: groups.GroupNew, **options: Unpack[Options]) -> groups.Group:
        """Make a group."""
        found: groups.Group = await self._family.do("create", body, **options)
        return found

    async def tree(self) -> groups.Tree:
        """The whole topology."""
        found: groups.Tree = await self._family.ask("tree")
        return found

    async def show(self, group: int) -> groups.Group:
        """One group."""
        found: groups.Group = await self._family.ask("show", group=group)
        return found

    async def update(self, group: int, body: groups.GroupChange, **options: Unpack[Options]) -> groups.Group:
        """Change a group, or its assignments."""
        found: groups.Group = await self._family.do("update", body, {"group": group}, **options)
        return found

    async def delete(self, group: int, *, deep: bool = False, **options: Unpack[Options]) -> None:
        """Remove a group; with all below it and all that hangs from it where `deep`."""
        query = groups.Removal(deep=deep)
        await self._family.do("delete", None, {"group": group}, query, **options)

    async def move(self, group: int, body: groups.Move, **options: Unpack[Options]) -> groups.Group:
        """Hang a group, with all below it, elsewhere."""
        found: groups.Group = await self._family.do("move", body, {"group": group}, **options)
        return found

    def members(self, group: int, query: groups.MemberQuery | None = None) -> Pages[groups.Member]:
        """The devices in a group."""
        return self._family.list("members", query or groups.MemberQuery(), group=group)

    async def join(self, group: int, device: int | str, **options: Unpack[Options]) -> groups.Member:
        """Make a device a member of a group."""
        found: groups.Member = await self._family.do(
            "join", None, {"group": group, "device": device}, **options
        )
        return found

    async def leave(self, group: int, device: int | str, **options: Unpack[Options]) -> None:
        """End a membership."""
        await self._family.do("leave", None, {"group": group, "device": device}, **options)
