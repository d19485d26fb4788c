"""Base64url: one spelling for each run of bytes, as a slower decoder and Python's own encoder see it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.trust import octets


@given(st.binary(max_size=99))
def test_there_and_back(raw: bytes) -> None:
    assert octets.encode(raw) == urlsafe_b64encode(raw).rstrip(b"=")
    assert octets.decode(octets.encode(raw)) == raw


def slow(text: bytes) -> bytes | None:
    """What a text stands for, if it is what those bytes are written as."""
    try:
        raw = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except ValueError:
        return None
    return raw if urlsafe_b64encode(raw).rstrip(b"=") == text else None


def decoded(text: bytes) -> bytes | None:
    try:
        return octets.decode(text)
    except ValueError:
        return None


@given(st.lists(st.sampled_from(b"AQgwz09-_+/=\n !\x00\xff"), max_size=9).map(bytes))
@example(b"AAA+")
@example(b"AAA/")
@example(b"AA\nA")
@example(b"AAA!AAAA!AAA")
def test_as_the_slow_one(text: bytes) -> None:
    assert decoded(text) == slow(text)


@pytest.mark.parametrize(
    "text", [b"A", b"AB", b"AAB", b"AA==", b"AAA=", b"++++", b"////", b"AAAA\n", b" AAAA"]
)
def test_other_spellings(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        octets.decode(text)


def test_digest() -> None:
    assert octets.digest("abc").encode() == octets.encode(sha256(b"abc").digest())
