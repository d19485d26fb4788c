"""PostgreSQL from and to a backup: every table, row by row, in one transaction.

The file is that of a SQLite store of the same edition, so a backup of either database can be put into either.
Blocks are small enough to be held in memory, and files are touched in threads. Nothing is changed on the way.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Boolean, Table

from bridge.transports.store import file
from bridge.transports.store.fault import Occupied
from bridge.transports.store.link import BEGIN, CHANNEL, Connection, connect, gone
from bridge.transports.store.tables import FILLED, METADATA

BLOCK = 500
"""Rows that are carried at once."""


async def copy(url: str, path: Path) -> None:
    """Write everything, as it is at one moment, into a new file."""
    await asyncio.to_thread(file.prepare, path)
    with gone(), closing(file.connect(path, "rw")) as target:
        connection = await connect(url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                target.execute("BEGIN IMMEDIATE")
                for table in METADATA.sorted_tables:
                    await _out(connection, target, table)
                target.execute("COMMIT")
        finally:
            connection.terminate()


async def _out(connection: Connection, target: sqlite3.Connection, table: Table) -> None:
    names = ", ".join(column.name for column in table.c)
    marks = ", ".join("?" for _ in table.c)
    target.execute(f"DELETE FROM {table.name}")  # noqa: S608 - our own names
    put = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - the same
    cursor = await connection.cursor(f"SELECT {names} FROM {table.name}")  # noqa: S608 - the same
    while rows := await cursor.fetch(BLOCK):
        await asyncio.to_thread(_write, target, put, [tuple(row) for row in rows])


def _write(target: sqlite3.Connection, put: str, rows: list[tuple[object, ...]]) -> None:
    """Write a block; the cursor ends here, for in another thread it might end while the next one writes."""
    target.executemany(put, rows).close()


async def fill(url: str, backup: Path, *, replace: bool) -> None:
    """Put a backup in place, in one transaction."""
    with gone(), closing(file.connect(backup, "ro")) as source:
        connection = await connect(url)
        try:
            await connection.execute(BEGIN)
            if not replace:
                await _empty(connection)
            for table in METADATA.sorted_tables:
                await connection.execute(f"DELETE FROM {table.name}")  # noqa: S608 - our own names
                await _in(connection, source, table)
            notice = json.dumps(["", 0, "*"])
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, notice)
            await connection.execute("COMMIT")
        finally:
            connection.terminate()


async def _empty(connection: Connection) -> None:
    for name in FILLED:
        if await connection.fetchval(f"SELECT 1 FROM {name} LIMIT 1"):  # noqa: S608 - our own names
            raise Occupied("the database holds something already")


async def _in(connection: Connection, source: sqlite3.Connection, table: Table) -> None:
    names = [column.name for column in table.c]
    flags = [place for place, column in enumerate(table.c) if isinstance(column.type, Boolean)]
    cursor = source.execute(f"SELECT {', '.join(names)} FROM {table.name}")  # noqa: S608 - our own names
    while rows := [list(row) for row in await asyncio.to_thread(cursor.fetchmany, BLOCK)]:
        for row in rows:
            for place in flags:
                row[place] = bool(row[place])
        await connection.copy_records_to_table(table.name, records=rows, columns=names)
