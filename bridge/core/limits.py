"""No set point beyond what a unit is built for or set to: a table of modes and the ratings that bound them.

The bound is the tighter of nameplate (Capability) and setting (Setting). Where neither names a rating the
row's next one stands in (2030.5-2023: no rating for absorbing means the same as for injecting); where none
is known nothing is judged. A cap above the nameplate is harmless and passes. The canonical record is
judged, after every translation, so a fault in a mapping cannot widen a command. Never changes a record: it
passes whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from models.der import messages

HUNDRED = Decimal(100)


class Bound(NamedTuple):
    """The ratings that a set point in `unit` may not pass, upwards and downwards (the latter below zero)."""

    mode: str
    unit: str
    high: tuple[str, ...]
    low: tuple[str, ...]


POWER = (
    Bound("targetW", "W", ("WMax",), ("ChaWMax", "WMax")),
    Bound("storageTargetW", "W", ("DschWMax", "WMax"), ("ChaWMax", "WMax")),
    Bound("targetVar", "var", ("IvarMax",), ("AvarMax", "IvarMax")),
)
SIGNED = ("fixedW", "fixedVar")
"""Per cent of a rating in either direction."""
SHARES = (
    "maxLimW",
    "maxLimPctVAAbsorb",
    "maxLimPctVAInject",
    "maxLimPctVarAbsorb",
    "maxLimPctVarInject",
    "maxLimPctWAbsorb",
)
"""Per cent of a rating, from none of it to all of it."""
VOLTAGES = ("targetV", "fixedV")
FACTORS = ("fixedPFInjectW", "fixedPFAbsorbW")

Ratings = Sequence[messages.Ratings]


def beyond(modes: messages.Modes, ratings: Ratings) -> str | None:
    """Say which bound a record passes first, or None when it keeps them all."""
    return next((reason for check in CHECKS for reason in check(modes, ratings)), None)


def rated(ratings: Ratings, names: tuple[str, ...]) -> Decimal | None:
    """Give the tightest value of the first rating that anybody names."""
    for name in names:
        amounts: list[messages.Amount | None] = [getattr(one, name) for one in ratings]
        values = [amount.value for amount in amounts if amount is not None]
        if values:
            return min(values)
    return None


def _power(modes: messages.Modes, ratings: Ratings) -> Iterator[str]:
    for row in POWER:
        amount = getattr(modes, row.mode)
        if _asks(amount, row.unit):
            yield from _over(row.mode, amount, rated(ratings, row.high))
            yield from _under(row.mode, amount, _negated(rated(ratings, row.low)))


def _percent(modes: messages.Modes, _ratings: Ratings) -> Iterator[str]:
    for names, low in ((SIGNED, -HUNDRED), (SHARES, Decimal(0))):
        for mode in names:
            amount = getattr(modes, mode)
            if _asks(amount, "%"):
                yield from _over(mode, amount, HUNDRED)
                yield from _under(mode, amount, low)


def _voltage(modes: messages.Modes, ratings: Ratings) -> Iterator[str]:
    for mode in VOLTAGES:
        amount = getattr(modes, mode)
        if _asks(amount, "V"):
            yield from _over(mode, amount, rated(ratings, ("VMax",)))
            lows = [low.value for one in ratings if (low := one.VMin) is not None]
            yield from _under(mode, amount, max(lows, default=None))


def _factor(modes: messages.Modes, ratings: Ratings) -> Iterator[str]:
    for mode in FACTORS:
        factor = getattr(modes, mode)
        if factor is None or factor.disabled:
            continue
        name = "MinUnPF" if factor.absorbing else "MinOvPF"
        lows = [low.value for one in ratings if (low := getattr(one, name)) is not None]
        if not max(lows, default=Decimal(0)) <= factor.value <= 1:
            yield f"{mode} {factor.value} is not between {max(lows, default=Decimal(0))} and 1"


CHECKS = (_power, _percent, _voltage, _factor)


def _asks(amount: messages.Amount | None, unit: str) -> bool:
    """Whether an amount is a set point in a unit; a mode that is switched off asks for nothing."""
    return amount is not None and not amount.disabled and amount.unit == unit


def _negated(value: Decimal | None) -> Decimal | None:
    return None if value is None else -value


def _over(mode: str, amount: messages.Amount, bound: Decimal | None) -> Iterator[str]:
    if bound is not None and amount.value > bound:
        yield f"{mode} {amount.value} {amount.unit} is above {bound} {amount.unit}"


def _under(mode: str, amount: messages.Amount, bound: Decimal | None) -> Iterator[str]:
    if bound is not None and amount.value < bound:
        yield f"{mode} {amount.value} {amount.unit} is below {bound} {amount.unit}"
