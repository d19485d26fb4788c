"""Reactive power: a law for each mode of IEEE 1547-2018 clause 5.3, and which of them is followed.

A law says what var are wanted at a moment; injecting is positive. Where more than one mode is on, the first
of `LAWS` is followed: a set point before a power factor, and that before a curve. A mode for a voltage
(IEEE 2030.5-2023) gives all it has at a deviation of `FULL`. No capability and no time here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from types import MappingProxyType
from typing import NamedTuple

from bridge.app.sim.physics.grid import Build
from bridge.app.sim.physics.shape import Moment, Shape, drawn, part, shape
from models.der import messages

FULL = 0.02
"""Deviation from a wanted voltage, as a part of it, that is answered with all the var there are."""
HUNDRED = 100.0


class Law(NamedTuple):
    """A law, the mode it comes from, and its response time where the mode names one."""

    by: str
    wanted: Callable[[Moment], float]
    response: float | None = None
    tied: bool = False
    """Whether what is wanted depends on active power."""
    follows: float | None = None
    """Time constant of a reference that follows the voltage by itself."""


NONE = Law("", lambda _: 0.0)
Maker = Callable[[str, messages.Modes, Build, float], Law | None]


def law(modes: messages.Modes, build: Build, before: float) -> Law:
    """The law that is followed; `before` is the reactive power when the modes came into force."""
    for mode, make in LAWS.items():
        said = getattr(modes, mode)
        if said is not None and not said.disabled:
            made = make(mode, modes, build, before)
            if made is not None:
                return made
    return NONE


def _amount(mode: str, modes: messages.Modes) -> messages.Amount:
    found: messages.Amount = getattr(modes, mode)
    return found


def _fixed(mode: str, modes: messages.Modes, build: Build, _before: float) -> Law:
    said = _amount(mode, modes)
    percent = float(said.value)
    return Law(mode, lambda moment: part(percent, said.of, build, moment))


def _absolute(mode: str, modes: messages.Modes, _build: Build, _before: float) -> Law:
    var = float(_amount(mode, modes).value)
    return Law(mode, lambda _: var)


def _delta(mode: str, modes: messages.Modes, _build: Build, before: float) -> Law:
    var = before + float(_amount(mode, modes).value)
    return Law(mode, lambda _: var)


def _voltage(mode: str, modes: messages.Modes, build: Build, _before: float) -> Law:
    said = _amount(mode, modes)
    share = float(said.value) / (HUNDRED if said.unit is messages.Unit.percent else build.plate.volts)

    def wanted(moment: Moment) -> float:
        error = (share - moment.v) / FULL
        return error * (build.plate.var if error > 0 else build.absorbs)

    return Law(mode, wanted)


def slope(factor: float, *, absorbing: bool) -> float:
    """Var for each watt that a power factor asks for."""
    size = sqrt(max(1 - factor**2, 0.0)) / factor if factor else 0.0
    return -size if absorbing else size


def _factor(mode: str, modes: messages.Modes, _build: Build, _before: float) -> Law:
    """A factor while power is given, and one while it is taken; where only one is said, the other is one."""
    given, taken = (
        0.0 if one is None or one.disabled else slope(abs(float(one.value)), absorbing=one.absorbing)
        for one in (modes.fixedPFInjectW, modes.fixedPFAbsorbW)
    )
    return Law(mode, lambda moment: abs(moment.w) * (given if moment.w >= 0 else taken), tied=True)


def _volt_var(mode: str, modes: messages.Modes, build: Build, _before: float) -> Law | None:
    """The curve moves with its reference, which is ordered or follows the voltage (clause 5.3.3)."""
    curve = drawn(modes.voltVar)
    if curve is None:
        return None
    row = shape(curve)
    ordered = 0.0 if curve.vRef is None else float(curve.vRef.value) / HUNDRED - 1
    follows = curve.autonomousVRefTimeConstant if curve.autonomousVRefEnable else None

    def wanted(moment: Moment) -> float:
        moved = ordered if follows is None else moment.reference - 1
        return part(row.at((moment.v - moved) * HUNDRED), row.of, build, moment)

    return Law(mode, wanted, row.response, follows=None if follows is None else float(follows))


def _watt_var(mode: str, modes: messages.Modes, build: Build, _before: float) -> Law | None:
    curve = drawn(modes.wattVar)
    if curve is None:
        return None
    row = shape(curve)

    def wanted(moment: Moment) -> float:
        return part(row.at(loading(build, moment)), row.of, build, moment)

    return Law(mode, wanted, row.response, tied=True)


def _watt_factor(mode: str, modes: messages.Modes, build: Build, _before: float) -> Law | None:
    """A curve of power factors; between them the distance from one goes in a straight line."""
    curve = drawn(modes.wattPF)
    if curve is None:
        return None
    row = _distances(curve)

    def wanted(moment: Moment) -> float:
        distance = row.at(loading(build, moment))
        return abs(moment.w) * slope(1 - abs(distance), absorbing=distance < 0)

    return Law(mode, wanted, row.response, tied=True)


def _distances(curve: messages.Curve) -> Shape:
    """How far each factor of a curve is from one; below zero where var are absorbed."""
    row = shape(curve, signed=True)
    return row._replace(y=tuple((1 - abs(y)) * (-1 if y < 0 else 1) for y in row.y))


def loading(build: Build, moment: Moment) -> float:
    """Active power in percent of what can be given, or taken."""
    full = build.plate.watts if moment.w >= 0 else build.plate.charge
    return moment.w / full * HUNDRED if full else 0.0


LAWS: Mapping[str, Maker] = MappingProxyType(
    {
        "targetVar": _absolute,
        "fixedVar": _fixed,
        "deltaVar": _delta,
        "targetV": _voltage,
        "fixedV": _voltage,
        "fixedPFInjectW": _factor,
        "fixedPFAbsorbW": _factor,
        "wattPF": _watt_factor,
        "voltVar": _volt_var,
        "wattVar": _watt_var,
    }
)
