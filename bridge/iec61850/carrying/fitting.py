"""A point of the mapping as a value of the unit's own type, in the units that it counts in.

The mapping writes figures in units of its own (a percentage in hundredths, a Tmms object in milliseconds, all
else plain); the unit says under CF what it counts in (IEC 61850-7-3 units). A figure is moved to the unit's
power of ten; another kind of unit is refused, and so is a value that the type has no room for.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from functools import cache

from bridge.iec61850 import draft, shape
from bridge.iec61850.carrying.fault import BAD, UNABLE, Fault
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.shape import Basic, Type, Value
from bridge.iec61850.sorts import moment
from bridge.mapping.nodes import read
from bridge.mapping.points import Scalar, real
from bridge.mapping.table import Unrepresentable

PLAIN = frozenset({None, 0, 1, 65})
"""SIUnit of what has no dimension: nothing said, none, one, and the power factor's."""
SECONDS = 4


@cache
def usual() -> Mapping[str, Value]:
    """What objects of ours say of themselves at first: the units that the mapping writes in."""
    able = tuple(row.canonical for row in read().rows["Modes"] if row.how != "each")
    return draft.unit(able, storing=True).first


def units_of(values: Mapping[str, Value], item: str) -> tuple[int | None, int]:
    """SIUnit and power of ten that an object's units say among some values."""
    unit, power = (values.get(f"{item}$units${name}") for name in ("SIUnit", "multiplier"))
    return (unit if isinstance(unit, int) else None), (power if isinstance(power, int) else 0)


def moved(survey: Survey, node: str, name: str, value: Scalar, said: tuple[int | None, int]) -> Scalar:
    """A figure in the units that the unit counts in; `said` are those it was written in."""
    if isinstance(value, bool | str):
        return value
    item = f"{node}$CF${name}"
    if not any(each.startswith(f"{item}$units$") for each in survey.values):
        return _shifted(value, said[1] - _expected(said, name), f"{node}.{name}")
    unit, power = units_of(survey.values, item)
    if unit != said[0] and not {unit, said[0]} <= PLAIN and said[0] is not None:
        raise Fault(f"{node}.{name}", f"counts in SIUnit {unit}, not in {said[0]}", UNABLE)
    return _shifted(value, said[1] - power, f"{node}.{name}")


def _expected(said: tuple[int | None, int], name: str) -> int:
    """The power of ten of an object that says none."""
    if said[0] == SECONDS:
        return -3 if name.endswith("Tmms") else 0
    return said[1]


def _shifted(value: float, power: int, path: str) -> Scalar:
    if power == 0:
        return value
    found = Decimal(repr(value)).scaleb(power)
    if isinstance(value, int):
        return int(found.to_integral_value(ROUND_CEILING))
    try:
        return real(found, path)
    except Unrepresentable as error:
        raise Fault(path, error.reason, BAD) from None


def fitted(of: Type, value: Scalar, part: str) -> Value:
    """A value of a type, or the refusal of one that it has no room for."""
    found: Value = value
    if isinstance(of, Basic):
        if of.kind == "utc-time" and isinstance(value, str):
            found = moment(value)
        elif of.kind == "floating-point" and isinstance(value, int) and not isinstance(value, bool):
            found = float(value)
    if why := shape.fault(of, found):
        raise Fault(part, why, BAD)
    return found


def commanded(of: Type, value: Scalar, part: str) -> Value:
    """The ctlVal of a type: a figure alone, or in the structure of an analogue value."""
    if not isinstance(of, shape.Structure):
        return fitted(of, value, part)
    names = tuple(name for name, _ in of.fields)
    if names != ("f",):
        raise Fault(part, f"takes {' and '.join(names)} where a floating-point figure is to be told", UNABLE)
    return (fitted(of.fields[0][1], value, part),)
