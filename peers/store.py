"""Peer store: the same batches on SQLite and on PostgreSQL come to the same, row by row; and how fast.

Random batches, many at once and many of them in conflict, are committed to both; what was refused, every
table, and a backup of one that was put into the other are compared. Then each is timed with batches of one
row from 64 writers. It compares with no foreign program: the one database is the other's witness.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random

from bridge.sep2.shelf import Change, Conflict, Parcel, Row, Who
from bridge.transports.store import opening
from bridge.transports.store.store import Store
from bridge.transports.store.tables import METADATA
from peers.crash import agree
from peers.table import Missing
from tests.transports.store import server

BATCHES, WAVE = 4_000, 40
WRITERS, EACH = 64, 100
PLACES = [f"/{a}{b}" for a in "abcdefgh" for b in ("", "/1", "/2", "/1/x", "/\u00e9", "/~")]


def batch(dice: Random) -> tuple[list[Change], Who, list[Parcel]]:
    """Some changes, a good part of which meet something else."""
    changes = []
    for _ in range(dice.randint(1, 4)):
        href = dice.choice(PLACES)
        row = Row(
            href,
            href.rpartition("/")[0],
            dice.choice("ST"),
            dice.randbytes(dice.choice((0, 9, 900))),
            owner=dice.choice(("", "O")),
            grp=dice.choice(("", "G")),
            mark=dice.choice(("", "", "M", "N\u20ac")),
            rank=dice.choice(("", "a", "B", "\u00e4")),
            at=dice.randrange(-5, 5),
            until=dice.randrange(9),
        )
        expect = dice.choice((*[None] * 9, 0, 1, 2))
        removed = dice.random() < 0.25  # noqa: PLR2004 - a quarter
        changes.append(Change(href, None if removed else row, expect, dice.random() < 0.1))  # noqa: PLR2004 - a tenth
    parcels = [Parcel(dice.choice("xyz"), "u", dice.randbytes(3), "m") for _ in range(dice.randrange(2))]
    return changes, Who(dice.choice(("ME", "O")), "peer", dice.randrange(9)), parcels


async def fill(store: Store) -> list[bool]:
    """Commit the batches, wave after wave; which of them were taken."""
    dice = Random(20_305)  # noqa: S311 - the same for both
    taken: list[bool] = []
    for _ in range(BATCHES // WAVE):
        wave = [store.commit(*batch(dice)) for _ in range(WAVE)]
        done = await asyncio.gather(*wave, return_exceptions=True)
        agree(all(each is None or isinstance(each, Conflict) for each in done), "a batch failed")
        taken += [each is None for each in done]
    return taken


async def timed(store: Store) -> int:
    """Batches of one new row a second, from 64 writers at once."""

    async def write(lane: int) -> None:
        parent = f"/upt/{lane}/mr/1/rs/1/r"
        for number in range(EACH):
            row = Row(f"{parent}/{number}", parent, "Reading", bytes(400), "2018", f"{lane:040d}")
            await store.commit([Change(row.href, row, 0)], Who(row.owner, "peer", 1))

    begun = time.perf_counter()
    await asyncio.gather(*(write(lane) for lane in range(WRITERS)))
    return round(WRITERS * EACH / (time.perf_counter() - begun))


def content(path: Path) -> list[list[tuple[object, ...]]]:
    """Every row of every table of a backup."""
    with closing(sqlite3.connect(path)) as file:
        tables = [f"SELECT * FROM {name} ORDER BY 1" for name in METADATA.tables]  # noqa: S608 - our own names
        return [file.execute(table).fetchall() for table in tables]


async def both(folder: Path, urls: dict[str, str]) -> dict[str, object]:
    """Go through it on both, then carry a backup over."""
    taken: list[list[bool]] = []
    speeds: dict[str, object] = {}
    for kind, url in urls.items():
        async with opening.open(url) as store:
            taken.append(await fill(store))
            agree(not await store.check(), f"{kind} is not sound")
            await store.backup(folder / kind)
            speeds[f"{kind}_per_second"] = await timed(store)
    one, other = (content(folder / kind) for kind in urls)
    await opening.restore(folder / "sqlite", urls["postgresql"], replace=True)
    async with opening.open(urls["postgresql"]) as store:
        await store.backup(folder / "carried")
    same = one == other == content(folder / "carried") and taken[0] == taken[1]
    rows = sum(map(len, one))
    return {"ok": same, "batches": BATCHES, "taken": sum(taken[0]), "rows": rows, **speeds}


def run() -> dict[str, object]:
    """Compare SQLite with PostgreSQL."""
    with ExitStack() as stack:
        try:
            address = stack.enter_context(server.server())
        except RuntimeError as error:
            raise Missing(str(error)) from error
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {"sqlite": f"sqlite:///{folder}/store.db"}
        urls["postgresql"] = stack.enter_context(server.database(address))
        return asyncio.run(both(folder, urls))
