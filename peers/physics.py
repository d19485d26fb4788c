"""Peer physics: the light model of an inverter against EPRI's OpenDER, over a grid of V, f and P.

For each kind of unit and each mode that OpenDER has, both stand in the same grid until they are settled; the
greatest difference, as a part of the rating, is what is reported. The tests draw a coarser grid with this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from bridge.app.sim.physics.grid import Build, Grid
from bridge.app.sim.physics.light import Light
from bridge.app.sim.physics.referee import Referee
from bridge.app.sim.unit import Output, Plate
from models.der import messages

GRIDS = (
    (0.89, 60.0), (0.94, 60.0), (0.97, 60.0), (1.0, 60.0), (1.03, 60.0), (1.05, 60.0), (1.07, 60.0),
    (1.09, 60.0), (1.0, 59.2), (1.0, 59.9), (1.0, 60.2), (1.0, 61.0), (0.95, 59.5), (1.06, 60.6),
)  # fmt: skip
"""Voltages, in parts of the nominal one, and frequencies."""
SUNS = (0.04, 0.12, 0.5, 1.0)
AGREED = 0.01
"""Part of the rating that the two may differ by."""

BUILDS = {
    "roof": Build(Plate(10_000, 12_000, 5_280)),
    "tight": Build(Plate(10_000, 10_000, 4_400)),
    "watts first": Build(Plate(10_000, 10_000, 6_000), watts_first=True),
    "store": Build(Plate(10_000, 10_000, 4_400, charge=8_000, wh=1_000_000)),
}


def amount(value: float, unit: messages.Unit, of: str | None = None) -> messages.Amount:
    """A canonical amount."""
    return messages.Amount(value=Decimal(str(value)), unit=unit, of=of)


def use(kind: int, of: str, *points: tuple[float, float], response: float = 5) -> messages.CurveUse:
    """A canonical curve."""
    drawn = tuple(messages.Point(x=Decimal(str(x)), y=Decimal(str(y))) for x, y in points)
    curve = messages.Curve(kind=kind, yOf=of, openLoop=Decimal(str(response)), point=drawn)
    return messages.CurveUse(curve=curve)


def factor(value: str, *, absorbing: bool) -> messages.PowerFactor:
    """A canonical power factor."""
    return messages.PowerFactor(value=Decimal(value), absorbing=absorbing)


PERCENT, WATTS, VAR, HZ = messages.Unit.percent, messages.Unit.W, messages.Unit.var, messages.Unit.Hz
DROOP = messages.Droop(
    overDeadband=amount(0.036, HZ),
    underDeadband=amount(0.036, HZ),
    overSlope=amount(0.05, messages.Unit.n1),
    underSlope=amount(0.05, messages.Unit.n1),
    openLoop=Decimal(5),
)
VOLT_VAR = use(11, "setMaxVA", (92, 44), (98, 0), (102, 0), (108, -44))
LIMIT = amount(60, PERCENT, "setMaxW")
MODES = {
    "nothing": messages.Modes(),
    "energize": messages.Modes(energize=False),
    "connect": messages.Modes(connect=False),
    "limit": messages.Modes(maxLimW=LIMIT),
    "limit in watts": messages.Modes(maxLimWInject=amount(2_500, WATTS)),
    "export limit": messages.Modes(expLimW=amount(4_000, WATTS)),
    "fixed watts": messages.Modes(fixedW=amount(45, PERCENT, "setMaxW")),
    "target watts": messages.Modes(targetW=amount(3_300, WATTS)),
    "fixed var": messages.Modes(fixedVar=amount(-50, PERCENT, "setMaxVar")),
    "target var": messages.Modes(targetVar=amount(2_000, VAR)),
    "factor, injecting": messages.Modes(fixedPFInjectW=factor("0.95", absorbing=False)),
    "factor, absorbing": messages.Modes(fixedPFInjectW=factor("0.9", absorbing=True)),
    "volt-var": messages.Modes(voltVar=VOLT_VAR),
    "volt-watt": messages.Modes(voltWatt=use(12, "setMaxW", (104, 100), (108, 20), response=10)),
    "watt-var": messages.Modes(wattVar=use(14, "setMaxVA", (20, 0), (50, 0), (100, -44))),
    "droop": messages.Modes(freqDroop=DROOP),
    "limit and droop": messages.Modes(maxLimW=LIMIT, freqDroop=DROOP),
    "volt-var and limit": messages.Modes(voltVar=VOLT_VAR, maxLimW=LIMIT),
}  # fmt: skip
"""A case for each mode that both models have."""


class Steps(Protocol):
    """A unit that lets time go by."""

    def step(self, grid: Grid, available: float, seconds: float) -> Output:
        """Let time go by."""
        ...


class Difference(NamedTuple):
    """Where the two differ, and by which part of the rating."""

    off: float
    build: str
    mode: str
    grid: Grid
    sun: float
    light: Output
    opender: Output


def settled(unit: Steps, grid: Grid, sun: float, seconds: int = 40) -> Output:
    """What a unit does once it has stood in a grid for a while."""
    for _ in range(seconds - 1):
        unit.step(grid, sun, 1.0)
    return unit.step(grid, sun, 1.0)


def compared(
    build: str, mode: str, grids: Sequence[Grid], suns: Sequence[float] = SUNS
) -> Iterator[Difference]:
    """Both models in every grid, each from a calm start."""
    made = BUILDS[build]
    units = (Light(made), Referee(made))
    for grid in grids:
        for sun in (0.0,) if made.stores else suns:
            found = [_told(unit, made, mode, grid, sun) for unit in units]
            yield Difference(_off(made, *found), build, mode, grid, sun, *found)


def _told(unit: Light | Referee, build: Build, mode: str, grid: Grid, sun: float) -> Output:
    available = sun * build.plate.watts
    calm = Grid(hz=build.hertz)
    unit.demand(messages.Modes(), QUICK)
    settled(unit, calm, available)
    unit.demand(MODES[mode], QUICK)
    settled(unit, calm, available)
    return settled(unit, grid, available)


QUICK = messages.GridEntry(setESDelay=Decimal(1), setESRampTms=Decimal(10))
"""So that a unit that was off for one case is back for the next."""


def _off(build: Build, light: Output, opender: Output) -> float:
    return max(abs(light.w - opender.w) / build.plate.watts, abs(light.var - opender.var) / build.plate.va)


def run() -> dict[str, object]:
    """Compare over the whole grid."""
    grids = [Grid(v, hz) for v, hz in GRIDS]
    found = [one for build in BUILDS for mode in MODES for one in compared(build, mode, grids)]
    worst = max(found, key=lambda one: one.off)
    return {
        "ok": worst.off < AGREED,
        "points": len(found),
        "modes": len(MODES),
        "greatest": f"{worst.off:.4%} of the rating",
        "where": f"{worst.build}, {worst.mode}, {worst.grid.v} pu, {worst.grid.hz} Hz, sun {worst.sun}",
    }
