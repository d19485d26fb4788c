"""Notices: written and read, as JSON and as an address, below a kilobyte; what a receiver takes, and once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.push import notice
from bridge.core.push.notice import KINDS, MOST, Notice, Unfit
from bridge.core.push.seen import Seen

FIGURE = st.integers(0, 2**62)
NOTICES = st.builds(
    Notice,
    kind=st.sampled_from(KINDS),
    subject=st.text("0123456789ABCDEF-", min_size=1, max_size=120),
    version=FIGURE,
    claim=FIGURE,
    digest=st.text("0123456789abcdef", min_size=64, max_size=64),
    size=FIGURE,
    expires=FIGURE,
)
ONE = Notice("market", "AB" * 16, 12, 7, "0" * 64, 300, 1_800_000_000)


@given(NOTICES)
def test_what_is_written_is_read_both_ways_and_is_small(one: Notice) -> None:
    data = notice.write(one)
    assert len(data) < MOST
    assert notice.read(data) == one
    assert notice.found(notice.address(one)) == one


@pytest.mark.parametrize("change", [
    {"kind": 5}, {"version": "12"}, {"version": True}, {"version": -1}, {"digest": "0" * 63},
    {"digest": "G" * 64}, {"subject": None}, {"claim": 1.5}, {"expires": []},
])  # fmt: skip
def test_what_is_no_notice_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Unfit):
        notice.read(json.dumps({**ONE._asdict(), **change}).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"null", b'{"kind": "x"}', b" " * 2000, b"[" * 900])
def test_bytes_that_are_none_are_refused(data: bytes) -> None:
    with pytest.raises(Unfit):
        notice.read(data)


@pytest.mark.parametrize("href", [
    "/claims/7", "/claims/x?version=1", "/edev/7?version=1", "/claims/7?version=x&size=1&expires=1",
    "/claims/\u0667?version=1", "", "/claims/-7?version=1",
])  # fmt: skip
def test_addresses_that_are_none_are_refused(href: str) -> None:
    with pytest.raises(Unfit):
        notice.found(href)


def test_a_long_subject_is_not_written() -> None:
    with pytest.raises(ValueError, match="1024 bytes at most"):
        notice.write(ONE._replace(subject="A" * 1000))


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 20)), max_size=40))
def test_each_version_of_a_subject_has_an_effect_once_and_none_goes_back(said: list[tuple[str, int]]) -> None:
    seen, effects = Seen(), list[tuple[str, int]]()
    for subject, version in said:
        one = ONE._replace(subject=subject, version=version)
        if seen.new(one):
            effects.append((subject, version))
            seen.take(one)
    for subject in "ABC":
        versions = [version for name, version in effects if name == subject]
        assert versions == sorted(set(versions))
        assert max(versions, default=0) == max((at for name, at in said if name == subject), default=0)
