"""A relay that is not to be trusted, and senders that are known and lie: nothing of theirs is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.trust import header, octets, seal, verify
from bridge.trust.refusal import Reason, Refused
from bridge.trust.ring import Ring
from tests.trust.forged import GOOD, LYING, ORDER, PARTS, PLAIN, RELAYED, numbers
from tests.trust.sealed import (
    ALICE,
    BAD,
    EVE,
    NOW,
    OLD,
    ROGUE,
    SERCA,
    STRANGER,
    YOUNG,
    critical,
    head,
    judged,
    message,
    sealed,
    signed,
    verifier,
    written,
)  # fmt: skip


def test_the_honest_one_is_taken() -> None:
    """So that each refusal below is for what its name says."""
    assert judged(GOOD) is None
    assert judged(written(PLAIN)) is None
    assert judged(written(critical(method="GET", path="/a"))) is None
    assert judged(written(json.dumps(dict(reversed(head().items())), indent=1))) is None
    assert judged(written(PLAIN.replace("/", "\\/"))) is None, "some libraries escape a slash"


@pytest.mark.parametrize(("text", "reason"), RELAYED.values(), ids=RELAYED.keys())
def test_relay(text: str, reason: Reason) -> None:
    assert judged(text) is reason


@pytest.mark.parametrize(("said", "reason"), LYING.values(), ids=LYING.keys())
def test_sender(said: dict[str, Any] | str | bytes, reason: Reason) -> None:
    assert judged(written(said)) is reason


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        (STRANGER, Reason.SENDER), (ROGUE, Reason.CHAIN), (OLD, Reason.PERIOD), (YOUNG, Reason.PERIOD),
        (BAD, Reason.REVOKED),
    ],
    ids=["not known", "under another root", "expired", "not yet valid", "revoked"],
)  # fmt: skip
def test_certificates(by: Any, reason: Reason) -> None:
    assert judged(sealed(by)) is reason
    assert judged(seal.seal(message(), by.key)) is Reason.SIGNATURE, "in the name of another"


def test_revoked_now() -> None:
    """The same sender, a moment later."""
    gone: set[str] = set()
    judge = verifier(revoked=lambda lfdi, _: lfdi in gone)
    assert judged(sealed(), judge) is None
    gone.add(ALICE.lfdi)
    assert judged(sealed(sequence=2, nonce=seal.nonce(b"2" * 16)), judge) is Reason.REVOKED
    issuer, number = Ring([SERCA.der]).add(ALICE.chain).serials[0]
    judge = verifier(revoked=lambda _, serials: (issuer, number) in serials)
    assert judged(sealed(), judge) is Reason.REVOKED


def test_a_store_that_gives_another() -> None:
    """The certificate has to be the sender's, whatever a store says."""

    class Wrong(Ring):
        def find(self, lfdi: str) -> Any:
            del lfdi
            return super().find(EVE.lfdi)

    judge = verifier(certificates=Wrong([SERCA.der], [EVE.chain]))
    assert judged(seal.seal(message(), EVE.key), judge) is Reason.SENDER


@given(st.integers(0, len(GOOD) - 1), st.characters(max_codepoint=0x2FF))
@example(len(GOOD) - 1, GOOD[-1])
def test_any_character_changed(place: int, letter: str) -> None:
    altered = GOOD[:place] + letter + GOOD[place + 1 :]
    assert (judged(altered) is None) == (altered == GOOD)


@given(st.data())
def test_any_bit_of_what_is_signed(data: st.DataObject) -> None:
    part = data.draw(st.integers(0, 2))
    raw = bytearray(octets.decode(PARTS[part].encode()))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    parts = [*PARTS[:part], octets.encode(bytes(raw)).decode(), *PARTS[part + 1 :]]
    assert judged(".".join(parts)) is not None


@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.text(max_size=9))
def test_any_piece_replaced(start: int, end: int, piece: str) -> None:
    altered = GOOD[: min(start, end)] + piece + GOOD[max(start, end) :]
    assert (judged(altered) is None) == (altered == GOOD)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.sampled_from(sorted(header.NAMES)), JSON)
def test_any_value_of_any_member(name: str, value: object) -> None:
    """A sender that lies may write what it likes: it is taken as it stands, or refused; nothing else."""
    text = written(head() | {name: value})
    if judged(text) is None:
        assert header.read(octets.decode(text.split(".")[0].encode()))[name] == value


@given(st.text() | st.binary().map(lambda raw: octets.encode(raw).decode()))
def test_any_text(text: str) -> None:
    for whole in (text, f"{text}.{text}.{text}", f"{PARTS[0]}.{text}.{PARTS[2]}"):
        assert judged(whole) is not None


@given(st.binary(max_size=200))
def test_any_header(raw: bytes) -> None:
    assert judged(signed(raw, b"x", ALICE.key)) is not None


def test_either_value_of_s_is_taken_once() -> None:
    """Nobody can be kept from turning s round; but the nonce is the same, and the answer binds the text."""
    raw = octets.decode(PARTS[2].encode())
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    turned = numbers(r, ORDER - s)
    judge = verifier()
    assert judged(turned, judge) is None
    assert judged(GOOD, judge) is Reason.REPLAY
    assert octets.digest(turned) != octets.digest(GOOD)


def test_what_is_not_proved_names_no_sender_and_leaves_no_trace() -> None:
    judge = verifier()
    for text in (f"{GOOD[:-4]}AAAA", RELAYED["header of another sender"][0], written(head(alg="none"))):
        with pytest.raises(Refused) as caught:
            verify.prove(text, judge, NOW)
        assert caught.value.sender == ""
    assert len(judge.nonces) == 0


def test_there_are_enough_cases() -> None:
    assert len(RELAYED) + len(LYING) >= 60
