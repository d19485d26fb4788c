"""Curves that no single object holds: frequency-watt in two halves, frequency trips one instance a point.

7-420 has a node for high and one for low frequency, and 7-4 protection of frequency has no curve at all. What
is lost by that (a point put in at nominal frequency, the slope between steps) is kept beside the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from bridge.mapping.droop import nominal
from bridge.mapping.grids import Axis, Grid, Spot, put_grid, take_grid
from bridge.mapping.leaves import Leaves
from bridge.mapping.nodes import STEPS, Row
from bridge.mapping.points import real
from bridge.mapping.scalars import put_time, take_time
from bridge.mapping.shapes import (
    CARRIES,
    NO_BASE,
    Dot,
    axes,
    base,
    base_of,
    curve_of,
    found,
    side_of,
    write_rest,
)
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import OFF, Codec, Work

MOST = 10
"""Points that a 2030.5 curve has room for."""
NEAR = Decimal(2) ** -22
"""How far a point may be off the line between two others, rounded to FLOAT32: a share of their figures."""

# ----------------------------------------------------------------------- frequency-watt: two nodes, one curve


def write_split(row: Row, leaves: Leaves, work: Work) -> None:
    """Write the part above nominal frequency to one node and the part below to the other.

    Both share the point there.
    """
    curve = curve_of(row, leaves, work)
    if not curve:
        return
    literal, y = base(row, curve["yOf"], work)
    dots = [Spot(dot[0], dot[1], side_of(row, dot, work)) for dot in curve["point"]]
    if dots != sorted(dots, key=lambda dot: dot.x):
        raise Unrepresentable(row.canonical, "the frequencies do not rise from point to point")
    scales = axes(row, work, y)
    low, high = cut(dots, work.bases.figure("hertz", row.canonical), Line(scales[1], work, row.canonical))
    for do, part in ((row.iec61850, high), (row.also["low"], low)):
        if part:
            node = do.partition(".")[0]
            put_grid(Grid(do, *scales), tuple(part), work)
            work.put(f"{node}.HzWCrvRef.setVal", literal or 0)
            write_rest(curve, node, work)
        else:
            switch_off(do.partition(".")[0], work)


def switch_off(node: str, work: Work) -> None:
    """Switch off a node that stands for no point; it is told nothing else."""
    work.unused.add(node)
    work.put(f"{node}.Mod.stVal" if work.state else f"{node}.Mod.ctlVal", OFF)


class Line(NamedTuple):
    """How an object joins two points: in its own scale, which may bend where percentages turn negative."""

    axis: Axis
    work: Work
    path: str

    def scaled(self, y: Decimal) -> Decimal:
        """Return a figure as the object has it."""
        return y * self.axis.by(y, self.work, self.path)

    def between(self, low: Spot, high: Spot, x: Decimal) -> Decimal:
        """Return the figure at x."""
        first, last = self.scaled(low.y), self.scaled(high.y)
        here = first + (last - first) * (x - low.x) / (high.x - low.x)
        return here / self.axis.by(here / self.axis.factor, self.work, self.path)


def cut(dots: list[Spot], hertz: Decimal, line: Line) -> tuple[list[Spot], list[Spot]]:
    """Cut rising points at nominal frequency.

    Where no point stands there between two others, one is put in, on the line that the object draws.
    """
    low, high = [dot for dot in dots if dot.x < hertz], [dot for dot in dots if dot.x > hertz]
    here = [dot for dot in dots if dot.x == hertz]
    if not here and low and high:
        here = [Spot(hertz, line.between(low[-1], high[0], hertz), None)]
    return low + here[:1] if low else low + here[:-1], here[-1:] + high


def read_split(row: Row, work: Work) -> Leaves:
    """Read both parts as one curve; the point they share is taken once, a part that is off is left."""
    every = [Grid(do, *axes(row, work)) for do in (row.also["low"], row.iec61850)]
    there = [grid for grid in every if f"{grid.do}.numPts" in work.sheet.points]
    on = [grid for grid in every if work.mode(grid.do.partition(".")[0]) is not False]
    grids = on if any(grid in on for grid in there) else there
    work.unused |= {grid.do.partition(".")[0] for grid in every if grid not in (*on, *grids)}
    parts = [(grid, spots) for grid in grids if (spots := take_grid(grid, work)) is not None]
    if not parts:
        return {}
    nodes = [grid.do.partition(".")[0] for grid, _ in parts]
    bases = {base_of(row, work.sheet.number(f"{node}.HzWCrvRef.setVal"), work) for node in nodes}
    if len(bases) > 1:
        raise Unrepresentable(row.canonical, "the two halves are percentages of different things")
    all_ = [spot for _, part in parts for spot in part]
    dots = [
        spot for number, spot in enumerate(all_) if number != len(parts[0][1]) or spot != all_[number - 1]
    ]
    hertz, of = _met(row, [part for _, part in parts], work), bases.pop()
    if len(dots) > MOST and hertz is not None:
        axis = every[0].y if of == row.to else every[0].y._replace(negative=None)
        dots = _without_added(dots, hertz, Line(axis, work, row.canonical))
    return found(row, [(dot.x, dot.y, None) for dot in dots], of, work, nodes)


def _met(row: Row, parts: list[tuple[Spot, ...]], work: Work) -> Decimal | None:
    """Return the nominal frequency, else where the halves meet; refuse halves that meet elsewhere.

    What the nodes tell of it is left: a curve has no place for it.
    """
    before = set(work.sheet.read)
    hertz = nominal((do.partition(".")[0] for do in (row.also["low"], row.iec61850)), work)
    work.sheet.read = before
    if len(parts) == 1 or not all(parts):
        return hertz
    ends = [max(dot.x for dot in parts[0]), min(dot.x for dot in parts[1])]
    here = ends[0] if hertz is None and ends[0] == ends[1] else hertz
    low, high = (real(end, row.canonical) for end in ends)
    if low > high or (here is not None and not low <= real(here, row.canonical) <= high):
        where = "" if here is None else f", where {here} Hz is nominal"
        raise Unrepresentable(row.canonical, f"its halves meet at {ends[0]} Hz and {ends[1]} Hz{where}")
    return here


def _without_added(dots: list[Spot], hertz: Decimal, line: Line) -> list[Spot]:
    """Take out the point at nominal frequency where it only joins its neighbours.

    Since 2030.5 has no place for it.
    """
    here = [number for number, dot in enumerate(dots) if real(dot.x, line.path) == real(hertz, line.path)]
    if len(here) != 1 or here[0] in (0, len(dots) - 1):
        return dots
    low, dot, high = dots[here[0] - 1 : here[0] + 2]
    joined = line.scaled(line.between(low, high, dot.x))
    size = max(abs(line.scaled(end.y)) for end in (low, high))
    off = abs(line.scaled(dot.y) - joined)
    return dots if off > size * NEAR else [*dots[: here[0]], *dots[here[0] + 1 :]]


# ----------------------------------------------------------- frequency trips: one protection instance a point


def write_steps(row: Row, leaves: Leaves, work: Work) -> None:
    """Write one instance for each point: start value and delay.

    Instances that stand for no point are switched off.
    """
    curve = curve_of(row, leaves, work)
    if not curve:
        return
    if len({y for _, y, _ in curve["point"]}) > 1:
        work.bent.append(row)
    for number, (x, y, side) in enumerate(curve["point"], 1):
        if x < 0 or y < 0 or side is not None:
            raise Unrepresentable(row.canonical, f"({x}, {y}) is not a time and a frequency")
        work.put(f"{_step(row, number)}.StrVal.setMag.f", real(y, row.canonical))
        put_time(f"{_step(row, number)}.OpDlTmms", x, work)
    for number in range(len(curve["point"]) + 1, STEPS + 1):
        switch_off(_step(row, number), work)


def read_steps(row: Row, work: Work) -> Leaves:
    """Read one point from each instance that has a start value; one that is off among others is left."""
    dots: list[Dot] = []
    every = [_step(row, number) for number in range(1, STEPS + 1)]
    there = [node for node in every if any(ref.startswith(f"{node}.StrVal.") for ref in work.sheet.points)]
    on = [node for node in every if work.mode(node) is not False]
    used = [node for node in there if node in on] or there
    work.unused |= set(every) - {*on, *used}
    for node in used:
        y = work.sheet.analogue(f"{node}.StrVal", ("setMag",), unit="Hz")
        if y is None:
            continue
        x = take_time(f"{node}.OpDlTmms", work)
        if x is None:
            raise Unrepresentable(f"{node}.OpDlTmms", "a start value without its delay")
        dots.append((x, y, None))
    return found(row, dots, NO_BASE, work, ()) if dots else {}


def _step(row: Row, number: int) -> str:
    return f"{row.iec61850.partition('.')[0][:-1]}{number}"


CODECS: Mapping[str, Codec] = {
    "split": Codec(write_split, read_split, CARRIES),
    "steps": Codec(write_steps, read_steps, CARRIES),
}
