"""Group commit: many batches share a transaction, and what is wrong with one is told to that one alone."""

from __future__ import annotations

import asyncio

import pytest

from bridge.sep2.shelf import Change, Conflict, Parcel, Row, Who
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.ledger import Key
from bridge.transports.store.store import Store

WHO = Who("ME", "test", 1)


def put(href: str, **fields: object) -> Change:
    return Change(href, Row(href, "/a", "Thing", **fields), 0)  # type: ignore[arg-type]


async def test_concurrent_commits_share_transactions(store: Store) -> None:
    heard: list[frozenset[str]] = []
    await store.commit([put("/a/0")], WHO)
    store.current()
    store.listen(heard.append)
    await asyncio.gather(*(store.commit([put(f"/b/{number}")], WHO) for number in range(400)))
    store.current()
    assert store.figures().commits == 401
    assert store.figures().groups < 40
    assert {f"/b/{number}" for number in range(400)} <= set().union(*heard)


async def test_entries_are_numbered_in_the_order_of_the_commits(store: Store) -> None:
    await asyncio.gather(*(store.commit([put(f"/a/{each}"), put(f"/b/{each}")], WHO) for each in range(50)))
    found = [entry.row.href for entry in await store.history(limit=1_000)]
    assert found[::-1] == [f"/{list_}/{each}" for each in range(50) for list_ in "ab"]


async def test_a_conflict_harms_no_other(store: Store) -> None:
    await store.commit([put("/a/0", mark="M")], WHO)
    wrong = ([put("/a/0")], [put("/a/x"), put("/a/y", mark="M")], [put("/a/z"), put("/a/z")])
    batches = [[put(f"/a/{each}")] if each % 2 else wrong[each // 2 % 3] for each in range(1, 61)]
    done = await asyncio.gather(*(store.commit(batch, WHO) for batch in batches), return_exceptions=True)
    for each, outcome in zip(range(1, 61), done, strict=True):
        assert isinstance(outcome, Conflict) if each % 2 == 0 else outcome is None
    assert [entry.number for entry in await store.history()] == list(range(31, 0, -1))
    expected = {f"/a/{each}" for each in range(61) if each % 2 or each == 0}
    assert {row.href for row in await store.beneath("/a")} == expected


@pytest.mark.parametrize(
    "wrong",
    [
        [put("/a/1", rank="x\0")],
        [put("/a/1", rank="\ud800")],
        [put("/a/1", at=2**63)],
        [put("/a/1", until=-(2**63) - 1)],
        [Change("/a/1", Row("/a/2", "/a", "Thing"))],
    ],
)
async def test_what_no_database_keeps_is_refused_before(store: Store, wrong: list[Change]) -> None:
    with pytest.raises(ValueError, match=r"NUL|surrogate|64 bits|its own"):
        await store.commit(wrong, WHO)
    with pytest.raises(ValueError, match="NUL"):
        await store.commit([], WHO, [Parcel("/s", "http://x\0", b"", "m")])
    assert await store.beneath("") == ()


async def test_what_the_database_refuses_harms_no_other(store: Store) -> None:
    good = [store.commit([put(f"/a/{each}")], WHO) for each in range(20)]
    bad = store.commit([put("/b/1"), put("/b/2", body=object())], WHO)
    *done, told = await asyncio.gather(*good, bad, return_exceptions=True)
    assert done == [None] * 20
    assert isinstance(told, Exception)
    assert not isinstance(told, (Conflict, Unavailable))
    assert len(await store.beneath("/a")) == 20
    assert await store.get("/b/1") is None


async def test_whoever_gave_up_waiting_leaves_the_batch_whole(store: Store) -> None:
    task = asyncio.create_task(store.commit([put("/a/1"), put("/a/2")], WHO))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.commit([put("/a/3")], WHO)
    assert len(await store.beneath("/a")) in (1, 3)


async def test_a_closed_store_promises_nothing(store: Store) -> None:
    await store.engine.close()
    with pytest.raises(Unavailable):
        await store.commit([put("/a/1")], WHO)
    with pytest.raises(Unavailable):
        await store.get("/a/1")


async def test_closing_writes_what_was_taken_on(store: Store) -> None:
    tasks = [asyncio.create_task(store.commit([put(f"/a/{each}")], WHO)) for each in range(100)]
    await asyncio.sleep(0)
    await store.engine.close()
    assert await asyncio.gather(*tasks) == [None] * 100


async def test_a_key_is_taken_once(store: Store) -> None:
    tries = [
        store.commit([put(f"/a/{each}")], WHO, keys=[Key("order", f"{each}".encode(), 10)])
        for each in range(9)
    ]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(each) for each in done].count(Conflict) == 8
    row = (await store.beneath("/a"))[0]
    assert await store.remembered("order", now=9) == row.href.removeprefix("/a/").encode()
    assert await store.remembered("order", now=10) is None
    await store.commit([put("/b/1")], Who("ME", "test", 10), keys=[Key("order", b"again", 0)])
    assert await store.remembered("order") == b"again"


async def test_what_is_remembered_may_be_replaced_and_is_over_in_time(store: Store) -> None:
    assert await store.remembered("x") is None
    await store.remember("x", b"1")
    await store.remember("x", b"2\x00", until=2**40)
    assert await store.remembered("x") == b"2\x00"
    assert await store.remembered("x", now=2**40) is None
