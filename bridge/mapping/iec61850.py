"""Canonical records to IEC 61850 object references and values, and back, driven by one table.

`to_points` writes what the rows of mappings/der-iec61850.toml carry, reads its own points again, and keeps
beside whatever does not come back: nothing is dropped, and each such leaf has its declared reason.
`from_points` reads points, puts what was kept back where the other side has not changed since, and keeps
points it does not know in the record. Never wraps or clips a value. Knows no transport.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

import models.der.messages as canon
from bridge.mapping import nodes, records
from bridge.mapping.bases import Bases, Unrepresentable
from bridge.mapping.leaves import Beside, Leaves, build, complement, flatten, restore
from bridge.mapping.losses import coverage, defaults, reason
from bridge.mapping.points import Point, Sheet
from bridge.mapping.sep2 import Envelope
from bridge.mapping.table import Unknown, steps
from bridge.mapping.work import Work
from models import kit

__all__ = (
    "Bases",
    "Beside",
    "Point",
    "Translation",
    "Unrepresentable",
    "coverage",
    "from_points",
    "to_points",
)

NEVER = Decimal(0)
LONGEST = 128
"""Bits of the longest integer there is in IEC 61850."""
FOREIGN = "iec61850:"
"""Kept paths of points that no row knows: `iec61850:REF[FC]`, with the value's type before its text."""
KEPT = re.compile(r"iec61850:(?P<ref>[^\[\]]+)\[(?P<fc>\w*)\]")
TYPES: Mapping[str, Callable[[str], bool | int | float | str]] = {
    "bool": lambda text: text == "True",
    "int": int,
    "float": float,
    "str": str,
}


class Translation(NamedTuple):
    """Points, what they do not say and why, and what must travel beside them to restore the record."""

    points: tuple[Point, ...]
    losses: tuple[tuple[str, str], ...]
    beside: Beside


def to_points(
    record: kit.Model, bases: Bases | None = None, curves: Mapping[str, canon.Curve] | None = None
) -> Translation:
    """Return the points of a record, the losses, and what stays beside.

    `curves` by address for modes that only link.
    """
    kind, bases = type(record).__name__, bases or Bases()
    source = flatten(record)
    work = Work(Sheet(bases), bases, nodes.read(), curves or {}, kind in records.STATED)
    if kind == "Curve":
        records.write_curve(source, work)
    else:
        records.write(kind, source, work)
    _restore_foreign(source, work)
    points = work.sheet.done()
    seen, _ = _seen(points, kind, bases)
    source |= _own(source)
    beside = complement(source, seen)
    losses = tuple(
        (path, reason(kind, path, was, now)) for path, (was, now) in beside.items() if was is not None
    )
    bent = (
        (f"modes.{row.canonical}.curve.point" if kind != "Curve" else "point", row.loss) for row in work.bent
    )
    return Translation(points, (*losses, *(pair for pair in bent if pair[0] not in beside)), beside)


def from_points(
    points: Iterable[Point],
    kind: str,
    bases: Bases | None = None,
    beside: Beside | None = None,
    *,
    envelope: Envelope | None = None,
    keep: bool = True,
) -> kit.Model:
    """Return the record of a kind that the points make, with what was kept beside it put back.

    Points that no row has read are kept in it, unless they are not to be. Who sent it and when are not in the
    points: they come from `beside`, or from the envelope, or are the table's defaults.
    """
    said = (
        {}
        if envelope is None
        else {name: value for name, value in envelope._asdict().items() if value is not None}
    )
    seen, rest = _seen(
        tuple(Point(*point) for point in points), kind, bases or Bases(), said.get("issued", NEVER)
    )
    leaves = defaults(kind) | restore(seen, beside or {})
    if keep and rest and "kept" in steps(getattr(canon, kind)):
        leaves["kept"] = (*leaves.get("kept", ()), *(_kept(point) for point in rest))
    record = build(getattr(canon, kind), leaves)
    return record.model_copy(update=said)


def _seen(
    points: tuple[Point, ...], kind: str, bases: Bases, issued: Decimal = NEVER
) -> tuple[Leaves, tuple[Point, ...]]:
    """Return the leaves that points alone give, and the points that no row has read."""
    table = nodes.read()
    work = Work(Sheet(bases, points), bases, table, {}, kind in records.STATED)
    for ref, point in work.sheet.points.items():
        _constrained(ref, point)
    work.memory["issued"] = issued
    leaves = records.read_curve(work) if kind == "Curve" else records.read(kind, work)
    return leaves, work.sheet.rest()


def _constrained(ref: str, point: Point) -> None:
    """Refuse an integer that is too long, and a value that is not the one its reference stands for."""
    if isinstance(point.value, int) and point.value.bit_length() > LONGEST:
        raise Unrepresentable(ref, f"an integer of more than {LONGEST} bits")
    try:
        right = nodes.constraints(ref)
    except Unknown:
        return
    if point.fc not in right:
        raise Unrepresentable(ref, f"stands under {' or '.join(right)}, not under {point.fc or 'none'}")


def _restore_foreign(source: Leaves, work: Work) -> None:
    for item in source.get("kept", ()):
        pair = dict(zip(steps(canon.Kept), item, strict=True))
        found = KEPT.fullmatch(pair["path"])
        if found:
            name, _, text = pair["value"].partition(" ")
            work.sheet.put(found["ref"], found["fc"], TYPES[name](text))


def _own(source: Leaves) -> Leaves:
    """Return the kept texts that are not points, which the points bring back by themselves."""
    place_ = tuple(steps(canon.Kept)).index("path")
    kept = tuple(item for item in source.get("kept", ()) if not KEPT.fullmatch(item[place_]))
    return {"kept": kept or None} if "kept" in source else {}


def _kept(point: Point) -> tuple[str, ...]:
    said = {
        "path": f"{FOREIGN}{point.ref}[{point.fc}]",
        "value": f"{type(point.value).__name__} {point.value}",
    }
    return tuple(said[name] for name in steps(canon.Kept))
