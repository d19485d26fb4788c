"""What became of what 61850 clients began: events as the store has them, and what devices said of them.

Each control that came by this door is watched until it is over. A device's Responses (IEEE 2030.5 10.3) end
the command that began it, and the state of the event is that of its schedule; both are shown in the image.
After a restart all is read again from the rows. Silence is never taken for success. Reads and listens;
writes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import structlog

from bridge.app.endpoint import outcomes
from bridge.app.endpoint.deeds import DOOR, OURSELVES
from bridge.app.endpoint.outcomes import Word
from bridge.app.endpoint.screen import Entry, Screen
from bridge.core.events import State
from bridge.iec61850.command import Command
from bridge.sep2 import canon, dispatch, groups, ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Ask
from bridge.sep2.work import Policy, Trace, Work
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from models.mms.codes import AddCause

TYPES = ("DERControlResponse", "Response")
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
    stirred: Callable[[], None] = lambda: None
    """Called when values have changed."""
    entries: dict[str, Entry] = field(default_factory=dict)
    """By mRID."""
    _due: set[str] = field(default_factory=set)
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
        found = (each for each in self.entries.values() if each.identity == identity)
        return [each for each in found if each.about == about or each.about.startswith(f"{about}.")]

    def held(self, command: Command) -> Entry | None:
        """Give what a command has begun."""
        return next((each for each in self.entries.values() if each.command is command), None)

    def again(self, identity: str) -> None:
        """Show anew what is under way at a device, whose image was made anew."""
        self.screen.show([each for each in self.entries.values() if each.identity == identity], self.clock())

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of responses, and of events that changed."""
        if EVERY in topics:
            self._look(set(self.entries))
            return
        found = {each.rpartition("^")[2] for each in topics if each.startswith(PREFIXES)}
        lists = {each.removesuffix("/") for each in topics if each.endswith("/derc/")}
        changed = {mark for mark, each in self.entries.items() if each.parent in lists} if lists else set()
        self._look((found & self.entries.keys()) | changed)

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
            due, self._due = self._due, set()
            try:
                for mark in sorted(due & self.entries.keys()):
                    await self._one(self.entries[mark])
            except Unavailable:
                self._due |= due
                await asyncio.sleep(AGAIN)
        self._arm()
        self.stirred()

    async def _one(self, entry: Entry) -> None:
        """See how one event stands, and what its device has said."""
        row = await self.store.get(entry.href)
        said: dict[str, list[Row]] = {lfdi: [] for lfdi in await self._members(entry, row)}
        for type_ in TYPES:
            for each in await self.store.grouped(type_, entry.mark):
                said.setdefault(each.owner, []).append(each)
        state = await self._state(row) if row else State.CANCELLED
        words = [outcomes.word(_statuses(rows), state) for rows in said.values()]
        word = outcomes.together(words, outcomes.word((), state))
        if word.cause is not None and len(said) == 1 and state not in outcomes.ENDS:
            self.refused(entry, word.cause)
        self._taken(entry, word)

    async def _members(self, entry: Entry, row: Row | None) -> tuple[str, ...]:
        """Give the devices that an event is for."""
        programme = await self.store.get(entry.parent.rpartition("/")[0]) if row else None
        return await groups.members(self.store, programme.grp) if programme else ()

    async def _state(self, row: Row) -> State:
        ask = Ask("GET", row.href, OURSELVES.peer, int(self.clock()))
        return (await dispatch.state(Work(ask, OURSELVES.caller, self.policy(), Trace(self.store)), row)).code

    def _taken(self, entry: Entry, word: Word) -> None:
        """Take what became of an event: its command ends by the first word that says how."""
        now = self.clock()
        entry.started, entry.over, entry.error = word.started, word.over, word.error
        if word.said and entry.command is not None:
            command, entry.command = entry.command, None
            self.ended(command, word.cause)
        self.screen.show([each for each in self.entries.values() if each.identity == entry.identity], now)
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
        edges = [at for each in self.entries.values() for at in each.edges if at > now]
        if edges:
            wait = float(min(edges) - now) + 0.01
            self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = Decimal(repr(self.clock()))
        self._look({mark for mark, each in self.entries.items() if any(at <= now for at in each.edges)})
        self._arm()


PREFIXES = tuple(f"{type_}^" for type_ in TYPES)


def _statuses(rows: list[Row]) -> list[int]:
    """Give what one device has said of an event, in its order."""
    found = (canon.obj(row).status for row in sorted(rows, key=_when))
    return [status for status in found if status is not None]


def _when(row: Row) -> tuple[int, int]:
    return row.at, ours.number(row.href)
