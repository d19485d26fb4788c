"""The report buffer on the disk against the one in memory, and what only a disk can do wrong."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.iec61850.buffer import Buffer, Entry, Held, Memory, Unreadable
from bridge.transports import buffer
from bridge.transports.buffer import Disk
from bridge.transports.store.fault import Unavailable, Unusable

LIMIT = 20.0
A, B = "LD1/LLN0$BR$a", "LD1/LLN0$BR$b"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports.db"


@pytest.fixture
def disk(path: Path) -> Iterator[Disk]:
    with closing(Disk(path)) as made:
        yield made


def filled(store: Buffer, block: str, count: int, first: int = 1) -> None:
    store.keep(block, "base", "{}")
    for number in range(first, first + count):
        store.append(Entry(block, number, number / 8, b"\0%d" % number))
    store.flush()


def test_entries_come_back_in_order_and_survive(path: Path, disk: Disk) -> None:
    filled(disk, A, 5)
    filled(disk, B, 2)
    assert [entry.number for entry in disk.after(A, 2, 2)] == [3, 4]
    assert (disk.kept(A), disk.kept(B)) == (5, 2)
    disk.drop(A, 2, overflow=True)
    disk.close()
    again = Disk(path)
    assert again.held(A) == Held("base", "{}", 3, 5, overflow=True)
    assert list(again.after(A, 0, 9)) == [
        Entry(A, number, number / 8, b"\0%d" % number) for number in (3, 4, 5)
    ]
    assert again.kept(A) == 5
    assert (list(again.sizes(A)), list(again.sizes("LD1/none"))) == ([2, 2, 2], [])
    again.close()


def test_numbers_go_on_when_nothing_is_left(path: Path, disk: Disk) -> None:
    filled(disk, A, 3)
    disk.drop(A, 3, overflow=False)
    disk.close()
    with closing(Disk(path)) as again:
        assert again.held(A) == Held("base", "{}", 4, 3)
        assert again.held("LD1/LLN0$BR$none") is None


STEPS = st.lists(
    st.tuples(st.just("append"), st.sampled_from((A, B)), st.integers(1, 4))
    | st.tuples(st.just("drop"), st.sampled_from((A, B)), st.integers(0, 9))
    | st.tuples(st.just("keep"), st.sampled_from((A, B)), st.integers(0, 9))
    | st.tuples(st.just("open"), st.just(A), st.just(0)),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_the_disk_says_what_memory_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int]]
) -> None:
    path = tmp_path_factory.mktemp("buffer") / "reports.db"
    memory, disk = Memory(), Disk(path)
    try:
        for store in (memory, disk):
            filled(store, A, 0)
            filled(store, B, 0)
        for what, block, count in steps:
            if what == "open":
                disk.close()
                disk = Disk(path)
            for store in (memory, disk):
                done(store, what, block, count)
            disk.flush()
            for each in (A, B):
                assert disk.held(each) == memory.held(each)
                assert disk.kept(each) == memory.kept(each)
                assert list(disk.after(each, 1, 5)) == list(memory.after(each, 1, 5))
    finally:
        disk.close()


def done(store: Buffer, what: str, block: str, count: int) -> None:
    held = store.held(block)
    assert held is not None
    if what == "append":
        filled(store, block, count, held.last + 1)
    elif what == "drop":
        store.drop(block, min(held.first - 1 + count, held.last), overflow=bool(count % 2))
    elif what == "keep":
        store.keep(block, f"base {count}", "{}")


def test_an_entry_is_not_given_back_before_it_is_on_the_disk(path: Path, disk: Disk) -> None:
    filled(disk, A, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        disk.append(Entry(A, 2, 0.0, b""))
        assert (disk.kept(A), [entry.number for entry in disk.after(A, 0, 9)]) == (1, [1])
        other.execute("COMMIT")
    disk.flush()
    assert (disk.kept(A), [entry.number for entry in disk.after(A, 0, 9)]) == (2, [1, 2])


def test_a_disk_that_refuses_is_tried_again_and_nothing_is_lost(
    path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(disk, A, 1)
    monkeypatch.setattr(buffer, "PATIENCE", 0.1)
    monkeypatch.setattr(buffer, "PAUSE", 0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("ALTER TABLE entry RENAME TO hidden")
        disk.append(Entry(A, 2, 0.0, b""))
        with pytest.raises(Unavailable, match="cannot be written"):
            disk.flush()
        with pytest.raises(Unreadable, match="cannot be read"):
            disk.after(A, 0, 9)
        other.execute("ALTER TABLE hidden RENAME TO entry")
    monkeypatch.setattr(buffer, "PATIENCE", LIMIT)
    disk.flush()
    assert [entry.number for entry in disk.after(A, 0, 9)] == [1, 2]


def test_whoever_waits_is_woken(path: Path) -> None:
    woken = threading.Event()
    with closing(Disk(path, woken.set)) as disk:
        filled(disk, A, 0)
        woken.clear()
        disk.append(Entry(A, 1, 0.0, b""))
        assert woken.wait(LIMIT)
        assert disk.kept(A) == 1


def test_a_file_is_one_process_and_one_program_alone(path: Path, disk: Disk) -> None:
    with pytest.raises(Unusable, match="held by another"):
        Disk(path)
    disk.close()
    other = path.with_name("other.db")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(Unusable, match="another program or edition"):
        Disk(other)
    broken = path.with_name("broken.db")
    broken.write_bytes(b"no database at all" * 100)
    with pytest.raises(Unusable, match="not a database"):
        Disk(broken)


def test_a_newer_edition_is_left_alone(path: Path, disk: Disk) -> None:
    disk.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {buffer.EDITION + 1}")
    with pytest.raises(Unusable, match="edition"):
        Disk(path)
