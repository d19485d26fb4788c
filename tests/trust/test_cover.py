"""Covers: what is under one comes out as it was, for the one it was made for; every other is refused."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey

from bridge.trust import cover, header, octets, verify
from bridge.trust.issue import Issued
from bridge.trust.refusal import Reason, Refused
from bridge.trust.ring import hold
from tests.trust.forged import GOOD
from tests.trust.sealed import ALICE, BOB, EVE, NOW, ROGUE, SERCA, sealed, verifier
from tests.trust.test_chain import built

FOR_BOB = hold(BOB.chain, [SERCA.der])
COVERED = cover.cover(GOOD, FOR_BOB)
PARTS = COVERED.split(".")


def opened(text: str, by: Issued = BOB) -> str | Reason:
    try:
        return cover.uncover(text, by.lfdi, by.key)
    except Refused as refused:
        return refused.reason


def test_there_and_back() -> None:
    assert cover.covered(COVERED)
    assert not cover.covered(GOOD)
    assert opened(COVERED) == GOOD
    assert opened(COVERED, EVE) is Reason.COVER
    assert asyncio.run(verify.verify(cover.uncover(COVERED, BOB.lfdi, BOB.key), verifier(), NOW)).text == GOOD
    assert cover.cover(GOOD, FOR_BOB) != COVERED, "a key of its own for each"


def test_a_long_one() -> None:
    text = sealed(payload=b"<a/>" * 250_000)
    assert opened(cover.cover(text, FOR_BOB)) == text


def test_the_relay_sees_nothing_but_the_recipient() -> None:
    seen = json.loads(octets.decode(PARTS[0].encode()))
    assert seen.keys() == {"alg", "enc", "typ", "cty", "kid", "epk"}
    assert seen["kid"] == BOB.lfdi
    assert ALICE.lfdi not in str(seen)


def test_the_wrong_key_under_the_right_name() -> None:
    with pytest.raises(Refused, match="cover"):
        cover.uncover(COVERED, BOB.lfdi, EVE.key)


def foreign(head: dict[str, Any], text: str = GOOD, by: Issued = BOB) -> str:
    """A cover by the library, with members as they are given."""
    algorithms = ["ECDH-ES", "ECDH-ES+A128KW", "A128GCM", "A256GCM", "A128CBC-HS256", "DEF"]
    registry = jwe.JWERegistry(algorithms=algorithms)
    return jwe.encrypt_compact(head, text, ECKey.import_key(by.key.public_key()), registry=registry)


HONEST = {**cover.FIXED, "kid": BOB.lfdi}
BAD_HEADS: dict[str, dict[str, Any]] = {
    "compressed": {**HONEST, "zip": "DEF"},
    "key wrapped": {**HONEST, "alg": "ECDH-ES+A128KW"},
    "other encryption": {**HONEST, "enc": "A256GCM"},
    "CBC": {**HONEST, "enc": "A128CBC-HS256"},
    "for another": {**HONEST, "kid": EVE.lfdi},
    "no recipient": {**cover.FIXED},
    "other type": {**HONEST, "typ": "JWE"},
    "other content": {**HONEST, "cty": "JWT"},
    "parties named": {**HONEST, "apu": "QQ", "apv": "Qg"},
    "brings a key": {**HONEST, "jwk": {"kty": "EC"}},
}


@pytest.mark.parametrize("head", BAD_HEADS.values(), ids=BAD_HEADS.keys())
def test_other_covers(head: dict[str, Any]) -> None:
    assert opened(foreign(HONEST)) == GOOD
    assert opened(foreign(head)) is Reason.COVER


def altered(**changes: Any) -> str:
    head = json.loads(octets.decode(PARTS[0].encode()))
    head["epk"] |= changes
    return ".".join((octets.encode(json.dumps(head).encode()).decode(), *PARTS[1:]))


ZERO = octets.encode(bytes(32)).decode()
POINTS: dict[str, dict[str, Any]] = {
    "not on the curve": {"x": ZERO},
    "nought": {"x": ZERO, "y": ZERO},
    "beyond the field": {"x": octets.encode(b"\xff" * 32).decode()},
    "another curve": {"crv": "P-384"},
    "another kind": {"kty": "OKP", "crv": "X25519"},
    "a secret key": {"d": ZERO},
    "short": {"x": "AA"},
    "empty": {"x": "", "y": ""},
    "numbers": {"x": 1, "y": 2},
    "nothing": {"x": None},
    "padding": {"x": ZERO + "="},
    "of full width": {"x": "\uff21" * 43},
}


@pytest.mark.parametrize("changes", POINTS.values(), ids=POINTS.keys())
def test_points(changes: dict[str, Any]) -> None:
    assert opened(altered(**changes)) is Reason.COVER


@pytest.mark.parametrize(
    "text",
    ["", ".", "....", GOOD, f"{COVERED}.", f"{COVERED}=", COVERED.replace("..", ".AA."), "\u00e9" + COVERED,
     ".".join((octets.encode(b"[]").decode(), *PARTS[1:])), f"{'A' * 5000}....", f"{COVERED}\n"],
    ids=range(11),
)  # fmt: skip
def test_no_covers(text: str) -> None:
    assert opened(text) is Reason.COVER


def test_too_long() -> None:
    assert opened("a" * (2 * verify.MOST + 1)) is Reason.SIZE


@given(st.data())
def test_any_bit(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from([0, 2, 3, 4]))
    raw = bytearray(octets.decode(PARTS[part].encode()))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    parts = [*PARTS[:part], octets.encode(bytes(raw)).decode(), *PARTS[part + 1 :]]
    assert opened(".".join(parts)) in (Reason.COVER, Reason.SIZE)


@given(st.integers(0, len(COVERED)), st.integers(0, len(COVERED)), st.text(max_size=9))
def test_any_piece_replaced(start: int, end: int, piece: str) -> None:
    text = COVERED[: min(start, end)] + piece + COVERED[max(start, end) :]
    assert opened(text) == GOOD if text == COVERED else opened(text) is Reason.COVER


def test_what_is_under_a_cover_is_judged_as_any_other() -> None:
    text = opened(cover.cover("no message", FOR_BOB))
    assert text == "no message"
    with pytest.raises(Refused, match="form"):
        verify.prove(text, verifier(), NOW)
    assert opened(foreign(HONEST, "\u00e9")) is Reason.COVER


def test_nothing_is_encrypted_for_a_certificate_that_does_not_serve() -> None:
    signs = built(SERCA)
    usage = x509.KeyUsage(True, *[False] * 8)
    for chain in (ROGUE.chain, BOB.chain[:1], built(SERCA, (usage, True)).chain):
        with pytest.raises(ValueError, match="nothing can be encrypted"):
            cover.cover(GOOD, hold(chain, [SERCA.der]))
    assert hold(signs.chain, [SERCA.der]).agrees, "no usage is every usage"
    assert cover.FIXED["cty"] == header.TYPE
