"""What an order is in registers: model 704 (controls), 705 (volt-var), 123 (connecting); a row a mode.

SunSpec DER Information Model 1.2. A row says which points a mode sets, and how the inverter drops it by
itself after a time. A mode that has no row cannot be carried. Speaks with nobody.
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
Steps = tuple[Points, ...]
"""Written one after the other."""


class Row(NamedTuple):
    """A mode."""

    model: int
    take: Callable[[Any, int, Any], Steps]
    """What is written to have it taken: by its canonical value, the seconds it is kept, and the model."""
    keep: Callable[[Any, int, Any], Points]
    """What is written to have it held for longer, by the same."""
    leave: Callable[[Any], Points]
    """What is written to have it left, by the model."""


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


def _timed(name: str, sets: Callable[[Any], Points]) -> Row:
    """A control of model 704: its switch comes last, and goes off when its time is over."""
    enable, timer, revert = f"{name}Ena", f"{name}RvrtTms", f"{name}EnaRvrt"
    return Row(
        704,
        lambda value, keep, _: ({**sets(value), revert: OFF, timer: keep, enable: ON},),
        lambda _, keep, __: {timer: keep, enable: ON},
        lambda _: {enable: OFF},
    )


def _connect(value: Any, keep: int, _: Any) -> Points:
    return {"Conn_RvrtTms": keep, "Conn": int(value)}


def _curve(use: messages.CurveUse, keep: int, model: Any) -> Steps:
    """A volt-var curve into the last place there is for one, and then adopted from there."""
    curve, place, usual = use.curve, model.NCrv.value or 0, model.RvrtCrv.value or 0
    if curve is None or use.disabled or curve.autonomousVRefEnable:
        raise Unable("a volt-var curve is carried with its points, on, with a reference that stays")
    if model.Ena.value != ON or usual not in range(2, place):
        raise Unable("the unit has no volt-var curve to go back to by itself")
    if len(curve.point) > (model.NPt.value or 0) or curve.yOf not in VARS:
        raise Unable(f"{len(curve.point)} points, of {curve.yOf}")
    group = f"Crv.{place - 1}"
    points: dict[str, Any] = {f"{group}.ActPt": len(curve.point), f"{group}.DeptRef": VARS[curve.yOf]}
    for at, point in enumerate(curve.point):
        points |= {f"{group}.Pt.{at}.V": float(point.x), f"{group}.Pt.{at}.Var": float(point.y)}
    if curve.vRef is not None:
        points[f"{group}.VRef"] = _percent(curve.vRef, "setVNom", "VRef")
    if curve.openLoop is not None:
        points[f"{group}.RspTms"] = float(curve.openLoop)
    return points, {"RvrtTms": keep, "AdptCrvReq": place}


ROWS: Mapping[str, Row] = {
    "maxLimW": _timed("WMaxLimPct", lambda amount: {"WMaxLimPct": _percent(amount, "setMaxW")}),
    "fixedW": _timed(
        "WSet",
        lambda amount: {"WSetMod": W_PCT, "WSetPct": _percent(amount, "setMaxW", "setMaxDischargeRateW")},
    ),
    "fixedVar": _timed("VarSet", _vars),
    "fixedPFInjectW": _timed("PFWInj", _factor("PFWInj")),
    "fixedPFAbsorbW": _timed("PFWAbs", _factor("PFWAbs")),
    "connect": Row(
        123, lambda *said: (_connect(*said),), _connect, lambda _: _connect(ON, 0, None)
    ),
    "voltVar": Row(
        705, _curve,
        lambda _, keep, model: {"RvrtTms": keep, "AdptCrvReq": model.NCrv.value},
        lambda model: {"RvrtTms": 0, "AdptCrvReq": model.RvrtCrv.value},
    ),
}  # fmt: skip
"""By canonical mode. Connecting is that of model 123: ES of 703 has no reversion timer, so a unit that is
called no more would stay as it is."""
