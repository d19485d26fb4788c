"""A SQLite file and a connection to it: opened anew when it was gone or swapped, brought to this edition.

Connections begin and end their transactions by name. A file is made by `prepare` alone; elsewhere one that
is missing is a database that is gone. Waiting for another process to finish its transaction is done here,
in short steps, since SQLite's own grow to a tenth of a second.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Select, bindparam, func, literal_column, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import pysqlite

from bridge.transports.store.fault import Occupied, Unavailable, Unusable
from bridge.transports.store.migration import steps
from bridge.transports.store.query import Tongue
from bridge.transports.store.tables import EDITION, FILLED

PATIENCE = 10.0
"""Seconds that another process may keep the file to itself."""

PRAGMAS = (
    f"busy_timeout = {int(PATIENCE * 1000)}",
    "synchronous = FULL",
    "cache_size = -65536",
    "wal_autocheckpoint = 8000",
    "journal_size_limit = 134217728",
    "trusted_schema = OFF",
)
POISON = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    sqlite3.NotSupportedError,
)
"""The batch is at fault, not the database."""


class File:
    """A connection to a file that is there."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self._path = path
        self._write = write
        self._connection: sqlite3.Connection | None = None
        self.identity: tuple[int, int] | None = None
        """Of the file that the connection is to."""

    def ready(self) -> sqlite3.Connection:
        """A connection to the file that is there now."""
        identity = identify(self._path)
        if self._connection is None or identity != self.identity:
            self.close()
            self._connection = connect(self._path, "rw")
            self.identity = identity
            _known(self._connection, self._path)
            self._connection.execute(f"PRAGMA busy_timeout = {0 if self._write else int(PATIENCE * 1000)}")
            self._connection.execute(f"PRAGMA query_only = {int(not self._write)}")
        return self._connection

    @property
    def there(self) -> sqlite3.Connection:
        """The connection that was made ready before."""
        if self._connection is None:
            raise Unavailable("the file is closed")
        return self._connection

    def begin(self) -> sqlite3.Connection:
        """Begin a transaction that writes, once no other process has one."""
        connection = self.ready()
        end, pause = time.monotonic() + PATIENCE, 0.0001
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not busy(error) or time.monotonic() > end:
                    raise
            else:
                return connection
            time.sleep(pause)
            pause = min(pause * 1.5, 0.002)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


@contextmanager
def gone(file: File) -> Iterator[None]:
    """Take a failure of the database for what it is, and open the file anew the next time."""
    try:
        yield
    except POISON:
        raise
    except (sqlite3.Error, OSError) as error:
        file.close()
        raise Unavailable(f"the database cannot be used: {error}") from error
    except Unusable as error:
        file.close()
        raise Unavailable(str(error)) from error


def quiet(connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement after a failure, whose own failure says nothing more."""
    with suppress(sqlite3.Error):
        connection.execute(statement)


def identify(path: Path) -> tuple[int, int]:
    """Which file is there now."""
    found = os.stat(path)  # noqa: PTH116 - asked before each read, at half the time
    return found.st_dev, found.st_ino


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a file: `rw` one that is there, `rwc` one to be made where there is none, `ro` to read."""
    uri = f"file:{quote(str(path))}?mode={mode}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=PATIENCE
    )
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def edition(connection: sqlite3.Connection) -> str | None:
    """Which edition of the store a file is; none for an empty one."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "alembic_version" not in names and names:
        raise Unusable("the file holds the data of another program")
    if not names:
        return None
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(rows[0][0]) if rows else None


def prepare(path: Path) -> None:
    """Make the file where there is none, and bring it to this program's edition; many may do it at once."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return _prepare(path)
        except sqlite3.OperationalError as error:
            if not busy(error) or time.monotonic() > end:
                raise Unavailable(f"{path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise Unusable(f"{path}: {error}") from error
        time.sleep(0.02)


def _prepare(path: Path) -> None:
    with closing(connect(path, "rwc")) as connection:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        if edition(connection) != EDITION:
            _migrate(connection)


def busy(error: sqlite3.Error) -> bool:
    """Whether another process has the file at this moment."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _migrate(connection: sqlite3.Connection) -> None:
    """One worker does it, the others wait and find it done."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in steps(edition(connection), "sqlite"):
            connection.execute(statement).fetchall()
        connection.execute("COMMIT")
    except BaseException:
        quiet(connection, "ROLLBACK")
        raise


def _known(connection: sqlite3.Connection, path: Path) -> None:
    if edition(connection) != EDITION:
        raise Unusable(f"{path} is of another edition of the store")


def copy(path: Path, to: Path) -> None:
    """Copy a file as it is at one moment, while others write to it."""
    with closing(connect(path, "rw")) as whole, closing(sqlite3.connect(to)) as part:
        whole.backup(part)


def fill(path: Path, backup: Path, *, replace: bool) -> None:
    """Put a backup in place, in one transaction."""
    prepare(path)
    try:
        with closing(connect(path, "rw")) as there, closing(connect(backup, "ro")) as whole:
            ask = (f"SELECT 1 FROM {name} LIMIT 1" for name in FILLED)  # noqa: S608 - our own names
            if not replace and any(there.execute(each).fetchone() for each in ask):
                raise Occupied(f"{path} holds something already")
            whole.backup(there)
    except sqlite3.Error as error:
        raise Unavailable(f"{path}: {error}") from error


def _listed(name: str) -> Select[Any]:
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


def _paired() -> Select[Any]:
    pair = func.json_each(bindparam("pairs")).table_valued("value").c.value
    return select(
        func.json_extract(pair, literal_column("'$[0]'")), func.json_extract(pair, literal_column("'$[1]'"))
    )


TONGUE = Tongue(pysqlite.dialect(), _listed, _paired, sqlite.insert)
"""How SQLite is spoken to: a list is given as JSON."""
