"""Opening a store by its address, bringing one to this edition, and putting a backup in place.

`sqlite:///FILE` or `postgresql://USER@HOST/DATABASE`; which module serves which is a table, and is imported
at the first use, since the driver of PostgreSQL is an extra. While a store is open it listens once a second
for what could not be told: a process that died between commit and bell, another database under the same
address.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

from bridge.transports.store import backup, file
from bridge.transports.store.bell import EVERYTHING, Bell
from bridge.transports.store.engine import Engine
from bridge.transports.store.fault import Unavailable, Unusable
from bridge.transports.store.lite import Lite
from bridge.transports.store.store import Store

MEMORY = 64 * 1024 * 1024
"""Bytes of what was read that a process keeps, about."""
BEAT = 1.0
"""Seconds between two signs of life."""


@contextlib.asynccontextmanager
async def open(  # noqa: A001 - read with its module: opening.open
    url: str, *, workers: int = 1, bell: Path | None = None, memory: int = MEMORY
) -> AsyncIterator[Store]:
    """Give a store for this process, on a database that is made and brought to this edition where need be.

    `workers` processes share the database; they hear each other by the file `bell`. For SQLite it lies beside
    the database where none is named; for PostgreSQL, name one where there is more than one process.
    """
    path = _path(url)
    if path is None and bell is None and workers > 1:
        raise Unusable("several processes on PostgreSQL need a bell, by which they hear each other at once")
    await upgrade(url)
    ring = Bell(path.with_name(path.name + "-bell") if path and bell is None else bell)
    try:
        engine: Engine = (
            Lite(path, ring) if path else await _postgres("postgres").connected(url, ring, workers)
        )
        store = Store(engine, ring, memory)
        beating = asyncio.create_task(_beat(store, engine, ring), name="store beats")
        try:
            yield store
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating
            await engine.close()
    finally:
        ring.close()


async def upgrade(url: str) -> None:
    """Bring a database to this program's edition; Newer where it is beyond that."""
    if path := _path(url):
        await asyncio.to_thread(file.prepare, path)
    else:
        await _postgres("link").prepare(url)


async def restore(path: Path, url: str, *, replace: bool = False) -> None:
    """Put a backup in place; Occupied where something is there, unless it is to be replaced."""
    with backup.staged(path) as whole:
        await upgrade(url)
        if target := _path(url):
            await asyncio.to_thread(file.fill, target, whole, replace=replace)
        else:
            await _postgres("dump").fill(url, whole, replace=replace)


def _path(url: str) -> Path | None:
    """The file of a SQLite address; none for PostgreSQL."""
    scheme, found, rest = url.partition("://")
    if scheme == "postgresql" and found:
        return None
    if scheme == "sqlite" and rest.startswith("/") and rest.strip("/") not in ("", ":memory:"):
        return Path(rest[1:])
    raise Unusable(f"{scheme}:// is not sqlite:///FILE and not postgresql://USER@HOST/DATABASE")


def _postgres(name: str) -> Any:  # noqa: ANN401 - a module
    try:
        return import_module(f"bridge.transports.store.{name}")
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        raise Unusable("PostgreSQL needs asyncpg: install derbridge[postgres]") from error


async def _beat(store: Store, engine: Engine, bell: Bell) -> None:
    """Ring for what nobody rang for."""
    which: object = None
    behind = -1
    while True:
        rung = bell.number
        with contextlib.suppress(Unavailable):
            pulse = await engine.pulse()
            if pulse.number < rung or (which is not None and pulse.which != which):
                bell.restart(pulse.number)
            elif pulse.number > bell.number and bell.number == behind:
                bell.ring(EVERYTHING, pulse.number)
            behind = bell.number if pulse.number > bell.number else -1
            which = pulse.which
        store.current()
        await asyncio.sleep(BEAT)
