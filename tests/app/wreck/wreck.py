"""A scenario lived through by a bridge that is killed at random points, and what came of it.

A head-end makes controls that follow, outrank and end each other, while inverters of both protocols come and
go with the bridge. A head-end that gets no answer asks again, as its client does. What came of it is what
each followed, one after the other, the responses in their order, and what is left undone.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from uuid import uuid4

from bridge.app import chores
from bridge.sdk.client import Client
from bridge.sdk.forms import facility, fleet, grid, groups, orders, records
from bridge.sdk.forms.modes import Modes
from bridge.sdk.sending import Refused, Unanswered
from tests.app.wreck.bridge import Bridge, bridged
from tests.app.wreck.parties import UNITS, Parties, gathered

T = TypeVar("T")
PATIENCE = 240.0
LONGEST = 4.0
"""Seconds that a bridge lives at most, while any is to be killed."""
HALF = 0.5
"""Of the kills: soon after somebody has done something."""
AHEAD, LASTS = 10, 12
"""Of the control that ends by itself: nobody is killed until all have heard of it, however slow all is."""
LOST = 409
"""What was asked was done, and its answer lost."""
BEAT = 0.1
ALL = 7
WHOLE = 3600


@dataclass
class Life:
    """One run."""

    bridge: Bridge
    parties: Parties
    api: Client
    dice: Random
    kills: int
    """How often it is to be killed at most."""
    numbers: dict[str, int] = field(default_factory=dict)
    controls: dict[str, grid.Control] = field(default_factory=dict)
    most: int = 0
    """How often it may be killed by now."""
    killing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from a kill until it has begun again."""

    # ------------------------------------------------------------------------------------------- the head-end

    async def sure(self, ask: Callable[[str], Awaitable[T]]) -> T | None:
        """Have something done, however often it must be asked for; none where its answer was lost."""
        key = uuid4().hex
        while True:
            with suppress(Unanswered):
                try:
                    return await ask(key)
                except Refused as error:
                    if error.status != LOST:
                        raise
                    return None

    async def settle(self) -> None:
        """Make a group with two programmes and a default, and everybody a member."""
        api = self.api
        group = (await api.groups.create(groups.GroupNew(name="feeder"))).id
        for rank in (1, 5):
            made = await api.programmes.create(grid.ProgrammeNew(primacy=rank, group=group))
            self.numbers[f"programme {rank}"] = made.id
        await self.default(90)
        for name, lfdi in self.parties.lfdis.items():
            said = {"lfdi": lfdi, "name": name, "groups": (group,), "profile": "2018"}
            await api.devices.create(fleet.DeviceNew.model_validate(said))
        for name in UNITS:
            where = facility.FacilitySet(address=self.parties.doors[name].address)
            await api.facility.add(self.parties.lfdis[name], where)

    async def default(self, percent: int) -> None:
        """Say what holds while no control does."""
        said = grid.DefaultSet(modes=Modes(opModMaxLimW=Decimal(percent)))
        await self.sure(lambda key: self.api.defaults.set(self.numbers["programme 5"], said, key=key))

    async def control(self, mark: str, rank: int, percent: int, lasts: int = WHOLE, after: int = 0) -> None:
        """Make a control."""
        name = mark * 16
        form = grid.ControlNew(
            modes=Modes(opModMaxLimW=Decimal(percent)), duration=lasts, offset=after, response_required=ALL,
            mrid=name,
        )  # fmt: skip
        place = self.numbers[f"programme {rank}"]
        made = await self.sure(lambda key: self.api.controls.create(place, form, key=key))
        found = (
            made or (await self.read(lambda: self.api.controls.list(grid.ControlQuery(mrid=name)).all()))[0]
        )
        self.controls[mark] = found

    async def cancel(self, mark: str) -> None:
        """Cancel a control."""
        held = self.controls[mark]
        await self.sure(lambda key: self.api.controls.cancel(held.programme, held.id, grid.Cancel(), key=key))

    async def read(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Read something, however often it must be asked for."""
        while True:
            with suppress(Unanswered):
                return await ask()

    async def said(self, mark: str) -> dict[str, list[int | None]]:
        """The statuses that each has answered to a control, in their order."""
        query = records.ResponseQuery(subject=mark * 16)
        found = await self.read(lambda: self.api.responses.list(query).all())
        rows = sorted(found, key=lambda one: (one.received, len(one.href), one.href))
        return {
            name: [one.status for one in rows if one.device == lfdi]
            for name, lfdi in self.parties.lfdis.items()
        }

    # --------------------------------------------------------------------------------------------- what is so

    async def until(
        self, what: str, look: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool]
    ) -> None:
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE
        while not holds(found := await look()):
            self.parties.sound()
            assert time.monotonic() < end, f"still not {what}: {found}; {self.parties.told()}; {self.last()}"
            await asyncio.sleep(BEAT)

    def last(self) -> list[str]:
        """What the bridge has said last of its orders and units."""
        lines = (*self.bridge.site.lines("order")[-4:], *self.bridge.site.lines("unit not reached")[-2:])
        return [f"{one['timestamp']} {one.get('outcome', one['event'])} {one['reason']}" for one in lines]

    async def answered(self, mark: str, *statuses: int) -> None:
        """Wait until everybody has answered a control so, as far as this is the beginning of it."""

        def holds(found: dict[str, list[int | None]]) -> bool:
            return all(len(each) >= len(statuses) for each in found.values())

        await self.until(f"{mark} {statuses}", lambda: self.said(mark), holds)

    async def follows(self, percent: int) -> None:
        """Wait until everybody follows a limit."""

        async def look() -> list[str]:
            return [panel.told[-1] if panel.told else "" for panel in self.parties.panels.values()]

        await self.until(
            f"{percent} %", look, lambda found: all(f"maxLimW {percent}" in each for each in found)
        )

    # ---------------------------------------------------------------------------------------------- the story

    async def story(self) -> None:
        """Live through it."""
        self.most = self.kills
        await self.control("0A", 5, 50)
        await self.answered("0A", 1, 2)
        await self.follows(50)
        await self.control("0B", 1, 30, WHOLE * 2)
        await self.answered("0A", 1, 2, 7)
        await self.answered("0B", 1, 2)
        await self.follows(30)
        await self.cancel("0B")
        await self.answered("0B", 1, 2, 6)
        await self.follows(90)
        await self.default(80)
        await self.follows(80)
        self.most = 0
        await self.default(70)
        await self.follows(70)
        await self.control("0C", 5, 40, LASTS, AHEAD)
        await self.answered("0C", 1)
        self.most = self.kills
        await self.answered("0C", 1, 2, 3)
        await self.follows(70)

    async def killer(self) -> None:
        """Kill it again and again: after any time, or soon after somebody has done something."""
        while True:
            if self.bridge.kills >= self.most:
                await asyncio.sleep(BEAT)
                continue
            if self.dice.random() < HALF:
                await asyncio.sleep(self.dice.random() * LONGEST)
            else:
                self.parties.stirred.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.parties.stirred.wait(), LONGEST * 2)
                await asyncio.sleep(self.dice.random() * BEAT)
            async with self.killing:
                if self.bridge.kills < self.most:
                    await self.bridge.kill()
                    await self.bridge.start()

    async def outcome(self) -> dict[str, Any]:
        """What came of it, once nothing is on its way any more."""

        async def waiting() -> list[orders.Order]:
            return list(await self.read(lambda: self.api.orders.list().all()))

        await self.until("everything told", waiting, lambda found: not [one for one in found if not one.dead])
        return {
            "told": self.parties.told(),
            "responses": {mark: await self.said(mark) for mark in self.controls},
            "undone": {one.record: one.reason for one in await waiting()},
        }


async def lived(folder: Path, seed: int, kills: int) -> tuple[dict[str, Any], Counter[str]]:
    """One run from beginning to end: what came of it, and figures."""
    dice = Random(seed)  # noqa: S311 - a run that fails must fail again
    async with bridged(folder, UNITS) as bridge, gathered(bridge) as parties, bridge.api() as api:
        life = Life(bridge, parties, api, dice, kills)
        await life.settle()
        parties.begin()
        await life.follows(90)
        killing = asyncio.create_task(life.killer())
        try:
            telling = asyncio.create_task(life.story())
            await asyncio.wait((telling, killing), return_when=asyncio.FIRST_COMPLETED)
            if killing.done():
                telling.cancel()
                killing.result()
            await telling
        finally:
            async with life.killing:
                await chores.cancelled(killing)
        return await life.outcome(), Counter(runs=1, kills=bridge.kills)


def differences(calm: dict[str, Any], wild: dict[str, Any]) -> list[str]:
    """What is other than in the undisturbed run."""
    return [
        f"{part} {name}: {wild[part].get(name)}, not {calm[part].get(name)}"
        for part in calm
        for name in sorted({*calm[part], *wild[part]})
        if calm[part].get(name) != wild[part].get(name)
    ]
