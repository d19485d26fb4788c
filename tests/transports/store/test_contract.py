"""The contract of a shelf, on each that keeps it: the dictionary of the tests, SQLite, PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from bridge.sep2.shelf import Change, Conflict, Cut, Page, Row, Shelf, Who

WHO = Who("ME", "test", 1_000)
ALL = Cut(limit=1_000)


def row(href: str, **fields: object) -> Row:
    return Row(href, href.rpartition("/")[0], **{"type": "Thing", "body": b"<x/>", **fields})  # type: ignore[arg-type]


async def lay(shelf: Shelf, *rows: Row) -> None:
    await shelf.commit([Change(each.href, each) for each in rows], WHO)


def names(found: Page | tuple[Row, ...]) -> list[str]:
    return [each.href for each in (found.rows if isinstance(found, Page) else found)]


async def test_a_row_comes_back_whole(shelf: Shelf) -> None:
    whole = Row(
        "/a/1", "/a", "Thing", b"\x00\xff<b/>", "2018", "OWNER", "grp", "MARK", "r\u00e4nk", -5, 2**62, b"{}"
    )
    await lay(shelf, whole)
    assert await shelf.get("/a/1") == whole._replace(version=1, changed=1_000)
    assert await shelf.get("/a/2") is None


EDITION = row("/a/1", profile="p", owner="O", grp="G", mark="M", rank="a", at=1, until=2, record=b"{}")
CHANGED = {
    "parent": "/b", "type": "Other", "body": b"<y/>", "profile": "q", "owner": "P", "grp": "H", "mark": "N",
    "rank": "b", "at": 3, "until": 4, "record": b"[]",
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
async def test_an_edition_says_all_that_is_new(shelf: Shelf, name: str) -> None:
    other = row("/a/2", rank="aa")
    await lay(shelf, EDITION, other)
    new = EDITION._replace(**{name: CHANGED[name]})  # type: ignore[arg-type]
    await lay(shelf, new)
    found, _ = await shelf.beneath("/a")
    assert found == new._replace(version=2, changed=1_000)
    order = names(await shelf.children("/a", ALL))
    assert order == {"rank": ["/a/2", "/a/1"], "parent": ["/a/2"]}.get(name, ["/a/1", "/a/2"])
    assert names(await shelf.owned(new.type, new.owner)) == ["/a/1"]
    assert names(await shelf.grouped(new.type, new.grp)) == ["/a/1"]
    assert names(await shelf.marked(new.type, new.mark)) == ["/a/1"]


async def test_versions_count_editions_and_continue_after_a_removal(shelf: Shelf) -> None:
    for moment in range(3):
        await shelf.commit([Change("/a/1", row("/a/1"), moment)], Who("ME", "test", moment))
    await shelf.commit([Change("/a/1", None, 3)], WHO)
    assert await shelf.get("/a/1") is None
    await shelf.commit([Change("/a/1", row("/a/1"), 0)], Who("ME", "test", 77))
    found = await shelf.get("/a/1")
    assert found is not None
    assert (found.version, found.changed) == (4, 77)


@pytest.mark.parametrize(
    "changes",
    [
        [Change("/a/1", row("/a/1"), 0)],
        [Change("/a/1", row("/a/1"), 2)],
        [Change("/a/2", row("/a/2"), 1)],
        [Change("/a/2", None, 1)],
        [Change("/a/1", None, 0)],
        [Change("/a/2", row("/a/2", mark="M"))],
        [Change("/a/2", row("/a/2", mark="N")), Change("/a/3", row("/a/3", mark="N"))],
        [Change("/a/1", row("/a/1"), 1), Change("/a/1", row("/a/1"), 1)],
    ],
)
async def test_a_batch_that_meets_something_else_does_nothing(shelf: Shelf, changes: list[Change]) -> None:
    await lay(shelf, row("/a/1", mark="M"))
    before = await shelf.get("/a/1")
    with pytest.raises(Conflict):
        await shelf.commit([Change("/b/1", row("/b/1"), 0), *changes, Change("/b/2", row("/b/2"))], WHO)
    assert names(await shelf.beneath("")) == ["/a/1"]
    assert await shelf.get("/a/1") == before


async def test_a_mark_is_free_for_others_lists_and_once_it_was_left(shelf: Shelf) -> None:
    await lay(shelf, row("/a/1", mark="M"), row("/b/1", mark="M"), row("/a/2"), row("/a/3"))
    await lay(shelf, row("/a/1", mark="N"), row("/a/2", mark="M"))
    await shelf.commit([Change("/a/2", None), Change("/a/3", row("/a/3", mark="M"))], WHO)
    await lay(shelf, row("/a/1"), row("/a/3", mark="N"), row("/a/1", mark="M"))
    assert names(await shelf.marked("Thing", "M")) == ["/a/1", "/b/1"]
    assert names(await shelf.marked("Thing", "N")) == ["/a/3"]
    assert names(await shelf.marked("Other", "N")) == []


async def test_a_batch_may_touch_an_address_more_than_once(shelf: Shelf) -> None:
    await shelf.commit(
        [
            Change("/a/1", row("/a/1", mark="M"), 0),
            Change("/a/1", row("/a/1", mark="M"), 1),
            Change("/a/1", None, 2),
            Change("/a/2", row("/a/2", mark="M"), 0),
            Change("/a/1", row("/a/1"), 0),
        ],
        WHO,
    )
    found = await shelf.get("/a/1")
    assert found is not None
    assert found.version == 3


async def test_deep_takes_all_below_and_nothing_beside(shelf: Shelf) -> None:
    await lay(shelf, *(row(href) for href in ("/a", "/a/1", "/a/1/x/y", "/a0", "/a-b", "/ab/1")))
    await shelf.commit([Change("/a", None, deep=True)], WHO)
    assert names(await shelf.beneath("")) == ["/a-b", "/a0", "/ab/1"]
    await lay(shelf, row("/c/1"), row("/c/2"))
    await shelf.commit([Change("/c", None, deep=True)], WHO)
    assert await shelf.count("/c", ALL) == 0


async def test_beneath_is_by_href(shelf: Shelf) -> None:
    await lay(shelf, *(row(href) for href in ("/a/2", "/a/10", "/a/1/z", "/a", "/b")))
    assert names(await shelf.beneath("/a")) == ["/a/1/z", "/a/10", "/a/2"]


async def test_siblings_stand_by_rank_then_length_then_href(shelf: Shelf) -> None:
    order = ["/a/1", "/a/9", "/a/10", "/a/B", "/a/a", "/a/~", "/a/\u00e9"]
    ranks = ["", "", "", "A", "A", "a", "\u00e9"]
    await lay(
        shelf, *(row(href, rank=rank, owner="O", grp="G") for href, rank in zip(order, ranks, strict=True))
    )
    assert names(await shelf.children("/a", ALL)) == order
    assert names(await shelf.owned("Thing", "O")) == order
    assert names(await shelf.grouped("Thing", "G")) == order


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (Cut(), ["1"]),
        (Cut(limit=0), []),
        (Cut(start=1, limit=2), ["2", "3"]),
        (Cut(start=3, limit=2**70), ["4", "5"]),
        (Cut(start=2**70, limit=1), []),
        (Cut(limit=9, after=20), ["3", "4", "5"]),
        (Cut(limit=9, after=2**70), []),
        (Cut(limit=9, after=-(2**70)), ["1", "2", "3", "4", "5"]),
        (Cut(limit=9, owner="X"), ["1", "3"]),
        (Cut(limit=9, owner=""), ["5"]),
        (Cut(limit=9, grp="G"), ["1", "2"]),
        (Cut(limit=9, grp=""), ["3", "4", "5"]),
        (Cut(limit=9, owner="X", grp="G"), ["1"]),
        (Cut(limit=9, active=30), ["1", "3"]),
        (Cut(limit=9, active=29), ["1", "2"]),
        (Cut(limit=9, ending=30), ["1", "3", "4", "5"]),
        (Cut(limit=9, ending=29), ["1", "2", "3", "4", "5"]),
        (Cut(limit=9, among=("/l/5", "/l/2", "/m/1", "/l/9")), ["2", "5", "1"]),
        (Cut(limit=9, among=("/l/5", "/m/1"), owner="Z"), ["1"]),
        (Cut(limit=9, among=()), []),
        (Cut(start=1, limit=1, after=10, owner="Y", grp="", active=45, ending=1, among=("/l/4",)), []),
    ],
)
async def test_a_cut_takes_what_it_says(shelf: Shelf, cut: Cut, expected: list[str]) -> None:
    await lay(
        shelf,
        row("/l/1", at=10, until=0, owner="X", grp="G"),
        row("/l/2", at=20, until=30, owner="Y", grp="G"),
        row("/l/3", at=30, until=40, owner="X"),
        row("/l/4", at=40, until=50, owner="Y"),
        row("/l/5", at=50),
        row("/m/1", at=60, rank="z", owner="Z"),
    )
    page = await shelf.children("/l", cut)
    assert [href.rpartition("/")[2] for href in names(page)] == expected
    whole = await shelf.children("/l", cut._replace(start=0, limit=1_000))
    assert page.total == whole.total == len(whole.rows) == await shelf.count("/l", cut)


async def test_searches_tell_apart_type_owner_group_and_mark(shelf: Shelf) -> None:
    await lay(
        shelf,
        row("/a/1", owner="O", grp="G", mark="M"),
        row("/a/2", type="Other", owner="O", grp="G"),
        row("/a/3", owner="O", grp="H", mark="N"),
        row("/b/1", owner="P"),
    )
    assert names(await shelf.owned("Thing", "O")) == ["/a/1", "/a/3"]
    assert names(await shelf.owned("Thing", "O", "G")) == ["/a/1"]
    assert names(await shelf.owned("Thing", "O", "H")) == ["/a/3"]
    assert names(await shelf.owned("Thing", "P", "G")) == []
    assert names(await shelf.grouped("Other", "G")) == ["/a/2"]
    assert names(await shelf.grouped("Thing", "")) == ["/b/1"]
    assert names(await shelf.owned("Other", "")) == []
    assert names(await shelf.marked("Thing", "M")) == ["/a/1"]
    assert names(await shelf.marked("Thing", "")) == ["/b/1"]


async def test_numbers_are_given_once(shelf: Shelf) -> None:
    numbers = await asyncio.gather(*(shelf.fresh() for _ in range(500)))
    assert len(set(numbers)) == 500
    assert min(numbers) > 0


async def test_of_many_who_expect_the_same_one_is_right(shelf: Shelf) -> None:
    await lay(shelf, row("/a/1"))
    tries = (shelf.commit([Change("/a/1", row("/a/1"), 1)], WHO) for _ in range(50))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [outcome for outcome in outcomes if outcome is None] == [None]
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if outcome is not None)
    found = await shelf.get("/a/1")
    assert found is not None
    assert found.version == 2


async def test_an_empty_batch_is_done(shelf: Shelf) -> None:
    await shelf.commit([], WHO)
    await shelf.commit([Change("/none", None, 0, deep=True)], WHO)
    assert await shelf.beneath("") == ()


async def test_of_what_cannot_be_kept_nothing_is_known(shelf: Shelf) -> None:
    await lay(shelf, row("/a/1", mark="M"))
    for odd in ("/a\0", "/a\ud800"):
        assert await shelf.get(odd) is None
        assert await shelf.children(odd, ALL) == Page((), 0)
        assert await shelf.beneath(odd) == ()
        assert await shelf.marked("Thing", odd) == ()
