"""2030.5 objects brought within what IEC 61850 can hold: their extremes are folded back.

Folding goes by field name and keeps everything else as it was drawn: powers of ten from -3 to 3, moments of
32 bits, factors of 0 to 1, curves whose points fit their type. What folding hides is asserted to be refused
in `test_iec61850.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models import kit

POWER: Callable[[int], int] = lambda value: value % 7 - 3  # noqa: E731
MOMENT: Callable[[int], int] = lambda value: value % 2**32  # noqa: E731
HUNDREDTHS: Callable[[int], int] = lambda value: value % (2**31 // 10)  # noqa: E731
FOLD: Mapping[str, Callable[[int], int]] = {
    **dict.fromkeys(("multiplier", "powerOfTenMultiplier"), POWER),
    **dict.fromkeys(
        ("createdDateTime", "creationTime", "dateTime", "start", "readingTime", "updatedTime"), MOMENT
    ),
    **dict.fromkeys(
        ("setESDelay", "setESRampTms", "setESRandomDelay", "autonomousVRefTimeConstant"), HUNDREDTHS
    ),
    **dict.fromkeys(("dBOF", "dBUF"), lambda value: value % 60000),
    **dict.fromkeys(("kOF", "kUF"), lambda value: max(value, 1)),
    "duration": lambda value: value % 2**31,
    "refType": lambda value: value % 3 + 1,
    "curveType": lambda value: value % 15,
}
SIDED = 13
WATTS, VARS, VOLTS = (1, 5, 6, 7), (1, 2, 3), (0, 4)


def tame(obj: Any) -> Any:
    """Return an object with its extremes folded back."""
    changed: dict[str, Any] = {}
    for name in type(obj).model_fields:
        value = getattr(obj, name)
        if isinstance(value, kit.Model):
            changed[name] = tame(value)
        elif isinstance(value, tuple):
            changed[name] = tuple(tame(one) if isinstance(one, kit.Model) else one for one in value)
        elif name in FOLD and type(value) is int:
            changed[name] = FOLD[name](value)
    if "displacement" in type(obj).model_fields:
        changed |= {"displacement": obj.displacement % 1001, "multiplier": -3}
    found = obj.model_copy(update=changed)
    return _shaped(found) if "CurveData" in type(obj).model_fields else found


def _shaped(curve: Any) -> Any:
    """Return a curve whose points and bases fit its type."""
    kind = curve.curveType
    points = tuple(_dot(dot, kind) for dot in curve.CurveData)
    if kind == 0:
        points = tuple(sorted(points, key=lambda dot: dot.xvalue))
    bases = WATTS if kind in (0, 12) else VARS if kind in (11, 14) else VOLTS
    return curve.model_copy(
        update={
            "CurveData": points,
            "yRefType": bases[curve.yRefType % len(bases)],
            "xMultiplier": -2,
            "yMultiplier": -3,
        }
    )


def _dot(dot: Any, kind: int) -> Any:
    """Return a point of a curve type: times are positive, a factor is at most one."""
    if kind == SIDED:
        y = dot.yvalue % 1001
        return dot.model_copy(update={"yvalue": -y if dot.excitation is None and dot.yvalue < 0 else y})
    x = abs(dot.xvalue) % 10**7 if kind not in (0, 14) else dot.xvalue % 10**6
    return dot.model_copy(update={"xvalue": x, "yvalue": abs(dot.yvalue) % 10**6, "excitation": None})
