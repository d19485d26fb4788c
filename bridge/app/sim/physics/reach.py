"""What a unit can do at all: apparent power, reactive power by active power, and which of the two gives way.

IEEE 1547-2018 clause 5.2: below a fifth of its active power a unit without a store has less reactive power
to give, below a twentieth none. Beyond the apparent power reactive power goes first, or active power does
where the unit is built so, but for the reactive power that the clause asks for; where a law ties the one to
the other, both go back along it. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from math import copysign, sqrt
from typing import NamedTuple

from bridge.app.sim.physics.grid import Build
from models.der import messages

ASKED = 0.44
"""Part of the apparent power that clause 5.2 asks for as reactive power, category B."""
NOTHING, ALL = 0.05, 0.2
"""Parts of the active power below which none, and from which all, of the reactive power is there."""
HALVINGS = 30


class Reach(NamedTuple):
    """Limits in VA and var, as modes have narrowed them."""

    giving: float
    taking: float
    inject: float
    absorb: float


def reach(modes: messages.Modes, build: Build) -> Reach:
    """What modes leave of what the unit can do."""
    plate = build.plate
    return Reach(
        _least(plate.va, plate.va, modes.maxLimPctVAInject),
        _least(plate.va, plate.va, modes.maxLimPctVAAbsorb),
        _least(plate.var, plate.var, modes.maxLimPctVarInject, modes.maxLimVarInject),
        _least(build.absorbs, build.absorbs, modes.maxLimPctVarAbsorb, modes.maxLimVarAbsorb),
    )


def _least(full: float, base: float, *said: messages.Amount | None) -> float:
    found = full
    for one in said:
        if one is not None and not one.disabled:
            percent = one.unit is messages.Unit.percent
            found = min(found, float(one.value) * (base / 100 if percent else 1.0))
    return max(found, 0.0)


def lowered(build: Build, w: float) -> float:
    """The part of the reactive power that is there at an active power."""
    part = abs(w) / build.plate.watts
    if build.stores or part >= ALL:
        return 1.0
    return part / ALL if part >= NOTHING else 0.0


def along(limits: Reach, w: float, wanted: Callable[[float], float]) -> float:
    """Active power that goes back along a law of it until both powers are within the apparent power."""

    def over(w: float) -> bool:
        var = min(max(wanted(w), -limits.absorb), limits.inject)
        full = limits.giving if w >= 0 else limits.taking
        return w * w + var * var > full * full

    if not over(w):
        return w
    low, high = 0.0, w
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if over(middle) else (middle, high)
    return low


def bounded(build: Build, limits: Reach, w: float, var: float) -> tuple[float, float]:
    """Active and reactive power that the unit can give of what is wanted."""
    full = limits.giving if w >= 0 else limits.taking
    part = lowered(build, w)
    var = min(max(var, -limits.absorb * part), limits.inject * part)
    if w * w + var * var <= full * full:
        return w, var
    if build.watts_first:
        kept = ASKED * build.plate.va
        var = min(max(var, -kept), kept)
    return copysign(sqrt(max(full * full - var * var, 0.0)), w), var
