"""Lives of interfaces in a worker's memory: read once, and anew once something is announced anywhere."""

from __future__ import annotations

from pathlib import Path

from bridge.app.lives import Lives
from bridge.core.lifecycle import ALIVE, Life
from bridge.sep2 import interfaces, ours
from bridge.sep2.shelf import Change, Row, Who
from bridge.transports.store import opening
from bridge.transports.store.store import Store

NAME = "sep2-2018"
WHO = Who("core", "core", 1)


def read(store: Store) -> int:
    """How often the store was asked for something."""
    figures = store.figures()
    return figures.hits + figures.misses


def said(life: Life) -> Change:
    href = interfaces.href(NAME)
    return Change(href, Row(href, ours.INTERFACES, interfaces.INTERFACE, ours.body(life._asdict())))


async def test_a_life_is_read_once_until_another_worker_announces_something(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with opening.open(url, workers=2) as here, opening.open(url, workers=2) as there:
        lives = Lives(here)
        assert await lives.of(NAME) == ALIVE
        before = read(here)
        assert [await lives.of(NAME) for _ in range(3)] == [ALIVE] * 3
        await there.commit([Change("/x", Row("/x", "/y", "X", b"{}"))], WHO)
        assert await lives.of(NAME) == ALIVE
        assert read(here) == before
        ends = Life(deprecated=5, sunset=9, to="/dcap")
        await there.commit([said(ends)], WHO)
        assert await lives.of(NAME) == ends
        assert read(here) == before + 1
        await there.commit([Change(interfaces.href(NAME), None)], WHO)
        assert await lives.of(NAME) == ALIVE


async def test_what_was_read_while_it_changed_is_not_kept(tmp_path: Path) -> None:
    changed = Life(deprecated=5)

    class Overtaken(Store):
        """A store whose rows change just after they were read."""

        async def get(self, href: str) -> Row | None:
            row = await super().get(href)
            if row is None:
                await self.commit([said(changed)], WHO)
            return row

    async with opening.open(f"sqlite:///{tmp_path}/a.db") as store:
        store.__class__ = Overtaken
        lives = Lives(store)
        assert [await lives.of(NAME) for _ in range(2)] == [ALIVE, changed]
