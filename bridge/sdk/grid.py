"""Programmes and what they hold, and how often all of it is to be asked for.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing. Pages
are walked through with `async for`. Nothing is decided here.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import grid, house
from bridge.sdk.sending import Caller, Family, Options, Pages


class Programmes:
    """Operations of the family `programmes`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "programmes")

    def list(self, query: grid.ProgrammeQuery | None = None) -> Pages[grid.Programme]:
        """The DER programmes."""
        return self._family.list("list", query or grid.ProgrammeQuery())

    async def create(self, body: grid.ProgrammeNew, **options: Unpack[Options]) -> grid.Programme:
        """Make a DER programme."""
        found: grid.Programme = await self._family.do("create", body, **options)
        return found

    async def show(self, programme: int) -> grid.Programme:
        """One programme."""
        found: grid.Programme = await self._family.ask("show", programme=programme)
        return found

    async def update(
        self, programme: int, body: grid.ProgrammeChange, **options: Unpack[Options]
    ) -> grid.Programme:
        """Change a programme."""
        found: grid.Programme = await self._family.do("update", body, {"programme": programme}, **options)
        return found

    async def delete(self, programme: int, **options: Unpack[Options]) -> None:
        """Remove a programme with all that it holds."""
        await self._family.do("delete", None, {"programme": programme}, **options)


class Controls:
    """Operations of the family `controls`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "controls")

    def list(self, query: grid.ControlQuery | None = None) -> Pages[grid.Control]:
        """The controls, of all programmes or of one."""
        return self._family.list("list", query or grid.ControlQuery())

    async def clear(self, body: grid.Clear, **options: Unpack[Options]) -> grid.Cleared:
        """Cancel all controls that are not over, or the latest."""
        found: grid.Cleared = await self._family.do("clear", body, **options)
        return found

    async def create(self, programme: int, body: grid.ControlNew, **options: Unpack[Options]) -> grid.Control:
        """Make a control."""
        found: grid.Control = await self._family.do("create", body, {"programme": programme}, **options)
        return found

    async def show(self, programme: int, control: int) -> grid.Control:
        """One control."""
        found: grid.Control = await self._family.ask("show", programme=programme, control=control)
        return found

    async def cancel(
        self, programme: int, control: int, body: grid.Cancel, **options: Unpack[Options]
    ) -> grid.Control:
        """Cancel a control."""
        found: grid.Control = await self._family.do(
            "cancel", body, {"programme": programme, "control": control}, **options
        )
        return found

    async def replace(
        self, programme: int, control: int, body: grid.ControlNew, **options: Unpack[Options]
    ) -> grid.Control:
        """Cancel a control and make another in its place, in one step."""
        found: grid.Control = await self._family.do(
            "replace", body, {"programme": programme, "control": control}, **options
        )
        return found

    async def delete(self, programme: int, control: int, **options: Unpack[Options]) -> None:
        """Take a control away without a word to devices that have it; cancel it instead."""
        await self._family.do("delete", None, {"programme": programme, "control": control}, **options)


class Defaults:
    """Operations of the family `defaults`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "defaults")

    async def show(self, programme: int) -> grid.Default:
        """The default control of a programme."""
        found: grid.Default = await self._family.ask("show", programme=programme)
        return found

    async def set(self, programme: int, body: grid.DefaultSet, **options: Unpack[Options]) -> grid.Default:
        """Say what holds while no control is active."""
        found: grid.Default = await self._family.do("set", body, {"programme": programme}, **options)
        return found

    async def delete(self, programme: int, **options: Unpack[Options]) -> None:
        """Remove the default control."""
        await self._family.do("delete", None, {"programme": programme}, **options)


class Curves:
    """Operations of the family `curves`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "curves")

    def list(self, programme: int, query: grid.CurveQuery | None = None) -> Pages[grid.Curve]:
        """The curves of a programme."""
        return self._family.list("list", query or grid.CurveQuery(), programme=programme)

    async def create(self, programme: int, body: grid.CurveNew, **options: Unpack[Options]) -> grid.Curve:
        """Make a curve."""
        found: grid.Curve = await self._family.do("create", body, {"programme": programme}, **options)
        return found

    async def show(self, programme: int, curve: int) -> grid.Curve:
        """One curve."""
        found: grid.Curve = await self._family.ask("show", programme=programme, curve=curve)
        return found

    async def set(
        self, programme: int, curve: int, body: grid.CurveNew, **options: Unpack[Options]
    ) -> grid.Curve:
        """Draw a curve anew."""
        found: grid.Curve = await self._family.do(
            "set", body, {"programme": programme, "curve": curve}, **options
        )
        return found

    async def delete(self, programme: int, curve: int, **options: Unpack[Options]) -> None:
        """Remove a curve."""
        await self._family.do("delete", None, {"programme": programme, "curve": curve}, **options)


class Polls:
    """Operations of the family `polls`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "polls")

    async def list(self) -> tuple[house.Poll, ...]:
        """How often each type is to be asked for."""
        return await self._family.list("list", None).all()

    def own(self, query: house.OwnQuery | None = None) -> Pages[house.Poll]:
        """The lists that have a rate, or subscriptions, of their own."""
        return self._family.list("own", query or house.OwnQuery())

    async def list_set(self, body: house.ListSet, **options: Unpack[Options]) -> house.Poll:
        """Give one list a rate, or subscriptions, of its own."""
        found: house.Poll = await self._family.do("list_set", body, **options)
        return found

    async def list_reset(self, href: str, **options: Unpack[Options]) -> None:
        """Let a list follow its type again."""
        await self._family.do("list_reset", None, {}, house.PollQuery(href=href), **options)

    async def post_rate(self) -> house.PostRate:
        """PostRate of mirror usage points that name none."""
        found: house.PostRate = await self._family.ask("post_rate")
        return found

    async def post_rate_set(self, body: house.PollSet, **options: Unpack[Options]) -> house.PostRate:
        """Say how often meters are to post."""
        found: house.PostRate = await self._family.do("post_rate_set", body, **options)
        return found

    async def post_rate_reset(self, **options: Unpack[Options]) -> None:
        """Follow the configuration again."""
        await self._family.do("post_rate_reset", **options)

    async def set(self, kind: str, body: house.PollSet, **options: Unpack[Options]) -> house.Poll:
        """Say how often a type is to be asked for."""
        found: house.Poll = await self._family.do("set", body, {"kind": kind}, **options)
        return found

    async def reset(self, kind: str, **options: Unpack[Options]) -> None:
        """Follow the configuration again."""
        await self._family.do("reset", None, {"kind": kind}, **options)
