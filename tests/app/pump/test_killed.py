"""A bridge that is killed at random points comes to the same end, on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.pump import killing
from tests.transports.store import server


@pytest.fixture(scope="module")
def databases() -> Iterator[tuple[str, str]]:
    with server.server() as address, server.database(address) as one, server.database(address) as other:
        yield one, other


async def test_killed_on_sqlite(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in ("calm", "wild")]
    assert (await killing.compared(tmp_path, urls, 0, 0.1))["kills"] > 0


async def test_killed_on_postgresql(tmp_path: Path, databases: tuple[str, str]) -> None:
    assert (await killing.compared(tmp_path, databases, 7, 0.1))["kills"] > 0
