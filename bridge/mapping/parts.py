"""Curves that no single object holds: frequency-watt in two halves, frequency trips one instance a point.

7-420 has a node for high and one for low frequency, and 7-4 protection of frequency has no curve at all. What
is lost by that (a point put in at nominal frequency, the slope between steps) is kept beside the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bridge.mapping.grids import Grid, Spot, put_grid, take_grid
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
    low, high = cut(dots, work.bases.hertz)
    for do, part in ((row.iec61850, high), (row.also["low"], low)):
        if part:
            node = do.partition(".")[0]
            put_grid(Grid(do, *axes(row, work, y)), tuple(part), work)
            work.put(f"{node}.HzWCrvRef.setVal", literal or 0)
            write_rest(curve, node, work)
        else:
            switch_off(do.partition(".")[0], work)


def switch_off(node: str, work: Work) -> None:
    """Switch off a node that stands for no point."""
    work.started[node] = False
    work.put(f"{node}.Mod.stVal" if work.state else f"{node}.Mod.ctlVal", OFF)


def cut(dots: list[Spot], nominal: Decimal) -> tuple[list[Spot], list[Spot]]:
    """Cut rising points at nominal frequency.

    Where no point stands there between two others, one is put in.
    """
    low, high = [dot for dot in dots if dot.x < nominal], [dot for dot in dots if dot.x > nominal]
    here = [dot for dot in dots if dot.x == nominal]
    if not here and low and high:
        (x, y, _), (over, top, _) = low[-1], high[0]
        here = [Spot(nominal, y + (top - y) * (nominal - x) / (over - x), None)]
    return low + here[:1] if low else low + here[:-1], here[-1:] + high


def read_split(row: Row, work: Work) -> Leaves:
    """Read both parts as one curve; the point they share is taken once, a part that is off is left."""
    every = [Grid(do, *axes(row, work)) for do in (row.also["low"], row.iec61850)]
    there = [grid for grid in every if f"{grid.do}.numPts" in work.sheet.points]
    on = [grid for grid in every if work.mode(grid.do.partition(".")[0]) is not False]
    grids = on if any(grid in on for grid in there) else there
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
    if len(dots) > MOST:
        dots = _without_added(dots, work.bases.hertz)
    return found(row, [(dot.x, dot.y, None) for dot in dots], bases.pop(), work, nodes)


def _without_added(dots: list[Spot], nominal: Decimal) -> list[Spot]:
    """Take out the point at nominal frequency where it only joins its neighbours.

    Since 2030.5 has no place for it.
    """
    least = [dot for dot in dots if dot.x != nominal]
    low, high = cut(least, nominal)
    joined = {real(dot.y, "freqWatt") for dot in low[-1:] if dot.x == nominal and high}
    return (
        least
        if len(dots) - len(least) == 1
        and joined == {real(dot.y, "freqWatt") for dot in dots if dot.x == nominal}
        else dots
    )


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
    for node in [node for node in there if node in on] or there:
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
