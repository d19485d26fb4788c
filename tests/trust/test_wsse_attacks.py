"""Every hostile envelope is refused, for the reason that is meant to; the one they are made of is accepted.

The rows are those of `tests/trust/wsse/table.py`. What each costs is a figure of the peer and the bench: here
it is held by the reason, which for a costly one is a cap that comes before any canonical form.
"""

from __future__ import annotations

import pytest

from bridge.trust.wsse import algorithms, signature
from bridge.trust.wsse.refusal import REASONS, Rejected
from tests.trust.wsse.making import NOW, Case, Store, signed
from tests.trust.wsse.table import CASES

LEAST = 45
ELSEWHERE = {"assertion"}
"""Reasons that an envelope with a UsernameToken cannot be refused for: tests/soap."""


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_refused(case: Case) -> None:
    with pytest.raises(Rejected) as caught:
        signature.verify(case.data(), case.entity, Store(), algorithms.DEFAULT, case.now)
    assert caught.value.reason == case.reason, caught.value
    assert case.detail in caught.value.detail
    assert len(str(caught.value)) < 1000


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= LEAST


def test_every_reason_is_met() -> None:
    assert {case.reason for case in CASES} == {*REASONS} - ELSEWHERE


def test_the_envelope_they_are_made_of_is_accepted() -> None:
    found = signature.verify(signed().encode(), "REP", Store(), algorithms.DEFAULT, NOW + 10)
    assert found.username == "CNP"
