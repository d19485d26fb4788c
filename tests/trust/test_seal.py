"""Sealed messages between honest parties, and with a JOSE library that is not ours."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter

from bridge.trust import header, octets, seal, verify
from bridge.trust.header import MEMBERS, OURS, Message
from bridge.trust.refusal import MEANING, Reason, Refused
from bridge.trust.verify import Question
from tests.trust import sealed
from tests.trust.sealed import ALICE, BOB, NOW, judged, message, verifier

RULES = jws.JWSRegistry({name: HeaderParameter(name, lambda _: None) for name in OURS}, ["ES256"])
RULES.max_header_length = verify.HEAD
CONTROL: dict[str, Any] = {"method": "POST", "path": "/derp/1/derc?s=0&l=1"}
OPERATE: dict[str, Any] = {"service": "Operate", "reference": "LD0/DWMX1.WMaxSetPct[SP](1)"}


@pytest.mark.parametrize("more", [{}, CONTROL, OPERATE], ids=["plain", "sep2", "iec61850"])
@pytest.mark.parametrize("payload", [b"", b"\x00", bytes(range(256)), b"<a/>" * 20_000])
def test_what_is_sealed_is_what_is_verified(payload: bytes, more: dict[str, Any]) -> None:
    said = message(payload=payload, **more)
    text = seal.seal(said, ALICE.key)
    found = asyncio.run(verify.verify(text, verifier(), NOW))
    assert found.message == said
    assert found.text == text
    assert found.held.lfdi == ALICE.lfdi
    assert found.decision.allowed


def values(field: str) -> st.SearchStrategy[object]:
    """Values that a field may have."""
    texts = {
        "kind": st.sampled_from(["request", "event", "claim", "notice"]),
        "correlation": st.from_regex(r"\A[A-Za-z0-9._:-]{1,64}\Z"),
        "media": st.from_regex(r"\A[a-z]{1,9}/[a-z0-9.+-]{1,9}\Z"),
        "path": st.from_regex(r"\A/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,40}\Z"),
        "nonce": st.binary(min_size=16, max_size=16).map(seal.nonce),
        "sequence": st.integers(1, header.SAFE),
        "payload": st.binary(max_size=300),
    }
    return texts[field]


@given(st.fixed_dictionaries({name: values(name) for name in ("kind", "correlation", "media", "path")}),
       values("nonce"), values("sequence"), values("payload"))  # fmt: skip
def test_whatever_is_said(texts: dict[str, Any], nonce: str, sequence: int, payload: bytes) -> None:
    more = {**texts, "nonce": nonce, "sequence": sequence, "payload": payload, "method": "PUT"}
    said = message(**more)
    assert asyncio.run(verify.verify(seal.seal(said, ALICE.key), verifier(), NOW)).message == said
    assert json.loads(header.write(said)) == header.read(header.write(said))


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "a" * 40}, {"sender": ""}, {"recipient": ""}, {"recipient": "a b"},
        {"recipient": "x" * 65}, {"kind": "order"}, {"correlation": ""}, {"correlation": 'a"b'},
        {"correlation": "%s\u00e9"}, {"created": -1}, {"created": 1.5}, {"created": True},
        {"expires": 2**60}, {"nonce": "x"}, {"sequence": 0}, {"sequence": 2**53}, {"media": "xml"},
        {"media": "A/b"}, {"method": "GET"}, {"path": "/a"}, {"method": "get", "path": "/a"},
        {"method": "GET", "path": "a"}, {"method": "GET", "path": '/"'}, {"service": "Operate"},
        CONTROL | OPERATE, {"kind": "response"}, {"answers": octets.digest("x")},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_sealed(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be sealed"):
        header.write(message(**changes))


def test_group() -> None:
    assert judged(sealed.sealed(recipient="feeder-7")) is None
    assert judged(sealed.sealed(recipient="feeder-8")) is Reason.RECIPIENT


@pytest.mark.parametrize("kind", list(header.LIVES))
def test_each_class_has_its_life(kind: str) -> None:
    more: dict[str, Any] = {"kind": kind}
    question = None
    if kind == "response":
        asked = message(2, sender=BOB.lfdi, recipient=ALICE.lfdi)
        question = Question(asked, seal.seal(asked, BOB.key))
        more |= {"answers": octets.digest(question.text), "correlation": "c-2"}
    life = header.LIVES[kind]
    for over, reason in ((0, None), (1, Reason.LIFE)):
        text = sealed.sealed(expires=NOW + life + over, **more)
        assert judged(text, question=question) is reason


def test_answer() -> None:
    """Asked by Bob, answered by Alice; and the answer to another question is none."""
    asked = message(2, sender=BOB.lfdi, recipient=ALICE.lfdi)
    question = Question(asked, seal.seal(asked, BOB.key))
    text = seal.seal(answer(question, ALICE.lfdi), ALICE.key)
    assert judged(text, question=question) is None
    assert judged(text) is Reason.ANSWER
    other = Question(asked, seal.seal(asked, BOB.key))
    assert other.text != question.text
    assert judged(text, question=other) is Reason.ANSWER


def answer(question: Question, sender: str) -> Message:
    return seal.answer(
        question.message, question.text, sender,
        payload=b"ok", media="text/plain", created=NOW, nonce=seal.nonce(b"n" * 16), sequence=9,
    )  # fmt: skip


def test_answers_of_a_group_are_of_its_members() -> None:
    asked = message(2, sender=BOB.lfdi, recipient="feeder-7")
    question = Question(asked, seal.seal(asked, BOB.key))
    for by in (ALICE, sealed.EVE):
        assert judged(seal.seal(answer(question, by.lfdi), by.key), question=question) is None


def test_a_foreign_library_reads_ours() -> None:
    text = sealed.sealed(**CONTROL)
    found = jws.deserialize_compact(text, ECKey.import_key(ALICE.key.public_key()), registry=RULES)
    assert found.payload == b"<DERControl/>"
    assert found.headers() == json.loads(header.write(message(**CONTROL)))


def test_we_read_a_foreign_librarys() -> None:
    text = jws.serialize_compact(
        sealed.head(), b"payload", ECKey.import_key(ALICE.key), registry=RULES
    )  # fmt: skip
    assert asyncio.run(verify.verify(text, verifier(), NOW)).message == message(payload=b"payload")


def test_every_reason_has_a_meaning() -> None:
    assert list(MEANING) == list(Reason)
    assert str(Refused(Reason.SIZE)) == "size: it is longer than is allowed here"


def test_table_and_message_agree() -> None:
    assert {member.field for member in MEMBERS if member.field} == {*Message._fields} - {"payload"}
