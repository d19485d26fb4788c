"""Set points against ratings: what passes, what does not, and why.

Each bound is tried at its very figure and a hair beyond it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bridge.core import limits
from models.der import messages
from tests.core.records import modes, percent, watts

V, VAR = messages.Unit.V, messages.Unit.var
NAMEPLATE = messages.Ratings(
    WMax=watts(5_000),
    ChaWMax=watts(3_000),
    DschWMax=watts(4_000),
    IvarMax=messages.Amount(value=Decimal(2_000), unit=VAR),
    VMax=messages.Amount(value=Decimal(260), unit=V),
    VMin=messages.Amount(value=Decimal(200), unit=V),
    MinOvPF=messages.Amount(value=Decimal("0.8"), unit=messages.Unit.n1),
)
SET = messages.Ratings(WMax=watts(4_500), VMin=messages.Amount(value=Decimal(210), unit=V))


def factor(value: str, *, absorbing: bool) -> messages.PowerFactor:
    return messages.PowerFactor(value=Decimal(value), absorbing=absorbing)


@pytest.mark.parametrize(
    ("mode", "least", "most"),
    [
        ("targetW", watts(-3_000), watts(4_500)),
        ("storageTargetW", watts(-3_000), watts(4_000)),
        ("targetVar", *(messages.Amount(value=Decimal(one), unit=VAR) for one in (-2_000, 2_000))),
        ("targetV", *(messages.Amount(value=Decimal(one), unit=V) for one in (210, 260))),
        ("fixedW", percent(-100), percent(100)),
        ("fixedVar", percent(-100), percent(100)),
        *((mode, percent(0), percent(100)) for mode in limits.SHARES),
        ("fixedPFInjectW", factor("0.8", absorbing=False), factor("1", absorbing=False)),
        ("fixedPFAbsorbW", factor("0", absorbing=True), factor("1", absorbing=True)),
    ],
)
def test_the_bounds_themselves_pass_and_a_hair_beyond_does_not(mode: str, least: Any, most: Any) -> None:
    hair = Decimal("0.001")
    for value, over in ((least, least.value - hair), (most, most.value + hair)):
        assert limits.beyond(modes(**{mode: value}), (SET, NAMEPLATE)) is None
        reason = limits.beyond(modes(**{mode: value.model_copy(update={"value": over})}), (SET, NAMEPLATE))
        assert reason is not None
        assert reason.startswith(f"{mode} {over}")


def test_the_charge_rating_stands_in_for_nothing_but_itself() -> None:
    assert limits.beyond(modes(targetW=watts(-4_400)), (messages.Ratings(WMax=watts(4_500)),)) is None
    assert limits.beyond(modes(targetW=watts(-4_600)), (messages.Ratings(WMax=watts(4_500)),)) is not None


def test_a_unit_that_said_nothing_has_no_bounds_of_power() -> None:
    assert limits.beyond(modes(targetW=watts(10**9)), ()) is None


def test_a_cap_above_the_nameplate_passes() -> None:
    assert limits.beyond(modes(maxLimWInject=watts(10_000), expLimW=watts(10_000)), (NAMEPLATE,)) is None


def test_a_mode_that_is_switched_off_asks_for_nothing() -> None:
    off = watts(10_000).model_copy(update={"disabled": True})
    assert limits.beyond(modes(targetW=off), (NAMEPLATE,)) is None
    out = factor("0.1", absorbing=False).model_copy(update={"disabled": True})
    assert limits.beyond(modes(fixedPFInjectW=out), (NAMEPLATE,)) is None


@pytest.mark.parametrize("name", [*(row.mode for row in limits.POWER), *limits.SIGNED, *limits.SHARES])
def test_every_row_names_a_mode(name: str) -> None:
    assert name in messages.Modes.model_fields


@pytest.mark.parametrize("name", sorted({name for row in limits.POWER for name in (*row.high, *row.low)}))
def test_every_bound_names_a_rating(name: str) -> None:
    assert name in messages.Ratings.model_fields
