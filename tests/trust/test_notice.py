"""The notice of a revocation: said and read again, taken once, and from the relay alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust import issue, notice, seal
from bridge.trust.credential import Serial
from bridge.trust.header import Message
from bridge.trust.notice import GROUP, KIND, MEDIA, Malformed, Sealer
from bridge.trust.refusal import Reason, Refused
from bridge.trust.replay import Levels, Nonces
from bridge.trust.revoked import NONE, Change, Marks
from bridge.trust.ring import Ring
from bridge.trust.verify import Verifier

NOW = 1_800_000_000
ROOT = issue.root("Services")
RELAY, OTHER = (issue.client(ROOT, name) for name in ("relay", "other"))
SEALER = Sealer(RELAY.lfdi, RELAY.key)
ISSUER = bytes(range(32))
ADDED = Marks(frozenset({Serial(ISSUER, 2**64), Serial(ISSUER, 7)}), frozenset({"AB" * 20}))
CHANGE = Change(NOW, NOW - 9, ADDED, Marks(lfdis=frozenset({"CD" * 20})))


def verifier(relay: str = RELAY.lfdi) -> Verifier:
    held = Ring(ROOT.chain, (RELAY.chain, OTHER.chain))
    return Verifier(frozenset({GROUP}), held, lambda *_: False, Nonces(), Levels(), notice.relay(relay))


def text(change: Change = CHANGE, sealer: Sealer = SEALER, chance: int = 1) -> str:
    return notice.sealed(change, sealer, NOW, chance.to_bytes(16, "big"))


async def test_what_is_told_is_read() -> None:
    assert await notice.take(text(), verifier(), NOW) == CHANGE


async def test_the_same_edition_is_taken_once_and_the_next_one_after_it() -> None:
    judge = verifier()
    await notice.take(text(), judge, NOW)
    for chance, reason in ((1, Reason.REPLAY), (2, Reason.SEQUENCE)):
        with pytest.raises(Refused) as refused:
            await notice.take(text(chance=chance), judge, NOW)
        assert refused.value.reason == reason
    later = Change(NOW + 1, NOW, NONE, ADDED)
    assert await notice.take(text(later, chance=3), judge, NOW) == later


async def test_notice_of_anybody_else_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        await notice.take(text(sealer=Sealer(OTHER.lfdi, OTHER.key)), verifier(), NOW)
    assert refused.value.reason == Reason.ACCESS


async def test_notice_that_was_altered_or_is_old_is_refused() -> None:
    whole = text()
    with pytest.raises(Refused):
        await notice.take(whole[:-8] + ("A" * 8 if whole[-8:] != "A" * 8 else "B" * 8), verifier(), NOW)
    with pytest.raises(Refused) as refused:
        await notice.take(whole, verifier(), NOW + 3_600 + 300)
    assert refused.value.reason == Reason.LATE


async def test_too_much_is_told_by_its_edition_alone() -> None:
    many = Marks(frozenset(Serial(ISSUER, number) for number in range(notice.MOST + 1)))
    made = text(Change(NOW, NOW - 1, many))
    assert len(made) < 2_000
    assert await notice.take(made, verifier(), NOW) == Change(NOW, NOW - 1, told=False)


async def test_the_most_that_is_told_fits_into_a_stanza() -> None:
    issuers = [bytes([number % 256, number // 256]) * 16 for number in range(notice.MOST)]
    change = Change(NOW, NOW - 1, Marks(frozenset(Serial(each, 2**159 + 1) for each in issuers)))
    made = text(change)
    assert len(made) < 256 * 1024
    assert await notice.take(made, verifier(), NOW) == change


def other(**said: Any) -> str:
    """A message that the relay sealed, and that is something else."""
    whole = {
        "sender": RELAY.lfdi, "recipient": GROUP, "kind": KIND, "correlation": "a", "created": NOW,
        "expires": NOW + 60, "nonce": seal.nonce(bytes(16)), "sequence": CHANGE.edition, "media": MEDIA,
        "payload": notice.payload(CHANGE),
    }  # fmt: skip
    return seal.seal(Message(**{**whole, **said}), RELAY.key)


@pytest.mark.parametrize(
    "said",
    [{"media": "application/json"}, {"sequence": CHANGE.edition + 1}, {"payload": b"{}"}],
    ids=["media", "sequence", "payload"],
)
async def test_what_is_sealed_and_no_notice_is_malformed(said: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        await notice.take(other(**said), verifier(), NOW)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just("AB"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(notice.FIELDS)), VALUES)
def test_any_field_of_another_kind_is_malformed_or_read(field: str, value: object) -> None:
    """Nothing but Malformed comes out, and what is read says the same again."""
    said = {**json.loads(notice.payload(CHANGE)), field: value}
    try:
        found = notice.read(json.dumps(said).encode())
    except Malformed:
        return
    assert notice.read(notice.payload(found)) == found


@given(st.binary(max_size=60))
def test_any_bytes_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        notice.read(data)
