"""The SQLite file of a queue: one process has it, each group is one transaction, on the disk when it is told.

A file of its own beside the store, readable by its owner alone, since what waits in it may not be encrypted.
It is read once, when the relay starts. Whoever finds it in use, or is given another program's, is told so.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from bridge.transports.spool.group import Group
from bridge.transports.store.fault import Unavailable, Unusable
from bridge.xmpp.queue import Kept, Record

MARK, EDITION = 0x64627271, 1
"""What the file is known by, and the edition of its tables."""
PATIENCE = 5.0
"""Seconds that another process may still have the file: one that is just being ended."""
PRAGMAS = ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL", "trusted_schema = OFF")
TABLES = """
CREATE TABLE kept (
    owner TEXT NOT NULL, seq INTEGER NOT NULL, stanza BLOB NOT NULL, at REAL NOT NULL, expires REAL NOT NULL,
    PRIMARY KEY (owner, seq)
) STRICT;
CREATE TABLE session (
    owner TEXT PRIMARY KEY, token TEXT NOT NULL, lfdi TEXT NOT NULL, until REAL NOT NULL,
    heard INTEGER NOT NULL, acked INTEGER NOT NULL, priority INTEGER
) STRICT, WITHOUT ROWID
"""


class Row(NamedTuple):
    """A stanza that waits, and whose it is."""

    owner: str
    kept: Kept


def look(path: Path) -> str:
    """Say why a file cannot be a queue, without changing anything; nothing where it can, or is not there."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=0)) as connection:
            _ours(connection, path)
    except sqlite3.OperationalError as error:
        return "another relay has it" if _busy(error) else str(error)
    except (sqlite3.DatabaseError, Unusable) as error:
        return str(error)
    return ""


def _ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables are there; Unusable where others are."""
    empty = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    marks = [
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    ]
    if not empty and marks != [MARK, EDITION]:
        raise Unusable(f"{path} is no queue of this program, or of another edition of it")
    return not empty


def _busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


class File:
    """The file, open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            uri = f"file:{quote(str(path))}?mode=rw"
            self._connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, timeout=PATIENCE
            )
            try:
                self._begin()
            except BaseException:
                self._connection.close()
                raise
        except sqlite3.OperationalError as error:
            raise Unavailable(f"{path}: {'another relay has it' if _busy(error) else error}") from error
        except sqlite3.DatabaseError as error:
            raise Unusable(f"{path}: {error}") from error
        except OSError as error:
            raise Unavailable(f"{path}: {error.strerror}") from error

    def _begin(self) -> None:
        """Have the file for us alone, and its tables in it; another program's is left as it is."""
        _ours(self._connection, self.path)
        for one in PRAGMAS:
            self._connection.execute(f"PRAGMA {one}").fetchall()
        self._connection.execute("BEGIN EXCLUSIVE")
        if not _ours(self._connection, self.path):
            for one in TABLES.split(";"):
                self._connection.execute(one)
            self._connection.execute(f"PRAGMA application_id = {MARK}")
            self._connection.execute(f"PRAGMA user_version = {EDITION}")
        self._connection.execute("COMMIT")

    def kept(self) -> Iterator[Row]:
        """All that waits, in the order of its numbers."""
        rows = self._connection.execute(
            "SELECT owner, seq, stanza, at, expires FROM kept ORDER BY owner, seq"
        )
        return (Row(row[0], Kept(*row[1:])) for row in rows)

    def records(self) -> Iterator[Record]:
        """All sessions that can be resumed."""
        names = ", ".join(Record._fields)
        rows = self._connection.execute(f"SELECT {names} FROM session")  # noqa: S608 - our own names
        return (Record(*row) for row in rows)

    def write(self, group: Group) -> None:
        """Write a group; it is on the disk when this returns, or nothing of it is."""
        run = self._connection.executemany
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            closed = [(owner,) for owner in group.closed]
            run("DELETE FROM kept WHERE owner = ?", closed)
            run("DELETE FROM session WHERE owner = ?", closed)
            run("DELETE FROM kept WHERE owner = ? AND seq <= ?", group.dropped.items())
            run("DELETE FROM kept WHERE owner = ? AND seq = ?", group.expired)
            puts = ((owner, *kept) for owner, each in group.put.items() for kept in each.values())
            run("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?)", puts)
            run("INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?)", group.records.values())
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()
