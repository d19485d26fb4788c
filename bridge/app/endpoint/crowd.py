"""A logical device for each programme: what the units of its group are together, kept current.

IEEE 2030.5 DERProgram of a group, with all units of the group and of those below it. It is there as soon as
one of them is; what it sums is in totals.py. Who may see it is who may see all devices of the group, since a
sum tells of each. Reads and listens; never writes to the store.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.metadata import version
from typing import Any, NamedTuple

import structlog

from bridge.app.endpoint.desk import Desk
from bridge.app.endpoint.house import Neighbour
from bridge.app.endpoint.rights import Rights
from bridge.iec61850 import device, totals
from bridge.iec61850.device import Device
from bridge.iec61850.estate import Estate
from bridge.iec61850.first import Plate
from bridge.iec61850.image import Change, DataSet
from bridge.mapping.bases import Bases
from bridge.sep2 import groups, ours, place
from bridge.sep2.enrol import LIST as DEVICES
from bridge.sep2.shelf import HIDDEN, Cut, Row
from bridge.sep2.work import Trace
from bridge.transports.pages import EVERY
from bridge.transports.store.store import Store

LIST, TYPE = "/derp", "DERProgram"
WANTS = frozenset({"mine", "place", "devices"})
MATTERS = re.compile(rf"({LIST}|{DEVICES})/\d*")
"""Programmes, and devices: whose they are is who may see what they are in."""
PAGE = 255
PAUSE = 1.0
"""Seconds between two sums of one group, at least; and between two looks at all groups, at most."""
REST = 10.0
"""How many times as long as a look took no other follows, so that a fleet that grows is no square of work."""
STORE = "DSTO1"
MEMBERS = "LLN0$Members"
STATE = "DGEN1$ST$DEROpSt"
"""What the data set of the members names of each."""
SUMS = (
    "setMaxW",
    "setMaxChargeRateW",
    "setMaxDischargeRateW",
    "setMaxVA",
    "setMaxVar",
    "setMaxVarNeg",
    "WhRtg",
)
"""Bases of percentages that a group has as the sum of its members'."""
VERSION = version("derbridge")
LOG = structlog.get_logger("derbridge")


class Party(NamedTuple):
    """What a group's device is made of: identities of its units, what they can do, the group's name."""

    members: tuple[str, ...]
    able: tuple[str, ...]
    storing: bool
    words: str


@dataclass(slots=True, repr=False)
class Crowd:
    """All groups."""

    store: Store
    estate: Estate
    rights: Rights
    neighbours: tuple[Neighbour, ...]
    of: Callable[[str], Sequence[str]]
    """The logical devices of a device."""
    clock: Callable[[], float]
    stirred: Callable[[], None] = lambda: None
    desk: Desk | None = None
    """Who keeps what commands are held against, and what was written."""
    rested: Callable[[], None] = lambda: None
    """Called when what has changed meanwhile may be read."""
    changed: bool = False
    """Whether groups, programmes or members have changed."""
    programmes: dict[str, str] = field(default_factory=dict)
    """The address of each programme that is shown, by its mRID."""
    _parties: dict[str, Party] = field(default_factory=dict)
    _of: dict[str, set[str]] = field(default_factory=dict)
    """The groups of each domain, by mRID."""
    _changed: set[str] = field(default_factory=set)
    """Groups of which something has changed since they were summed."""
    _summed: float = 0.0
    _timer: asyncio.TimerHandle | None = None
    _resting: asyncio.TimerHandle | None = None

    @property
    def due(self) -> bool:
        """Whether there is something to be read now."""
        return self.changed and self._resting is None

    def open(self) -> None:
        """Watch the members from now on."""
        self.estate.image.watchers.append(self._put)

    def close(self) -> None:
        """Read and sum no more."""
        self._still()
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None

    def _still(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def hear(self, topics: Iterable[str]) -> None:
        """Take note of groups and programmes that changed."""
        self.changed = self.changed or any(
            one.startswith((ours.GROUPS, f"{HIDDEN}member")) or one == EVERY or MATTERS.fullmatch(one)
            for one in topics
        )

    async def read(self) -> None:
        """Show the programmes as they are now."""
        if not self.due:
            return
        self.changed, loop = False, asyncio.get_running_loop()
        begun = loop.time()
        try:
            found = [(row, await self._party(row)) for row in await self._rows()]
            for mrid in self._parties.keys() - {row.mark for row, party in found if party.members}:
                self._drop(mrid)
            for row, party in found:
                if party.members:
                    await self._shown(row, party)
        except BaseException:
            self.changed = True
            raise
        self._belong()
        self._resting = loop.call_later(min(REST * (loop.time() - begun), PAUSE), self._rested)

    def _rested(self) -> None:
        self._resting = None
        self.rested()

    async def _rows(self) -> list[Row]:
        found: list[Row] = []
        while True:
            page = await self.store.children(LIST, Cut(start=len(found), limit=PAGE))
            found += page.rows
            if not page.rows or len(found) >= page.total:
                return [row for row in found if row.mark and row.type == TYPE and row.grp]

    async def _party(self, row: Row) -> Party:
        """What the device of a programme is made of now."""
        held = await self.store.get(row.grp)
        if held is not None and held.owner:  # of one device alone: it is a logical device itself
            return Party((), (), storing=False, words="")
        lfdis = await groups.members(self.store, row.grp)
        members = tuple(sorted(identity for lfdi in lfdis for identity in self.of(lfdi)))
        units = [self.estate.devices[identity] for identity in members]
        able = tuple(sorted({mode for each in units for mode in each.able}))
        storing = any(node.name == STORE for each in units for node in each.draft.nodes)
        said = ours.read(held)
        return Party(members, able, storing, str(said.get("name", "")))

    async def _shown(self, row: Row, party: Party) -> None:
        try:
            await self._show(row, party)
        except (ValueError, LookupError) as error:
            LOG.warning("no logical device", part="iec61850", programme=row.href, reason=str(error)[:200])
            self._drop(row.mark)

    async def _show(self, row: Row, party: Party) -> None:
        """Put a group's device in place: a new one where it can do other things, else the one there was."""
        where = await place.target(Trace(self.store), (row.grp,), WANTS)
        was, made, fresh = self._parties.get(row.mark), self.estate.devices.get(row.mark), False
        if made is None or was is None or was[1:] != party[1:]:
            self._drop(row.mark)
            made = self._made(row.mark, party)
            fresh = True
        elif self.rights.places.get(made.name) != where or was.members != party.members:
            self._leave(made.name)
            self._join(made, party)
        self.rights.places[made.name] = where
        self._parties[row.mark], self.programmes[row.mark] = party, row.href
        if self.desk is not None:
            await self.desk.group(row.mark, where, fresh=fresh)
        self._changed.add(row.mark)

    def _made(self, mrid: str, party: Party) -> Device:
        units = [self.estate.devices[identity] for identity in party.members]
        plate = Plate(version=VERSION, serial=mrid, model=party.words)
        made = device.group(mrid, party.able, bases(units), self.clock(), storing=party.storing, plate=plate)
        self.estate.add(mrid, made)
        self._join(made, party)
        return made

    def _join(self, made: Device, party: Party) -> None:
        """Have report blocks of a group, and the names of its members as they are now."""
        units = (self.estate.devices[identity] for identity in party.members)
        made.domain.sets[MEMBERS] = DataSet(tuple((each.name, STATE) for each in units))
        for each in self.neighbours:
            each.join(made.name, self.clock())

    def _leave(self, domain: str) -> None:
        for each in self.neighbours:
            each.leave(domain)

    def _drop(self, mrid: str) -> None:
        """Leave a group out."""
        found = self.estate.devices.get(mrid)
        self._parties.pop(mrid, None)
        self.programmes.pop(mrid, None)
        self._changed.discard(mrid)
        if found is not None:
            self._leave(found.name)
            self.rights.places.pop(found.name, None)
            self.estate.drop(mrid)

    # --------------------------------------------------------------------------------------------------- sums

    def _belong(self) -> None:
        """Know the groups of each domain, and sum what is new."""
        self._of.clear()
        for mrid, party in self._parties.items():
            for identity in party.members:
                self._of.setdefault(self.estate.devices[identity].name, set()).add(mrid)
        if self._changed:
            self.settle()

    def _put(self, changes: tuple[Change, ...], now: float) -> None:
        """Take note that values of a member were put; sums follow, not more often than they need."""
        del now
        found = self._of.get(changes[0].domain) if changes else None
        if found:
            self._changed |= found
            if self._timer is None:
                loop = asyncio.get_running_loop()
                wait = max(self._summed + PAUSE - loop.time(), 0.0)
                self._timer = loop.call_later(wait, self.settle)

    def settle(self) -> None:
        """Sum what has changed."""
        self._still()
        self._summed = asyncio.get_running_loop().time()
        changed, self._changed = self._changed, set()
        for mrid in changed & self._parties.keys():
            units = [self.estate.devices.get(identity) for identity in self._parties[mrid].members]
            found = totals.total(self.estate.devices[mrid], [each for each in units if each is not None])
            if found:
                self.estate.put(mrid, found, self.clock())
        self.stirred()


def bases(units: Iterable[Device]) -> Bases:
    """The bases of percentages of some units together: of each that all of them have told."""
    held = [each.bases for each in units]
    said = {name: [getattr(each, name) for each in held] for name in SUMS}
    found: dict[str, Any] = {name: sum(each, Decimal(0)) for name, each in said.items() if None not in each}
    return Bases(**found)
