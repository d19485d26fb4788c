"""Values of a unit's leaves as points of the mapping: what its attributes hold, in the mapping's own words.

The way back of `bridge.iec61850.device`. A peer's types are those of MMS, so that a value is read by its kind
and length. What says nothing is left out: a figure that is no number, a time that was never set, an empty
text. Judges no value: the mapping refuses what it cannot be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from bridge.iec61850.basic import Basic
from bridge.iec61850.shape import Type, Value
from bridge.iec61850.sorts import DBPOS, spoken, when
from bridge.mapping.points import Point, Scalar

NEVER = bytes(4)
"""The seconds of a time that was never set."""


def _same(value: Value) -> Scalar | None:
    return value if isinstance(value, bool | int) else None


def _figure(value: Value) -> Scalar | None:
    return value if isinstance(value, float) and math.isfinite(value) else None


def _text(value: Value) -> Scalar | None:
    return value if isinstance(value, str) and value else None


def _quality(value: Value) -> Scalar | None:
    return spoken(value)


def _position(value: Value) -> Scalar | None:
    return DBPOS.index(str(value))


def _moment(value: Value) -> Scalar | None:
    return when(value) if isinstance(value, bytes) and value[:4] != NEVER else None


SAYS: Mapping[tuple[str, int], Callable[[Value], Scalar | None]] = MappingProxyType({
    ("boolean", 0): _same,
    ("floating-point", 0): _figure,
    ("utc-time", 0): _moment,
    ("bit-string", 13): _quality,
    ("bit-string", 2): _position,
})  # fmt: skip
"""What a value of a kind and length says."""
WIDE: Mapping[str, Callable[[Value], Scalar | None]] = MappingProxyType({
    "integer": _same, "unsigned": _same, "visible-string": _text, "mMSString": _text,
})  # fmt: skip
"""The same for kinds whose length does not matter."""


def points(leaves: Mapping[str, Value], types: Mapping[str, Type]) -> Iterator[Point]:
    """The points of some leaves."""
    for item, value in leaves.items():
        of = types.get(item)
        says = SAYS.get((of.kind, of.size)) or WIDE.get(of.kind) if isinstance(of, Basic) else None
        said = says(value) if says else None
        node, _, rest = item.partition("$")
        fc, _, path = rest.partition("$")
        if said is not None and path:
            yield Point(f"{node}.{path.replace('$', '.')}", fc, said)
