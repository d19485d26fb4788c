"""What the store asks of a database, whichever it is: to read, to search at length, to commit in groups.

An engine turns every failure of its database into `Unavailable`, tries again at the next call, and rings
the bell after each commit, before it acknowledges it. The rest of the store knows databases by this alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from bridge.transports.store.group import Done, Rows
from bridge.transports.store.ledger import Batch
from bridge.transports.store.notes import Notes
from bridge.transports.store.query import Book, Query


class Pulse(NamedTuple):
    """A sign of life."""

    which: object
    """Differs when another database has come in this one's place."""
    number: int
    """The last entry of its archive."""


class Figures(NamedTuple):
    """What the store has done since it was opened."""

    hits: int
    misses: int
    groups: int
    """Transactions; each may have held many commits."""
    commits: int
    conflicts: int
    failures: int


class Engine(Protocol):
    """A database at work."""

    book: Book
    groups: int
    """How many transactions were committed."""
    wrote: Callable[[Done], None] | None
    """Told of a group that was committed here, before those who wait for it."""
    notes: Notes
    """Decisions that the next group takes with it, whosever batches it holds."""

    @property
    def sure(self) -> bool:
        """Whether this process hears of every change."""
        ...

    async def read(self, query: Query, arguments: Mapping[str, object]) -> Rows:
        """Give the rows of a query that an index serves."""
        ...

    async def search(self, query: Query, arguments: Mapping[str, object]) -> Rows:
        """Give the rows of a query that may take long."""
        ...

    async def commit(self, batch: Batch) -> Rows:
        """Do a batch, with whatever else is to be done now; give the rows of its chore."""
        ...

    async def pulse(self) -> Pulse:
        """Say that the database is there."""
        ...

    async def integrity(self) -> list[str]:
        """Say what the database itself finds wrong with its files."""
        ...

    async def copy(self, path: Path) -> None:
        """Write everything, as it is at one moment, into a new SQLite file."""
        ...

    async def close(self) -> None:
        """Finish what was taken on, and let go."""
        ...
