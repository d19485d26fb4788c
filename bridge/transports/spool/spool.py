"""The relay's queue that survives a restart: all of it in memory, and every change in a file.

What is called in one turn of the loop is one group; groups that gather while the disk is busy become one. A
thread writes them, in their order, and the board is told when a group is on the disk. While the file cannot
be written nothing is acknowledged, and the same group is tried again. `bridge.xmpp.queue` says what it keeps.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import structlog

from bridge.transports.spool.file import File
from bridge.transports.spool.group import Group
from bridge.xmpp.queue import Full, Kept, Record

AGAIN = 1.0
"""Seconds before a group is tried again that could not be written."""
PATIENCE = 5.0
"""Seconds that the end waits for the disk."""
LOG = structlog.get_logger("derbridge", part="relay")


@dataclass(slots=True)
class Box:
    """What an owner has."""

    kept: deque[Kept] = field(default_factory=deque)
    size: int = 0
    most: int = 0
    """Bytes that it may have."""
    record: Record | None = None


class Spool:
    """The queue; made within the loop that it works for."""

    def __init__(self, path: Path, *, waiting: int, share: Callable[[Record | None], int], room: int) -> None:
        """`share` says how many of the bytes of all may be a session's, or an account's."""
        self.durable = 0
        self.told: Callable[[int], None] | None = None
        self.size = 0
        """Bytes of all that waits."""
        self._waiting, self._share, self._room = waiting, share, room
        self._boxes: dict[str, Box] = {}
        self._group = Group(1)
        self._gathering = self._busy = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._loop = asyncio.get_running_loop()
        self._file = File(path)
        self._load()
        self._ended = threading.Event()
        self._groups: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="spool")
        self._thread.start()

    def _load(self) -> None:
        for owner, kept in self._file.kept():
            self._take(self._box(owner), kept)
        for record in self._file.records():
            self._of(record)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def end(self) -> None:
        """Write what is not written yet, and let go of the file; what cannot be written is lost."""
        self._gather()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), PATIENCE)
        self._ended.set()
        self._groups.put(None)
        await asyncio.to_thread(self._thread.join)
        self._file.close()

    @property
    def stanzas(self) -> int:
        """How many stanzas wait."""
        return sum(len(box.kept) for box in self._boxes.values())

    # ----------------------------------------------------------------------------------------- the port

    def latest(self) -> int:
        """Give the ticket of the last change."""
        return self._group.ticket if self._group.dirty else self._group.ticket - 1

    def put(self, owner: str, seq: int, stanza: bytes, at: float, expires: float) -> int:
        """Keep a stanza, and give its ticket; Full where it is too much."""
        box, size = self._box(owner), len(stanza)
        many = box.record is None and len(box.kept) >= self._waiting
        if many or box.size + size > box.most or self.size + size > self._room:
            self._tidy(owner)
            raise Full(owner)
        kept = Kept(seq, stanza, at, expires)
        self._take(box, kept)
        self._group.keep(owner, kept)
        return self._changed()

    def drop(self, owner: str, upto: int) -> None:
        """Forget what an owner has up to a number."""
        box = self._box(owner)
        while box.kept and box.kept[0].seq <= upto:
            self._give(box, box.kept.popleft())
        self._group.forget(owner, upto)
        if box.record is not None:
            box.record = box.record._replace(acked=upto)
            self._group.record(box.record)
        self._tidy(owner)
        self._changed()

    def after(self, owner: str, seq: int) -> Sequence[Kept]:
        """Give what an owner has after a number, in order."""
        box = self._boxes.get(owner)
        return [one for one in box.kept if one.seq > seq] if box else []

    def count(self, owner: str) -> int:
        """Say how many stanzas an owner has."""
        box = self._boxes.get(owner)
        return len(box.kept) if box else 0

    def last(self, owner: str) -> int:
        """Give the highest number that an owner has, 0 for none."""
        box = self._boxes.get(owner)
        return box.kept[-1].seq if box and box.kept else 0

    def open(self, record: Record) -> int:
        """Keep a record, or put it in the place of the one of this owner."""
        self._of(record)
        self._group.record(record)
        return self._changed()

    def heard(self, owner: str, count: int) -> int:
        """Set how many stanzas a session has been heard to send."""
        box = self._boxes.get(owner)
        if box is None or box.record is None:
            raise KeyError(owner)
        box.record = box.record._replace(heard=count)
        self._group.record(box.record)
        return self._changed()

    def close(self, owner: str) -> None:
        """Forget an owner: record and stanzas."""
        box = self._boxes.pop(owner, None)
        if box is not None:
            self.size -= box.size
            self._group.close(owner)
            self._changed()

    def records(self) -> Sequence[Record]:
        """Give all records."""
        return [box.record for box in self._boxes.values() if box.record is not None]

    def sweep(self, now: float) -> int:
        """Forget stanzas that have expired, and say how many."""
        gone = 0
        for owner, box in tuple(self._boxes.items()):
            over = [one for one in box.kept if one.expires <= now]
            if over:
                gone += len(over)
                box.kept = deque(one for one in box.kept if one.expires > now)
                for one in over:
                    self._give(box, one)
                    self._group.expire(owner, one.seq)
                self._tidy(owner)
                self._changed()
        return gone

    # ----------------------------------------------------------------------------------------- in memory

    def _box(self, owner: str) -> Box:
        box = self._boxes.get(owner)
        if box is None:
            box = self._boxes[owner] = Box(most=self._share(None))
        return box

    def _of(self, record: Record) -> None:
        box = self._box(record.owner)
        box.record, box.most = record, self._share(record)

    def _tidy(self, owner: str) -> None:
        box = self._boxes[owner]
        if not box.kept and box.record is None:
            del self._boxes[owner]

    def _take(self, box: Box, kept: Kept) -> None:
        box.kept.append(kept)
        box.size += len(kept.stanza)
        self.size += len(kept.stanza)

    def _give(self, box: Box, kept: Kept) -> None:
        box.size -= len(kept.stanza)
        self.size -= len(kept.stanza)

    # ------------------------------------------------------------------------------------- onto the disk

    def _changed(self) -> int:
        """Have the group written once this turn is over; its ticket."""
        if not self._gathering:
            self._gathering = True
            self._idle.clear()
            if not self._busy:
                self._loop.call_soon(self._gather)
        return self._group.ticket

    def _gather(self) -> None:
        """Send a group on its way, unless one is still on it."""
        if self._busy or not self._gathering:
            return
        self._busy, self._gathering = True, False
        group, self._group = self._group, Group(self._group.ticket + 1)
        self._groups.put(group)

    def _done(self, ticket: int) -> None:
        self._busy = False
        if self._gathering:
            self._gather()
        else:
            self._idle.set()
        self.durable = ticket
        if self.told is not None:
            self.told(ticket)

    def _work(self) -> None:
        """Write one group after the other; runs in the thread."""
        while (group := self._groups.get()) is not None:
            while not self._written(group):
                if self._ended.wait(AGAIN):
                    return
            self._loop.call_soon_threadsafe(self._done, group.ticket)

    def _written(self, group: Group) -> bool:
        try:
            self._file.write(group)
        except (sqlite3.Error, OSError) as error:
            LOG.error("queue not written", reason=str(error), file=str(self._file.path))  # noqa: TRY400 - the reason says it
            return False
        return True
