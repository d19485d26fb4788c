"""The shelf that tests use keeps the contract: editions, conflicts, marks, cuts, topics, whole batches."""

from __future__ import annotations

import pytest

from bridge.sep2.shelf import Change, Conflict, Cut, Row, Who
from tests.sep2.memory import NOW, Memory

WHO = Who("test", "test", NOW)


def row(href: str, **fields: object) -> Row:
    return Row(href, href.rpartition("/")[0], "EndDevice", **fields)  # type: ignore[arg-type]


async def test_a_batch_is_done_as_a_whole_or_not_at_all() -> None:
    shelf = Memory()
    with pytest.raises(Conflict):
        await shelf.commit([Change("/edev/1", row("/edev/1"), 0), Change("/edev/2", row("/edev/2"), 1)], WHO)
    assert await shelf.get("/edev/1") is None
    assert shelf.commits == []


async def test_editions_count_on_and_are_expected() -> None:
    shelf = Memory()
    await shelf.lay(row("/edev/1"))
    await shelf.commit([Change("/edev/1", row("/edev/1"), 1)], WHO)
    found = await shelf.get("/edev/1")
    assert found is not None
    assert (found.version, found.changed) == (2, NOW)
    with pytest.raises(Conflict):
        await shelf.commit([Change("/edev/1", None, 1)], WHO)


async def test_a_mark_is_unique_among_siblings_only() -> None:
    shelf = Memory()
    await shelf.lay(row("/edev/1", mark="AB"), row("/mup/1", mark="AB"))
    with pytest.raises(Conflict):
        await shelf.lay(row("/edev/2", mark="AB"))
    await shelf.lay(row("/edev/1", mark="AB"))


async def test_a_cut_is_ranked_counted_and_bounded() -> None:
    shelf = Memory()
    await shelf.lay(
        row("/edev/10"), row("/edev/9"), row("/edev/1", rank="z"), row("/edev/8", until=NOW, at=5)
    )
    page = await shelf.children("/edev", Cut(1, 2))
    assert ([each.href for each in page.rows], page.total) == (["/edev/9", "/edev/10"], 4)
    assert await shelf.count("/edev", Cut(ending=NOW)) == 3
    assert await shelf.count("/edev", Cut(active=NOW - 1)) == 4
    assert await shelf.count("/edev", Cut(active=NOW)) == 3
    assert [each.href for each in (await shelf.children("/edev", Cut(after=4))).rows] == ["/edev/8"]
    assert (await shelf.children("/x", Cut(limit=9, among=("/edev/9", "/none")))).total == 1


async def test_removing_deep_takes_what_is_below_and_tells_its_topics() -> None:
    shelf = Memory()
    await shelf.lay(row("/edev/1"), row("/edev/1/rg"), row("/edev/11"))
    await shelf.commit([Change("/edev/1", None, deep=True)], WHO)
    assert set(shelf.rows) == {"/edev/11"}
    assert {"/edev/1", "/edev/", "/edev/1/rg", "/edev/1/", "/edev//", "/edev/1//"} <= shelf.commits[-1].topics
