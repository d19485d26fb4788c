"""Editions of the database: made by the migrations as the tables say, by many at once, never a newer one."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.schema import CreateIndex, CreateTable

from bridge.transports.store import file, link, migration, opening
from bridge.transports.store.fault import Newer, Unavailable, Unusable
from bridge.transports.store.query import Tongue
from bridge.transports.store.tables import EDITION, METADATA
from tests.shape.tree import ROOT
from tests.transports.store import server

CHILD = """
import asyncio, sys
from bridge.transports.store import opening
asyncio.run(opening.upgrade(sys.argv[1]))
"""


async def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    if not url.startswith("sqlite"):
        return [tuple(row) for row in await server.run(url, statement)]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as there:
        return there.execute(statement).fetchall()


def statements(text: list[str]) -> set[str]:
    """Statements that make something which nothing removes again, apart from how they are laid out."""
    found: dict[str, str] = {}
    for each in text:
        one = re.sub(r"\s+", " ", each).strip().replace("( ", "(").replace(" )", ")")
        if dropped := re.fullmatch(r"DROP INDEX (\w+)", one):
            del found[dropped[1]]
        elif (made := re.match(r"CREATE (?:UNIQUE )?(?:TABLE|INDEX) (\w+)", one)) and made[
            1
        ] != "alembic_version":
            found[made[1]] = one
    return set(found.values())


@pytest.mark.parametrize("tongue", [file.TONGUE, link.TONGUE], ids=["sqlite", "postgresql"])
def test_the_migrations_make_the_tables(tongue: Tongue) -> None:
    wanted = []
    for table in METADATA.sorted_tables:
        wanted.append(str(CreateTable(table).compile(dialect=tongue.dialect)))
        wanted += [str(CreateIndex(index).compile(dialect=tongue.dialect)) for index in table.indexes]
    assert statements(migration.steps(None, tongue.dialect.name)) == statements(wanted)


def test_the_edition_is_that_of_the_last_migration() -> None:
    assert migration.scripts().get_current_head() == EDITION
    assert migration.steps(EDITION, "sqlite") == []


def test_many_workers_upgrade_at_once(url: str) -> None:
    children = [subprocess.Popen([sys.executable, "-c", CHILD, url], cwd=ROOT) for _ in range(4)]
    assert [child.wait() for child in children] == [0] * 4
    asyncio.run(upgraded(url))


async def upgraded(url: str) -> None:
    assert await execute(url, "SELECT version_num FROM alembic_version") == [(EDITION,)]
    assert sorted(await execute(url, "SELECT name FROM counters")) == [("entry",), ("fresh",), ("parcel",)]


async def test_a_newer_database_is_refused_and_left_alone(url: str) -> None:
    await opening.upgrade(url)
    await execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Newer, match="9999"):
        async with opening.open(url):
            pass
    assert await execute(url, "SELECT version_num FROM alembic_version") == [("9999",)]


async def test_a_database_of_another_program_is_refused(url: str) -> None:
    await execute(url, "CREATE TABLE rows (x integer)")
    with pytest.raises(Unusable, match="another program"):
        await opening.upgrade(url)


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("not a database, however you look at it\n" * 100)
    before = path.read_bytes()
    with pytest.raises(Unusable):
        await opening.upgrade(f"sqlite:///{path}")
    assert path.read_bytes() == before


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"store\.db"):
        await opening.upgrade(f"sqlite:///{tmp_path}/none/store.db")


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "sqlite://", "sqlite:///", "sqlite:///:memory:", "store.db", ""]
)
async def test_an_address_of_no_database_is_told(url: str) -> None:
    with pytest.raises(Unusable, match="is not sqlite:///FILE"):
        async with opening.open(url):
            pass


async def test_postgresql_without_its_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("link", "postgres", "dump"):
        monkeypatch.delitem(sys.modules, f"bridge.transports.store.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(Unusable, match=r"install derbridge\[postgres\]"):
        await opening.upgrade("postgresql://localhost/none")


async def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Unavailable):
        await opening.upgrade("postgresql://postgres@127.0.0.1:1/none")


async def test_several_processes_on_postgresql_need_a_bell(postgres: str) -> None:
    with pytest.raises(Unusable, match="need a bell"):
        async with opening.open(postgres, workers=2):
            pass
