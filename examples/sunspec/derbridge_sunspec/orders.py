"""What an order is in the registers of model 704 (DER AC Controls): one row for each mode that is carried.

SunSpec DER Information Model 1.2. A row says which points a mode sets, which switch it on, and by which
reversion timer the inverter drops it by itself. A mode that has no row cannot be carried. Speaks with nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from bridge.ports import Unable
from models.der import messages

ON, OFF = 1, 0
W_PCT = 0
"""WSetMod: percent of the maximum active power."""
VARS = {"setMaxW": 0, "setMaxVar": 1, "statVarAvail": 2, "setMaxVA": 3}
"""VarSetMod, by what a share is a share of."""
OVER, UNDER = 0, 1
"""Ext of a power factor: over-excited injects vars."""
Points = Mapping[str, Any]


class Row(NamedTuple):
    """A mode."""

    enable: str
    timer: str
    """Its reversion timer, in seconds."""
    revert: str
    """Whether it is on after that."""
    sets: Callable[[Any], Points]
    """The points that it sets, by the mode's canonical value."""


def _percent(amount: messages.Amount, *of: str) -> float:
    """A share, of what the register is a share of; anything else is refused."""
    if amount.unit is not messages.Unit.percent or (amount.of or of[0]) not in of:
        raise Unable(f"{amount.unit.value} of {amount.of} is no share of {of[0]}")
    return float(amount.value)


def _factor(group: str) -> Callable[[messages.PowerFactor], Points]:
    def sets(factor: messages.PowerFactor) -> Points:
        return {f"{group}.PF": float(factor.value), f"{group}.Ext": UNDER if factor.absorbing else OVER}

    return sets


def _vars(amount: messages.Amount) -> Points:
    share = _percent(amount, "setMaxVar", *VARS)
    return {"VarSetMod": VARS[amount.of or "setMaxVar"], "VarSetPct": share}


ROWS: Mapping[str, Row] = {
    "maxLimW": Row(
        "WMaxLimPctEna", "WMaxLimPctRvrtTms", "WMaxLimPctEnaRvrt",
        lambda amount: {"WMaxLimPct": _percent(amount, "setMaxW")},
    ),
    "fixedW": Row(
        "WSetEna", "WSetRvrtTms", "WSetEnaRvrt",
        lambda amount: {"WSetMod": W_PCT, "WSetPct": _percent(amount, "setMaxW", "setMaxDischargeRateW")},
    ),
    "fixedVar": Row("VarSetEna", "VarSetRvrtTms", "VarSetEnaRvrt", _vars),
    "fixedPFInjectW": Row("PFWInjEna", "PFWInjRvrtTms", "PFWInjEnaRvrt", _factor("PFWInj")),
    "fixedPFAbsorbW": Row("PFWAbsEna", "PFWAbsRvrtTms", "PFWAbsEnaRvrt", _factor("PFWAbs")),
}  # fmt: skip
"""By canonical mode. Connecting (model 703, ES) is none of them: it has no reversion timer, so a unit that is
called no more would stay as it is."""


def taken(mode: str, modes: messages.Modes, keep: int) -> Points:
    """Give the points that have a mode taken, for so many seconds; the switch comes last."""
    row = ROWS[mode]
    return {**row.sets(getattr(modes, mode)), row.revert: OFF, row.timer: keep, row.enable: ON}


def renewed(mode: str, keep: int) -> Points:
    """Give the points that have a mode held for longer."""
    return {ROWS[mode].timer: keep, ROWS[mode].enable: ON}


def left(mode: str) -> Points:
    """Give the points that have a mode left."""
    return {ROWS[mode].enable: OFF}
