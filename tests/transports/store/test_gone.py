"""A database that goes away: nothing is acknowledged falsely, everything says so, it is taken up again."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from bridge.sep2.shelf import Change, Cut, Row, Who
from bridge.transports.store import file, opening
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.query import Query
from bridge.transports.store.store import Store
from tests.transports.store import server
from tests.transports.store.soon import soon

WHO = Who("ME", "test", 1)
FEW = 3
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"


def put(href: str, body: bytes = b"") -> Change:
    return Change(href, Row(href, "/a", "Thing", body))


async def refused(store: Store) -> None:
    """Everything that needs the database says that it is not there."""
    store.current()
    calls = (
        store.commit([put("/a/lost")], WHO),
        store.get("/a/asked-for-the-first-time"),
        store.children("/z", Cut()),
        store.waiting(0),
        store.history("/a/1"),
        store.sent(1),
        store.remembered("x"),
    )
    done = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(each) for each in done] == [Unavailable] * len(calls)


async def back(store: Store) -> None:
    """What was acknowledged is there, what was refused is not, and more can be written."""
    async with asyncio.timeout(20):
        while True:
            try:
                await store.commit([put("/a/2")], WHO)
                break
            except Unavailable:
                await asyncio.sleep(0.1)
    assert [row.href for row in await store.beneath("/a")] == ["/a/1", "/a/2"]
    assert await store.check() == []


def move(here: Path, there: Path) -> int:
    """Move a database with all its files."""
    there.mkdir(exist_ok=True)
    return len([each.rename(there / each.name) for each in list(here.glob("store.db*"))])


async def test_a_file_that_was_taken_away_comes_back(sqlite: str, tmp_path: Path) -> None:
    async with opening.open(sqlite) as store:
        await store.commit([put("/a/1")], WHO)
        move(tmp_path, tmp_path / "away")
        await refused(store)
        assert move(tmp_path, tmp_path / "none") == 0, "no second database was begun"
        move(tmp_path / "away", tmp_path)
        await back(store)
        assert store.figures().failures >= 2


async def test_another_file_in_its_place_is_taken_up(sqlite: str, tmp_path: Path) -> None:
    async with opening.open(f"sqlite:///{tmp_path}/other.db") as other:
        await other.commit([put("/a/other")], WHO)
        await other.backup(tmp_path / "backup")
    path = Path(sqlite.removeprefix("sqlite:///"))
    async with opening.open(sqlite) as store:
        await store.commit([put("/a/1")], WHO)
        await store.get("/a/1")
        for name in ("-wal", "-shm"):
            path.with_name(path.name + name).unlink()
        (tmp_path / "backup").replace(path)

        async def swapped() -> bool:
            return await store.get("/a/1") is None

        await soon(swapped)
        assert [row.href for row in await store.beneath("/a")] == ["/a/other"]


async def test_a_file_that_another_keeps_to_itself(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "PATIENCE", 0.2)
    async with opening.open(sqlite) as store:
        await store.commit([put("/a/1")], WHO)
        with closing(sqlite3.connect(sqlite.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable, match="locked"):
                await store.commit([put("/a/lost")], WHO)
            assert await store.get("/a/1") is not None
            other.execute("ROLLBACK")
        await back(store)


async def test_a_disk_that_is_full(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "PRAGMAS", (*file.PRAGMAS, "max_page_count = 40"))
    async with opening.open(sqlite) as store:
        await store.commit([put("/a/1")], WHO)
        with pytest.raises(Unavailable, match="full"):
            await store.commit([put("/a/lost"), put("/a/huge", b"x" * 1_000_000)], WHO)
        await back(store)


async def test_a_server_that_cuts_every_connection(database: str, address: str) -> None:
    name = database.rpartition("/")[2]
    async with opening.open(database) as store:
        await store.commit([put("/a/1")], WHO)
        await server.run(address, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await server.run(address, CUT.format(name))
        await refused(store)
        assert not store.current(), "who does not hear of changes may not answer from memory"
        with pytest.raises(Unavailable):
            await store.get("/a/1")
        await server.run(address, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await back(store)

        async def hears() -> bool:
            return store.current()

        await soon(hears)


async def test_a_connection_that_is_cut_while_reading(database: str, address: str) -> None:
    held = Query("SELECT 7 FROM pg_advisory_xact_lock(77)", (), {})
    cut = CUT.format(database.rpartition("/")[2]) + f" AND query = '{held.text}' AND state = 'active'"

    async def is_cut() -> bool:
        return bool(await server.run(address, cut))

    async with opening.open(database) as store:
        holder = await asyncpg.connect(database)
        await holder.execute("SELECT pg_advisory_lock(77)")
        reading = asyncio.create_task(store.engine.read(held, {}))
        await soon(is_cut)
        await holder.close()
        assert [tuple(row) for row in await reading] == [(7,)]


async def test_connections_that_are_cut_while_writing(database: str, address: str) -> None:
    name = database.rpartition("/")[2]
    acknowledged: list[str] = []
    enough = asyncio.Event()

    async def write(lane: int) -> None:
        for each in count():
            if enough.is_set():
                return
            try:
                await store.commit([put(f"/a/{lane}/{each}"), put(f"/b/{lane}/{each}")], WHO)
                acknowledged.append(f"{lane}/{each}")
            except Unavailable:
                await asyncio.sleep(0.01)

    async with opening.open(database) as store:
        writers = asyncio.gather(*(write(lane) for lane in range(8)))
        for cuts in range(100):
            await asyncio.sleep(0.1)
            await server.run(address, CUT.format(name) + " AND query NOT IN ('LISTEN derbridge', 'SELECT 1')")
            if cuts >= FEW and store.figures().failures > 0:
                break
        enough.set()
        await writers
        there = {row.href.removeprefix("/a/") for row in await store.beneath("/a")}
        assert set(acknowledged) <= there
        assert {row.href.removeprefix("/b/") for row in await store.beneath("/b")} == there
        assert store.figures().failures > 0
        assert await store.check() == []
