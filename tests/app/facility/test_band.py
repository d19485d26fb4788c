"""Dead bands and what has moved: the table's edges, and what never counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

import models.der.messages as m
from bridge.app.facility.band import BANDS, UNIT, beyond
from bridge.app.facility.moved import moved
from bridge.mapping.points import UNITS
from tests.iec61850 import units

ONE = Decimal(1)


@pytest.mark.parametrize(
    ("unit", "told", "now", "worth"),
    [
        ("W", "1000", "1004.9", False),
        ("W", "1000", "1005", True),
        ("W", "10000", "10049", False),
        ("W", "10000", "9950", True),
        ("W", "-10000", "-9951", False),
        ("Hz", "50", "50.009", False),
        ("Hz", "50", "50.01", True),
        ("V", "230", "230.45", False),
        ("V", "230", "230.46", True),
        ("%", "50", "50.5", True),
        ("S", "1", "1.000001", True),
        ("S", "1", "1", False),
    ],
)
def test_a_figure_counts_beyond_its_band(unit: str, told: str, now: str, *, worth: bool) -> None:
    assert beyond(unit, Decimal(told), Decimal(now), ONE) is worth


def test_a_factor_widens_and_nought_tells_all() -> None:
    assert not beyond("W", Decimal(1000), Decimal(1009), Decimal(2))
    assert beyond("W", Decimal(1000), Decimal(1010), Decimal(2))
    assert beyond("W", Decimal(1000), Decimal("1000.001"), Decimal(0))
    assert not beyond("W", Decimal(1000), Decimal(1000), Decimal(0))


def test_each_band_is_of_a_unit_that_there_is() -> None:
    assert BANDS.keys() <= UNITS.keys()
    assert UNIT[38] == "W"


def status(code: int, watts: float, at: int) -> m.Status:
    said = {"operation": m.Operation(at=Decimal(at), DEROpSt=code)}
    spare = m.Availability(at=Decimal(at), statWAvail=units.amount(watts, "W"))
    return m.Status(**units.said(**said, availability=spare))


@pytest.mark.parametrize(
    ("now", "worth"),
    [
        (status(6, 1000, 1), False),
        (status(6, 1000, 9), False),
        (status(6, 1004, 9), False),
        (status(6, 1010, 9), True),
        (status(7, 1000, 1), True),
        (status(6, 1000, 1).model_copy(update={"availability": None}), True),
        (status(6, 1000, 1).model_copy(update={"id": "another", "issued": Decimal(5)}), False),
    ],
)
def test_times_and_envelopes_move_nothing(now: m.Status, *, worth: bool) -> None:
    assert moved(status(6, 1000, 1), now, ONE) is worth
