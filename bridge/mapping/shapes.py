"""Curves: 2030.5 curve types as CSG objects, and what a curve bears besides its points.

A row names the object and what the axes are in; the axes of a peer's curve are told by its units, never by
their order. What a percentage on the y axis is of is written as a literal, or rescaled to a base that has
one; a negative percentage of setMaxW is of setMaxChargeRateW (IEEE 2030.5). Never drops a point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from bridge.mapping import figures, scalars
from bridge.mapping.grids import Axis, Charge, Grid, Spot, put_grid, take_grid
from bridge.mapping.leaves import Leaves, flatten
from bridge.mapping.nodes import Row, has
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import Codec, Work, above, below

MULTILINE = 33
VOLTAGE = ("effectiveV", "VRef", "refType:0")
NO_BASE = "refType:0"
Dot = tuple[Decimal, Decimal, bool | None]


class Share(NamedTuple):
    """What the percentages on y are of, and the factor that rescales them to the object's."""

    of: str
    by: Decimal = Decimal(1)


def curve_of(row: Row, leaves: Leaves, work: Work) -> Leaves:
    """Return the leaves of the curve a mode follows; none where only its address is known."""
    inline = below(leaves, "curve")
    if not inline and leaves.get("ref") in work.curves:
        inline = flatten(work.curves[leaves["ref"]])
    if inline and inline["kind"] != row.kind:
        raise Unrepresentable(row.canonical, f"a curve of type {inline['kind']}, not {row.kind}")
    return inline


def found(row: Row, dots: Iterable[Dot], of: str, work: Work, nodes: Iterable[str]) -> Leaves:
    """Return the leaves of a mode that follows a curve with these points."""
    curve: Leaves = {"kind": row.kind, "yOf": of, "point": tuple(dots)}
    rests = [(node, read_rest(node, work)) for node in nodes]
    for node, rest in rests:
        for name, value in rest.items():
            if rests[0][1].get(name, value) != value:
                raise Unrepresentable(f"{rests[0][0]}, {node}", f"they differ in {name} of one curve")
        curve = rest | curve
    return above(curve, "curve")


# -------------------------------------------------------------------------- what a curve bears besides points


def write_rest(curve: Leaves, node: str, work: Work) -> None:
    """Write open-loop time, ramps, reference and filter of a curve where the node has them.

    A ramp of 0 is no limit.
    """
    for row in _rest(node, work):
        leaves = below(curve, row.canonical)
        ramp = "use" in row.also
        if ramp and leaves:
            work.put(
                f"{node}.RmpRteUse.setVal", any(curve.get(f"{name}.value") for name in ("rampUp", "rampDown"))
            )
        if leaves and not (ramp and leaves["value"] == 0):
            REST[_kind(row)].write(replace(row, also={}), leaves, work)


def read_rest(node: str, work: Work) -> Leaves:
    """Read what a node bears of a curve besides its points; a ramp that is not used is left."""
    leaves: Leaves = {}
    used = work.sheet.flag(f"{node}.RmpRteUse.setVal")
    for row in _rest(node, work):
        if used is not False or "use" not in row.also:
            found = REST[_kind(row)].read(replace(row, also={}), work)
            leaves |= above({"": Decimal()} if _bypassed(row, node, work) else found, row.canonical)
    return leaves


def _bypassed(row: Row, node: str, work: Work) -> bool:
    """Tell whether a filter is bypassed: it takes no time, whatever time stands there."""
    ref = f"{node}.{row.also['bypass'].removeprefix('*.')}.setVal" if "bypass" in row.also else ""
    there = work.sheet.points.get(ref)
    return there is not None and there.value is True and work.sheet.flag(ref) is True


def _rest(node: str, work: Work) -> list[Row]:
    rows = [row for row in work.table.rows["Curve"] if row.iec61850]
    return [
        replace(row, iec61850=row.iec61850.replace("*", node)) for row in rows if has(node, row.iec61850[2:])
    ]


def _kind(row: Row) -> str:
    return "flag" if not row.unit else "time" if row.unit == "s" else "amount"


REST: Mapping[str, Codec] = {**figures.CODECS, **scalars.CODECS}

# ------------------------------------------------------------------------------------- axes and their factors


def axes(row: Row, work: Work, y: Share | None = None) -> tuple[Axis, Axis]:
    """Return the axes of a row: unit, the sign of its direction, and what a negative value is rescaled by.

    Power on x is in percent of the row's `of`; power on y in percent of its `to`, unless it is of another
    base, whose negative percentages are of that base too.
    """
    sign = work.sign(row.ecp) if row.axes else 1
    first, then = (Decimal(sign if name in row.axes else 1) for name in "xy")
    drawn = Charge(row, row.of) if row.below and row.of else None
    fed = None
    if row.below and not row.of and (row.to in _bases(row, work) if y is None else y.of == row.to):
        fed = Charge(row, row.to, _literals(row, work)[row.to])
    return Axis(row.x, first, drawn), Axis(row.y, (y.by if y else 1) * then, fed)


def _bases(row: Row, work: Work) -> set[str]:
    """Return what the nodes of a row say that their percentages are of."""
    nodes = {do.partition(".")[0] for do in (row.iec61850, *row.also.values())}
    told = [work.sheet.points.get(f"{node}.{row.refs}.setVal") for node in nodes]
    literals = {point.value for point in told if point is not None}
    return {ours for ours, literal in _literals(row, work).items() if literal in literals}


def _literals(row: Row, work: Work) -> Mapping[str, int]:
    return {item["ours"]: item["iec"] for item in work.table.codes[row.refs]["row"]}


def base(row: Row, of: str, work: Work) -> tuple[int | None, Share]:
    """Return the literal for what y is a percentage of, and how y is rescaled to it."""
    if not row.refs:
        if row.how == "trip" and of not in VOLTAGE:
            raise Unrepresentable(row.canonical, f"a voltage in percent of {of}")
        return None, Share(of)
    literals = _literals(row, work)
    if of in literals:
        return literals[of], Share(of)
    if of in work.table.codes[row.refs]["scaled"]:
        return literals[row.to], Share(of, work.bases.ratio(of, row.to, row.canonical))
    raise Unrepresentable(row.canonical, f"there is no literal for a percentage of {of}")


def base_of(row: Row, literal: object, work: Work) -> str:
    """Return what y is a percentage of by its literal."""
    if not row.refs:
        return VOLTAGE[0] if row.how == "trip" else NO_BASE
    of = next((item["ours"] for item in work.table.codes[row.refs]["row"] if item["iec"] == literal), None)
    if of is None:
        raise Unrepresentable(row.iec61850, f"{literal!r} does not say what the percentages are of")
    return str(of)


# ------------------------------------------------------------------- one CSG object: curves and voltage trips


def write_curve(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a curve to its object."""
    curve = curve_of(row, leaves, work)
    if not curve:
        return
    literal, y = base(row, curve["yOf"], work)
    spots = tuple(Spot(dot[0], dot[1], side_of(row, dot, work)) for dot in curve["point"])
    put_grid(Grid(row.iec61850, *axes(row, work, y)), _magnitudes(row, spots), work)
    if literal is not None:
        work.put(work.attribute(row.also["ref"]), literal)
    if "charact" in row.also:
        work.put(f"{row.also['charact']}.setCharact", MULTILINE)
    write_rest(curve, row.iec61850.partition(".")[0], work)


def read_curve(row: Row, work: Work) -> Leaves:
    """Read a curve from its object."""
    spots = take_grid(Grid(row.iec61850, *axes(row, work)), work)
    if spots is None:
        return {}
    of = base_of(row, work.value(row.also["ref"]) if "ref" in row.also else None, work)
    if "charact" in row.also and work.sheet.number(f"{row.also['charact']}.setCharact") not in (
        None,
        MULTILINE,
    ):
        raise Unrepresentable(row.also["charact"], "the characteristic is not the one that the points give")
    if row.how == "factors" and any(abs(spot.y) > 1 for spot in spots):
        raise Unrepresentable(row.iec61850, "a power factor beyond 1")
    dots = [
        (spot.x, abs(spot.y) if row.how == "factors" else spot.y, _side(row, spot, work)) for spot in spots
    ]
    return found(row, dots, of, work, [row.iec61850.partition(".")[0]])


def side_of(row: Row, dot: Dot, work: Work) -> bool | None:
    """Return the side of a power factor: the point's own, else that of its sign (2018, EEI).

    Both must agree.
    """
    if row.how != "factors":
        if dot[2] is not None:
            raise Unrepresentable(
                row.canonical, "a side of reactive power on a curve that is not of power factors"
            )
        return None
    if abs(dot[1]) > 1:
        raise Unrepresentable(row.canonical, f"{dot[1]} is not a power factor")
    signed = (dot[1] < 0) is work.bases.eeiNegativeAbsorbs
    if dot[2] is not None and dot[1] < 0 and dot[2] is not signed:
        raise Unrepresentable(row.canonical, "the sign of a power factor contradicts its excitation")
    absorbing = signed if dot[2] is None else dot[2]
    return absorbing is work.bases.quadTrueAbsorbs


def _magnitudes(row: Row, spots: tuple[Spot, ...]) -> tuple[Spot, ...]:
    return tuple(spot._replace(y=abs(spot.y)) for spot in spots) if row.how == "factors" else spots


def _side(row: Row, spot: Spot, work: Work) -> bool | None:
    if row.how != "factors":
        return None
    if spot.z is None:
        whole = work.sheet.flag(f"{row.iec61850.partition('.')[0]}.PFExtSet.setVal")
        if whole is None:
            return (spot.y < 0) is work.bases.eeiNegativeAbsorbs
        return whole is work.bases.quadTrueAbsorbs
    return spot.z is work.bases.quadTrueAbsorbs


CARRIES = ("curve.kind", "curve.yOf", "curve.point")
CODECS: Mapping[str, Codec] = {
    name: Codec(write_curve, read_curve, CARRIES) for name in ("curve", "trip", "factors")
}
