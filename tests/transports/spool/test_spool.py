"""The queue on the disk: the same as the one in memory, whatever is called, and again after a restart."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.transports.spool import spool as room
from bridge.transports.spool.file import File
from bridge.transports.spool.spool import Spool
from bridge.transports.store.fault import Unavailable, Unusable
from bridge.xmpp.queue import NEVER, Full, Memory, Queue, Record

ACCOUNT, SESSION = "fleet@relay.example", "head@relay.example/one"
HUB = Record("hub@relay.example/IEC", "11" * 32, "CD" * 20, 500.0)
RECORD = Record(SESSION, "00" * 32, "AB" * 20, 500.0, 3, 0, None)


def spool(path: Path, waiting: int = 1_000, share: int = 1_000_000, all_: int = 10_000_000) -> Spool:
    most: dict[Record | None, int] = {HUB: 4 * share}
    return Spool(path / "queue.db", waiting=waiting, share=lambda of: most.get(of, share), room=all_)


async def durable(queue: Spool) -> None:
    """Wait until all that was called for is on the disk."""
    done, ticket = asyncio.Event(), queue.latest()
    queue.told = lambda number: done.set() if number >= ticket else None
    if queue.durable < ticket:
        await asyncio.wait_for(done.wait(), 20)


def seen(queue: Queue) -> Any:
    """All that a queue tells."""
    owners = (ACCOUNT, SESSION)
    return [(list(queue.after(one, 0)), queue.count(one), queue.last(one)) for one in owners], sorted(
        queue.records()
    )


async def test_what_is_told_to_be_durable_is_there_after_a_restart(tmp_path: Path) -> None:
    async with spool(tmp_path) as queue:
        queue.open(RECORD)
        queue.put(SESSION, 1, b"<message/>", 10.0, NEVER)
        ticket = queue.put(ACCOUNT, 1, b"\x00\xff<message/>", 10.0, 20.0)
        assert queue.latest() == ticket > queue.durable
        await durable(queue)
        assert queue.durable >= ticket
        told = seen(queue)
    async with spool(tmp_path) as queue:
        assert seen(queue) == told
        assert queue.size == len(b"<message/>" + b"\x00\xff<message/>")


async def test_end_writes_what_waits(tmp_path: Path) -> None:
    async with spool(tmp_path) as queue:
        queue.put(ACCOUNT, 1, b"a", 10.0, 20.0)
    async with spool(tmp_path) as queue:
        assert queue.count(ACCOUNT) == 1


async def test_calls_of_one_turn_are_one_group(tmp_path: Path) -> None:
    async with spool(tmp_path) as queue:
        assert {queue.put(ACCOUNT, number, b"a", 1.0, NEVER) for number in range(1, 50)} == {1}
        await durable(queue)
        assert queue.put(ACCOUNT, 50, b"a", 1.0, NEVER) == 2
        assert queue.latest() == 2


async def test_what_came_and_went_meanwhile_is_never_written(tmp_path: Path) -> None:
    async with spool(tmp_path) as queue:
        queue.put(ACCOUNT, 1, b"a", 1.0, NEVER)
        queue.drop(ACCOUNT, 1)
        await durable(queue)
        assert list(queue._file.kept()) == []  # noqa: SLF001 - what is on the disk
        queue.put(ACCOUNT, 1, b"b", 1.0, NEVER)
        await durable(queue)
        queue.drop(ACCOUNT, 1)
        queue.put(ACCOUNT, 1, b"c", 1.0, NEVER)
        await durable(queue)
        assert [row.kept.stanza for row in queue._file.kept()] == [b"c"]  # noqa: SLF001


@pytest.mark.parametrize(
    ("waiting", "share", "all_"),
    [(3, 100, 100), (100, 30, 100), (100, 100, 30)],
    ids=["count", "bytes of one", "bytes of all"],
)
async def test_bounds_hold_and_room_comes_back(tmp_path: Path, waiting: int, share: int, all_: int) -> None:
    async with spool(tmp_path, waiting, share, all_) as queue:
        for number in (1, 2, 3):
            queue.put(ACCOUNT, number, b"0123456789", 1.0, NEVER)
        with pytest.raises(Full):
            queue.put(ACCOUNT, 4, b"0123456789", 1.0, NEVER)
        assert queue.count(ACCOUNT) == 3
        queue.drop(ACCOUNT, 1)
        queue.put(ACCOUNT, 4, b"0123456789", 1.0, NEVER)
        queue.close(ACCOUNT)
        assert queue.size == queue.stanzas == 0
        queue.put(ACCOUNT, 1, b"0123456789", 1.0, NEVER)


async def test_a_session_may_have_more_than_an_account(tmp_path: Path) -> None:
    async with spool(tmp_path, share=10) as queue:
        queue.open(HUB)
        for number in (1, 2, 3, 4):
            queue.put(HUB.owner, number, b"0123456789", 1.0, NEVER)
        with pytest.raises(Full):
            queue.put(HUB.owner, 5, b"0", 1.0, NEVER)
    async with spool(tmp_path, share=10) as queue:
        queue.drop(HUB.owner, 1)
        queue.put(HUB.owner, 5, b"0123456789", 1.0, NEVER)
        with pytest.raises(Full):
            queue.put(HUB.owner, 6, b"0", 1.0, NEVER)


async def test_refused_owner_leaves_nothing(tmp_path: Path) -> None:
    async with spool(tmp_path, share=3) as queue:
        with pytest.raises(Full):
            queue.put(ACCOUNT, 1, b"0123456789", 1.0, NEVER)
        assert queue._boxes == {}  # noqa: SLF001 - strangers fill no memory


CALLS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from([ACCOUNT, SESSION]), st.integers(0, 9)),
        st.tuples(st.just("drop"), st.sampled_from([ACCOUNT, SESSION]), st.integers(0, 3)),
        st.tuples(st.just("open"), st.just(SESSION), st.integers(0, 9)),
        st.tuples(st.just("heard"), st.just(SESSION), st.integers(0, 9)),
        st.tuples(st.just("close"), st.sampled_from([ACCOUNT, SESSION]), st.just(0)),
        st.tuples(st.just("sweep"), st.just(""), st.integers(0, 9)),
        st.tuples(st.just("turn"), st.just(""), st.just(0)),
        st.tuples(st.just("disk"), st.just(""), st.just(0)),
    ),
    max_size=30,
)


def do(queue: Queue, verb: str, owner: str, number: int) -> None:
    """One call, told by words."""
    if verb == "put":
        queue.put(owner, queue.last(owner) + 1, b"x" * number, 1.0, NEVER if "/" in owner else float(number))
    elif verb == "drop":
        queue.drop(owner, max(queue.last(owner) - number, 0))
    elif verb == "open":
        queue.open(RECORD._replace(until=float(number)))
    elif verb == "heard" and queue.records():
        queue.heard(owner, number)
    elif verb == "close":
        queue.close(owner)
    elif verb == "sweep":
        queue.sweep(float(number))


@settings(max_examples=60)
@given(calls=CALLS)
def test_any_calls_give_what_memory_gives_and_a_restart_gives_it_again(
    tmp_path_factory: pytest.TempPathFactory, calls: list[tuple[str, str, int]]
) -> None:
    async def play() -> None:
        folder, memory = tmp_path_factory.mktemp("spool"), Memory()
        async with spool(folder) as queue:
            for call in calls:
                if call[0] == "turn":
                    await asyncio.sleep(0)
                elif call[0] == "disk":
                    await durable(queue)
                else:
                    do(memory, *call)
                    do(queue, *call)
                assert seen(queue) == seen(memory)
        async with spool(folder) as queue:
            assert seen(queue) == seen(memory)

    asyncio.run(play())


# ------------------------------------------------------------------------------------- a file that fails


async def test_nothing_is_durable_while_the_disk_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group is tried again until it is written; those behind it wait, and none is lost."""
    monkeypatch.setattr(room, "AGAIN", 0.01)
    refusing, tries, write = [True], asyncio.Event(), File.write
    loop = asyncio.get_running_loop()

    def writing(self: File, group: Any) -> None:
        if refusing[0]:
            loop.call_soon_threadsafe(tries.set)
            raise sqlite3.OperationalError("disk I/O error")
        write(self, group)

    monkeypatch.setattr(File, "write", writing)
    async with spool(tmp_path) as queue:
        queue.put(ACCOUNT, 1, b"a", 1.0, NEVER)
        for _ in range(3):
            tries.clear()
            await asyncio.wait_for(tries.wait(), 20)
        queue.put(ACCOUNT, 2, b"b", 1.0, NEVER)
        assert queue.durable == 0
        refusing[0] = False
        await durable(queue)
    async with spool(tmp_path) as queue:
        assert [kept.stanza for kept in queue.after(ACCOUNT, 0)] == [b"a", b"b"]


async def test_file_is_for_its_owner_alone_and_for_one_relay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.transports.spool.file.PATIENCE", 0.01)
    async with spool(tmp_path) as queue:
        queue.put(ACCOUNT, 1, b"a", 1.0, NEVER)
        await durable(queue)
        modes = {stat.S_IMODE(one.stat().st_mode) for one in os.scandir(tmp_path)}
        assert modes == {0o600}
        with pytest.raises(Unavailable, match="another relay has it"):
            spool(tmp_path)


def text(path: Path) -> None:
    path.write_text("no database at all, but long enough to be read as one" * 20, "utf-8")


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()


def newer(path: Path) -> None:
    File(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize("spoil", [text, foreign, newer])
def test_file_of_another_kind_is_left_alone(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "queue.db"
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(Unusable):
        File(path)
    assert path.read_bytes() == before


def test_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=os.strerror(2)):
        File(tmp_path / "nowhere" / "queue.db")
