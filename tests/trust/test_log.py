"""The decision log as bytes: one way to write a record, and no other is read; checkpoints; deciding again."""

from __future__ import annotations

import json
import re

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from bridge.trust import checkpoint, issue, log, review
from bridge.trust.checkpoint import Checkpoint, Seal
from bridge.trust.decision import Decision
from bridge.trust.log import Note
from bridge.trust.review import Difference, Verdict
from tests.transports.store.logged import AT, decision, signer

WORDS = st.text(st.characters(codec=None), max_size=12)
NUMBERS = st.integers(-(2**70), 2**70)
DECISIONS = st.builds(
    Decision,
    at=NUMBERS,
    age=st.none() | NUMBERS,
    allowed=st.booleans(),
    limits=st.lists(WORDS, max_size=3).map(tuple),
    **{name: WORDS for name in Decision._fields if name not in {"at", "age", "allowed", "limits"}},
)
FACTS = st.dictionaries(WORDS, st.none() | st.booleans() | NUMBERS | WORDS, max_size=3)
GOOD = log.entry(7, "ab", Note(decision(1), {"W": 5, "deep": None}))


@given(st.integers(1, 2**62), WORDS, DECISIONS, FACTS)
def test_what_is_written_is_read(
    number: int, before: str, said: Decision, facts: dict[str, str | int]
) -> None:
    made = log.entry(number, before, Note(said, facts))
    assert log.read(made.body) == (number, before, said, facts)
    assert made.body.isascii()
    for text in log.beside(said)[1:6]:
        assert isinstance(text, str)
        assert "\0" not in text
        assert text.encode().decode() == text


@given(DECISIONS, DECISIONS)
def test_two_decisions_are_never_the_same_record(one: Decision, other: Decision) -> None:
    same = log.entry(1, "", Note(one)).body == log.entry(1, "", Note(other)).body
    assert same == (one == other)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('"age":3', '"age":3.0'),
        ('"age":3', '"age": 3'),
        ('"age":3', '"age":true'),
        ('"age":3', '"age":"3"'),
        ('"allowed":true', '"allowed":1'),
        ('"limits":[]', '"limits":[[]]'),
        ('"limits":[]', '"limits":""'),
        ('"hop":"admin"', '"hop":"\\u0061dmin"'),
        ('"hop":"admin"', '"hop":null'),
        ('"hop":"admin"', '"hop":"sep2","hop":"admin"'),
        ('"hop":"admin"', '"hop":"admin","more":1'),
        ('"W":5', '"W":5.0'),
        ('"W":5', '"W":[5]'),
        ('"W":5', '"W":NaN'),
        ('{"W":5,"deep":null}', '{"deep":null,"W":5}'),
        ('{"W":5,"deep":null}', "[]"),
        ('"number":7', '"number":7.0'),
        ('"number":7', '"number":true'),
        ('"before":"ab"', '"before":7'),
        ('{"number"', ' {"number"'),
    ],
)
def test_another_way_to_write_it_is_refused(was: str, now: str) -> None:
    text = GOOD.body.decode()
    assert was in text
    assert log.read(text.encode())
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        log.read(text.replace(was, now, 1).encode())


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000, GOOD.body + b"\n"]
)
def test_what_is_no_record_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        log.read(body)


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        ({"at": 2**63}, {}),
        ({"at": 1.5}, {}),
        ({"subject": None}, {}),
        ({"limits": (1,)}, {}),
        ({}, {"W": 1.5}),
        ({}, {"W": [1]}),
        ({}, {"W": 2**63}),
        ({}, {7: 1}),
    ],
)
def test_what_would_stop_the_log_is_refused_at_once(fields: dict[str, object], facts: log.Facts) -> None:
    assert log.checked(Note(decision(1), {"W": 1}))
    with pytest.raises(ValueError, match="kind"):
        log.checked(Note(decision(1)._replace(**fields), facts))  # type: ignore[arg-type]


def test_a_foreign_library_believes_a_checkpoint() -> None:
    by = signer()
    seal = checkpoint.seal(Checkpoint(5, "ab" * 32, AT, ""), by)
    key = ECKey.import_key(by.key.public_key())
    read = jws.deserialize_compact(seal.token, key, ["ES256"])
    assert json.loads(read.payload) == {"number": 5, "digest": "ab" * 32, "at": AT, "before": ""}
    assert read.headers() == {"alg": "ES256", "kid": by.lfdi, "typ": checkpoint.TYPE}
    made = jws.serialize_compact(
        {"alg": "ES256", "kid": by.lfdi, "typ": checkpoint.TYPE}, read.payload, ECKey.import_key(by.key)
    )
    assert checkpoint.genuine(made, by.key.public_key())
    assert checkpoint.read(seal._replace(token=made)) == Checkpoint(5, "ab" * 32, AT, "")


def test_a_checkpoint_changed_anywhere_is_not_believed() -> None:
    by = signer()
    seal = checkpoint.seal(Checkpoint(5, "ab" * 32, AT, ""), by)
    key = by.key.public_key()
    assert checkpoint.genuine(seal.token, key)
    for place, letter in enumerate(seal.token):
        other = seal.token[:place] + ("A" if letter != "A" else "B") + seal.token[place + 1 :]
        assert not _believed(seal._replace(token=other), key), place
    assert not checkpoint.genuine(seal.token, signer().key.public_key())
    assert not checkpoint.genuine(seal.token[:-1], key)
    assert not checkpoint.genuine(seal.token + "AAAA", key)


def _believed(seal: Seal, key: object) -> bool:
    try:
        checkpoint.read(seal)
    except ValueError:
        return False
    return checkpoint.genuine(seal.token, key)  # type: ignore[arg-type]


@pytest.mark.parametrize("beside", [{"number": 4}, {"at": AT + 1}, {"signer": "AB" * 20}, {"token": "a.b"}])
def test_what_stands_beside_a_checkpoint_counts(beside: dict[str, object]) -> None:
    seal = checkpoint.seal(Checkpoint(5, "ab" * 32, AT, ""), signer())
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        checkpoint.read(seal._replace(**beside))  # type: ignore[arg-type]


def test_only_a_key_of_the_right_kind_signs() -> None:
    made = issue.root("server")
    other = ec.generate_private_key(ec.SECP384R1())
    pem = other.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    assert checkpoint.signer(_pem(made), made.key_pem).lfdi == made.lfdi
    with pytest.raises(ValueError, match="P-256"):
        checkpoint.signer(_pem(made), pem)


def _pem(made: issue.Issued) -> bytes:
    return made.certificate.public_bytes(form.Encoding.PEM)


def decide(document: bytes, question: Decision, facts: log.Facts) -> Verdict:
    """An engine for the tests: a ceiling in watts."""
    assert (question.rule, question.allowed, question.limits) == ("", False, ())
    ceiling = int(re.fullmatch(rb"W<=(\d+)", document)[1])  # type: ignore[index]
    watts = facts["W"]
    assert isinstance(watts, int)
    return Verdict(True, "ceiling") if watts <= ceiling else Verdict(False, "", ("W",))


@pytest.mark.parametrize(
    ("ceiling", "was", "differing"),
    [
        (b"W<=5", {"allowed": True, "rule": "ceiling"}, ()),
        (b"W<=4", {"allowed": False, "rule": "", "limits": ("W",)}, ()),
        (b"W<=5", {"allowed": True, "rule": "other"}, (Difference("rule", "other", "ceiling"),)),
        (
            b"W<=4",
            {"allowed": True, "rule": ""},
            (Difference("allowed", True, False), Difference("limits", (), ("W",))),
        ),
    ],
)
def test_a_record_is_decided_again(
    ceiling: bytes, was: dict[str, object], differing: tuple[Difference, ...]
) -> None:
    record = log.Record(1, "", decision(1, **was), {"W": 5})
    assert review.review(record, ceiling, decide) == differing
