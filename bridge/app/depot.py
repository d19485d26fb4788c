"""Whether the store that a configuration names can be used: asked without making or changing anything.

A SQLite file that is not there yet is no problem, nor is an older edition: the first start makes one and
brings the other up to date. One that a newer program wrote, or that is none of ours, is.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bridge.app.config import Config
from bridge.app.loading import Loaded, Problem
from bridge.transports.store import file, migration
from bridge.transports.store.fault import Newer, Unavailable, Unusable

SQLITE = "sqlite:///"


def depot(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """What is wrong with it."""
    url = config.store.url
    try:
        if url.startswith(SQLITE):
            _lite(Path(url.removeprefix(SQLITE)))
        elif find_spec("asyncpg") is not None:
            asyncio.run(_postgres(url))
    except Newer as error:
        yield loaded.problem("store.url", str(error), "Install the newer program, or name another store.")
    except (OSError, Unavailable, Unusable, ValueError, sqlite3.Error) as error:
        yield loaded.problem("store.url", str(error), "Name a store that this user can reach.")


def _lite(path: Path) -> None:
    if not path.exists():
        return
    with closing(file.connect(path, "ro")) as connection:
        if found := file.edition(connection):
            migration.steps(found, "sqlite")


async def _postgres(url: str) -> None:
    link = import_module("bridge.transports.store.link")
    with link.gone():
        connection = await link.connect(url)
        try:
            if found := await link.edition(connection):
                migration.steps(found, "postgresql")
        finally:
            await connection.close()
