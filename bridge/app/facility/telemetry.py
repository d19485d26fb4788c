"""What a unit tells, brought into the store: read once, kept current by reports, else by asking again.

Its capability, settings, status and readings go in as the device's own words (voice.py). Reports are dealt
with in the order in which they came; the entry of a buffered block counts as dealt with when all it says is
in the store, so that after a crash it comes again, and changes nothing twice. Runs while the unit is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import structlog

from bridge.app.facility import blocks, mirrored, speech, wanted
from bridge.app.facility.band import beyond
from bridge.app.facility.blocks import Enabled
from bridge.app.facility.ear import Ear
from bridge.app.facility.memory import Memory
from bridge.app.facility.mirrored import Figure
from bridge.app.facility.moved import moved
from bridge.app.facility.picture import Drawn, Picture, about
from bridge.app.facility.session import Session
from bridge.app.facility.voice import Unheard, Voice, kept
from bridge.app.facility.wanted import KINDS, READING, Object
from bridge.iec61850.shape import Value
from models import kit

LIVING = ("ST", "MX")
TOGETHER = 64
"""Reports that go into the store together."""
MOST = 1_000
"""Things not taken that are told of one association."""
TOLD: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType({
    "Capability": (("", "DERCapability"),),
    "Setting": (("", "DERSettings"),),
    "Status": (("operation", "DERStatus"), ("availability", "DERAvailability")),
})  # fmt: skip
"""Which part of a record is told as which document."""
AGAIN = "Status"
"""What is told again though it has not changed: that it is heard shows that the unit is there."""
LOG = structlog.get_logger("derbridge")


class Terms(NamedTuple):
    """How often, in seconds, and how exactly."""

    poll: float = 60.0
    """Between two readings of what no report brings."""
    refresh: float = 300.0
    """Between two readings of everything; what has not changed is told again, too."""
    band: float = 1.0
    """What the widths of the bands are multiplied by."""


@dataclass(slots=True)
class Telemetry:
    """One unit's telemetry, as long as its association lasts."""

    session: Session
    voice: Voice
    memory: Memory
    terms: Terms
    clock: Callable[[], float]
    counted: Callable[[str, int], None] = lambda _what, _count: None
    """Told how many reports, readings and documents there were."""
    current: Callable[[str], None] = lambda _lfdi: None
    """Told that all that a unit has was read."""
    picture: Picture = field(init=False)
    ear: Ear = field(init=False)
    _told: dict[str, kit.Model] = field(default_factory=dict)
    _figures: dict[tuple[bool, str], Figure] = field(default_factory=dict)
    _apart: set[tuple[str, str]] = field(default_factory=set)
    _factor: Decimal = field(init=False)

    def __post_init__(self) -> None:
        """Read how exactly to tell."""
        self._factor = Decimal(repr(self.terms.band))
        self.ear = Ear(self.session.unit.lfdi, self._left, self.session.doubt)

    async def run(self) -> None:
        """Tell what there is, then what changes."""
        domain = self.session.found.domains[self.session.device]
        self.picture = Picture(domain.index)
        stop = self.session.reports(self.ear.hear)
        try:
            taken = await self.session.converse(blocks.enabled(domain, self._wants, self.memory.entries))
            self.ear.listen(taken)
            await self._everything()  # what changes from now on is reported, what changed before is read
            await self._said(taken)
            await self._follow()
        finally:
            stop()

    async def _said(self, taken: Iterable[Enabled]) -> None:
        """Have it in the log how the unit's changes come."""
        lfdi, names = self.session.unit.lfdi, [each.path for each in taken]
        for each in taken:
            if not each.resumed:
                LOG.warning("entries missed", part="facility", lfdi=lfdi, block=each.path)
        LOG.info("telemetry", part="facility", lfdi=lfdi, device=self.session.device, blocks=names)
        nodes = sorted({item.partition("$")[0] for item in self.picture.index.names})
        differences = list(self.session.differences)
        await self.memory.tell(device=self.session.device, nodes=nodes, blocks=names, differences=differences)

    async def _follow(self) -> None:
        """Take reports as they come, and ask for what none brings."""
        now = self.clock()
        poll, refresh = now + self.terms.poll, now + self.terms.refresh
        while True:
            wait = max(min(poll, refresh) - self.clock(), 0)
            try:
                async with asyncio.timeout(wait):
                    await self.ear.came.wait()
            except TimeoutError:
                pass
            self.ear.came.clear()
            await self._reports()
            now = self.clock()
            if refresh <= now or self.ear.overrun:
                self.ear.overrun = False
                await self._everything()
                poll, refresh = now + self.terms.poll, now + self.terms.refresh
            elif poll <= now:
                await self._some(self._unreported())
                poll = now + self.terms.poll

    # ------------------------------------------------------------------------------------------------ asking

    async def _everything(self) -> None:
        """Read all that records need, and tell it whether it has changed or not."""
        self._told.clear()
        self._figures.clear()
        await self._some(wanted.items(self.picture.index, KINDS))
        self.current(self.session.unit.lfdi)

    def _unreported(self) -> list[Object]:
        """What lives and is in no report."""
        covered = {item for each in self.ear.blocks.values() for item in each.members}
        found = wanted.items(self.picture.index, ("Status", READING))
        return [each for each in found if each.fc in LIVING and each.item not in covered]

    async def _some(self, objects: Iterable[Object]) -> None:
        device, loose = self.session.device, self.session.found.loose
        items = [each.item for each in objects]
        heard = await self.session.converse(
            speech.values(
                device, self.picture.index, items, frozenset(item for of, item in loose if of == device)
            )
        )
        if heard.strange:
            self.session.doubt(heard.strange)
        for item, why in heard.apart.items():
            self._left(item, why)
        kinds = self.picture.put(heard.leaves)
        figures = self._read(heard.leaves) if heard.leaves else []
        await self._tell(kinds | (frozenset(KINDS) if not self._told else frozenset()), figures)

    # ----------------------------------------------------------------------------------------------- reports

    async def _reports(self) -> None:
        """Bring what waits into the store, some of it at a time."""
        while some := self.ear.some(TOGETHER):
            kinds: frozenset[str] = frozenset()
            figures: list[tuple[bool, Figure]] = []
            entries: dict[str, bytes] = {}
            for found in some:
                kinds |= self.picture.put(found.leaves)
                figures += self._read(found.leaves)
                if found.entry:
                    entries[found.path] = found.entry
            await self._tell(kinds, figures)
            await self.memory.dealt(entries)
            self.counted("reports", len(some))

    # ----------------------------------------------------------------------------------------------- telling

    def _read(self, leaves: dict[str, Value]) -> list[tuple[bool, Figure]]:
        """The figures of meters that are worth telling."""
        found: list[tuple[bool, Figure]] = []
        now = self.clock()
        for site in (False, True):
            drawn = self.picture.metered(leaves, about(self.session.unit.lfdi, now), site=site)
            if drawn is None:
                continue
            self._note(drawn, READING)
            if drawn.record is not None:
                made = mirrored.figures(drawn.record, partial(self.voice.series, site=site), now)
                found += [(site, each) for each in made if self._fresh((site, each.series), each)]
        return found

    def _fresh(self, key: tuple[bool, str], figure: Figure) -> bool:
        """Whether a figure is worth telling, and if so it is told from here on."""
        was = self._figures.get(key)
        if was is not None and figure.at >= was.at:
            same = was.flags == figure.flags
            if same and not beyond(figure.unit, was.value, figure.value, self._factor):
                return False
        if was is None or figure.at >= was.at:
            self._figures[key] = figure
        return True

    async def _tell(self, kinds: frozenset[str], figures: list[tuple[bool, Figure]]) -> None:
        """Bring what has changed into the store."""
        for kind in (name for name in TOLD if name in kinds):
            drawn = self.picture.drawn(kind, about(self.session.unit.lfdi, self.clock()))
            self._note(drawn, kind)
            if drawn.record is not None:
                await self._record(kind, drawn.record)
        for site in (False, True):
            some = [each.document for of, each in figures if of is site]
            if some:
                await self._heard(self.voice.read(some, site=site), "readings", len(some))

    async def _record(self, kind: str, record: Any) -> None:  # noqa: ANN401 - of one of three classes
        """Tell what a record says, as far as that is worth it."""
        for part, document in TOLD[kind]:
            said = kept(record, part) if part else record
            was = self._told.get(document)
            if said is None or (was is not None and not moved(was, said, self._factor)):
                continue
            self._told[document] = said
            if kind == "Setting":
                said = said.model_copy(update={"updated": Decimal(int(self.clock()))})
            await self._heard(self.voice.put(said, document, again=kind == AGAIN), "documents", 1)

    async def _heard(self, saying: Awaitable[object], what: str, count: int) -> None:
        """Have something said; what is not taken is in the log."""
        try:
            await saying
        except Unheard as why:
            self._left(what, str(why))
        else:
            self.counted(what, count)

    def _note(self, drawn: Drawn, kind: str) -> None:
        for name, why in drawn.apart:
            self._left(f"{kind} {name}", why)

    def _left(self, what: str, why: str) -> None:
        """Say once that something of the unit's was not taken."""
        if (what, why) in self._apart or len(self._apart) >= MOST:
            return
        self._apart.add((what, why))
        LOG.warning("not taken", part="facility", lfdi=self.session.unit.lfdi, what=what, reason=why[:200])

    def _wants(self, item: str) -> bool:
        found = wanted.split(item)
        return found is not None and any(wanted.wants(kind, found.node, found.name) for kind in KINDS)
