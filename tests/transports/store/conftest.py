"""Where the store's tests run: a dictionary, a SQLite file, a PostgreSQL database of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bridge.transports.store import opening
from bridge.transports.store.store import Store
from tests.sep2.memory import Memory
from tests.transports.store import server


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with server.server() as found:
        yield found


@pytest.fixture(scope="session")
def whole(address: str) -> Iterator[str]:
    with server.database(address) as url:
        yield url


@pytest.fixture
def postgres(whole: str) -> Iterator[str]:
    """A schema of its own, which is made more quickly."""
    with server.schema(whole) as url:
        yield url


@pytest.fixture
def database(address: str) -> Iterator[str]:
    with server.database(address) as url:
        yield url


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, of each kind."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with opening.open(url) as opened:
        yield opened


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "memory" else str(request.getfixturevalue(request.param))


@pytest.fixture
async def shelf(place: str) -> AsyncIterator[Memory | Store]:
    """Whatever keeps the contract of a shelf."""
    if not place:
        yield Memory()
        return
    async with opening.open(place) as opened:
        yield opened
