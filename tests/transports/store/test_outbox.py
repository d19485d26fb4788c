"""The outbox: in the order of the commits for each subscription, kept until sent, held back, dropped."""

from __future__ import annotations

import pytest

from bridge.sep2.shelf import OUTGOING, Change, Conflict, Parcel, Row, Who
from bridge.transports.store import opening
from bridge.transports.store.store import Store

WHO = Who("ME", "test", 1_000)


def parcels(*names: str) -> list[Parcel]:
    return [Parcel(name[0], f"https://{name[0]}.example.org", name.encode(), "text/plain") for name in names]


async def waiting(store: Store, now: int = 1_000, limit: int = 100) -> list[str]:
    return [parcel.body.decode() for parcel in await store.waiting(now, limit)]


async def test_each_subscription_sends_one_after_the_other(store: Store) -> None:
    await store.commit([], WHO, parcels("a1", "b1", "a2"))
    await store.commit([], WHO, parcels("a3", "c1"))
    first = await store.waiting(1_000)
    assert [parcel.body for parcel in first] == [b"a1", b"b1", b"c1"]
    assert first[0] == Parcel("a", "https://a.example.org", b"a1", "text/plain", first[0].number, 0)
    await store.sent(first[0].number, first[2].number)
    assert await waiting(store) == ["b1", "a2"]
    assert await waiting(store, limit=1) == ["b1"]
    assert await store.backlog() == 3


async def test_what_is_held_back_holds_back_those_behind_it(store: Store) -> None:
    await store.commit([], WHO, parcels("a1", "a2", "b1"))
    number = (await store.waiting(1_000))[0].number
    await store.later(number, 1_060)
    await store.later(number, 1_050)
    assert await waiting(store, 1_049) == ["b1"]
    due = await store.waiting(1_050)
    assert [(parcel.body, parcel.tries) for parcel in due] == [(b"a1", 2), (b"b1", 0)]


async def test_a_dropped_subscription_sends_nothing_more(store: Store) -> None:
    await store.commit([], WHO, parcels("a1", "b1", "a2"))
    await store.dropped("a")
    assert await waiting(store) == ["b1"]
    assert await store.backlog() == 1
    await store.dropped("none")


async def test_parcels_are_committed_with_their_cause_or_not_at_all(store: Store) -> None:
    with pytest.raises(Conflict):
        await store.commit([Change("/a", Row("/a", "", "Thing"), 5)], WHO, parcels("a1"))
    assert await store.backlog() == 0


async def test_only_what_is_to_be_sent_is_told_to_the_courier(store: Store) -> None:
    heard: list[frozenset[str]] = []
    store.listen(heard.append)
    await store.commit([Change("/a", Row("/a", "", "Thing"))], WHO)
    store.current()
    assert OUTGOING not in frozenset().union(*heard)
    await store.commit([], WHO, parcels("a1"))
    store.current()
    assert OUTGOING in frozenset().union(*heard)


async def test_numbers_ascend_over_a_restart_and_an_empty_outbox(url: str) -> None:
    numbers = []
    for _ in range(3):
        async with opening.open(url) as store:
            await store.commit([], WHO, parcels("a1"))
            (parcel,) = await store.waiting(0)
            numbers.append(parcel.number)
            await store.sent(parcel.number)
    assert numbers == sorted(set(numbers))


async def test_many_subscriptions_and_a_long_queue(store: Store) -> None:
    await store.commit(
        [], WHO, [Parcel(f"/s/{each % 50}", "u", str(each).encode(), "m") for each in range(2_000)]
    )
    for turn in range(3):
        due = await store.waiting(0, 100)
        assert [int(parcel.body) for parcel in due] == list(range(turn * 50, turn * 50 + 50))
        await store.sent(*(parcel.number for parcel in due))
