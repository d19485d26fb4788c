"""The decision log on both databases: one chain whoever writes, nothing lost, and every tampering found."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bridge.sep2.shelf import Change, Conflict, Row, Who
from bridge.transports.store import notes, opening
from bridge.transports.store.decisions import Wish
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.ledger import Batch
from bridge.transports.store.store import Store
from bridge.trust import log
from bridge.trust.checkpoint import Seal
from tests.transports.store.logged import AT, BY, COUNT, Sealer, decision, every, fill, proved

WHO = Who("ME", "test", 1)


def put(href: str, expect: int | None = None) -> Change:
    return Change(href, Row(href, "/a", "Thing", b"<a/>"), expect)


async def test_a_decision_goes_with_the_commit_that_comes_next(store: Store) -> None:
    groups = store.figures().groups
    store.decisions.note(decision(1))
    store.decisions.note(decision(2, allowed=False), {"W": 9})
    await store.commit([put("/a/1")], WHO)
    assert store.figures().groups == groups + 1
    assert store.decisions.waiting == 0
    first, second = await every(store)
    assert first == log.Record(1, "", decision(1), {})
    assert second[2:] == (decision(2, allowed=False), {"W": 9})
    assert await proved(store, BY) == []


async def test_a_batch_that_is_refused_takes_no_decision_with_it(store: Store) -> None:
    store.decisions.note(decision(1))
    with pytest.raises(Conflict):
        await store.commit([put("/a/1", 7)], WHO)
    assert [record.decision for record in await every(store)] == [decision(1)]


async def test_a_transaction_that_fails_loses_no_decision(store: Store) -> None:
    def refuse(*_: object) -> Seal:
        raise RuntimeError("no key")

    store.decisions.note(decision(1))
    with pytest.raises(RuntimeError, match="no key"):
        await store.engine.commit(Batch(sealing=refuse))
    assert store.decisions.waiting == 1
    assert await every(store) == []
    await store.commit([put("/a/1")], WHO)
    assert [record.decision for record in await every(store)] == [decision(1)]


async def test_many_decisions_at_once_are_one_chain(store: Store) -> None:
    async def one(number: int) -> None:
        store.decisions.note(decision(number))
        await store.commit([put(f"/a/{number}")], WHO)

    await asyncio.gather(*(one(number) for number in range(700)))
    assert {record.decision.at - AT for record in await every(store)} == set(range(700))
    assert await proved(store, BY) == []


async def test_several_workers_write_one_chain(url: str, tmp_path: Path) -> None:
    bell = None if url.startswith("sqlite") else tmp_path / "bell"

    async def work(store: Store, name: str, sealer: Sealer) -> None:
        for number in range(30):
            store.decisions.note(decision(number, correlation=name))
            await store.decisions.flush(sealer if number % 7 == 0 else None)

    async with (
        opening.open(url, workers=2, bell=bell) as one,
        opening.open(url, workers=2, bell=bell) as other,
    ):
        await asyncio.gather(work(one, "one", Sealer(BY)), work(other, "other", Sealer(BY)))
        for name in ("one", "other"):
            mine = [record.decision for record in await every(one) if record.decision.correlation == name]
            assert [said.at - AT for said in mine] == list(range(30))
        assert len(await other.decisions.seals()) >= 2
        assert await proved(other, BY) == []


async def test_a_beginning_is_removed_only_behind_a_checkpoint(store: Store) -> None:
    sealer = Sealer(BY, AT + 1_000)
    await fill(store, sealer=sealer)
    assert await store.decisions.oldest() == (1, AT + 1)
    assert await store.decisions.sealed(AT) is None
    first = await store.decisions.sealed(AT + 1_003)
    assert first == 4
    assert await store.decisions.shorten(first) == 3
    assert [fault.kind for fault in await proved(store, BY)] == ["cut"]
    store.decisions.note(decision(9, function="audit", action="delete", target="4", hop="keeper"))
    await store.decisions.flush(sealer)
    assert await proved(store, BY) == []
    assert [record.number for record in await every(store)] == [4, 5, 6, 7]
    assert [seal.number for seal in await store.decisions.seals()] == [4, 6, 7]


async def test_a_checkpoint_is_made_only_when_there_is_something_new(store: Store) -> None:
    sealer = Sealer(BY)
    await store.decisions.flush(sealer)
    assert await store.decisions.seals() == []
    await fill(store, 2, sealer)
    await store.decisions.flush(sealer)
    assert [seal.number for seal in await store.decisions.seals()] == [2]


@pytest.mark.parametrize(
    ("wish", "numbers"),
    [
        (Wish(), [6, 5, 4, 3, 2, 1]),
        (Wish(subject="CD" * 20), [4]),
        (Wish(subject="CD\0"), []),
        (Wish(function="programmes"), [5, 2]),
        (Wish(action="delete"), [3]),
        (Wish(rule=""), [6, 4]),
        (Wish(hop="sep2"), [6]),
        (Wish(allowed=False), [6, 4]),
        (Wish(allowed=True, function="programmes"), [5, 2]),
        (Wish(since=AT + 2, until=AT + 4), [3, 2]),
        (Wish(before=3), [2, 1]),
        (Wish(after=4), [5, 6]),
        (Wish(after=2**80), []),
    ],
)
async def test_records_are_found_by_what_they_say(store: Store, wish: Wish, numbers: list[int]) -> None:
    for fields in (
        {},
        {"function": "programmes"},
        {"action": "delete"},
        {"subject": "CD" * 20, "allowed": False, "rule": ""},
        {"function": "programmes"},
        {"hop": "sep2", "allowed": False, "rule": ""},
    ):
        number = store.decisions.waiting + 1
        store.decisions.note(decision(number, **fields))
    await store.decisions.flush()
    assert [entry.number for entry in await store.decisions.find(wish, 10)] == numbers
    assert [entry.number for entry in await store.decisions.find(wish, 2)] == numbers[:2]


async def test_what_no_database_keeps_is_kept_all_the_same(store: Store) -> None:
    said = decision(1, subject="a\0b", target="\ud800", function="\udfff", correlation="\0")
    store.decisions.note(said)
    await store.decisions.flush()
    assert [record.decision for record in await every(store)] == [said]
    assert await proved(store, BY) == []


async def test_papers_are_kept_by_name(store: Store) -> None:
    await store.decisions.keep("policy/1", b"one", 1)
    await store.decisions.keep("policy/2", b"two", 2)
    await store.decisions.keep("policy/2", b"\0\xff", 3)
    await store.decisions.keep("policyx", b"x", 1)
    assert await store.decisions.paper("policy/2") == b"\0\xff"
    assert await store.decisions.paper("policy/\0") is None
    assert await store.decisions.papers("policy") == {"1": b"one", "2": b"\0\xff"}


async def test_a_restored_log_is_proved_and_goes_on(url: str, tmp_path: Path) -> None:
    async with opening.open(url) as store:
        await fill(store)
        await store.backup(tmp_path / "backup")
        await store.decisions.keep("policy/1", b"one", 1)
    for target in (f"sqlite:///{tmp_path}/other.db", url):
        await opening.restore(tmp_path / "backup", target, replace=target == url)
        async with opening.open(target) as other:
            assert await proved(other, BY) == []
            sealer = Sealer(BY, AT + 1_000)
            other.decisions.note(decision(7))
            await other.decisions.flush(sealer)
            assert await proved(other, BY) == []
            assert len(await every(other)) == COUNT + 1
            assert await other.decisions.paper("policy/1") is None


async def test_nothing_is_allowed_that_cannot_be_logged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "ROOM", 2)
    for _ in range(3):
        store.decisions.note(decision(1, allowed=False))
    assert (store.decisions.waiting, store.decisions.lost) == (2, 1)
    with pytest.raises(Unavailable, match="decision log"):
        store.decisions.note(decision(1))
    await store.decisions.flush()
    store.decisions.note(decision(1))
