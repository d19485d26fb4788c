"""SQLite: one connection that is read from in the loop itself, one that writes, and a thread for the disk.

Batches gather until the loop has nothing else to do, and become one transaction (WAL, synchronous=FULL: on
the disk before it is acknowledged). Its statements take some microseconds each and run in the loop, as
reads do; the thread commits, which waits for the disk, and rings the bell. What may take long is the
thread's alone. A file that was taken away or swapped is noticed before each use; nothing is ever written
beside it.
"""

from __future__ import annotations

import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bridge.transports.store.bell import Bell
from bridge.transports.store.engine import Pulse
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.file import TONGUE, File, copy, gone, quiet
from bridge.transports.store.group import Bulk, Done, Fetch, Rows, settle
from bridge.transports.store.job import MOST, Job, Outcome, deliver
from bridge.transports.store.ledger import Batch
from bridge.transports.store.notes import Notes
from bridge.transports.store.query import Book, Query
from bridge.transports.store.statements import STATEMENTS

STILL = 3
"""Turns of the loop without another batch after which a group is whole: in one, all sockets are read."""
LONGEST = 0.01
"""Seconds that a group gathers at most, while the loop is busy."""
LIGHT, CHANGE = 512 * 1024, 1024
"""Bytes that a group may write for its statements to run in the loop; what a change counts beside its own."""
FEW = 128
"""Decisions that may go with it."""


class Lite:
    """A SQLite file at work."""

    sure = True

    def __init__(self, path: Path, bell: Bell) -> None:
        self.book = Book(TONGUE, STATEMENTS)
        self.groups = 0
        self.notes = Notes()
        self._path = path
        self._bell = bell
        self._reader = File(path)
        self._writer = File(path, write=True)
        self._loop = asyncio.get_running_loop()
        self.wrote: Callable[[Done], None] | None = None
        """Told of each group, before those who wait for it."""
        self._waiting: list[Job] = []
        self._idle = asyncio.Event()
        self._idle.set()
        self._groups: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store")
        self._open = True
        self._reader.ready()
        self._thread.start()

    async def read(self, query: Query, arguments: Mapping[str, object]) -> Rows:
        """Read in the loop: it is over sooner than a thread would have begun."""
        if not self._open:
            raise Unavailable("the store is closed")
        with gone(self._reader):
            return self._reader.ready().execute(query.text, given(query, arguments)).fetchall()

    async def search(self, query: Query, arguments: Mapping[str, object]) -> Rows:
        """Read in a thread, through a connection of its own."""
        return await asyncio.to_thread(self._search, query.text, given(query, arguments))

    async def commit(self, batch: Batch) -> Rows:
        """Have a batch written with those that come with it, and wait until it is on the disk."""
        if not self._open:
            raise Unavailable("the store is closed")
        done: asyncio.Future[Rows] = self._loop.create_future()
        self._waiting.append(Job(batch, done))
        if self._idle.is_set():
            self._idle.clear()
            self._gather(0, 0, self._loop.time() + LONGEST)
        return await done

    async def pulse(self) -> Pulse:
        """The file's identity, and the last entry in it."""
        rows = await self.read(self.book["last"], {"counter": "entry"})
        return Pulse(self._reader.identity, rows[0][0])

    async def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file."""
        rows = await asyncio.to_thread(self._search, "PRAGMA integrity_check", [])
        return [row[0] for row in rows if row[0] != "ok"]

    async def copy(self, path: Path) -> None:
        """Copy the file in one step, which keeps nobody from writing."""
        with gone(self._reader):
            await asyncio.to_thread(copy, self._path, path)

    async def close(self) -> None:
        """Write what was taken on, and close."""
        if self._open:
            self._open = False
            await self._idle.wait()
            self._groups.put(None)
            await asyncio.to_thread(self._thread.join)
            self._writer.close()
            self._reader.close()

    def _search(self, text: str, arguments: Sequence[object]) -> Rows:
        file = File(self._path)
        try:
            with gone(file):
                return file.ready().execute(text, arguments).fetchall()
        finally:
            file.close()

    # ------------------------------------------------------------------- groups, in the loop

    def _gather(self, before: int, still: int, end: float) -> None:
        """Wait for more as long as more comes."""
        count = len(self._waiting)
        still = still + 1 if count == before else 0
        if still < STILL and count < MOST and self._loop.time() < end:
            self._loop.call_soon(self._gather, count, still, end)
        else:
            self._start()

    def _start(self) -> None:
        """Send a group on its way."""
        jobs, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        batches = [job.batch for job in jobs]
        done = self._ahead(batches)
        if done is None:
            self._groups.put(lambda: self._told(jobs, self._outcomes(batches)))
        else:
            self._groups.put(lambda: self._ended(jobs, done))

    def _ahead(self, batches: Sequence[Batch]) -> Done | None:
        """Do all but the commit; None where it is much, or anything in the way that the thread will tell."""
        connection: sqlite3.Connection | None = None
        try:
            if not light(batches) or len(self.notes) > FEW:
                return None
            connection = self._writer.ready()
            connection.execute("BEGIN IMMEDIATE")
            return self._drive(connection, batches)
        except Exception:  # noqa: BLE001 - as above
            if connection is not None:
                quiet(connection, "ROLLBACK")
            return None

    def _deliver(self, jobs: Sequence[Job], outcomes: Sequence[Outcome], done: Done | None) -> None:
        """Tell each what became of it, and go on with what came meanwhile."""
        deliver(jobs, outcomes)
        if self._waiting:
            self._gather(0, 0, self._loop.time() + LONGEST)
        else:
            self._idle.set()
        if done is not None and self.wrote is not None:
            self.wrote(done)

    # ----------------------------------------------------------------- groups, in the thread

    def _work(self) -> None:
        while (group := self._groups.get()) is not None:
            group()

    def _told(self, jobs: Sequence[Job], outcomes: Sequence[Outcome], done: Done | None = None) -> None:
        self._loop.call_soon_threadsafe(self._deliver, jobs, outcomes, done)

    def _ended(self, jobs: Sequence[Job], done: Done) -> None:
        """Commit what the loop has done."""
        try:
            with gone(self._writer):
                self._commit(self._writer.there, done)
        except Exception as failure:  # noqa: BLE001 - whatever it was, those who wait are to be told
            self._told(jobs, [failure] * len(jobs))
        else:
            self._told(jobs, done.results, done)

    def _outcomes(self, batches: Sequence[Batch]) -> list[Outcome]:
        """What became of each batch; one that cannot be written at all harms no other."""
        try:
            return list(self._group(batches).results)
        except Unavailable as failure:
            return [failure] * len(batches)
        except Exception as failure:  # noqa: BLE001 - whatever it was, its caller is to be told, and the thread goes on
            if len(batches) == 1:
                return [failure]
            return [outcome for batch in batches for outcome in self._outcomes([batch])]

    def _group(self, batches: Sequence[Batch]) -> Done:
        """One transaction."""
        with gone(self._writer):
            connection = self._writer.begin()
            try:
                done = self._drive(connection, batches)
            except BaseException:
                quiet(connection, "ROLLBACK")
                raise
            self._commit(connection, done)
        return done

    def _commit(self, connection: sqlite3.Connection, done: Done) -> None:
        """Have it on the disk, and tell everybody."""
        try:
            connection.execute("COMMIT")
        except BaseException:
            quiet(connection, "ROLLBACK")
            raise
        self.notes.done(done.noted)
        self.groups += 1
        if done.topics:
            self._bell.ring(done.topics, done.number)

    def _drive(self, connection: sqlite3.Connection, batches: Sequence[Batch]) -> Done:
        flow = settle(batches, self.notes.due())
        rows: Rows = ()
        try:
            step = next(flow)
            while True:
                rows = self._step(connection, step)
                step = flow.send(rows)
        except StopIteration as end:
            done: Done = end.value
            return done

    def _step(self, connection: sqlite3.Connection, step: Fetch | Bulk) -> Rows:
        query = self.book[step.name]
        if isinstance(step, Bulk):
            connection.executemany(query.text, step.rows)
            return ()
        return connection.execute(query.text, given(query, step.arguments)).fetchall()


def given(query: Query, arguments: Mapping[str, object]) -> list[Any]:
    """The arguments in their order, a list as JSON."""
    return [
        json.dumps(value) if isinstance(value, (list, tuple)) else value for value in query.given(arguments)
    ]


def light(batches: Sequence[Batch]) -> bool:
    """Whether a group is written in a few milliseconds at most."""
    if any(batch.chore is not None for batch in batches):
        return False
    changes = [change for batch in batches for change in batch.changes]
    rows = [change.row for change in changes if change.row is not None]
    weight = CHANGE * len(changes) + sum(len(row.body) + len(row.record) for row in rows)
    return weight <= LIGHT and not any(change.deep for change in changes)
