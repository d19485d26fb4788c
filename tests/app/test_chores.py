"""What one worker does for all: finding a device by its SFDI, and going on after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.app import chores
from bridge.sep2.shelf import Change, Row, Who
from bridge.transports.store import opening
from bridge.transports.store.store import Store

WHO = Who("test", "test", 1_800_000_000)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opening.open(f"sqlite:///{tmp_path}/a.db") as made:
        yield made


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 101])
async def test_device_is_found_by_its_sfdi(store: Store, count: int) -> None:
    sfdis = [7 * number + 3 for number in range(count)]
    rows = [Row(f"/edev/{sfdi}", "/edev", "EndDevice", rank=f"{sfdi:020d}") for sfdi in sfdis]
    first = Row("/edev/1000000", "/edev", "EndDevice", rank="!00000000000000000005")
    await store.commit([Change(row.href, row) for row in (*rows, first)], WHO)
    for sfdi in sfdis:
        assert await chores.located(store, sfdi) == f"/edev/{sfdi}"
    for sfdi in (0, 4, 5, 7 * count + 2, 10**12):
        assert await chores.located(store, sfdi) == ""


async def test_what_broke_off_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "AGAIN", 0.001)
    tries: list[int] = []

    async def work() -> None:
        tries.append(1)
        await asyncio.sleep(0)
        if len(tries) < 3:
            raise ValueError("broken")

    await chores.steady("test", work)
    assert len(tries) == 3


def test_subtypes_are_those_of_the_standard() -> None:
    assert chores.SUBTYPES["derp"] == "/derp"
    assert len(chores.SUBTYPES) == 13
