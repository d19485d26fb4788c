"""A simulated 61850 unit with what may be wrong with it as time goes by: the faults of an inverter.

Silence is a link that is not there: the unit goes on with what it has. A refusal is a unit that is switched
to local: it refuses what it is told, and goes on with what it has. Bad readings are wrong figures of its
meter. A drifting clock is the unit's only one. The age of the unit is an argument.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bridge.app import chores
from bridge.app.sim.inverter.faults import Faults
from bridge.app.sim.outstation import station
from bridge.app.sim.outstation.letterbox import LOST
from bridge.app.sim.outstation.station import Outstation, Papers
from bridge.app.sim.unit import Output, Unit
from bridge.transports.stream import Door
from models.der import messages
from models.mms.codes import AddCause

LOOK = 0.25
"""Seconds between two looks at its faults."""
LOCAL = AddCause.blocked_by_switching_hierarchy
"""Why a unit that is switched to local refuses."""
SET, STATE = "$DatSet", "$ST$SchdSt"
Tell = Callable[[], float]
Note = Callable[..., None]


def _nobody(_event: str, **_said: object) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Plant:
    """One such unit, which runs as long as `run` is not cancelled."""

    made: Outstation
    door: Door
    faults: Faults
    age: Callable[[], float]
    note: Note = _nobody
    confirms: float | None = None
    """Seconds after which a person confirms a text that asks for it; never without."""
    _read: dict[str, float] = field(default_factory=dict)
    """When texts that are to be confirmed were seen first, by mRID; infinite once they are."""
    _wished: bool = False
    _demanded: messages.Modes | None = field(default=None)
    _there: bool = False

    async def run(self) -> None:
        """Speak, measure and follow, with whatever is wrong at the time."""
        self.made.box.board.note = self.note
        following = asyncio.create_task(self.made.run())
        try:
            while not following.done():
                await self._look()
                await asyncio.wait((following,), timeout=LOOK)
            following.result()
        finally:
            await chores.cancelled(following)
            await self.made.silent()

    @property
    def linked(self) -> bool:
        """Whether it has a link."""
        return self.made.endpoint.link is not None

    @property
    def minded(self) -> bool:
        """Whether the bridge has looked at it: it has schedules reported to it, where there are any."""
        domain = self.made.desk.device.domain
        leaves = domain.leaves
        sets = {name for name, held in domain.sets.items() if any(STATE in item for _, item in held.members)}
        blocks = [
            item.removesuffix(SET) for item, value in leaves.items()
            if item.endswith(SET) and str(value).partition("/")[2] in sets
        ]  # fmt: skip
        return not blocks or any(leaves.get(f"{each}$RptEna") is True for each in blocks)

    async def _look(self) -> None:
        age = self.age()
        silent, refuses = self.faults.silent(age), self.faults.refuses(age)
        if silent is self._wished:
            self._wished = not silent
            await (self.made.silent() if silent else self.made.live(self.door))
        if refuses is not (self.made.desk.refuses is not None):
            self.made.desk.refuses = LOCAL if refuses else None
            self.note("local" if refuses else "remote")
        self._tell()
        if self.confirms is not None and self.linked:
            await self._confirm(age, self.confirms)

    async def _confirm(self, age: float, after: float) -> None:
        """Have a person confirm texts that ask for it."""
        for mark, word in tuple(self.made.box.board.words.items()):
            asks = isinstance(word, messages.Notice) and word.confirm
            if not asks or age - self._read.setdefault(mark, age) < after:
                continue
            with suppress(*LOST):
                await self.made.box.confirm(word)
                self._read[mark] = math.inf
                self.note("confirmed", mrid=mark)

    def _tell(self) -> None:
        """Tell what has changed: the link, and what is demanded."""
        if self.linked is not self._there:
            self._there = self.linked
            self.note("linked" if self._there else "cut")
        if self.made.demanded != self._demanded:
            self._demanded = self.made.demanded
            said = self._demanded.model_dump(exclude_none=True) if self._demanded else {}
            self.note("demand", modes=sorted(said), said=station.words(self._demanded or messages.Modes()))


@asynccontextmanager
async def plant(
    papers: Papers,
    unit: Unit,
    door: Door,
    faults: Faults,
    when: tuple[Tell, Tell],
    *,
    modes: frozenset[str] = frozenset(),
) -> AsyncIterator[Plant]:
    """Make one, given the time and its age; nothing runs yet. It has all modes, if none is named."""
    now, age = when

    def clock() -> float:
        return faults.drifted(now(), age())

    async with station.outstation(papers, unit, clock, modes) as made:
        made.meter.told = lambda output: warped(output, faults, age())
        yield Plant(made, door, faults, age)


def warped(output: Output, faults: Faults, age: float) -> Output:
    """What a meter says of an output: wrong where it has a fault."""
    return output._replace(w=faults.warped("W", output.w, age), var=faults.warped("var", output.var, age))
