"""Figures of more digits than a decimal context holds: exact or refused, never a bare arithmetic error.

A peer may write what it likes: a power of ten, a pulse, a schedule's interval, a figure kept beside.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models.der.messages as m
from bridge.mapping.bases import Unrepresentable
from bridge.mapping.iec61850 import from_points, to_points
from bridge.mapping.leaves import LONGEST, plain
from tests.app.command import derbridge, refused
from tests.mapping.telling import BASES, amount, back, control, curve, default, told, written

FORTY = "1234567890123456789012345678901234567891"
FIGURES = (FORTY, f"-{FORTY}", f"0.{FORTY}", f"{FORTY[:20]}E+15", f"{FORTY}E-30", f"{FORTY}E+400")


@pytest.mark.parametrize("text", [*FIGURES, "0E+30", "-0.00", "1E+999999", "1E-999999", f"{FORTY}00"])
def test_a_plain_figure_is_the_same_figure(text: str) -> None:
    found = plain(Decimal(text))
    assert found == Decimal(text)
    exponent = found.as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent <= 0 or exponent > LONGEST


@given(st.integers(-(10**45), 10**45), st.integers(-60, 60))
def test_no_digit_is_lost(digits: int, power: int) -> None:
    value = Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), power))
    found = plain(value)
    assert found == value
    assert found == 0 or found.as_tuple().digits[-1] or found.as_tuple().exponent == 0


@pytest.mark.parametrize("text", FIGURES)
def test_a_figure_of_forty_digits_comes_back_whole_or_is_refused(text: str) -> None:
    records = (
        default(targetW=amount(text, "W")),
        default(fixedV=amount(text, "%", "setVNom"), rampTms=Decimal(5)),
        default(voltWatt=curve(12, [("100", "100"), ("110", text)], "setMaxW")),
        default(freqWatt=curve(0, [("59", text), ("61", "0")], "setMaxW")),
        control(modes=m.Modes(connect=True), duration=abs(Decimal(text))),
    )
    for record in records:
        try:
            translation = to_points(record, BASES)
        except Unrepresentable:
            continue
        assert from_points(translation.points, type(record).__name__, BASES, translation.beside) == record


def test_a_figure_of_forty_digits_is_rounded_to_float32_and_kept() -> None:
    asked = default(targetW=amount(FORTY[:30], "W"))
    assert written(asked)["DWGC2.WSpt.ctlVal.f"] == 1.2345679e29


HOURS = {"DSTO1.AvlDschWTm.mag.f": 12345678.0, "DSTO1.AvlDschWTm.units.SIUnit": 84}
HOURS |= {"DSTO1.AvlDschWTm.units.multiplier": 18}
COUNT = {"MMTR1.SupWh.actVal": 2**62, "MMTR1.SupWh.pulsQty": 2.5e15}


def test_a_product_of_long_figures_is_a_figure() -> None:
    found = back(HOURS, "Status").availability.availabilityDuration
    assert found == Decimal("4.444444E+28")


def test_a_count_beyond_a_reading_is_refused() -> None:
    with pytest.raises(Unrepresentable, match=r"MMTR1\.SupWh: .* is not an integer"):
        back(COUNT, "Reading")


@pytest.mark.parametrize(("kind", "values"), [("Reading", COUNT), ("Status", HOURS)])
def test_convert_names_what_it_cannot_write(kind: str, values: dict[str, Any]) -> None:
    given = json.dumps({"kind": kind, "points": [point._asdict() for point in told(values)]})
    assert "MMTR1.SupWh" in (line := refused("map", "convert", "-", given=given)) or "availability" in line


@pytest.mark.parametrize("text", FIGURES)
def test_convert_refuses_a_kept_figure_that_2030_5_cannot_hold(text: str) -> None:
    """What was kept comes back in place of 1.2345679e39, and no multiplier holds forty digits."""
    seen = {"decimal": "5"}
    beside = {"modes.targetW.value": {"said": {"decimal": text}, "points": seen}}
    points = [point._asdict() for point in told({"DWGC2.WSpt.ctlVal.f": 5.0})]
    given = json.dumps({"kind": "Default", "points": points, "beside": beside})
    done = derbridge("map", "convert", "-", given=given)
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert "targetW" in done.stderr or "opModTargetW" in done.stderr
