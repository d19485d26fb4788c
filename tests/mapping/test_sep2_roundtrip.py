"""2030.5 to canonical and back is equal, as objects and as bytes, for drawn documents of every type.

DERBRIDGE_EXAMPLES says how many of each; `make peers` draws a thousand.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from bridge.mapping.bonds import book
from models.sep2.y2018 import common, der, quantity
from peers import roundtrip
from peers.roundtrip import Case

CASES = tuple(roundtrip.cases())
EXAMPLES = int(os.environ.get("DERBRIDGE_EXAMPLES", "5"))
CONTROL = Case("2018", "DERControl", der.DERControl)


def test_every_root_of_the_table_is_driven() -> None:
    assert Counter(case.edition for case in CASES) == {"2018": 25, "2023": 29, "aus12": 25, "aus13": 25}
    assert {(case.edition, case.name) for case in CASES} == {
        (edition, name) for edition in roundtrip.PROFILES for _, name in book().roots(edition)
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.edition}-{case.name}")
def test_documents_come_back_equal(case: Case) -> None:
    assert roundtrip.drive(case, EXAMPLES) >= EXAMPLES


def control(**modes: object) -> der.DERControl:
    return der.DERControl(
        mRID="AA", creationTime=1, interval=common.DateTimeInterval(duration=3, start=2),
        EventStatus=common.EventStatus(currentStatus=1, dateTime=2, potentiallySuperseded=False),
        DERControlBase=der.DERControlBase(**modes),  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("multiplier", [-128, -1, 0, 1, 127])
@pytest.mark.parametrize("value", [-32768, -1, 0, 10, 32767])
def test_powers_at_the_ends_of_their_range_come_back(multiplier: int, value: int) -> None:
    power = quantity.ActivePower(multiplier=multiplier, value=value)
    roundtrip.whole(CONTROL, control(opModTargetW=power))
