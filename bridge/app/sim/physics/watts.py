"""Active power: what is wanted, and the limits that hold it, each with the mode it comes from.

A want is a set point or, without one, all that the sun gives. Limits are of the unit (`opModMaxLim...` of
2030.5, `opModGenLimW` of CSIP-AUS) or of its connection point (`opModExpLimW`, `opModImpLimW`), where the
site's own load is counted in. Frequency response (IEEE 1547-2018 clause 6.5.2.7) starts from the power that
was there before, and limits of the unit do not hold it back. Nothing here takes time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from types import MappingProxyType
from typing import NamedTuple

from bridge.app.sim.physics.grid import Build, Grid
from bridge.app.sim.physics.shape import Moment, Shape, drawn, part, shape
from models.der import messages

HUNDRED = 100.0


class Bound(NamedTuple):
    """Active power that is not passed, and what says so."""

    w: float
    by: str = ""


class Droop(NamedTuple):
    """Power by frequency: the edges of the dead band, and the part of the frequency for full power."""

    over: float
    under: float
    over_slope: float
    under_slope: float
    response: float
    least: float


class Want(NamedTuple):
    """What is asked of active power, in watts; giving is positive."""

    target: Bound | None
    most: Bound
    least: Bound
    exports: Bound
    imports: Bound
    loads: Bound
    volt_watt: Shape | None
    freq_watt: Shape | None
    droop: Droop | None


ENDLESS = Bound(inf)


def want(modes: messages.Modes, build: Build, before: float) -> Want:
    """What modes ask for; `before` is the active power when they came into force."""
    plate = build.plate
    droop = modes.freqDroop
    return Want(
        target=_target(modes, build, before),
        most=_tightest(modes, build, ("maxLimW", "maxLimWInject", "genLimW"), plate.watts),
        least=_tightest(modes, build, ("maxLimPctWAbsorb", "maxLimWAbsorb"), plate.charge),
        exports=_tightest(modes, build, ("expLimW",), inf),
        imports=_tightest(modes, build, ("impLimW",), inf),
        loads=_tightest(modes, build, ("loadLimW",), inf),
        volt_watt=_row(modes.voltWatt),
        freq_watt=_row(modes.freqWatt),
        droop=None if droop is None or droop.disabled else _droop(droop, build),
    )


def _row(use: messages.CurveUse | None) -> Shape | None:
    curve = drawn(use)
    return None if curve is None else shape(curve)


def _watts(said: messages.Amount, build: Build, other: str) -> float:
    value = float(said.value)
    if said.unit is not messages.Unit.percent:
        return value
    return part(value, said.of, build, Moment(0.0, available=build.plate.watts), other)


def _tightest(modes: messages.Modes, build: Build, names: tuple[str, ...], full: float) -> Bound:
    """The tightest of some limits, where any is on; else what the unit is built for."""
    found = [Bound(full)]
    for name in names:
        said: messages.Amount | None = getattr(modes, name)
        if said is not None and not said.disabled:
            found.append(Bound(max(_watts(said, build, "setMaxW"), 0.0), name))
    return min(found, key=lambda one: (one.w, not one.by))


def _target(modes: messages.Modes, build: Build, before: float) -> Bound | None:
    """The first set point that is on, of the table."""
    for name, read in TARGETS.items():
        said: messages.Amount | None = getattr(modes, name)
        if said is not None and not said.disabled:
            return Bound(read(said, build, before), name)
    return None


def _share(said: messages.Amount, build: Build, _before: float) -> float:
    """Percent of what can be given, or of what can be taken where it is below zero."""
    full = build.plate.watts if said.value >= 0 else build.plate.charge
    return float(said.value) * full / HUNDRED


TARGETS: Mapping[str, Callable[[messages.Amount, Build, float], float]] = MappingProxyType(
    {
        "targetW": lambda said, _build, _before: float(said.value),
        "storageTargetW": lambda said, _build, _before: float(said.value),
        "fixedW": _share,
        "deltaW": lambda said, _build, before: before + float(said.value),
    }
)


def _droop(said: messages.Droop, build: Build) -> Droop:
    least = 0.0 if said.minimum is None else float(said.minimum.value)
    return Droop(
        build.hertz + float(said.overDeadband.value),
        build.hertz - float(said.underDeadband.value),
        float(said.overSlope.value),
        float(said.underSlope.value),
        float(said.openLoop),
        -build.plate.charge if said.minimum is None and build.stores else least,
    )


def ceiling(asked: Want, grid: Grid) -> Bound:
    """The tightest limit on giving, of unit and connection point."""
    outside = Bound(asked.exports.w + grid.load, asked.exports.by)
    return min(asked.most, outside, key=lambda one: one.w)


def floor(asked: Want, grid: Grid) -> Bound:
    """The tightest limit on taking, as watts above zero; the site's own load comes first."""
    outside = (Bound(max(one.w - grid.load, 0.0), one.by) for one in (asked.imports, asked.loads))
    return min(asked.least, *outside, key=lambda one: one.w)


def curves(asked: Want, build: Build, grid: Grid, available: float) -> Bound:
    """The tighter limit of the curves over voltage and frequency."""
    found = ENDLESS
    rows = (("voltWatt", asked.volt_watt, grid.v * HUNDRED), ("freqWatt", asked.freq_watt, grid.hz))
    for by, row, x in rows:
        if row is not None:
            percent = row.at(x)
            watts = percent * build.plate.charge / HUNDRED
            if percent >= 0:
                watts = part(percent, row.of, build, Moment(0.0, available=available), "setMaxW")
            found = min(found, Bound(watts, by), key=lambda one: one.w)
    return found


def dropped(droop: Droop, build: Build, hz: float, before: float) -> float | None:
    """The power that a droop asks for; none within its dead band."""
    full = build.plate.watts
    if hz > droop.over:
        return max(before - (hz - droop.over) / (build.hertz * droop.over_slope) * full, droop.least)
    if hz < droop.under:
        return before + (droop.under - hz) / (build.hertz * droop.under_slope) * full
    return None
