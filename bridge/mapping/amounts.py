"""Exact decimal arithmetic between an integer with a power of ten and a quantity (FixedPointType and kin).

Everything here is integer arithmetic on digits: no float, no decimal context, so nothing is ever rounded.
What does not fit is an `Unrepresentable`. Nothing here knows a unit, a protocol or a model.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bridge.mapping.table import Unrepresentable

ORDER = tuple(sorted(range(-128, 128), key=lambda power: (abs(power), power < 0)))
"""The powers of ten that a multiplier may take (Int8), nearest to zero first."""
FAR = 400
"""No type of 2030.5 spans more powers of ten than this; what does is not worth the digits."""


def scaled(value: int, power: int) -> Decimal:
    """Return value times ten to the power, exactly, written without an exponent where it is whole."""
    if power >= 0:
        return Decimal(value * 10**power)
    sign, digits, _ = Decimal(value).as_tuple()
    return Decimal((sign, digits, power))


def counted(amount: Decimal, power: int) -> int | None:
    """Return how many times ten to the power make the amount; none when it is not a whole number of times."""
    sign, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int):
        return None
    whole = int("".join(map(str, digits)) or "0")
    if not whole:
        return 0
    if abs(amount.adjusted() - power) > FAR or exponent - power < -FAR:
        return None
    up, down = 10 ** max(exponent - power, 0), 10 ** max(power - exponent, 0)
    whole, rest = divmod(whole * int(up), int(down))
    if rest:
        return None
    return -whole if sign else whole


def steps_of(amount: Decimal, power: int) -> int:
    """Return the amount as a whole number of steps of ten to the power, or refuse."""
    found = counted(amount, power)
    if found is None:
        raise Unrepresentable("", f"{amount} is not a whole number of steps of 10^{power}")
    return found


def power_for(amounts: Iterable[Decimal], kept: int | None, low: int, high: int) -> int:
    """Return the power in which all the amounts are whole numbers from low to high.

    The kept one if it serves; else the smallest one counted from zero: 40 W stays 40, not 4000 hundredths.
    """
    wanted = tuple(amounts)
    for power in ((kept,) if kept is not None else ()) + ORDER:
        if all((found := counted(amount, power)) is not None and low <= found <= high for amount in wanted):
            return power
    shown = ", ".join(map(str, wanted))
    raise Unrepresentable("", f"{shown} fits no multiplier: {low} to {high} times a power of ten")


def within(error: Unrepresentable, path: str) -> Unrepresentable:
    """Return the same error seen from one level further out."""
    return Unrepresentable(".".join(filter(None, (path, error.path))), error.reason)
