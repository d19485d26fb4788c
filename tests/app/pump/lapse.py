"""Many units through two controls in time-lapse: a real store and the pump, a clock that jumps.

A control begins for a whole group, and a stronger one takes over all that is left of it. Every second unit
runs schedules, the others are commanded; both do to the letter what they are told. Whoever runs it gets back
what was seen at each moment, and what a head-end reads at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bridge.sep2 import canon, enrol, groups, ours
from bridge.sep2.shelf import Cut
from bridge.sep2.work import Work
from bridge.transports.store import opening
from tests.app.pump.town import AHEAD, DIRECT, Street, Town, make, running
from tests.core.unit import Fake

FIRST, SECOND = "AA", "BB"
BEGIN, TAKEN, END, LAST = 100, 400, 700, 1_000
"""When the first control begins, the second one takes over, the first would have ended, the second ends."""
MOMENTS = (50, BEGIN + 10, TAKEN + 10, END + 10, LAST + 10)
HOLDS = (set[str](), {FIRST}, {SECOND}, {SECOND}, set[str]())
"""What every unit follows at each of the moments."""
SAID = {FIRST: (1, 2, 14), SECOND: (1, 2, 3)}
BATCH = 500
LONGEST = 3_600.0


@dataclass
class Lapsed:
    """What came of it."""

    orders: int = 0
    """How many were carried."""
    wrong: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Units that followed something else, by moment and what that was."""
    said: Counter[tuple[str, tuple[int, ...]]] = field(default_factory=Counter)
    """Units by control and the statuses that were said of it, in order."""

    def right(self, count: int) -> bool:
        """Whether all of them did and said what they should."""
        return not self.wrong and self.said == dict.fromkeys(SAID.items(), count)


async def lapsed(place: Path, count: int) -> Lapsed:
    """Play it with so many units."""
    units = tuple(f"{number:040X}" for number in range(1, count + 1))
    street = Street({unit: Fake((DIRECT, AHEAD)[at % 2]) for at, unit in enumerate(units)})
    found = Lapsed()
    async with opening.open(f"sqlite:///{place / 'lapse.db'}") as store:
        town = make(store, street)
        town.patience = LONGEST
        await settled(town, units)
        async with running(town):
            await town.control(FIRST, BEGIN, END - BEGIN)
            town.programme = (await town.lay(await group(town), primacy=1)).href
            await town.control(SECOND, TAKEN, LAST - TAKEN)
            for moment, holds in zip(MOMENTS, HOLDS, strict=True):
                await town.at(moment)
                followed = ((moment, town.holds(unit=unit)) for unit in units)
                found.wrong.update((at, " ".join(sorted(now))) for at, now in followed if now != holds)
        found.orders = len(street.log)
        for mark in SAID:
            found.said.update((mark, said) for said in (await statuses(town, mark)).values())
    return found


async def settled(town: Town, units: Sequence[str]) -> None:
    """A group with a programme, which all units are members of."""
    await town.settle(())
    place = await group(town)
    for start in range(0, len(units), BATCH):
        await town.do(partial(enrolled, units=units[start : start + BATCH], place=place))


async def enrolled(work: Work, units: Sequence[str], place: str) -> None:
    for unit in units:
        await enrol.enrolled(work, unit, join=(place,))


async def group(town: Town) -> str:
    """The only group that there is."""
    return (await groups.listed(town.work().shelf, Cut())).rows[0].href


async def statuses(town: Town, mark: str) -> dict[str, tuple[int, ...]]:
    """What a head-end reads of a control, by unit."""
    found: dict[str, tuple[int, ...]] = {}
    rows = await town.store.grouped("DERControlResponse", mark * 16)
    for row in sorted(rows, key=lambda one: ours.number(one.href)):
        found[row.owner] = (*found.get(row.owner, ()), canon.obj(row).status)
    return found
