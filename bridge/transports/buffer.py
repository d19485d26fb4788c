"""The entries of buffered report blocks on the disk: a SQLite file of its own, `reports.db`, in WAL mode.

What is handed over is written in its order by one thread; what came while the disk was waited for goes into
the next transaction together. Only what is on the disk is ever given back, so that no report is sent that
would not survive. While nothing can be written, entries wait in memory and none is sent. It knows no report.
"""

from __future__ import annotations

import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from bridge.iec61850.buffer import Entry, Held, Unreadable
from bridge.transports.store.fault import Unavailable, Unusable
from bridge.transports.store.file import connect, quiet

EDITION = 1
PATIENCE = 10.0
"""Seconds that a caller waits for the disk."""
PAUSE = 0.5
"""Seconds after which a failed transaction is tried again."""
MOST = 4096
"""Writes in one transaction."""

TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE block (
  name TEXT PRIMARY KEY, base TEXT NOT NULL, settings TEXT NOT NULL,
  last INTEGER NOT NULL DEFAULT 0, overflow INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE entry (
  block TEXT NOT NULL, number INTEGER NOT NULL, at REAL NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (block, number)
) WITHOUT ROWID;
PRAGMA user_version = {EDITION};
COMMIT;
"""
BLOCKS = (
    "SELECT name, base, settings, last, overflow,"
    " (SELECT min(number) FROM entry WHERE entry.block = block.name) FROM block"
)
KEEP = (
    "INSERT INTO block (name, base, settings) VALUES (?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET base = excluded.base, settings = excluded.settings"
)
APPEND = "INSERT INTO entry (block, number, at, body) VALUES (?, ?, ?, ?)"
COUNT = "UPDATE block SET last = ? WHERE name = ?"
DROP = "DELETE FROM entry WHERE block = ? AND number <= ?"
LOST = "UPDATE block SET overflow = ? WHERE name = ?"
SIZES = "SELECT length(body) FROM entry WHERE block = ? ORDER BY number"
AFTER = "SELECT block, number, at, body FROM entry WHERE block = ? AND number > ? ORDER BY number LIMIT ?"


class Work(NamedTuple):
    """Statements with their values, and what is true once they are on the disk."""

    steps: Sequence[tuple[str, tuple[object, ...]]] = ()
    kept: tuple[str, int] | None = None
    done: threading.Event | None = None
    last: bool = False


class Disk:
    """A buffer in a file, held by this process alone; `woke` is called in the thread when more is kept."""

    def __init__(self, path: Path, woke: Callable[[], None] = lambda: None) -> None:
        self._alone = _locked(path)
        try:
            _prepare(path)
            self._reader, self._writer = connect(path, "rw"), connect(path, "rw")
        except BaseException:
            os.close(self._alone)
            raise
        self._woke = woke
        self._held = {row[0]: _held(*row[1:]) for row in self._reader.execute(BLOCKS)}
        self._kept = {name: held.last for name, held in self._held.items()}
        self._works: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="reports")
        self._thread.start()

    def names(self) -> tuple[str, ...]:
        """Give the blocks that are known."""
        return tuple(self._held)

    def held(self, block: str) -> Held | None:
        """Give what is known of a block, if anything."""
        return self._held.get(block)

    def keep(self, block: str, base: str, settings: str) -> None:
        """Keep the settings of a block."""
        held = self._held.get(block, Held(base, settings))
        self._held[block] = held._replace(base=base, settings=settings)
        self._kept.setdefault(block, 0)
        self._works.put(Work([(KEEP, (block, base, settings))]))

    def append(self, entry: Entry) -> None:
        """Take an entry."""
        self._held[entry.block] = self._held[entry.block]._replace(last=entry.number)
        steps = [(APPEND, tuple(entry)), (COUNT, (entry.number, entry.block))]
        self._works.put(Work(steps, (entry.block, entry.number)))

    def drop(self, block: str, through: int, *, overflow: bool) -> None:
        """Remove the entries up to a number."""
        held = self._held[block]
        self._held[block] = held._replace(first=max(held.first, through + 1), overflow=overflow)
        self._works.put(Work([(DROP, (block, through)), (LOST, (int(overflow), block))]))

    def after(self, block: str, number: int, most: int) -> Sequence[Entry]:
        """Give entries that are on the disk, in order."""
        return [Entry(*row) for row in self._rows(AFTER, block, number, most)]

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._reader.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise Unreadable(f"the report buffer cannot be read: {error}") from error

    def sizes(self, block: str) -> Iterable[int]:
        """Give the octets of each entry that is on the disk, the oldest first."""
        return [row[0] for row in self._rows(SIZES, block)]

    def kept(self, block: str) -> int:
        """Give the highest number of a block that is on the disk."""
        return self._kept[block]

    def flush(self) -> None:
        """Return when all that was handed over is on the disk; Unavailable where that takes too long."""
        done = threading.Event()
        self._works.put(Work(done=done))
        if not done.wait(PATIENCE):
            raise Unavailable("the report buffer cannot be written")

    def close(self) -> None:
        """Write what was handed over, if it can be written, and let go of the file."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._works.put(Work(last=True))
        self._thread.join()
        self._reader.close()
        self._writer.close()
        os.close(self._alone)

    # ------------------------------------------------------------------------------------- in the thread

    def _work(self) -> None:
        last = False
        while not last:
            group = [self._works.get()]
            with suppress(queue.Empty):
                while len(group) < MOST:
                    group.append(self._works.get_nowait())
            last = any(work.last for work in group)
            while not self._written(group) and not self._closing.wait(PAUSE):
                pass

    def _written(self, group: Sequence[Work]) -> bool:
        """One transaction, and whoever waits for it."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for statement, values in (step for work in group for step in work.steps):
                self._writer.execute(statement, values)
            self._writer.execute("COMMIT")
        except sqlite3.Error:
            quiet(self._writer, "ROLLBACK")
            return False
        self._kept.update(work.kept for work in group if work.kept)
        for work in group:
            if work.done:
                work.done.set()
        self._woke()
        return True


def _locked(path: Path) -> int:
    """A lock that ends with the process, so that no number is given by two."""
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise Unusable(f"{path} is held by another process") from error
    return handle


def _prepare(path: Path) -> None:
    """Make the file where there is none; one of another program or edition is left alone."""
    try:
        connection = connect(path, "rwc")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            names = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if found != EDITION and (found or names):
                raise Unusable(f"{path} holds the data of another program or edition")
            if not names:
                connection.executescript(TABLES)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise Unusable(f"{path}: {error}") from error


def _held(base: str, settings: str, last: int, overflow: int, first: int | None) -> Held:
    return Held(base, settings, last + 1 if first is None else first, last, bool(overflow))
