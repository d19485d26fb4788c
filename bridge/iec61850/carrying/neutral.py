"""What a mode asks for that asks for nothing: how it is left where its node cannot be switched off for it.

A limit at its rating, no difference, a power factor of one, connected and permitted. Modes that have a node
of their own are left by its Mod; a target or a curve has no value that asks for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from models.der import messages


def _amount(value: int, unit: str, of: str | None = None) -> messages.Amount:
    return messages.Amount(value=Decimal(value), unit=messages.Unit(unit), of=of)


ONE = messages.PowerFactor(value=Decimal(1), absorbing=False)
NEUTRAL: Mapping[str, Any] = MappingProxyType({
    "connect": True,
    "energize": True,
    "gridConnectPermit": True,
    "islandPermit": True,
    "deltaVar": _amount(0, "var"),
    "deltaW": _amount(0, "W"),
    "fixedPFAbsorbW": ONE,
    "fixedPFInjectW": ONE,
    "maxLimPctVarAbsorb": _amount(100, "%", "setMaxVar"),
    "maxLimPctVarInject": _amount(100, "%", "setMaxVar"),
})  # fmt: skip
RATED: Mapping[str, str] = MappingProxyType(
    {"maxLimVarInject": "setMaxVar", "maxLimVarAbsorb": "setMaxVarNeg"}
)
"""Limits in var, whose rating is a base of the unit."""
UNIT = "var"


def neutral(mode: str, bases: Any) -> Any:  # noqa: ANN401 - the field's own class
    """What a mode asks for when it asks for nothing; None where there is no such thing."""
    if mode in RATED:
        rating = getattr(bases, RATED[mode]) or bases.setMaxVar
        return messages.Amount(value=rating, unit=messages.Unit(UNIT)) if rating else None
    return NEUTRAL.get(mode)
