"""Backups: whole while others write, the same from either database, and into either; and what check finds."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bridge.sep2.shelf import Change, Parcel, Row, Who
from bridge.transports.store import opening
from bridge.transports.store.fault import Newer, Occupied, Unusable
from bridge.transports.store.store import Store
from bridge.transports.store.tables import METADATA
from tests.transports.store import server
from tests.transports.store.soon import soon

WHO = Who("ME", "test", 1)


def put(href: str, body: bytes = b"\x00\xff", **fields: object) -> Change:
    return Change(href, Row(href, "/a", "Thing", body, **fields))  # type: ignore[arg-type]


async def fill(store: Store) -> None:
    await store.commit([put(f"/a/{each}", mark=f"M{each}") for each in range(1_200)], WHO)
    await store.commit([put("/a/1"), Change("/a/2", None)], WHO, [Parcel("/s", "u", b"p", "m")])
    await store.remember("key", b"value", 2**40)
    await store.fresh()


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as file:
        tables = {name: f"SELECT * FROM {name} ORDER BY 1" for name in METADATA.tables}  # noqa: S608 - our own names
        return {name: file.execute(table).fetchall() for name, table in tables.items()}


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path, whole: str) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/other.db"
        return
    with server.schema(whole) as url:
        yield url


async def test_a_backup_goes_into_either_database_and_comes_out_the_same(
    url: str, target: str, tmp_path: Path
) -> None:
    async with opening.open(url) as store:
        await fill(store)
        await store.backup(tmp_path / "one")
        whole = await store.beneath("")
        number = await store.fresh()
    await opening.restore(tmp_path / "one", target)
    async with opening.open(target) as other:
        assert await other.beneath("") == whole
        assert await other.check() == []
        assert [entry.removed for entry in await other.history("/a/2")] == [True, False]
        assert (await other.waiting(0))[0].body == b"p"
        assert await other.remembered("key") == b"value"
        assert await other.fresh() >= number
        await other.commit([put("/a/2")], WHO)
        row = await other.get("/a/2")
        assert row is not None
        assert row.version == 2
    await opening.restore(tmp_path / "one", target, replace=True)
    async with opening.open(target) as other:
        await other.backup(tmp_path / "two")
    assert content(tmp_path / "one") == content(tmp_path / "two")


async def test_a_backup_is_one_plain_file(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "backups" / "today"
    place.parent.mkdir()
    await fill(store)
    for _ in range(2):
        await store.backup(place)
        assert [path.name for path in place.parent.iterdir()] == ["today"]
    with closing(sqlite3.connect(f"file:{place}?immutable=1", uri=True)) as file:
        assert file.execute("SELECT count(*) FROM rows").fetchone() == (1_199,)
        assert file.execute("PRAGMA journal_mode").fetchone() == ("delete",)


async def test_a_backup_among_writes_shows_one_moment(store: Store, tmp_path: Path) -> None:
    async def write(stop: asyncio.Event) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            await store.commit([put("/a/1", str(number).encode()), put("/b/1", str(number).encode())], WHO)

    await fill(store)
    stop = asyncio.Event()
    writing = asyncio.create_task(write(stop))
    for turn in range(3):
        await store.backup(tmp_path / str(turn))
    stop.set()
    await writing
    for turn in range(3):
        async with opening.open(f"sqlite:///{tmp_path / str(turn)}") as copy:
            rows = [await copy.get("/a/1"), await copy.get("/b/1")]
            assert rows[0] is None or rows[1] is None or rows[0].body == rows[1].body or turn == 0
            assert await copy.check() == []


async def test_nothing_is_replaced_unasked(url: str, tmp_path: Path) -> None:
    async with opening.open(f"sqlite:///{tmp_path}/source.db") as source:
        await source.commit([put("/a/1")], WHO)
        await source.backup(tmp_path / "backup")
    async with opening.open(url) as store:
        await store.commit([put("/kept")], WHO)
    with pytest.raises(Occupied):
        await opening.restore(tmp_path / "backup", url)
    async with opening.open(url) as store:
        assert [row.href for row in await store.beneath("")] == ["/kept"]
    await opening.restore(tmp_path / "backup", url, replace=True)
    async with opening.open(url) as store:
        assert [row.href for row in await store.beneath("")] == ["/a/1"]


async def test_what_is_no_backup_is_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, but long enough to be taken for one" * 50)
    (tmp_path / "empty").touch()
    with closing(sqlite3.connect(tmp_path / "foreign")) as file:
        file.execute("CREATE TABLE theirs (x)")
    async with opening.open(f"sqlite:///{tmp_path}/newer") as store:
        await store.fresh()
    with closing(sqlite3.connect(tmp_path / "newer", isolation_level=None)) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    for name in ("text", "empty", "foreign", "none"):
        with pytest.raises(Unusable):
            await opening.restore(tmp_path / name, url)
    with pytest.raises(Newer):
        await opening.restore(tmp_path / "newer", url)


async def test_a_server_that_runs_sees_what_was_restored(url: str, tmp_path: Path) -> None:
    async with opening.open(url) as store:
        await store.commit([put("/a/1", b"old")], WHO)
        await store.backup(tmp_path / "backup")
        await store.commit([put("/a/1", b"new"), put("/a/2")], WHO)
        await store.get("/a/1")
        await opening.restore(tmp_path / "backup", url, replace=True)

        async def old() -> bool:
            row = await store.get("/a/1")
            return row is not None and row.body == b"old"

        await soon(old)
        assert await store.get("/a/2") is None


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE rows SET body = 'x' WHERE href = '/a/1'", "/a/1 is not what its last entry"),
        ("UPDATE rows SET entry = 1, version = 1 WHERE href = '/a/1'", "/a/1 has an entry in the archive"),
        ("UPDATE archive SET removed = TRUE WHERE number = 2", "/a/1 is not what its last entry"),
        ("UPDATE counters SET value = 1 WHERE name = 'entry'", "counter entry is behind the archive"),
        ("UPDATE counters SET value = 0 WHERE name = 'parcel'", "counter parcel is behind the outbox"),
        (
            "INSERT INTO gone SELECT href, version, entry, changed FROM rows",
            "/a/1 counts as there and as gone",
        ),
    ],
)
async def test_check_finds_damage(url: str, damage: str, finding: str) -> None:
    async with opening.open(url) as store:
        await store.commit([put("/a/1")], WHO, [Parcel("/s", "u", b"p", "m")])
        await store.commit([put("/a/1")], WHO)
        assert await store.check() == []
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
                file.execute(damage)
        else:
            await server.run(url, damage)
        assert any(finding in told for told in await store.check())
