"""What travels beside points, as JSON: path by path what the record said and what the points say instead.

Decimals keep their digits as `{"decimal": "1.50"}`, because a number of JSON would not. What `shown` writes
`read` takes back unchanged; anything else is refused with its path. The meaning is that of
`bridge.mapping.leaves`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from bridge.app.fault import Fault
from bridge.mapping.leaves import Beside

PAIR = ("said", "points")
DECIMAL = "decimal"


def shown(kept: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """As plain data; a side that says nothing is left out."""
    pairs = {path: zip(PAIR, pair, strict=True) for path, pair in kept.items()}
    return {
        path: {side: _plain(value) for side, value in pair if value is not None}
        for path, pair in pairs.items()
    }


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can say
    if isinstance(value, Decimal):
        return {DECIMAL: str(value)}
    if isinstance(value, Enum):
        return value.value
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def read(place: str, said: Mapping[str, Mapping[str, Any]] | None) -> Beside | None:
    """From plain data; None where nothing travels beside."""
    if said is None:
        return None
    return {path: _pair(place, path, pair) for path, pair in said.items()}


def _pair(place: str, path: str, pair: Mapping[str, Any]) -> tuple[Any, Any]:
    if not pair.keys() <= set(PAIR):
        raise Fault(place, f"beside has {' and '.join(PAIR)}", path=path)
    first, second = (_value(place, path, pair.get(side)) for side in PAIR)
    return first, second


def _value(place: str, path: str, value: object) -> Any:  # noqa: ANN401 - a leaf of any type
    if isinstance(value, list):
        return tuple(_value(place, path, item) for item in value)
    if not isinstance(value, dict):
        return value
    try:
        return Decimal(value[DECIMAL])
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise Fault(place, 'a figure is {"decimal": "..."}', path=path) from error
