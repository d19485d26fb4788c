"""A PostgreSQL server for the tests: the one at 127.0.0.1:5432, or one started from this machine's programs.

Each database is made under a name of its own and dropped. A machine that has neither a server nor the
programs leaves these tests out, and its summary says why; where CI is set they fail.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import asyncpg
import pytest

STANDING = "postgresql://postgres@127.0.0.1:5432"


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Give the address of a server, without a database."""
    if _answers(STANDING):
        yield STANDING
        return
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(_own())


@contextlib.contextmanager
def database(address: str) -> Iterator[str]:
    """Make a database, give its address, and drop it."""
    name = f"store_{secrets.token_hex(8)}"
    asyncio.run(run(address, f"CREATE DATABASE {name}"))
    try:
        yield f"{address}/{name}"
    finally:
        asyncio.run(run(address, f"DROP DATABASE {name} WITH (FORCE)"))


@contextlib.contextmanager
def schema(url: str) -> Iterator[str]:
    """Make a schema in a database, which is quicker, give its address, and drop it."""
    name = f"store_{secrets.token_hex(8)}"
    asyncio.run(run(url, f"CREATE SCHEMA {name}"))
    try:
        yield f"{url}?search_path={name}"
    finally:
        asyncio.run(run(url, f"DROP SCHEMA {name} CASCADE"))


async def run(address: str, statement: str) -> list[asyncpg.Record]:
    """Run a statement on a connection of its own."""
    where = address if address.count("/") > STANDING.count("/") else f"{address}/postgres"
    connection = await asyncpg.connect(where)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


def _answers(address: str) -> bool:
    try:
        asyncio.run(run(address, "SELECT 1"))
    except (OSError, asyncpg.PostgresError):
        return False
    return True


@cache
def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    known = [Path(path) for path in [shutil.which("initdb")] if path]
    if not [*found, *known]:
        lack = "no PostgreSQL at 127.0.0.1:5432 and no initdb here: install PostgreSQL"
        pytest.fail(lack) if os.environ.get("CI") else pytest.skip(lack)
    return [*found, *known][0].parent


@contextlib.contextmanager
def _own() -> Iterator[str]:
    """Start a server on a free port; it does not run as root, so then it runs as `postgres`."""
    user = "postgres" if os.geteuid() == 0 else None
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="store-"))
    shutil.chown(folder, user) if user else None
    data = folder / "data"
    make = [str(_programs() / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync"]
    subprocess.run(make, user=user, check=True, capture_output=True, cwd=folder)
    options = {"-D": data, "-p": port, "-k": folder, "-h": "127.0.0.1"}
    start = [str(_programs() / "postgres"), *(str(word) for pair in options.items() for word in pair)]
    with subprocess.Popen(start, user=user, cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"postgresql://postgres@127.0.0.1:{port}"
            while not _answers(address):
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(folder)
