"""What became of what 61850 clients began: events as the store has them, and what devices said of them.

Each control that came by this door is watched until it is over. A device's Responses (IEEE 2030.5 10.3) end
the command that began it, and the state of the event is that of its schedule; both are shown in the image.
After a restart all is read again from the rows. Silence is never taken for success. Reads and listens;
writes nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import structlog

from bridge.app.endpoint import outcomes, screen
from bridge.app.endpoint.deeds import DOOR, OURSELVES
from bridge.app.endpoint.outcomes import Word
from bridge.app.endpoint.parts import Spans
from bridge.app.endpoint.screen import Entry, Screen
from bridge.app.endpoint.tally import Tally
from bridge.core.events import State
from bridge.iec61850.command import Command
from bridge.sep2 import canon, dispatch, groups
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Ask
from bridge.sep2.work import Policy, Trace, Work
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from models.mms.codes import AddCause

TYPES = ("DERControlResponse", "Response")
PREFIXES = tuple(f"{type_}^" for type_ in TYPES)
RESPONSE = re.compile("/rsps/[0-9]+/rsp/[0-9]+")
MEMBER = "Member^"
PAGE = 255
AGAIN = 1.0
"""Seconds before the store is asked again that could not be read."""
LOG = structlog.get_logger("derbridge")
Ended = Callable[[Command, AddCause | None], None]


@dataclass(slots=True, repr=False)
class Watch:
    """All that is not over yet."""

    store: Store
    policy: Callable[[], Policy]
    screen: Screen
    clock: Callable[[], float]
    ended: Ended = lambda *_: None
    """Told how a command has ended."""
    refused: Callable[[Entry, AddCause], None] = lambda *_: None
    """Told of an event that its only device does not follow, though it stands."""
    left: Callable[[str, str], None] = lambda *_: None
    """Told of a schedule that has ended with what it went with, by device."""
    stirred: Callable[[], None] = lambda: None
    """Called when values have changed."""
    entries: dict[str, Entry] = field(default_factory=dict)
    """By mRID."""
    opened: bool = False
    """Whether all that was begun before has been found: whose image is new waits for that."""
    _edges: dict[str, tuple[Decimal, ...]] = field(default_factory=dict)
    """When what goes with events changes by the clock, by device."""
    _due: set[str] = field(default_factory=set)
    _news: set[str] = field(default_factory=set)
    """Responses that came, and are not counted yet."""
    _task: asyncio.Task[None] | None = None
    _timer: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Find what was begun before, and listen from now on."""
        self.store.listen(self.hear)
        cut = Cut(limit=groups.EVERY, ending=int(self.clock()))
        for programme in (await self.store.children("/derp", Cut(limit=groups.EVERY))).rows:
            for row in (await self.store.children(f"{programme.href}/derc", cut)).rows:
                self._found(row, await self._identity(programme))
        self._due |= set(self.entries)
        await self._read()
        self.opened = True
        for identity in list(self.screen.estate.devices):
            self.again(identity)

    async def _identity(self, programme: Row) -> str:
        """Say whose a programme is: a device's, or its own."""
        group = await self.store.get(programme.grp)
        return group.owner if group and group.owner else programme.mark

    def _found(self, row: Row, identity: str) -> None:
        """Take up an event of ours that is stored."""
        control = canon.control(row.record) if row.record else None
        if control is None or control.origin.door != DOOR:
            return
        self.entries[row.mark] = Entry(row.mark, row.href, identity, control.description or "", control)

    async def close(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # --------------------------------------------------------------------------------------- what is watched

    def add(self, row: Row, identity: str, command: Command | None) -> None:
        """Watch a control that has begun, and the command that waits for its outcome."""
        self._found(row, identity)
        self.entries[row.mark].command = command
        self._look({row.mark, *self._beside(row.parent)})

    def of(self, identity: str, about: str) -> list[Entry]:
        """Give what is under way of an object, a schedule, or anything of a node."""
        return [
            each for each in self._at(identity) if each.about == about or each.about.startswith(f"{about}.")
        ]

    def held(self, command: Command) -> Entry | None:
        """Give what a command has begun."""
        return next((each for each in self.entries.values() if each.command is command), None)

    def again(self, identity: str) -> None:
        """Show anew what is under way at a device, whose image was made anew."""
        if self.opened:
            self._show(identity)
            self._arm()

    def _show(self, identity: str) -> None:
        beside = self.screen.show(identity, self._at(identity), self.clock())
        self._edges[identity] = beside.edges
        for schedule in beside.ended:
            self.left(identity, schedule)

    def spans(self, identity: str) -> Spans:
        """Give the windows of what is under way by schedules of a device."""
        return screen.spans(each for each in self._at(identity) if not each.over)

    def _at(self, identity: str) -> list[Entry]:
        return [each for each in self.entries.values() if each.identity == identity]

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of responses, and of events that changed."""
        if EVERY in topics:
            for each in self.entries.values():
                each.tally = None
            self._look(set(self.entries))
            return
        if any(each.startswith(MEMBER) for each in topics):
            self._regroup()
        found = {each.rpartition("^")[2] for each in topics if each.startswith(PREFIXES)}
        if found := found & self.entries.keys():
            news = {each for each in topics if RESPONSE.fullmatch(each)}
            self._news |= news
            for mark in found if not news else ():  # nobody says which response came: all are read
                self.entries[mark].tally = None
        lists = {each.removesuffix("/") for each in topics if each.endswith("/derc/")}
        changed = {mark for mark, each in self.entries.items() if each.parent in lists} if lists else set()
        self._look(found | changed)

    def _regroup(self) -> None:
        """Have it read again whom events are for, when they are looked at next."""
        for each in self.entries.values():
            if each.tally is not None:
                each.tally.members = None

    def _beside(self, parent: str) -> set[str]:
        return {mark for mark, each in self.entries.items() if each.parent == parent}

    def _look(self, marks: set[str]) -> None:
        self._due |= marks
        if self._due and (self._task is None or self._task.done()):
            self._task = asyncio.ensure_future(self._read())

    # ----------------------------------------------------------------------------------------------- reading

    async def _read(self) -> None:
        """Read what is due, until nothing is."""
        while self._due:
            due, self._due, news, self._news = self._due, set(), self._news, set()
            try:
                await self._hear(news)
                for mark in sorted(due & self.entries.keys()):
                    await self._one(self.entries[mark])
            except Unavailable:
                self._due |= due
                self._news |= news
                await asyncio.sleep(AGAIN)
        self._arm()
        self.stirred()

    async def _hear(self, news: set[str]) -> None:
        """Count responses that came."""
        hrefs = sorted(news)
        for start in range(0, len(hrefs), PAGE):
            cut = Cut(limit=PAGE, among=tuple(hrefs[start : start + PAGE]))
            for row in (await self.store.children("", cut)).rows:
                entry = self.entries.get(row.grp)
                if entry is not None and entry.tally is not None and row.type in TYPES:
                    entry.tally.take(row)

    async def _one(self, entry: Entry) -> None:
        """See how one event stands, and what its devices have said."""
        row, tally = await self.store.get(entry.href), entry.tally
        if tally is None:
            tally = Tally()
            for type_ in TYPES:
                for each in await self.store.grouped(type_, entry.mark):
                    tally.take(each)
        if tally.members is None or row is None:
            tally.members = await self._members(entry, row)
        state, entry.tally = await self._state(row) if row else State.CANCELLED, tally
        word = tally.word(state)
        if word.cause is not None and len(tally.devices) == 1 and state not in outcomes.ENDS:
            self.refused(entry, word.cause)
        self._taken(entry, word)

    async def _members(self, entry: Entry, row: Row | None) -> frozenset[str]:
        """Give the devices that an event is for."""
        programme = await self.store.get(entry.parent.rpartition("/")[0]) if row else None
        return frozenset(await groups.members(self.store, programme.grp) if programme else ())

    async def _state(self, row: Row) -> State:
        ask = Ask("GET", row.href, OURSELVES.peer, int(self.clock()))
        return (await dispatch.state(Work(ask, OURSELVES.caller, self.policy(), Trace(self.store)), row)).code

    def _taken(self, entry: Entry, word: Word) -> None:
        """Take what became of an event: its command ends by the first word that says how."""
        entry.started, entry.over, entry.error = word.started, word.over, word.error
        if word.said and entry.command is not None:
            command, entry.command = entry.command, None
            self.ended(command, word.cause)
        self._show(entry.identity)
        if entry.over:
            self.entries.pop(entry.mark, None)
            LOG.info(
                "control over", part="iec61850", mrid=entry.mark, about=entry.about, identity=entry.identity
            )

    # ------------------------------------------------------------------------------------------------- clock

    def _arm(self) -> None:
        """Look again when the next event begins or ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = Decimal(repr(self.clock()))
        every = (*(each.edges for each in self.entries.values()), *self._edges.values())
        if edges := [at for each in every for at in each if at > now]:
            wait = float(min(edges) - now) + 0.01
            self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = Decimal(repr(self.clock()))
        self._look({mark for mark, each in self.entries.items() if any(at <= now for at in each.edges)})
        for identity in [one for one, edges in self._edges.items() if any(at <= now for at in edges)]:
            self._show(identity)
        self.stirred()
        self._arm()
