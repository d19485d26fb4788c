"""CSG objects: points, numbers and units of a curve, written and read (IEC 61850-7-3 CSG).

Which axis is the time is told by the units, as is whether a voltage is in volts or percent; a curve without
any unit is refused. Places beyond the last point are set to zero. What the axes mean is the business of the
row. Never adds a point, though a segment across nought may run otherwise (docs/interpretations.md).
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from bridge.mapping.nodes import Row
from bridge.mapping.points import exact, powered, real, shortest
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import Work

PLACES = 10
UNITS = {"%": (1, -2), "s": (4, 0), "Hz": (33, 0), "V": (29, 0), "1": (65, 0)}
WORDS = {"%": "percent", "s": "time", "Hz": "frequency", "V": "voltage", "1": "power factor"}


class Spot(NamedTuple):
    """One point; z is the side of a power factor where there is one."""

    x: Decimal
    y: Decimal
    z: bool | None = None


class Charge(NamedTuple):
    """What negative percentages are of, and what the object's are of.

    The literal by which a node says the latter, where the row has such literals.
    """

    row: Row
    to: str
    literal: int | None = None


class Axis(NamedTuple):
    """What an axis is in, the factor from canonical to object, and what negative values are rescaled by."""

    unit: str
    factor: Decimal
    negative: Charge | None

    def by(self, value: Decimal, work: Work, path: str) -> Decimal:
        """Return the factor for a canonical value."""
        if self.negative is None or value >= 0:
            return self.factor
        return self.factor * work.bases.ratio(self.negative.row.below, self.negative.to, path)


class Grid(NamedTuple):
    """A CSG object and its axes."""

    do: str
    x: Axis
    y: Axis

    @property
    def timed(self) -> bool:
        """Tell whether x is a time, so that the order of the axes must be looked at."""
        return self.x.unit == "s"


class Scale(NamedTuple):
    """How one axis of a peer's object is given: its unit, if it says so."""

    unit: int | None
    power: int | None


def put_grid(grid: Grid, spots: tuple[Spot, ...], work: Work) -> None:
    """Write a curve with its units; times on x unless the peer wants them on y."""
    y = _volts(grid, grid.y, work) if grid.timed and work.bases.volts else grid.y
    names = ("y", "x") if grid.timed and work.bases.valueFirst else ("x", "y")
    work.put(f"{grid.do}.numPts", len(spots))
    work.put(f"{grid.do}.maxPts", max(PLACES, len(spots)))
    for axis, name, column in (
        (grid.x, names[0], [spot.x for spot in spots]),
        (y, names[1], [spot.y for spot in spots]),
    ):
        unit, power = UNITS[axis.unit]
        work.put(f"{grid.do}.{name}Units.SIUnit", unit)
        work.put(f"{grid.do}.{name}Units.multiplier", power)
        work.put(f"{grid.do}.{name}D", WORDS[axis.unit])
        for number in range(max(PLACES, len(spots))):
            value = (
                real(column[number] * axis.by(column[number], work, grid.do), grid.do)
                if number < len(spots)
                else 0.0
            )
            work.put(f"{grid.do}.crvPts({number}).{name}Val", value)
    for number, spot in enumerate(spots):
        if spot.z is not None:
            work.put(f"{grid.do}.crvPts({number}).zVal", 1.0 if spot.z else 0.0)
    _note_bend(grid, spots, work)


def _note_bend(grid: Grid, spots: tuple[Spot, ...], work: Work) -> None:
    """Note a segment that crosses nought where the scale changes: straight here, it bends there.

    2030.5 says nothing of what lies between points, so each side joins them in its own scale.
    """
    for axis, name in ((grid.x, "x"), (grid.y, "y")):
        if (
            axis.negative
            and any(_crosses(one, two, name) for one, two in pairwise(spots))
            and axis.by(Decimal(-1), work, grid.do) != axis.factor
            and axis.negative.row not in work.bent
        ):
            work.bent.append(axis.negative.row)


def _crosses(one: Spot, two: Spot, name: str) -> bool:
    """Tell whether a segment goes through nought on an axis while the other values change."""
    ends = sorted((getattr(one, name), getattr(two, name)))
    rest = [(spot.y if name == "x" else spot.x, spot.z) for spot in (one, two)]
    return ends[0] < 0 < ends[1] and rest[0] != rest[1]


def _volts(grid: Grid, axis: Axis, work: Work) -> Axis:
    return Axis("V", axis.factor * work.bases.figure("VRef", grid.do) / 100, None)


def take_grid(grid: Grid, work: Work) -> tuple[Spot, ...] | None:
    """Read a curve; None when the object has no points."""
    count = work.sheet.number(f"{grid.do}.numPts")
    if count is None:
        return None
    grid, units = _told(grid, work), {name: _scale(grid.do, name, work) for name in "xy"}
    if units["x"].unit is None and units["y"].unit is None:
        raise Unrepresentable(grid.do, "neither axis has a unit, so that their order cannot be told")
    first, second = ("y", "x") if grid.timed and _turned(grid, units) else ("x", "y")
    _tail(grid, work)
    return tuple(
        Spot(
            _read(grid, grid.x, units[first], _raw(grid, number, first, work), work),
            _read(grid, grid.y, units[second], _raw(grid, number, second, work), work),
            _z(grid, number, work),
        )
        for number in range(count)
    )


def _told(grid: Grid, work: Work) -> Grid:
    """Return the grid with negative values rescaled only where the node says what its percentages are of."""
    charge = grid.y.negative
    if charge is None:
        return grid
    said = work.sheet.points.get(f"{grid.do.partition('.')[0]}.{charge.row.refs}.setVal")
    if said is not None and said.value == charge.literal:
        return grid
    return grid._replace(y=grid.y._replace(negative=None))


def _turned(grid: Grid, units: dict[str, Scale]) -> bool:
    """Tell whether the time stands on the object's y axis."""
    seconds = UNITS["s"][0]
    if units["x"].unit == seconds:
        return False
    if units["y"].unit == seconds or units["y"].unit is None:
        return True
    if units["x"].unit is None:
        return False
    raise Unrepresentable(grid.do, "neither axis is in seconds")


def _scale(do: str, name: str, work: Work) -> Scale:
    work.sheet.take(f"{do}.{name}D")
    return Scale(
        work.sheet.number(f"{do}.{name}Units.SIUnit"), work.sheet.number(f"{do}.{name}Units.multiplier")
    )


def _raw(grid: Grid, number: int, name: str, work: Work) -> Decimal:
    ref = f"{grid.do}.crvPts({number}).{name}Val"
    value = work.sheet.take(ref)
    if value is None:
        raise Unrepresentable(ref, "is missing")
    return exact(value, ref)


def _z(grid: Grid, number: int, work: Work) -> bool | None:
    value = work.sheet.take(f"{grid.do}.crvPts({number}).zVal")
    return None if value is None else value == 1


def _tail(grid: Grid, work: Work) -> None:
    """Tick off the places beyond the last point, which say nothing."""
    work.sheet.take(f"{grid.do}.maxPts")
    for ref in work.sheet.points:
        if ref.startswith(f"{grid.do}.crvPts("):
            work.sheet.read.add(ref)


def _read(grid: Grid, axis: Axis, scale: Scale, raw: Decimal, work: Work) -> Decimal:
    """Return a canonical value: by the unit given, else by the one that the row expects."""
    unit, usual = UNITS[axis.unit]
    if scale.unit == UNITS["V"][0] and axis.unit == "%":
        plain, axis = powered(raw, scale.power or 0, grid.do), _volts(grid, axis, work)
    elif scale.unit in (None, unit) or (axis.unit == "1" and scale.unit == 1):
        power = usual if scale.power is None and scale.unit is None else scale.power or 0
        plain = powered(raw, power - usual, grid.do)
    else:
        raise Unrepresentable(grid.do, f"an axis in unit {scale.unit} where {axis.unit} is meant")
    guess = plain / axis.by(plain * axis.factor, work, grid.do)
    return shortest(
        real(plain, grid.do), guess, lambda value: real(value * axis.by(value, work, grid.do), grid.do)
    )
