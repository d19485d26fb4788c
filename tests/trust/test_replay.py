"""Messages shown again, late, out of order, to others; answers swapped, forged, and not asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.transports.store import opening
from bridge.transports.store.mark import Stored
from bridge.trust import octets, seal, verify
from bridge.trust.refusal import Reason, Refused
from bridge.trust.replay import Nonces
from bridge.trust.verify import Question
from tests.trust.forged import GOOD
from tests.trust.sealed import ALICE, BOB, EVE, NOW, judged, message, sealed, verifier


def test_replay_and_order() -> None:
    texts = [sealed(**message(number)._asdict() | {"sender": ALICE.lfdi}) for number in range(1, 5)]
    judge = verifier()
    assert [judged(texts[place], judge) for place in (0, 0, 2, 1, 2, 3, 3, 0)] == [
        None, Reason.REPLAY, None, Reason.SEQUENCE, Reason.REPLAY, None, Reason.REPLAY, Reason.REPLAY,
    ]  # fmt: skip


def test_replay_after_the_nonces_are_lost() -> None:
    judge = verifier()
    assert judged(GOOD, judge) is None
    assert judged(GOOD, judge._replace(nonces=Nonces())) is Reason.SEQUENCE


def test_a_nonce_with_another_sequence() -> None:
    judge = verifier()
    assert judged(sealed(), judge) is None
    assert judged(sealed(sequence=2), judge) is Reason.REPLAY


def test_the_window_is_shut_before_the_nonce_is_forgotten() -> None:
    judge, text = verifier(), sealed()
    assert judged(text, judge, NOW - 300) is None
    for moment, reason in ((NOW + 599, Reason.REPLAY), (NOW + 600, Reason.LATE)):
        assert judged(text, judge, moment) is reason
    assert judged(sealed(), verifier(), NOW - 301) is Reason.EARLY


def test_redirected() -> None:
    """The same text shown to another party, who is not in the group either."""
    other = verifier(mine=frozenset({EVE.lfdi}))
    assert judged(GOOD, other) is Reason.RECIPIENT
    assert judged(sealed(recipient="feeder-7"), other) is Reason.RECIPIENT
    assert judged(sealed(BOB)) is None, "one may write to oneself"


def test_denied() -> None:
    judge = verifier()
    text = sealed(method="DELETE", path="/edev/1")
    with pytest.raises(Refused) as caught:
        asyncio.run(verify.verify(text, judge, NOW))
    assert (caught.value.reason, caught.value.sender) == (Reason.ACCESS, ALICE.lfdi)
    assert judged(text, judge) is Reason.REPLAY, "and cannot be shown again when access changes"


ASKED = message(2, sender=BOB.lfdi, recipient=ALICE.lfdi)
QUESTION = Question(ASKED, seal.seal(ASKED, BOB.key))


def reply(by: Any = ALICE, **changes: Any) -> str:
    made = seal.answer(
        ASKED, QUESTION.text, by.lfdi,
        payload=b"ok", media="text/plain", created=NOW, nonce=seal.nonce(b"n" * 16), sequence=1,
    )  # fmt: skip
    return seal.seal(made._replace(**changes), by.key)


ANSWERS: dict[str, Callable[[], str]] = {
    "of another request": lambda: reply(answers=octets.digest(GOOD)),
    "with another correlation": lambda: reply(correlation="c-3"),
    "from one that was not asked": lambda: reply(EVE),
    "to one that is not asking": lambda: reply(recipient="feeder-7"),
    "a request in its place": lambda: sealed(correlation="c-2"),
    "an event in its place": lambda: sealed(correlation="c-2", kind="event"),
    "the request itself": lambda: QUESTION.text,
}


@pytest.mark.parametrize("make", ANSWERS.values(), ids=ANSWERS.keys())
def test_forged_answers(make: Callable[[], str]) -> None:
    judge = verifier()._replace(mine=frozenset({BOB.lfdi, ALICE.lfdi, "feeder-7"}))
    assert judged(reply(), judge, question=QUESTION) is None
    assert judged(make(), judge._replace(nonces=Nonces()), question=QUESTION) is Reason.ANSWER


def test_an_answer_nobody_asked_for() -> None:
    assert judged(reply()) is Reason.ANSWER


def test_an_answer_again() -> None:
    judge = verifier()
    assert judged(reply(), judge, question=QUESTION) is None
    assert judged(reply(), judge, question=QUESTION) is Reason.REPLAY


def test_nonces_fill_up_and_never_forget_too_early() -> None:
    """Of one sender, and of all; those that are over make room."""
    nonces = Nonces(most=3, share=2)
    nonces.take("a", "1", NOW + 10, NOW)
    nonces.take("a", "2", NOW + 20, NOW)
    with pytest.raises(Refused, match="full"):
        nonces.take("a", "3", NOW + 20, NOW)
    nonces.take("b", "1", NOW + 20, NOW)
    with pytest.raises(Refused, match="full"):
        nonces.take("c", "1", NOW + 20, NOW)
    with pytest.raises(Refused, match="replay"):
        nonces.take("a", "1", NOW + 20, NOW + 9)
    nonces.take("a", "1", NOW + 20, NOW + 10)
    assert len(nonces) == 3
    nonces.take("a", "4", NOW + 30, NOW + 20)
    assert len(nonces) == 1


async def test_a_restart_does_not_open_the_window(tmp_path: Path) -> None:
    """The store is closed and opened anew, and the nonces of the first life are gone."""
    url = f"sqlite:///{tmp_path}/store.db"
    for life, reason in ((1, None), (2, Reason.SEQUENCE)):
        async with opening.open(url) as store:
            judge = verifier(marks=Stored(store))
            try:
                await verify.verify(GOOD, judge, NOW + life)
                found = None
            except Refused as refused:
                found = refused.reason
            assert found is reason
            nonce = seal.nonce(life.to_bytes(16, "little"))
            later = sealed(sequence=10 + life, nonce=nonce)
            assert (await verify.verify(later, judge, NOW + life)).message.sequence == 10 + life


async def test_of_two_at_once_one_is_taken(tmp_path: Path) -> None:
    """Two processes, each with nonces of its own, are shown the same message at the same moment."""
    async with opening.open(f"sqlite:///{tmp_path}/store.db") as store:
        judges = [verifier(marks=Stored(store)) for _ in range(2)]
        asked = [verify.verify(GOOD, judge, NOW) for judge in judges]
        found = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["Refused", "Verified"]
