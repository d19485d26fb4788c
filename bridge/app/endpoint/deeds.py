"""What a 61850 client asks for, carried out in the store: each deed is one commit, or nothing.

The same functions as those of the administration API (`bridge.sep2.dispatch`), under the same rules: each
record is judged once more before its commit. Programmes of one device come to be when first needed, in the
bridge's own name. Whoever awaits a deed knows that it is durable.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from bridge.app.endpoint import drafts
from bridge.core.access.figures import canonical
from bridge.sep2 import access, dispatch, facts, notify, ours, solo
from bridge.sep2.access import Wish
from bridge.sep2.shelf import Conflict, Row, Who
from bridge.sep2.talk import Ask, Peer, Told
from bridge.sep2.work import Caller, Policy, Trace, Work
from bridge.transports.store.store import Store
from models.der import messages

T = TypeVar("T")
DOOR = HOP = "iec61850"
CORE = "core"
TRIES = 5


class Asked(NamedTuple):
    """In whose name something is done, and what it was asked on."""

    peer: Peer
    caller: Caller
    correlation: str
    reference: str


class Home(NamedTuple):
    """Where what is commanded stands: in a programme of a group, or in those of one device."""

    identity: str
    """LFDI of the device, or mRID of the programme."""
    programme: str = ""
    """Address of the programme; nothing for a device, whose programmes follow from rank."""


OURSELVES = Asked(Peer(CORE, 0), Caller(CORE, 0, "operator"), "", "/")
"""The bridge itself: nobody's rights are asked."""


@dataclass(frozen=True, slots=True, repr=False)
class Deeds:
    """What can be done."""

    store: Store
    policy: Callable[[], Policy]
    clock: Callable[[], float]

    async def begin(self, asked: Asked, home: Home, about: str, control: messages.Control) -> Row:
        """Make a control of a group, or of a device in its own programme of the control's rank."""
        programme = await self._programme(home, control.primacy or 0)

        async def deed(work: Work) -> Row:
            wish = Wish("control", "create", (programme.href,), hop=HOP)
            await access.judge(work, wish, canonical(control))
            drawn = [
                (name, await dispatch.curve(work, programme, said))
                for name, said in drafts.curves(control).items()
            ]
            said = drafts.modes(control, {name: row.href for name, row in drawn})
            window = {"start": int(control.start), "duration": int(control.duration), "description": about}
            if control.randomizeStart:
                window["randomizeStart"] = int(control.randomizeStart)
            return await dispatch.create(work, programme, {**said, **window})

        return await self._done(asked, deed)

    async def end(self, asked: Asked, hrefs: tuple[str, ...], reason: str) -> None:
        """Cancel controls; those that are over, or gone, are passed over."""

        async def deed(work: Work) -> None:
            for href in hrefs:
                row = await work.shelf.get(href)
                if row is None or (await dispatch.state(work, row)).code in dispatch.OVER:
                    continue
                if asked is not OURSELVES:
                    await access.judge(work, Wish("control", "cancel", (href,), hop=HOP))
                await dispatch.cancel(work, row, reason=reason)

        await self._done(asked, deed)

    async def settle(
        self,
        asked: Asked,
        home: Home,
        written: Mapping[str, Any],
        default: messages.Default | None,
        rank: int,
    ) -> None:
        """Keep what was written, and set what holds while no control does, where that changes."""
        programme = await self._programme(home, rank) if default is not None else None

        async def deed(work: Work) -> None:
            await self._kept(work, home.identity, written)
            if default is not None and programme is not None:
                wish = Wish("default", "change", (programme.href,), hop=HOP)
                await access.judge(work, wish, canonical(default))
                said = facts.said(default, "DefaultDERControl")
                fields = {name: value for name, value in said.items() if name.startswith("set")}
                await dispatch.default(work, programme, {**fields, "description": solo.DESCRIPTION})

        await self._done(asked, deed)

    async def _kept(self, work: Work, identity: str, written: Mapping[str, Any]) -> None:
        href = f"{ours.WRITTEN}/{identity}"
        was = await work.shelf.get(href)
        body = ours.body({**ours.read(was), **written})
        work.put(Row(href, ours.WRITTEN, "Written", body, owner=identity), was)

    async def _programme(self, home: Home, primacy: int) -> Row:
        """Give the programme; one of a device is made in our own name where there is none yet."""
        lfdi = home.identity

        async def deed(work: Work) -> Row:
            if home.programme:
                row = await work.shelf.get(home.programme)
                if row is None:
                    raise Told(404, f"there is no {home.programme}")
                return row
            return await solo.programme(work.shelf, lfdi, primacy) or await solo.make(work, lfdi, primacy)

        return await self._done(OURSELVES, deed)

    async def _done(self, asked: Asked, deed: Callable[[Work], Awaitable[T]]) -> T:
        """Do something in one commit, again where another came between; Told where it may not be done."""
        for _ in range(TRIES):
            work = self._work(asked)
            result = await deed(work)
            if asked is not OURSELVES:
                await access.guard(work)
            if not work.changes:
                return result
            try:
                who = Who(work.caller.lfdi, CORE if asked is OURSELVES else DOOR, work.now)
                await self.store.commit(work.changes, who, await notify.parcels(work))
            except Conflict:
                continue
            return result
        raise Told(503, f"other writes came between, {TRIES} times")

    def _work(self, asked: Asked) -> Work:
        ask = Ask("POST", asked.reference, asked.peer, int(self.clock()), correlation=asked.correlation)
        door = "" if asked is OURSELVES else DOOR
        return Work(ask, asked.caller, self.policy(), Trace(self.store), door=door)
