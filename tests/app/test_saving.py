"""Backup of a server that runs, restore of one that is stopped: everything is there again, nothing is lost.

The server is real; the store is a SQLite file, and in the last test a PostgreSQL database made for it.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.command import COMMAND, Done, derbridge, line_of
from tests.served import Served, served
from tests.transports.store import server


def command(site: Served, *words: str | Path) -> Done:
    """The command in a process of its own, told what the server was told."""
    done = subprocess.run(
        [COMMAND, *map(str, words), str(site.folder)], env={**site.environment, "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


async def known(site: Served) -> set[str]:
    status, page = await site.admin.get("/api/v1/devices?limit=100")
    assert status == 200
    return {one["lfdi"] for one in page["items"]}


async def register(site: Served, number: int) -> str:
    lfdi = f"{number:040X}"
    assert (await site.admin.post("/api/v1/devices", {"lfdi": lfdi}))[0] == 201
    return lfdi


async def test_backup_while_running_and_restore(tmp_path: Path) -> None:
    file = tmp_path / "friday.backup"
    with served(tmp_path / "site") as site:
        first = await register(site, 1)
        done = command(site, "backup", file)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{file}: ")
        second = await register(site, 2)
        assert await known(site) == {first, second}
        assert "stop the server before restoring" in line_of(command(site, "restore", file, "--replace"))
        assert site.stop() == 0
        assert "--replace" in line_of(command(site, "restore", file))
        assert command(site, "restore", file, "--replace").returncode == 0
        site.start()
        assert await known(site) == {first}
        third = await register(site, 3)
        assert await known(site) == {first, third}


def test_backup_never_overwrites(tmp_path: Path) -> None:
    derbridge("init", tmp_path / "site")
    (tmp_path / "file").write_text("mine", "utf-8")
    assert "is there already" in line_of(derbridge("backup", tmp_path / "file", tmp_path / "site"))
    assert (tmp_path / "file").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("backup", "nowhere/a.backup"), "is no folder"),
        (("restore", "nowhere/a.backup"), "is no file"),
        (("restore", "site/derbridge.toml"), "is no backup"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(tmp_path: Path, words: tuple[str, str], told: str) -> None:
    derbridge("init", tmp_path / "site")
    text = (tmp_path / "site" / "derbridge.toml").read_text("utf-8")
    free = text.replace("# port = 8443", "port = 0").replace("# port = 8080", "port = 0")
    (tmp_path / "site" / "derbridge.toml").write_text(free.replace("# port = 8444", "port = 0"), "utf-8")
    assert told in line_of(derbridge(words[0], tmp_path / words[1], tmp_path / "site"))


def test_no_configuration_is_told(tmp_path: Path) -> None:
    assert "no configuration here" in line_of(derbridge("backup", tmp_path / "x", tmp_path))


@pytest.fixture
def database() -> Iterator[str]:
    with server.server() as address, server.database(address) as url:
        yield url


def test_backup_moves_from_one_kind_of_store_to_the_other(tmp_path: Path, database: str) -> None:
    with served(tmp_path / "a") as site:
        lfdi = asyncio.run(register(site, 7))
        assert command(site, "backup", tmp_path / "a.backup").returncode == 0
    with served(tmp_path / "b", store={"url": database}, run={"workers": 2}) as site:
        asyncio.run(register(site, 8))
        assert site.stop() == 0
        done = command(site, "restore", tmp_path / "a.backup", "--replace")
        assert (done.returncode, done.stderr) == (0, "")
        site.start()
        assert [asyncio.run(known(site)) for _ in range(3)] == [{lfdi}] * 3
        assert site.stop() == 0
