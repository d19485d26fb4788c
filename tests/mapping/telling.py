"""How the tests of the mapping to IEC 61850 speak: amounts, records, curves and their points."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import models.der.messages as m
from bridge.mapping.bases import Bases
from bridge.mapping.iec61850 import from_points, to_points
from bridge.mapping.nodes import constraint
from bridge.mapping.points import Point
from bridge.mapping.table import Unknown

BASES = Bases(
    setMaxW=Decimal(5000),
    setMaxChargeRateW=Decimal(2000),
    setMaxVA=Decimal(6000),
    setMaxVar=Decimal(3000),
    VRef=Decimal(230),
    hertz=Decimal(60),
)
UNNAMED = "ST"
"""The constraint of a value that stands at no object of the models."""


def amount(value: str, unit: str, of: str | None = None, **more: Any) -> m.Amount:
    return m.Amount(value=Decimal(value), unit=m.Unit(unit), of=of, **more)


def default(**asked: Any) -> m.Default:
    origin = m.Origin(party="AB", door=m.Door.sep2)
    return m.Default(
        id="1",
        origin=origin,
        target=m.Target(),
        issued=Decimal(1),
        modes=m.Modes(**asked),
        entry=m.GridEntry(),
    )


def control(**asked: Any) -> m.Control:
    origin = m.Origin(party="AB", door=m.Door.sep2)
    window = {"start": Decimal(1_800_000_000), "duration": Decimal(3600)}
    return m.Control(id="1", origin=origin, target=m.Target(), issued=Decimal(1), **(window | asked))


def written(record: Any, bases: Bases = BASES) -> dict[str, Any]:
    """The points of a record by reference, after proving that they bring it back."""
    translation = to_points(record, bases)
    assert from_points(translation.points, type(record).__name__, bases, translation.beside) == record
    return {point.ref: point.value for point in translation.points}


def told(values: dict[str, Any]) -> list[Point]:
    """Values as a peer tells them: each under the constraint that its attribute has."""
    return [Point(ref, _constraint(ref), value) for ref, value in values.items()]


def _constraint(ref: str) -> str:
    try:
        return constraint(ref)
    except Unknown:
        return UNNAMED


def read(points: dict[str, Any], bases: Bases = BASES) -> m.Modes:
    """The modes that points alone ask for."""
    found = from_points(told(points), "Default", bases)
    assert isinstance(found, m.Default)
    return found.modes


def curve(kind: int, points: list[tuple[str, str]], of: str, **more: Any) -> m.CurveUse:
    dots = tuple(m.Point(x=Decimal(x), y=Decimal(y)) for x, y in points)
    return m.CurveUse(curve=m.Curve(kind=kind, yOf=of, point=dots, **more))


def follows(use: m.CurveUse | None) -> m.Curve:
    assert use is not None
    assert use.curve is not None
    return use.curve


def column(points: dict[str, Any], do: str, name: str) -> list[float]:
    return [points[f"{do}.crvPts({number}).{name}"] for number in range(points[f"{do}.numPts"])]


# -------------------------------------------------------------------------------- records with their envelope

ORIGIN = m.Origin(party="AB", door=m.Door.sep2)
ENVELOPE: dict[str, Any] = {
    "id": "1",
    "origin": ORIGIN,
    "target": m.Target(device=("CD",)),
    "issued": Decimal(1),
}
STORE = Bases(setMaxW=Decimal(5000), setMaxChargeRateW=Decimal(3000), WhRtg=Decimal(13500), hertz=Decimal(60))


def points(record: Any, bases: Bases = STORE) -> dict[str, Any]:
    """The points of a record by reference."""
    return {point.ref: point.value for point in to_points(record, bases).points}


def back(found: dict[str, Any], kind: str, bases: Bases = STORE) -> Any:
    """The record of a kind that these values make."""
    return from_points(told(found), kind, bases)
