"""Random batches, many at once, against the dictionary: refusals, every read, the archive, what is stale."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.sep2.shelf import Change, Conflict, Cut, Parcel, Row, Shelf, Who
from bridge.transports.store.store import Store
from tests.sep2.memory import Memory

ROOTS = count()
PLACES = ("", "/1", "/2", "/1/a", "/1/b", "/2/a", "/1/a/x")
CUTS = (
    Cut(limit=9),
    Cut(start=1, limit=1),
    Cut(limit=9, after=1),
    Cut(limit=9, active=1),
    Cut(limit=9, ending=1),
    Cut(limit=9, owner="O", grp=""),
)
Batch = tuple[list[Change], Who, list[Parcel]]


@st.composite
def change(draw: st.DrawFn, root: str) -> Change:
    href = root + draw(st.sampled_from(PLACES))
    expect = draw(st.sampled_from((None, None, 0, 1, 2)))
    if draw(st.integers(0, 3)) == 0:
        return Change(href, None, expect, draw(st.booleans()))
    row = Row(
        href,
        root + draw(st.sampled_from(("", "/1"))),
        root + draw(st.sampled_from("ST")),
        draw(st.binary(max_size=3)),
        owner=draw(st.sampled_from(("", "O"))),
        grp=draw(st.sampled_from(("", "G"))),
        mark=draw(st.sampled_from(("", "", "M", "N"))),
        rank=draw(st.sampled_from(("", "a", "b"))),
        at=draw(st.integers(0, 3)),
        until=draw(st.integers(0, 3)),
    )
    return Change(href, row, expect, draw(st.integers(0, 9)) == 0)


@st.composite
def rounds(draw: st.DrawFn) -> list[list[Batch]]:
    """Some rounds of batches; those of a round are committed at once."""
    root = f"/r{next(ROOTS)}"
    who = st.builds(Who, st.sampled_from((root, "O")), st.sampled_from(("one", "two")), st.integers(0, 9))
    parcel = st.binary(max_size=2).map(lambda body: Parcel(root, "http://x", body, "m"))
    batch = st.tuples(st.lists(change(root), min_size=1, max_size=4), who, st.lists(parcel, max_size=1))
    return draw(st.lists(st.lists(batch, min_size=1, max_size=5), min_size=1, max_size=4))


async def outcome(shelf: Shelf, batch: Batch) -> bool:
    try:
        await shelf.commit(*batch)
    except Conflict:
        return False
    return True


async def reads(shelf: Shelf, root: str) -> list[object]:
    """Everything that can be read below a root."""
    found: list[object] = [await shelf.get(root + place) for place in PLACES]
    found += [await shelf.children(parent, cut) for parent in (root, f"{root}/1") for cut in CUTS]
    found += [await shelf.count(root, cut) for cut in CUTS]
    found += [await shelf.children("", Cut(limit=9, among=(f"{root}/1", f"{root}/2/a")))]
    for kind in (f"{root}S", f"{root}T"):
        found += [await shelf.owned(kind, "O"), await shelf.owned(kind, "")]
        found += [await shelf.grouped(kind, "G"), await shelf.grouped(kind, "")]
        found += [await shelf.marked(kind, "M"), await shelf.marked(kind, "")]
    return [*found, await shelf.beneath(root), await shelf.beneath(f"{root}/1")]


def entries(model: Memory) -> list[tuple[object, ...]]:
    """What the archive must say of the commits that were done: who, when, and each row that was put."""
    return [
        (*commit.who, change.row.href, change.row.body)
        for commit in model.commits
        for change in commit.changes
        if change.row is not None
    ]


async def archived(store: Store, root: str) -> list[tuple[object, ...]]:
    """The same, as the archive has it; a removal is asked for by its own tests."""
    found = await store.history(root, beneath=True, limit=1_000)
    return [
        (entry.party, entry.door, entry.row.changed, entry.row.href, entry.row.body)
        for entry in reversed(found)
        if not entry.removed
    ]


def root(done: Sequence[Sequence[Batch]]) -> str:
    return "/" + done[0][0][0][0].href.split("/")[1]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=rounds())
async def test_the_store_does_what_the_dictionary_does(store: Store, done: list[list[Batch]]) -> None:
    model, where = Memory(), root(done)
    heard: set[str] = set()
    store.listen(heard.update)
    for batches in done:
        expected = [await outcome(model, batch) for batch in batches]
        assert await asyncio.gather(*(outcome(store, batch) for batch in batches)) == expected
        assert await reads(store, where) == await reads(model, where)
    assert await archived(store, where) == entries(model)
    assert {topic for commit in model.commits for topic in commit.topics} <= heard
    waiting = [parcel for parcel in await store.waiting(0, 10_000) if parcel.subscription == where]
    assert [parcel.body for parcel in waiting] == [parcel.body for parcel in model.parcels[:1]]
    assert await store.check() == []
