"""Several processes on one database: what one acknowledged, all see at once; across machines, soon."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

from bridge.sep2.shelf import Change, Conflict, Cut, Row, Who
from bridge.transports.store import opening
from bridge.transports.store.store import Store
from tests.shape.tree import ROOT
from tests.transports.store import server
from tests.transports.store.soon import soon

WHO = Who("ME", "test", 1)


class Neighbour:
    """A process of its own, that commits."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def put(self, href: str, body: str) -> int:
        """Have it commit, wait for its word, and take the number that it was given."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{href} {body}\n".encode())
        return int(await self.line())

    async def line(self) -> bytes:
        assert self._process.stdout is not None
        return await self._process.stdout.readline()


@asynccontextmanager
async def neighbour(url: str, bell: Path | None) -> AsyncIterator[Neighbour]:
    command = ["-m", "tests.transports.store.neighbour", url, str(bell or "")]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stdin=pipe, stdout=pipe
    )
    try:
        other = Neighbour(process)
        assert await other.line() == b"ready\n"
        yield other
        assert process.stdin is not None
        process.stdin.close()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def settled(store: Store, href: str, body: bytes) -> None:
    """Wait until a row is as it was written elsewhere."""

    async def written() -> bool:
        row = await store.get(href)
        return row is not None and row.body == body

    await soon(written)


async def test_what_another_process_acknowledged_is_seen_at_once(url: str, tmp_path: Path) -> None:
    bell = tmp_path / "bell"
    heard: set[str] = set()
    async with opening.open(url, workers=2, bell=bell) as store, neighbour(url, bell) as other:
        store.listen(heard.update)
        for turn in range(100):
            await store.get("/a/1")
            await store.children("/a", Cut(limit=9))
            await other.put("/a/1", str(turn))
            row = await store.get("/a/1")
            assert row is not None
            assert row.body == str(turn).encode()
            assert (await store.children("/a", Cut(limit=9))).rows == (row,)
        await store.commit([Change("/a/1", None, 100)], WHO)
    assert {"/a/1", "/a/"} <= heard


async def test_the_bell_of_a_file_lies_beside_it(sqlite: str) -> None:
    async with opening.open(sqlite) as store, neighbour(sqlite, None) as other:
        for turn in range(20):
            await other.put("/a/1", str(turn))
            row = await store.get("/a/1")
            assert row is not None
            assert row.body == str(turn).encode()


async def test_another_machine_is_heard_soon(postgres: str, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    async with opening.open(postgres, bell=here) as store, neighbour(postgres, there) as other:
        for turn in range(20):
            await store.get("/a/1")
            await other.put("/a/1", str(turn))
            await settled(store, "/a/1", str(turn).encode())


async def test_long_notifications_arrive_whole(postgres: str) -> None:
    heard: set[str] = set()
    async with opening.open(postgres) as one, opening.open(postgres) as other:
        other.listen(heard.update)
        hrefs = [f"/a/{'y' * 90}{each}" for each in range(500)]
        await one.commit([Change(href, Row(href, "/a", "Thing")) for href in hrefs], WHO)
        await settled(other, hrefs[-1], b"")

        async def whole() -> bool:
            return other.current() and set(hrefs) <= heard

        await soon(whole)


async def test_numbers_are_given_once_among_processes(url: str, tmp_path: Path) -> None:
    bell = tmp_path / "bell"
    async with opening.open(url, bell=bell) as store, neighbour(url, bell) as other:
        numbers = [await one for turn in range(60) for one in (store.fresh(), other.put("/a/1", str(turn)))]
    assert len(set(numbers)) == 120


async def test_processes_that_write_the_same_lose_no_update(url: str, tmp_path: Path) -> None:
    """Two stores have a transaction each, as two processes have."""

    async def count_up(store: Store) -> int:
        done = 0
        for _ in range(150):
            row = await store.get("/a/1")
            version = row.version if row else 0
            change = Change("/a/1", Row("/a/1", "/a", "Thing", str(version + 1).encode()), version)
            with suppress(Conflict):
                await store.commit([change], WHO)
                done += 1
        return done

    bell = tmp_path / "bell"
    async with opening.open(url, bell=bell) as one, opening.open(url, bell=bell) as other:
        done = await asyncio.gather(*(count_up(store) for store in (one, other, one, other)))
        row = await one.get("/a/1")
        assert row is not None
        assert (row.version, row.body) == (sum(done), str(sum(done)).encode())
        assert [entry.row.version for entry in await one.history(limit=999)] == list(range(sum(done), 0, -1))
        assert await other.check() == []


async def test_a_commit_that_nobody_rang_for_is_found(url: str) -> None:
    """As of a process that was killed between its commit and the bell."""
    async with opening.open(url) as store:
        await store.commit([Change("/a/1", Row("/a/1", "/a", "Thing", b"old"))], WHO)
        await store.get("/a/1")
        changes = (
            "UPDATE rows SET body = CAST('new' AS {kind}) WHERE href = '/a/1'",
            "UPDATE counters SET value = value + 1 WHERE name = 'entry'",
        )
        for change in changes:
            if url.startswith("sqlite"):
                with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
                    file.execute(change.format(kind="BLOB"))
            else:
                await server.run(url, change.format(kind="BYTEA"))
        await settled(store, "/a/1", b"new")
