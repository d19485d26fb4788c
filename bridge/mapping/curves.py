"""The points of a DERCurve and their two multipliers (DERCurve, CurveData): one exponent for each axis.

A row cannot say this: the scale of a point stands in its parent, and must suit all the points of its axis
at once. Nothing here knows what the axes mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bridge.mapping.amounts import power_for, scaled, steps_of
from models.der import messages

INT32 = (-(2**31), 2**31 - 1)


def spread(points: Sequence[messages.Point], x: int, y: int) -> tuple[messages.Point, ...]:
    """Return points that hold whole numbers as points that hold quantities."""
    return tuple(
        point.model_copy(update={"x": scaled(int(point.x), x), "y": scaled(int(point.y), y)})
        for point in points
    )


def gather(curve: messages.Curve) -> tuple[tuple[messages.Point, ...], int, int]:
    """Return the points of a curve as whole numbers, and the multipliers that make them so."""
    x = power_for((point.x for point in curve.point), curve.xScale, *INT32)
    y = power_for((point.y for point in curve.point), curve.yScale, *INT32)
    return (
        tuple(
            point.model_copy(update={"x": Decimal(steps_of(point.x, x)), "y": Decimal(steps_of(point.y, y))})
            for point in curve.point
        ),
        x,
        y,
    )
