"""The archive: every edition and removal, by address, subtree, party, time and type; and forgetting."""

from __future__ import annotations

import pytest

from bridge.sep2.shelf import Change, Row, Who
from bridge.transports.store import archive
from bridge.transports.store.archive import Entry
from bridge.transports.store.store import Store


def row(href: str, **fields: object) -> Row:
    return Row(href, href.rpartition("/")[0], **{"type": "Thing", **fields})  # type: ignore[arg-type]


async def fill(store: Store) -> None:
    """A device DEV writes what is its own and something of ANN; an operator OP changes and removes."""
    for moment in range(5):
        mine = row("/d/1", body=str(moment).encode(), owner="DEV", rank=f"{moment}")
        await store.commit([Change("/d/1", mine)], Who("DEV", "https", moment))
    await store.commit([Change("/d/1/x", row("/d/1/x", owner="ANN", type="Other"))], Who("DEV", "https", 5))
    await store.commit(
        [Change("/p/1", row("/p/1", body=b"b", record=b"r", mark="M"))], Who("OP", "office", 6)
    )
    await store.commit([Change("/d/1", None, deep=True)], Who("OP", "office", 7))
    await store.commit([Change("/d/1", row("/d/1", owner="DEV"))], Who("OP", "office", 8))


def told(entries: list[Entry]) -> list[str]:
    return [
        f"{entry.row.changed} {entry.row.href} {entry.row.version}{'-' * entry.removed}" for entry in entries
    ]


@pytest.fixture
async def filled(store: Store) -> Store:
    await fill(store)
    return store


WHOLE = [
    "8 /d/1 6", "7 /d/1 5-", "7 /d/1/x 1-", "6 /p/1 1", "5 /d/1/x 1",
    "4 /d/1 5", "3 /d/1 4", "2 /d/1 3", "1 /d/1 2", "0 /d/1 1",
]  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, WHOLE),
        ({"limit": 2}, WHOLE[:2]),
        ({"href": "/d/1"}, [each for each in WHOLE if " /d/1 " in each]),
        ({"href": "/d/1", "limit": 2}, ["8 /d/1 6", "7 /d/1 5-"]),
        ({"href": "/d/1", "since": 1, "until": 3}, ["2 /d/1 3", "1 /d/1 2"]),
        ({"href": "/d", "beneath": True}, [each for each in WHOLE if "/d/" in each]),
        ({"href": "/d/1", "beneath": True}, [each for each in WHOLE if "/d/" in each]),
        ({"href": "/d/1", "beneath": True, "type_": "Other"}, ["7 /d/1/x 1-", "5 /d/1/x 1"]),
        ({"href": "/d/9"}, []),
        ({"party": "OP"}, WHOLE[:4]),
        ({"party": "OP", "href": "/p/1"}, ["6 /p/1 1"]),
        ({"party": "DEV"}, WHOLE[4:]),
        ({"party": "DEV", "since": 2, "limit": 3}, WHOLE[4:7]),
        ({"since": 6, "until": 8}, ["7 /d/1 5-", "7 /d/1/x 1-", "6 /p/1 1"]),
        ({"type_": "Other"}, ["7 /d/1/x 1-", "5 /d/1/x 1"]),
    ],
)
async def test_entries_are_found(filled: Store, wish: dict[str, object], expected: list[str]) -> None:
    found = await filled.history(**wish)  # type: ignore[arg-type]
    assert told(found) in (expected, _swapped(expected))


def _swapped(expected: list[str]) -> list[str]:
    """The two removals of one batch may stand either way round."""
    pair = {"7 /d/1 5-": "7 /d/1/x 1-", "7 /d/1/x 1-": "7 /d/1 5-"}
    return [pair.get(each, each) for each in expected] if set(pair) <= set(expected) else expected


async def test_an_entry_has_the_whole_row_and_who_put_it(filled: Store) -> None:
    (entry,) = await filled.history("/p/1")
    assert entry.row == await filled.get("/p/1")
    assert entry[1:4] == ("OP", "office", False)
    removal = (await filled.history("/d/1/x"))[0]
    assert removal.removed
    assert removal.row == row("/d/1/x", owner="ANN", type="Other")._replace(version=1, changed=7)


@pytest.mark.parametrize("wish", [{}, {"href": "/d/1"}, {"href": "/d", "beneath": True}, {"party": "OP"}])
async def test_pages_follow_one_another(filled: Store, wish: dict[str, object]) -> None:
    whole = await filled.history(**wish)  # type: ignore[arg-type]
    paged: list[Entry] = []
    while page := await filled.history(**wish, limit=3, before=paged[-1].number if paged else None):  # type: ignore[arg-type]
        paged += page
    assert paged == whole


async def test_a_subtree_of_many_is_found_the_other_way(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await filled.history("/d", beneath=True)
    monkeypatch.setattr(archive, "SPREAD", 1)
    assert await filled.history("/d", beneath=True) == whole
    assert await filled.history("/d", beneath=True, limit=2) == whole[:2]


async def test_forgetting_leaves_what_is_later_and_what_is_there(filled: Store) -> None:
    assert await filled.forget(5) == 5
    assert told(await filled.history()) in (WHOLE[:5], _swapped(WHOLE[:5]))
    assert told(await filled.history("/d/1")) == ["8 /d/1 6", "7 /d/1 5-"]
    assert await filled.forget(100) == 5
    assert await filled.history() == []
    assert await filled.history("/d/1") == []
    there = await filled.get("/d/1")
    assert there is not None
    assert there.version == 6
    assert await filled.check() == []


async def test_versions_of_free_addresses_last_as_long_as_the_archive(store: Store) -> None:
    for moment in (1, 2):
        await store.commit([Change("/a", row("/a"))], Who("ME", "test", moment))
        await store.commit([Change("/a", None)], Who("ME", "test", moment))
    assert await store.forget(2) == 2
    await store.commit([Change("/a", row("/a"))], Who("ME", "test", 3))
    await store.commit([Change("/a", None)], Who("ME", "test", 3))
    assert [entry.row.version for entry in await store.history("/a")] == [3, 3, 2, 2]


async def test_old_rows_expire_with_what_is_below(store: Store) -> None:
    for moment in range(6):
        rows = [row(f"/r/{moment}", type="Reading"), row(f"/r/{moment}/x"), row(f"/s/{moment}")]
        await store.commit([Change(each.href, each) for each in rows], Who("ME", "test", moment))
    assert await store.expire("Reading", 4, Who("keeper", "", 9), limit=3) == 3
    assert await store.expire("Reading", 4, Who("keeper", "", 9), limit=3) == 1
    assert await store.expire("Reading", 4, Who("keeper", "", 9), limit=3) == 0
    assert [each.href for each in await store.beneath("/r")] == ["/r/4", "/r/4/x", "/r/5", "/r/5/x"]
    assert len(await store.beneath("/s")) == 6
    assert len([entry for entry in await store.history(party="keeper") if entry.removed]) == 8
