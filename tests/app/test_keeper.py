"""The keeper on a real store: what is too old goes, a notice is told once, backups come and go.

Time is an argument of the site here, so that years pass in a moment.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from bridge.app import keeper
from bridge.app.census import Census
from bridge.app.config import Keep
from bridge.app.keeper import DAY, Keeper
from bridge.app.lives import Lives
from bridge.app.meter import Meter
from bridge.app.roll import Roll
from bridge.app.scribe import Scribe
from bridge.app.site import Site
from bridge.sep2 import notify
from bridge.sep2.shelf import Change, Cut, Parcel, Row, Who
from bridge.sep2.work import Policy
from bridge.transports.pages import Pages
from bridge.transports.store import opening
from bridge.trust.listing import Pool
from tests.transports.store.logged import decision, proved, signer

NOW = 1_800_000_000


@dataclass(slots=True)
class Still(Site):
    """A site whose clock stands where it is put."""

    moment: int = NOW

    def now(self) -> int:
        return self.moment


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Still]:
    async with opening.open(f"sqlite:///{tmp_path}/a.db") as store:
        meter = Meter()
        roll, scribe = Roll(store, Pool(()), lambda: NOW), Scribe(store.decisions, meter, signer())
        yield Still(
            store, Policy(), Pages(), meter, None, roll, scribe, Census(store, lambda: 0), Lives(store)
        )


async def put(site: Still, type_: str, count: int, days: int) -> None:
    """Rows of a type that were written so many days ago."""
    at = site.moment - days * DAY
    rows = [Row(f"/x/{type_}/{days}/{number}", f"/x/{type_}", type_, b"<a/>") for number in range(count)]
    await site.store.commit([Change(row.href, row) for row in rows], Who("test", "test", at))


async def left(site: Still, type_: str) -> int:
    return (await site.store.children(f"/x/{type_}", Cut(limit=0))).total


async def test_what_is_too_old_goes_and_the_rest_stays(site: Still) -> None:
    for type_ in ("Reading", "DERControlResponse", "DERControl"):
        await put(site, type_, 700, 11)
        await put(site, type_, 5, 9)
    found = Keeper(site, Keep(readings=10, responses=10, archive=0))
    assert await found.sweep() == 1400
    assert [await left(site, type_) for type_ in ("Reading", "DERControlResponse", "DERControl")] == [
        5,
        5,
        705,
    ]
    assert await found.sweep() == 0
    text = site.meter.text().decode()
    assert "derbridge_removed_total 1400.0" in text
    assert "derbridge_rounds_total 2.0" in text


async def test_nought_keeps_for_ever(site: Still) -> None:
    await put(site, "Reading", 3, 9_000)
    assert await Keeper(site, Keep(readings=0, responses=0, archive=0)).sweep() == 0
    assert await left(site, "Reading") == 3


async def test_archive_is_cut_off(site: Still) -> None:
    await put(site, "DERControl", 4, 11)
    await put(site, "DERControl", 2, 9)
    assert len(await site.store.history()) == 6
    await Keeper(site, Keep(readings=0, responses=0, archive=10)).sweep()
    assert len(await site.store.history()) == 2
    assert await left(site, "DERControl") == 6


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The spans that notices were asked for; one is due in each."""
    spans: list[tuple[int, int]] = []

    async def due(_store: object, _policy: Policy, since: int, now: int) -> tuple[Parcel, ...]:
        spans.append((since, now))
        await asyncio.sleep(0)
        return (Parcel("/edev/1/sub/1", "https://example.org", b"<n/>", "application/sep+xml"),)

    monkeypatch.setattr(notify, "due", due)
    return spans


async def test_each_moment_is_told_once_even_after_a_restart(
    site: Still, told: list[tuple[int, int]]
) -> None:
    first = Keeper(site, Keep())
    assert await first.tell() == 0
    for _ in range(3):
        site.moment += 2
        assert await first.tell() == 1
        assert await first.tell() == 0
    site.moment += 5
    assert await Keeper(site, Keep()).tell() == 1
    moments = [NOW + more - keeper.BEHIND for more in (0, 2, 4, 6, 11)]
    assert told == list(pairwise(moments))
    assert await site.store.backlog() == 4


async def test_of_a_long_standstill_only_the_last_hour_is_told(
    site: Still, told: list[tuple[int, int]]
) -> None:
    await Keeper(site, Keep()).tell()
    site.moment += 10 * DAY
    await Keeper(site, Keep()).tell()
    until = site.moment - keeper.BEHIND
    assert told == [(until - keeper.BACK, until)]


async def test_moment_is_written_down_now_and_then_although_nothing_is_due(site: Still) -> None:
    found = Keeper(site, Keep())
    for seconds in (0, 1, 58, 1):
        site.moment += seconds
        await found.tell()
    row = await site.store.get(keeper.CLOCK)
    assert row is not None
    assert (row.version, json.loads(row.body)["at"]) == (2, NOW + 60 - keeper.BEHIND)


async def test_backups_are_made_in_time_and_the_oldest_go(site: Still, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "other.txt").touch()
    found = Keeper(site, Keep(backups=folder, backup_hours=1, backup_count=2))
    made: list[Path] = []
    for _ in range(3):
        new = await found.save()
        assert new is not None
        os.utime(new, (site.moment, site.moment))
        made.append(new)
        assert await found.save() is None
        site.moment += 3_600
    assert sorted(keeper.saved(folder)) == made[1:]
    assert (folder / "other.txt").exists()


async def test_no_folder_no_backup(site: Still) -> None:
    assert await Keeper(site, Keep()).save() is None


async def test_round_that_fails_is_tried_again(site: Still, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    done = asyncio.Event()

    async def due(*_: object) -> tuple[Parcel, ...]:
        tries.append(site.moment)
        await asyncio.sleep(0)
        if len(tries) == 1:
            raise ValueError("broken once")
        done.set()
        return ()

    monkeypatch.setattr(notify, "due", due)
    monkeypatch.setattr(keeper, "TICK", 0.01)
    await Keeper(site, Keep()).tell()
    site.moment += 5
    running = asyncio.create_task(Keeper(site, Keep()).run())
    await asyncio.wait_for(done.wait(), 30)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert tries[:2] == [NOW + 5] * 2


async def test_the_decision_log_is_cut_a_day_at_a_time_behind_a_checkpoint(site: Still) -> None:
    sweeper = Keeper(site, Keep(decisions=10))
    for number in range(3):
        site.scribe.note(decision(number))
        await site.scribe.end()
    site.moment = NOW + 11 * DAY
    assert await sweeper.sweep() == 0
    site.moment += 1
    assert await sweeper.sweep() == 2
    await site.scribe.end()
    assert await proved(site.store, site.scribe.signer) == []
