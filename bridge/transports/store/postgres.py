"""PostgreSQL: a task that writes, a pool that is read from, a connection that listens.

The task does every batch that waits in one transaction, under a lock of the whole store, so entries are
numbered in the order of the commits. What has changed goes out with the commit as notifications, by which
the processes of other machines hear of it; those of this machine have the bell. After any failure
connections are made anew.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg

from bridge.transports.store import dump
from bridge.transports.store.bell import EVERYTHING, Bell
from bridge.transports.store.engine import Pulse
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.group import Bulk, Done, Fetch, Rows, settle
from bridge.transports.store.job import MOST, Job, Outcome, deliver
from bridge.transports.store.ledger import Batch
from bridge.transports.store.link import (
    BEGIN,
    CHANNEL,
    CUT,
    LONGEST,
    PATIENCE,
    TONGUE,
    Connection,
    connect,
    gone,
)
from bridge.transports.store.notes import Notes
from bridge.transports.store.query import Book, Query
from bridge.transports.store.statements import STATEMENTS

NOTICE = 7_000
"""Bytes of one notification; PostgreSQL takes 8,000."""
LIFE = 5.0
"""Seconds after which the connection that listens is asked whether it is still there."""
PAUSE = 1.0
"""Seconds before the server is asked again."""


class Postgres:
    """A PostgreSQL database at work."""

    def __init__(self, url: str, bell: Bell, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self.book = Book(TONGUE, STATEMENTS)
        self.groups = 0
        self.notes = Notes()
        self.wrote: Callable[[Done], None] | None = None
        self.sure = False
        self._url = url
        self._bell = bell
        self._pool = pool
        self._writer: Connection | None = None
        self._jobs: asyncio.Queue[Job | None] = asyncio.Queue()
        self._open = True
        self._listening = asyncio.Event()
        self._ear = asyncio.create_task(self._listen(), name="store listens")
        self._hand = asyncio.create_task(self._work(), name="store writes")

    async def read(self, query: Query, arguments: Mapping[str, object]) -> Rows:
        """Read through the pool; once more on a new connection where one was cut that it held."""
        if not self._open:
            raise Unavailable("the store is closed")
        given = query.given(arguments)
        with gone():
            try:
                rows: Rows = await self._pool.fetch(query.text, *given)
            except CUT:
                await self._pool.expire_connections()
                rows = await self._pool.fetch(query.text, *given)
            return rows

    search = read

    async def commit(self, batch: Batch) -> Rows:
        """Leave a batch to the task, and wait until the server has it on the disk."""
        if not self._open:
            raise Unavailable("the store is closed")
        done: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait(Job(batch, done))
        return await done

    async def pulse(self) -> Pulse:
        """The last entry there is."""
        rows = await self.read(self.book["last"], {"counter": "entry"})
        return Pulse(self._url, rows[0][0])

    async def integrity(self) -> list[str]:
        """PostgreSQL looks after its files itself."""
        return []

    async def copy(self, path: Path) -> None:
        """Read everything in one transaction."""
        await dump.copy(self._url, path)

    async def ready(self) -> None:
        """Wait until it hears of every change."""
        await asyncio.wait_for(self._listening.wait(), PATIENCE)

    async def close(self) -> None:
        """Write what was taken on, and close."""
        if self._open:
            self._open = False
            self._jobs.put_nowait(None)
            await self._hand
            self._ear.cancel()
            with suppress(asyncio.CancelledError):
                await self._ear
            await self._drop()
            self._pool.terminate()

    # ------------------------------------------------------------------------- writing

    async def _work(self) -> None:
        while (job := await self._jobs.get()) is not None:
            jobs = [job]
            while len(jobs) < MOST and not self._jobs.empty():
                more = self._jobs.get_nowait()
                if more is None:
                    self._jobs.put_nowait(None)
                    break
                jobs.append(more)
            deliver(jobs, await self._outcomes([each.batch for each in jobs]))

    async def _outcomes(self, batches: Sequence[Batch]) -> list[Outcome]:
        try:
            return list((await self._group(batches)).results)
        except Unavailable as failure:
            return [failure] * len(batches)
        except Exception as failure:  # noqa: BLE001 - whatever it was, its caller is to be told, and the task goes on
            if len(batches) == 1:
                return [failure]
            return [outcome for batch in batches for outcome in await self._outcomes([batch])]

    async def _group(self, batches: Sequence[Batch]) -> Done:
        """One transaction; where it is not known whether it was done, everything counts as changed."""
        committing = False
        try:
            with gone():
                if self._writer is None:
                    self._writer = await connect(self._url)
                await self._writer.execute(BEGIN)
                done = await self._drive(self._writer, batches)
                await self._tell(self._writer, done)
                committing = True
                await self._writer.execute("COMMIT")
        except BaseException:
            await self._drop()
            if committing:
                self._bell.ring(EVERYTHING)
            raise
        self.notes.done(done.noted)
        self.groups += 1
        if done.topics:
            self._bell.ring(done.topics, done.number)
        return done

    async def _drop(self) -> None:
        """Let go of the connection that writes, and of what it had not committed."""
        if self._writer is not None:
            self._writer.terminate()
            self._writer = None

    async def _drive(self, connection: Connection, batches: Sequence[Batch]) -> Done:
        flow = settle(batches, self.notes.due())
        try:
            step = next(flow)
            while True:
                step = flow.send(await self._step(connection, step))
        except StopIteration as end:
            done: Done = end.value
            return done

    async def _step(self, connection: Connection, step: Fetch | Bulk) -> Rows:
        query = self.book[step.name]
        if isinstance(step, Bulk):
            await connection.executemany(query.text, step.rows)
            return ()
        rows: Rows = await connection.fetch(query.text, *query.given(step.arguments))
        return rows

    async def _tell(self, connection: Connection, done: Done) -> None:
        if done.topics:
            notices = [json.dumps([self._bell.name, done.number, *part]) for part in _parts(done.topics)]
            await connection.execute(
                "SELECT pg_notify($1, notice) FROM unnest($2::text[]) AS notice", CHANNEL, notices
            )

    # ----------------------------------------------------------------------- listening

    async def _listen(self) -> None:
        """Hear of what other machines commit; while that is not possible, nothing is told from memory."""
        while True:
            try:
                await self._heed()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(PAUSE)

    async def _heed(self) -> None:
        lost = asyncio.Event()
        connection = await connect(self._url)
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._heard)
            self._bell.ring(EVERYTHING)
            self.sure = True
            self._listening.set()
            while not lost.is_set():
                await connection.fetchval("SELECT 1", timeout=PATIENCE)
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), LIFE)
        finally:
            self.sure = False
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, _channel: str, notice: object) -> None:
        bell, number, *topics = json.loads(str(notice))
        if bell != self._bell.name:
            self._bell.ring(frozenset(topics), number)


def _parts(topics: frozenset[str]) -> Iterator[list[str]]:
    """Topics in parts that a notification takes."""
    part: list[str] = []
    room = NOTICE
    for topic in topics:
        size = len(json.dumps(topic)) + 2
        if size > room and part:
            yield part
            part, room = [], NOTICE
        part.append(topic if size <= NOTICE else "*")
        room -= size
    yield part


async def connected(url: str, bell: Bell, workers: int) -> Postgres:
    """A database at work, that hears of every change."""
    with gone():
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=max(2, 16 // workers),
            timeout=PATIENCE,
            command_timeout=LONGEST,
            statement_cache_size=512,
        )
    engine = Postgres(url, bell, pool)
    try:
        await engine.ready()
    except TimeoutError as error:
        await engine.close()
        raise Unavailable("the database cannot be listened to") from error
    return engine
