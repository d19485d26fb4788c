"""A worker's roll: what it costs when nothing changed, what it hears, whom it tells, how old it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bridge.app.bulletin import Bulletin
from bridge.app.entries import Word
from bridge.app.register import CHANGES, KEPT, Older, Register, Taken
from bridge.app.roll import Notice, Roll
from bridge.sep2.shelf import Conflict, Cut, Who
from bridge.sep2.talk import Peer
from bridge.transports.store import opening
from bridge.transports.store.store import Store
from bridge.trust import issue
from bridge.trust.credential import Serial, serials
from bridge.trust.listing import Pool
from bridge.trust.ocsp import Responder
from bridge.trust.revoked import Index
from tests.app.revoking import eventually
from tests.trust.lists import NOW, crl

WHO = Who("core", "test", NOW)
LFDI, OTHER = "AB" * 20, "CD" * 20
SERCA = issue.root("SERCA")
POOL = Pool((SERCA.certificate,))
PEER = Peer(LFDI, 1, serials=serials([SERCA.certificate]))
MINE = PEER.serials[0]


@dataclass
class Scene:
    """Two workers on one store, and a clock that stands where it is put."""

    stores: list[Store] = field(default_factory=list)
    rolls: list[Roll] = field(default_factory=list)
    moment: int = NOW

    def now(self) -> int:
        return self.moment

    async def do(self, verb: str, *arguments: object, which: int = 0) -> object:
        """Have the register of one worker do something, and commit it."""
        register = Register(self.stores[which], self.moment)
        result = await getattr(register, verb)(*arguments)
        await self.stores[which].commit(register.changes, WHO)
        return result

    async def take(self, numbers: Sequence[int], number: int, source: str = "test") -> object:
        return await self.do("take", crl(SERCA, numbers, number), POOL, source)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    made = Scene()
    async with AsyncExitStack() as stack:
        for _ in range(2):
            store = await stack.enter_async_context(opening.open(f"sqlite:///{tmp_path}/a.db", workers=2))
            roll = Roll(store, POOL, made.now)
            await roll.open()
            stack.callback(roll.close)
            made.stores.append(store)
            made.rolls.append(roll)
        yield made


def word(lfdi: str = LFDI, since: int = NOW, by: str = "") -> Word:
    return Word("lost", since, by, lfdi)


class Watched(Index):
    """An index that counts how often it is asked."""

    __slots__ = ()
    asked: list[str] = []  # noqa: RUF012 - the count of one test

    def reason(self, serials: Sequence[Serial], lfdi: str) -> str:
        Watched.asked.append(lfdi)
        return super().reason(serials, lfdi)


async def test_a_peer_is_looked_up_once_for_each_edition(scene: Scene) -> None:
    """While the index is the same object, a thousand requests ask it nothing."""
    roll = scene.rolls[0]
    Watched.asked.clear()
    roll.index = Watched()
    assert all(roll.standing(PEER) for _ in range(1000))
    assert Watched.asked == [LFDI]
    roll.index = Watched()
    assert all(roll.standing(PEER) for _ in range(1000))
    assert Watched.asked == [LFDI] * 2


async def test_another_peer_of_the_same_lfdi_is_looked_up_itself(scene: Scene) -> None:
    roll = scene.rolls[0]
    roll.index = Index(listed={MINE.issuer: frozenset({MINE.number})})
    assert roll.judge(PEER._replace(serials=()))
    assert not roll.judge(PEER)


async def test_what_is_remembered_of_peers_is_bounded(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.app.roll.PASSED", 10)
    roll = scene.rolls[0]
    peers = [Peer(LFDI, number) for number in range(100)]
    assert all(roll.standing(each) for each in peers)
    assert len(roll._passed) <= 12  # noqa: SLF001 - its memory is bounded


@pytest.mark.parametrize("which", [0, 1])
async def test_what_is_acknowledged_is_in_force_at_once_in_every_worker(scene: Scene, which: int) -> None:
    assert scene.rolls[which].judge(PEER)
    await scene.do("say", word())
    await scene.rolls[which].fresh()
    assert not scene.rolls[which].judge(PEER)
    assert scene.rolls[which].reason(PEER) == "lost"
    await scene.do("withdraw", LFDI)
    await scene.rolls[which].fresh()
    assert scene.rolls[which].judge(PEER)


async def test_while_something_is_not_read_yet_nobody_is_sent_away_for_what_was(scene: Scene) -> None:
    """A listener lets a peer ask, since what is read next may have let it in again; `judge` has the say."""
    await scene.do("say", word())
    await scene.rolls[1].fresh()
    assert not scene.rolls[1].standing(PEER)
    await scene.do("withdraw", LFDI)
    assert scene.rolls[1].standing(PEER)
    await scene.rolls[1].fresh()
    assert scene.rolls[1].judge(PEER)


async def test_a_worker_that_is_asked_nothing_hears_of_it_by_itself(scene: Scene) -> None:
    heard = asyncio.Event()

    async def hear(_: Notice) -> None:
        heard.set()

    scene.rolls[1].listeners.append(hear)
    await scene.do("say", word())
    async with asyncio.timeout(30):
        await heard.wait()
    assert not scene.rolls[1].judge(PEER)


async def test_listeners_are_told_each_change(scene: Scene) -> None:
    told: list[Notice] = []

    async def hear(notice: Notice) -> None:
        told.append(notice)

    async def broken(_: Notice) -> None:
        raise RuntimeError("whoever fails keeps nobody from hearing")

    scene.rolls[1].listeners += [broken, hear]
    await scene.do("say", word())
    await scene.take((1, 2), 1)
    await scene.rolls[1].fresh()
    await scene.take((2, 3), 2)
    await scene.rolls[1].fresh()
    await asyncio.sleep(0)
    first, last = told[0], told[-1]
    assert first.added.lfdis == frozenset({LFDI})
    assert (last.edition, last.told) == (scene.rolls[1].index.edition, True)
    assert {one.number for one in last.added.serials} == {3}
    assert {one.number for one in last.removed.serials} == {1}


async def test_a_list_never_goes_back(scene: Scene) -> None:
    data = crl(SERCA, (1, 2), 5)
    await scene.do("take", data, POOL, "test")
    for number in (4, 5):
        with pytest.raises(Older):
            await scene.take((1,), number)
    taken = await scene.do("take", data, POOL, "test")
    assert isinstance(taken, Taken)
    assert (taken.fresh, taken.changes) == (False, [])
    await scene.rolls[0].fresh()
    assert scene.rolls[0].index.listed == {MINE.issuer: frozenset({1, 2})}


async def test_what_two_hold_is_let_go_by_neither_alone(scene: Scene) -> None:
    await scene.take((7,), 1)
    await scene.do("say", Word("lost", NOW, issuer=MINE.issuer.hex(), serial="7"))
    await scene.rolls[0].fresh()
    edition = scene.rolls[0].index.edition
    await scene.take((), 2)
    await scene.rolls[0].fresh()
    changed = scene.rolls[0].index.changed(edition)
    assert changed is not None
    assert not changed.removed.serials
    await scene.do("withdraw", f"{MINE.issuer.hex()}-7")
    await scene.rolls[0].fresh()
    changed = scene.rolls[0].index.changed(edition)
    assert changed is not None
    assert {one.number for one in changed.removed.serials} == {7}


async def test_a_word_of_the_future_holds_from_its_moment_and_is_told_then(scene: Scene) -> None:
    await scene.do("say", word(since=NOW + 100, by=OTHER))
    await scene.rolls[0].fresh()
    assert (scene.rolls[0].index.edition, scene.rolls[0].index.turns) == (0, NOW + 100)
    assert scene.rolls[0].judge(PEER)
    scene.moment += 100
    assert await scene.do("ripen")
    await scene.rolls[0].fresh()
    assert scene.rolls[0].reason(PEER) == f"replaced by {OTHER}"
    changed = scene.rolls[0].index.changed(0)
    assert changed is not None
    assert changed.added.lfdis == {LFDI}


async def test_two_writers_that_meet_are_told_apart(scene: Scene) -> None:
    both = [Register(scene.stores[which], NOW) for which in range(2)]
    for register, lfdi in zip(both, (LFDI, OTHER), strict=True):
        await register.say(word(lfdi))
    await scene.stores[0].commit(both[0].changes, WHO)
    with pytest.raises(Conflict):
        await scene.stores[1].commit(both[1].changes, WHO)


async def test_only_the_last_changes_are_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.app.register.KEPT", 5)
    for number in range(9):
        await scene.do("say", word(f"{number:040X}"))
    assert (await scene.stores[0].children(CHANGES, Cut(limit=KEPT))).total == 5
    fresh = Roll(scene.stores[0], POOL, scene.now)
    await fresh.fresh()
    index = fresh.index
    assert index.changed(0) is None
    assert index.changed(index.history[0].before) is not None
    assert len(index.everything().lfdis) == 9


async def test_a_change_that_is_too_much_is_not_told_in_parts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.app.register.MANY", 3)
    await scene.take(range(1, 5), 1)
    await scene.rolls[0].fresh()
    assert scene.rolls[0].index.changed(0) is None
    assert len(scene.rolls[0].index.everything().serials) == 4


async def test_age_is_that_of_the_oldest_source(scene: Scene) -> None:
    roll = scene.rolls[0]
    assert (roll.age(), roll.closed()) == (None, "")
    roll.oldest = 60
    assert roll.closed() == "there are no revocation data; commands are refused"
    await scene.take((1,), 1, "http://one")
    await roll.fresh()
    assert (roll.age(), roll.closed()) == (0, "")
    scene.moment += 61
    assert roll.closed() == "revocation data are 61 s old; commands are refused"
    await scene.do("confirm", "http://one")
    await roll.fresh()
    assert (roll.age(), roll.closed()) == (0, "")
    roll.sources = frozenset({"http://one", "http://never"})
    assert roll.age() == 61


async def test_a_list_past_its_end_is_not_confirmed_but_still_holds(scene: Scene) -> None:
    await scene.take((MINE.number,), 1, "http://one")
    scene.moment += 86_400
    await scene.do("confirm", "http://one")
    await scene.rolls[0].fresh()
    assert scene.rolls[0].age() == 86_400
    assert not scene.rolls[0].judge(PEER)
    assert not scene.rolls[0].verdict(Serial(MINE.issuer, 99)).known
    assert scene.rolls[0].verdict(MINE).at == NOW


@pytest.mark.parametrize("ahead", [0, 1])
async def test_who_waits_is_answered_beyond_its_edition(scene: Scene, ahead: int) -> None:
    """Its own request has this worker read an edition that it knows already, or not even that one yet."""
    bulletin, since = Bulletin(scene.rolls[0], Responder(())), NOW + ahead
    async with TestClient(TestServer(bulletin.application())) as client:
        await scene.do("say", word(), which=1)
        wait = asyncio.create_task(client.get(f"/revoked?since={since}&wait=60"))
        await eventually(lambda: bulletin.waiting > 0 or wait.done())
        for lfdi in (OTHER, "EF" * 20):
            await scene.do("say", word(lfdi), which=1)
            scene.stores[0].current()
        assert (await (await wait).json())["edition"] > since
