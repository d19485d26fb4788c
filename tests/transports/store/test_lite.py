"""SQLite's two ways of writing, in the loop and in the thread, and what is remembered of what was written."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from bridge.sep2.shelf import Change, Row, Who
from bridge.transports.store import lite, opening
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.group import Done
from bridge.transports.store.ledger import Batch, Chore
from tests.transports.store.test_workers import neighbour

WHO = Who("ME", "test", 7)


def put(href: str, body: bytes = b"x", expect: int | None = None) -> Change:
    return Change(href, Row(href, "/a", "Thing", body, record=b"r", rank="1", at=3, until=4), expect)


def connected(url: str) -> sqlite3.Connection:
    return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)


async def test_what_was_written_is_not_read_again(sqlite: str) -> None:
    async with opening.open(sqlite) as store, opening.open(sqlite) as other:
        await store.commit([put("/a/1", b"one")], WHO)
        assert await store.get("/a/1") == await other.get("/a/1")
        misses = store.figures().misses
        await store.commit([put("/a/1", b"two", 1), put("/a/2")], WHO)
        row = await store.get("/a/1")
        assert store.figures().misses == misses
        assert row is not None
        assert (row.body, row.version, row.changed) == (b"two", 2, 7)
        assert row == await other.get("/a/1")
        await asyncio.gather(*(store.commit([put("/a/1", b"%d" % each)], WHO) for each in range(20)))
        assert await store.get("/a/1") == await other.get("/a/1")
        await store.commit([Change("/a/1", None)], WHO)
        assert await store.get("/a/1") is None


async def test_what_another_process_wrote_is_never_missed(sqlite: str) -> None:
    async with opening.open(sqlite, workers=2) as store, neighbour(sqlite, None) as other:
        for number in range(30):
            await store.get("/a/1")
            mine = [asyncio.create_task(store.commit([put("/a/1", b"mine")], WHO)) for _ in range(3)]
            await other.put("/a/1", f"its{number}")
            await asyncio.gather(*mine)
            with closing(connected(sqlite)) as connection:
                (truth,) = connection.execute("SELECT version FROM rows WHERE href = '/a/1'").fetchone()
            row = await store.get("/a/1")
            assert row is not None
            assert row.version == truth


async def test_what_was_written_is_forgotten_where_more_was_written_since(sqlite: str) -> None:
    async with opening.open(sqlite) as store:
        await store.commit([put("/a/1", b"one")], WHO)
        await store.commit([put("/a/1", b"two")], WHO)
        assert await store.get("/a/1")
        late = ("/a/1", "/a", "Thing", b"one", "", "", "", "", "1", 3, 4, b"r", 1, 7, 1)
        store._wrote(Done([], frozenset(), 1, {"/a/1": late}))  # noqa: SLF001 - as if it came late
        row = await store.get("/a/1")
        assert row is not None
        assert row.body == b"two"


@pytest.mark.parametrize(
    ("batch", "is_light"),
    [
        (Batch((put("/a/1"),), WHO), True),
        (Batch((Change("/a/1", None, deep=True),), WHO), False),
        (Batch(chore=Chore("backlog", {})), False),
        (Batch((put("/a/1", b"x" * lite.LIGHT),), WHO), False),
        (Batch(tuple(put(f"/a/{each}") for each in range(lite.LIGHT // lite.CHANGE)), WHO), False),
    ],
)
async def test_what_may_take_long_is_left_to_the_thread(sqlite: str, batch: Batch, *, is_light: bool) -> None:
    assert lite.light([batch]) is is_light
    async with opening.open(sqlite) as store:
        await store.engine.commit(batch)
        found = [await store.get(change.href) for change in batch.changes]
        assert [row is not None for row in found] == [change.row is not None for change in batch.changes]


async def test_a_file_that_another_writes_to_is_waited_for(sqlite: str) -> None:
    async with opening.open(sqlite) as store:
        with closing(connected(sqlite)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(store.commit([put("/a/1")], WHO))
            for _ in range(100):
                await asyncio.sleep(0)
            assert not waiting.done()
            other.execute("COMMIT")
            await waiting
        assert await store.get("/a/1") is not None


async def test_what_was_taken_on_is_written_before_it_closes(sqlite: str) -> None:
    async with opening.open(sqlite) as store:
        waiting = [asyncio.create_task(store.commit([put(f"/a/{each}")], WHO)) for each in range(10)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == [None] * 10
    with pytest.raises(Unavailable):
        await store.commit([put("/a/x")], WHO)
    async with opening.open(sqlite) as store:
        assert len(await store.beneath("/a")) == 10


async def test_a_commit_that_fails_is_told_to_all(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opening.open(sqlite) as store:
        await store.commit([put("/a/0")], WHO)

        def fail(*_: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        with monkeypatch.context() as patch:
            patch.setattr(store.engine, "_commit", fail)
            told = [store.commit([put(f"/a/{each}")], WHO) for each in range(3)]
            found = await asyncio.gather(*told, return_exceptions=True)
        assert [type(each) for each in found] == [Unavailable] * 3
        await store.commit([put("/a/9")], WHO)
        assert [row.href for row in await store.beneath("/a")] == ["/a/0", "/a/9"]
