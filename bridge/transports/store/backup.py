"""Everything as one file, a SQLite store of this edition whatever it came from; and whether all is sound.

A backup is made while the server runs and shows one moment; it has its name only when it is complete and on
the disk. `staged` gives a backup of any edition as one of this. `check` compares what is there with the
archive. It never looks into a document.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Select, func, literal_column, or_, select
from sqlalchemy.sql.base import Executable

from bridge.transports.store.engine import Engine
from bridge.transports.store.fault import Unusable
from bridge.transports.store.file import connect, copy, edition, prepare
from bridge.transports.store.query import FIELDS, Tongue
from bridge.transports.store.tables import ARCHIVE, COUNTERS, GONE, OUTBOX, ROWS

TOLD = 20
"""Findings that are told of each kind."""


async def save(engine: Engine, path: Path) -> None:
    """Write everything into a file; what was there under its name is replaced at the end."""
    part = path.with_name(path.name + ".part")
    try:
        _clear(part)
        await engine.copy(part)
        await asyncio.to_thread(_finish, part)
        part.replace(path)
    finally:
        _clear(part)
    await asyncio.to_thread(_durable, path.parent)


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A copy of a backup, brought to this edition; a newer one is refused, the backup never changed."""
    try:
        with closing(connect(path, "ro")) as connection:
            found = edition(connection)
    except sqlite3.Error as error:
        raise Unusable(f"{path} is no backup: {error}") from error
    if found is None:
        raise Unusable(f"{path} is empty")
    with TemporaryDirectory(prefix="derbridge-") as folder:
        place = Path(folder, "backup.db")
        copy(path, place)
        prepare(place)
        yield place


async def check(engine: Engine) -> list[str]:
    """What is wrong, in words."""
    found = await engine.integrity()
    for told, statement in CHECKS.items():
        query = engine.book.made(told, partial(_few, statement))
        found += [told.format(*row) for row in await engine.search(query, {})]
    return found


def _few(statement: Select[Any], _: Tongue) -> Executable:
    return statement.limit(TOLD)


def _clear(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _finish(path: Path) -> None:
    """Make it one plain file, and see that it is whole."""
    with closing(connect(path, "rw")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        found = connection.execute("PRAGMA quick_check").fetchone()[0]
    if found != "ok":
        raise Unusable(f"the backup is not whole: {found}")
    _durable(path)


def _durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _differing() -> Select[Any]:
    """Rows that are not what their last entry says."""
    same = [field != ARCHIVE.c[field.name] for field in FIELDS]
    last = ROWS.join(ARCHIVE, ROWS.c.entry == ARCHIVE.c.number)
    return select(ROWS.c.href).select_from(last).where(or_(ARCHIVE.c.removed, *same))


def _counted(name: str, number: Any) -> Select[Any]:  # noqa: ANN401 - a column of any table
    highest = select(func.max(number)).scalar_subquery()
    counter = COUNTERS.c.name == literal_column(f"'{name}'")
    return select(COUNTERS.c.name).where(counter, COUNTERS.c.value < highest)


CHECKS: dict[str, Select[Any]] = {
    "{0} is not what its last entry in the archive says": _differing(),
    "{0} has an entry in the archive that is later than its own last one": select(ROWS.c.href)
    .join(ARCHIVE, ARCHIVE.c.href == ROWS.c.href)
    .where(ARCHIVE.c.number > ROWS.c.entry)
    .distinct(),
    "{0} counts as there and as gone": select(ROWS.c.href).join(GONE, GONE.c.href == ROWS.c.href),
    "the counter {0} is behind the archive": _counted("entry", ARCHIVE.c.number),
    "the counter {0} is behind the outbox": _counted("parcel", OUTBOX.c.number),
}
