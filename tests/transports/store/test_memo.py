"""What is remembered of reads: as long as it is so, no longer, and within bounds; told to caches above."""

from __future__ import annotations

import asyncio

from bridge.sep2.shelf import Change, Cut, Row, Who
from bridge.transports.store import opening
from bridge.transports.store.bell import EVERYTHING
from bridge.transports.store.memo import Kept, Memo
from bridge.transports.store.store import Store

WHO = Who("ME", "test", 1)


def put(href: str, body: bytes = b"", **fields: object) -> Change:
    return Change(href, Row(href, "/a", "Thing", body, **fields))  # type: ignore[arg-type]


def keep(memo: Memo, question: str, topics: tuple[str, ...], weight: int = 1) -> None:
    memo.keep(question, Kept(question, memo.ask(topics), topics, weight))


def test_an_answer_holds_until_one_of_its_topics_changes() -> None:
    memo = Memo(1_000)
    keep(memo, "q", ("a", "b"))
    keep(memo, "r", ("c",))
    memo.change(frozenset({"x"}))
    assert memo.find("q")
    memo.change(frozenset({"b"}))
    assert memo.find("q") is None
    assert memo.find("r")
    memo.change(EVERYTHING)
    assert memo.find("r") is None


def test_an_answer_that_was_under_way_while_a_change_came_is_stale() -> None:
    memo = Memo(1_000)
    asked = memo.ask(("a",))
    memo.change(frozenset({"a"}))
    memo.keep("q", Kept("old", asked, ("a",), 1))
    assert memo.find("q") is None


def test_what_was_under_way_while_everything_changed_is_stale() -> None:
    memo = Memo(1_000)
    asked = memo.ask(("a",))
    memo.change(EVERYTHING)
    memo.keep("q", Kept("old", asked, ("a",), 1))
    assert memo.find("q") is None


def test_memory_is_bounded_and_keeps_what_is_asked_for() -> None:
    memo = Memo(1_000)
    keep(memo, "often", ("often",), 10)
    for each in range(10_000):
        keep(memo, str(each), (str(each),), 10)
        assert memo.find("often")
    found = [each for each in range(10_000) if memo.find(str(each))]
    assert 10 < len(found) < 110
    assert len(memo._notes) < 250  # noqa: SLF001 - notes that nobody needs must not pile up
    keep(memo, "huge", ("huge",), 900)
    assert memo.find("huge") is None


async def test_a_read_is_made_once_until_it_changes(store: Store) -> None:
    await store.commit([put("/a/1", mark="M", owner="O", grp="G")], WHO)
    reads = (
        lambda: store.get("/a/1"),
        lambda: store.get("/none"),
        lambda: store.children("/a", Cut(limit=5)),
        lambda: store.count("/a", Cut()),
        lambda: store.owned("Thing", "O"),
        lambda: store.grouped("Thing", "G"),
        lambda: store.marked("Thing", "M"),
        lambda: store.beneath("/a"),
        lambda: store.children("", Cut(limit=5, among=("/a/1", "/b/1"))),
    )
    first = [await read() for read in reads]
    misses = store.figures().misses
    await store.commit([Change("/x/1", Row("/x/1", "/x", "Other"))], WHO)
    again = [await read() for read in reads]
    assert store.figures().misses == misses
    assert all(before is after for before, after in zip(first, again, strict=True))
    await store.commit([put("/a/1", b"new")], WHO)
    last = [await read() for read in reads]
    told = [before == after for before, after in zip(first, last, strict=True)]
    assert told == [False, True, False, True, False, False, False, False, False]


async def test_caches_above_hear_topics_and_can_tell_what_is_stale(store: Store) -> None:
    heard: list[frozenset[str]] = []
    store.listen(heard.append)
    await store.get("/a/1")
    await store.children("/a", Cut())
    tick = store.tick
    assert not store.touched(tick, ("/a/1", "/a/"))
    await store.commit([put("/a/1", mark="M", owner="O", grp="G")], WHO)
    assert store.touched(tick, ("/b", "/a/"))
    assert heard[-1] == {"/a/1", "/a/", "Thing~O", "Thing^G", "Thing=M", "/a//"}
    await store.commit([Change("/a/1", Row("/a/1", "/b", "Else"))], WHO)
    assert store.current()
    assert heard[-1] == {
        "/a/1", "/a/", "Thing~O", "Thing^G", "Thing=M", "/a//", "/b/", "Else~", "Else^", "Else="
    }  # fmt: skip
    assert not store.touched(store.tick, ("/a/1", "/a/"))
    assert store.touched(0, ("/never/asked",)), "of what nobody watches nothing is known"


async def test_reads_among_writes_are_never_older_than_the_last_acknowledged(store: Store) -> None:
    acknowledged = 0

    async def write() -> None:
        nonlocal acknowledged
        for number in range(1, 60):
            await store.commit([put("/a/1", str(number).encode())], WHO)
            acknowledged = number

    async def read(stop: asyncio.Task[None]) -> None:
        while not stop.done():
            least = acknowledged
            row, page = await store.get("/a/1"), await store.children("/a", Cut())
            assert int(row.body if row else 0) >= least
            assert int(page.rows[0].body if page.rows else 0) >= least
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    await asyncio.gather(*(read(writing) for _ in range(5)))
    await writing


async def test_a_page_and_its_total_are_of_one_moment(store: Store) -> None:
    async def write(lane: int) -> None:
        for turn in range(40):
            row = None if turn % 2 else Row(f"/a/{lane}", "/a", "Thing")
            await store.commit([Change(f"/a/{lane}", row)], WHO)

    async def read(stop: asyncio.Task[object]) -> None:
        while not stop.done():
            page = await store.children("/a", Cut(limit=100))
            assert page.total == len(page.rows)
            await asyncio.sleep(0)

    writing = asyncio.ensure_future(asyncio.gather(*(write(lane) for lane in range(6))))
    await asyncio.gather(*(read(writing) for _ in range(3)))  # type: ignore[arg-type]
    await writing


async def test_a_small_memory_serves_as_well(url: str) -> None:
    async with opening.open(url, memory=20_000) as store:
        await store.commit([put(f"/a/{each}", b"x" * 100) for each in range(200)], WHO)
        for turn in range(2):
            for each in range(200):
                row = await store.get(f"/a/{each}")
                assert row is not None
                assert row.version == 1 + (turn and each == 0)
            await store.commit([put("/a/0")], WHO)
