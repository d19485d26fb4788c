"""A connection to PostgreSQL: how it is spoken to, what its failures mean, how it is brought up to date.

Whatever goes wrong with the server or the way to it is `Unavailable`; what is wrong with the values of a
batch is left to be told to its caller. Durability is never lowered: where the server would acknowledge
before it has written, the connection that writes asks for more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import ARRAY, Dialect, Select, Text, bindparam, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import asyncpg as driver

from bridge.transports.store.fault import Unavailable, Unusable
from bridge.transports.store.migration import steps
from bridge.transports.store.query import Tongue, whole
from bridge.transports.store.tables import EDITION, METADATA

PATIENCE = 10.0
"""Seconds for a connection, and for another process to finish its transaction."""
CHANNEL = "derbridge"
"""Where it is told what has changed."""
LONGEST = 60.0
"""Seconds for one statement."""
LOCK = 0x6465726272696467
"""Number of the lock that whoever writes to the store has."""
BEGIN = (
    f"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {int(PATIENCE * 1000)}; "
    f"SELECT pg_advisory_xact_lock({LOCK})"
)
POISON = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
"""The batch is at fault, not the database."""
CUT = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""The connection is at fault, or was ended by the server; a new one may do."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@contextmanager
def gone() -> Iterator[None]:
    """Take a failure of the database for what it is."""
    try:
        yield
    except (*POISON, ValueError):
        raise
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise Unavailable(f"the database cannot be used: {str(error) or type(error).__name__}") from error


async def connect(url: str) -> Connection:
    """A connection of its own, that waits for the disk when it commits."""
    connection: Connection = await asyncpg.connect(
        url, timeout=PATIENCE, command_timeout=LONGEST, statement_cache_size=512
    )
    await connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') = 'off'"
    )
    return connection


async def edition(connection: Connection) -> str | None:
    """Which edition of the store a database holds; none for an empty one."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        names = [
            name for name in METADATA.tables if await connection.fetchval("SELECT to_regclass($1)", name)
        ]
        if names:
            raise Unusable(f"the database holds the table {names[0]} of another program")
        return None
    found = await connection.fetchval("SELECT version_num FROM alembic_version")
    return None if found is None else str(found)


async def prepare(url: str) -> None:
    """Bring a database to this program's edition; one worker does it, the others find it done."""
    with gone():
        connection = await connect(url)
        try:
            await connection.execute(BEGIN)
            if (found := await edition(connection)) != EDITION:
                for statement in steps(found, "postgresql"):
                    await connection.execute(statement)
            await connection.execute("COMMIT")
        finally:
            connection.terminate()


DIALECT: Callable[[], Dialect] = driver.dialect


def _listed(name: str) -> Select[Any]:
    kind = ARRAY(whole(name).type) if name == "numbers" else ARRAY(Text())
    return select(func.unnest(bindparam(name, type_=kind)))


def _paired() -> Select[Any]:
    lists = [bindparam(name, type_=ARRAY(Text())) for name in ("parents", "marks")]
    pairs = func.unnest(*lists).table_valued("parent", "mark").render_derived()
    return select(pairs.c.parent, pairs.c.mark)


TONGUE = Tongue(DIALECT(), _listed, _paired, postgresql.insert)
"""How PostgreSQL is spoken to: a list is an array."""
