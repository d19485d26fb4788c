"""The fetcher: lists from an authority's own web server and from a folder, with all that goes wrong."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.app import fetcher
from bridge.app.census import Census
from bridge.app.config import Revocation
from bridge.app.fetcher import Fetcher
from bridge.app.lives import Lives
from bridge.app.meter import Meter
from bridge.app.roll import Roll
from bridge.app.scribe import Scribe
from bridge.app.site import Site
from bridge.sep2.work import Policy
from bridge.transports import tls
from bridge.transports.calls import Failed
from bridge.transports.pages import Pages
from bridge.transports.store import opening
from bridge.trust import issue
from bridge.trust.listing import Pool, Refused
from tests.app.revoking import Issuer
from tests.transports.store.logged import signer
from tests.trust.lists import crl, pem

SERCA = issue.root("SERCA")
OTHER = issue.root("Other")
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)


@dataclass
class Scene:
    """A site with one worker, and an authority's web server."""

    site: Site
    issuer: Issuer
    url: str
    folder: Path

    def fetcher(self, **said: object) -> Fetcher:
        config = Revocation.model_validate({"urls": (self.url,), "folder": self.folder, **said})
        return Fetcher(self.site, config, tls.public(()), lambda: 0.5)

    async def numbers(self) -> dict[str, int]:
        """The number of each list that is held."""
        await self.site.revoked.fresh()
        return {one.title: one.number for one in self.site.revoked.listed.values()}


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    (tmp_path / "lists").mkdir()
    issuer = Issuer()
    with issuer.serving() as url:
        async with opening.open(f"sqlite:///{tmp_path}/a.db") as store:
            pool = Pool((SERCA.certificate, OTHER.certificate))
            roll = Roll(store, pool, lambda: int(time.time()), frozenset({url}))
            await roll.open()
            meter = Meter()
            scribe = Scribe(store.decisions, meter, signer())
            site = Site(
                store, Policy(), Pages(), meter, None, roll, scribe, Census(store, lambda: 0), Lives(store)
            )
            yield Scene(site, issuer, url, tmp_path / "lists")
            roll.close()


def made(number: int, who: issue.Issued = SERCA) -> bytes:
    return crl(who, (1,), number, since=NOW)


async def test_a_list_is_fetched_and_the_next_time_only_asked_after(scene: Scene) -> None:
    one = scene.fetcher()
    scene.issuer.data, scene.issuer.headers = made(1), {"ETag": '"one"'}
    await one.once(scene.url)
    assert await scene.numbers() == {"CN=SERCA": 1}
    await one.once(scene.url)
    first, second = scene.issuer.asked
    assert ("If-None-Match" in first, second["If-None-Match"]) == (False, '"one"')
    scene.issuer.data, scene.issuer.headers = pem(made(2)), {"ETag": '"two"'}
    await one.once(scene.url)
    assert await scene.numbers() == {"CN=SERCA": 2}


async def test_what_cannot_be_used_leaves_what_is_here(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    one = scene.fetcher()
    scene.issuer.data = made(5)
    await one.once(scene.url)
    for status, data in ((500, made(6)), (404, b"")):
        scene.issuer.status, scene.issuer.data = status, data
        with pytest.raises(Failed, match=str(status)):
            await one.once(scene.url)
    scene.issuer.status = 200
    for data in (made(4), b"<html>", made(6)[:-3]):
        scene.issuer.data = data
        with pytest.raises(Refused):
            await one.once(scene.url)
    monkeypatch.setattr(fetcher, "LARGE", 100)
    scene.issuer.data = made(6)
    with pytest.raises(Failed, match="more than 100 bytes"):
        await one.once(scene.url)
    assert await scene.numbers() == {"CN=SERCA": 5}


async def test_no_redirect_is_followed(scene: Scene) -> None:
    scene.issuer.status, scene.issuer.headers = 302, {"Location": scene.url}
    with pytest.raises(Failed, match="302"):
        await scene.fetcher().once(scene.url)
    assert len(scene.issuer.asked) == 1


async def test_nobody_there_is_a_failure(scene: Scene) -> None:
    with pytest.raises(Failed):
        await scene.fetcher().once("http://127.0.0.1:1/one.crl")


async def test_pauses_grow_after_failures_and_are_spread_by_chance(scene: Scene) -> None:
    one = scene.fetcher(every=100)
    pauses = [one._pause(failures) for failures in range(8)]  # noqa: SLF001 - nothing else shows it
    assert pauses == [95.0, 4.75, 9.5, 19.0, 38.0, 76.0, 95.0, 95.0]


async def test_an_address_that_never_gave_a_list_ages(scene: Scene) -> None:
    roll = scene.site.revoked
    roll.began -= 50
    assert (roll.age() or 0) >= 50
    scene.issuer.data = made(1)
    await scene.fetcher().once(scene.url)
    await roll.fresh()
    assert roll.age() in {0, 1}


async def test_files_of_the_folder_are_read_when_they_change(scene: Scene) -> None:
    one = scene.fetcher()
    (scene.folder / "a.crl").write_bytes(made(1))
    (scene.folder / "b.pem").write_bytes(pem(made(7, OTHER)))
    (scene.folder / ".hidden").write_bytes(made(9))
    (scene.folder / "junk").write_bytes(b"nothing")
    await one.look()
    assert await scene.numbers() == {"CN=SERCA": 1, "CN=Other": 7}
    tick = scene.site.store.tick
    await one.look()
    assert scene.site.store.tick == tick
    (scene.folder / "a.crl").write_bytes(made(2))
    await one.look()
    assert await scene.numbers() == {"CN=SERCA": 2, "CN=Other": 7}


async def test_a_file_is_as_old_as_it_is(scene: Scene) -> None:
    """Reading an old file again, as after a start, does not make it new."""
    file = scene.folder / "a.crl"
    file.write_bytes(made(1))
    then = int(time.time()) - 500
    os.utime(file, (then, then))
    for _ in range(2):
        await scene.fetcher().look()
        await scene.site.revoked.fresh()
        (said,) = scene.site.revoked.listed.values()
        assert (said.checked, said.source) == (then, "a.crl")
