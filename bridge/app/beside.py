"""What travels beside points, as JSON: path by path what the record said and what the points say instead.

Decimals keep their digits as `{"decimal": "1.50"}`, because a number of JSON would not. What `shown` writes
`read` takes back unchanged; a path that the kind of record does not have, or a value that cannot stand at it,
is refused. The meaning is that of `bridge.mapping.leaves`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeGuard

from bridge.app.fault import Fault
from bridge.mapping.leaves import PRESENT, WHOLE, Beside
from bridge.mapping.table import Step, steps
from models import kit
from models.der import messages

PAIR = ("said", "points")
DECIMAL = "decimal"
NAME = re.compile(r"(\w+)(?:\[([0-9]{1,4})\])?")
FARTHEST = 400
"""Powers of ten on either side; no quantity and no multiplier leads farther."""
FIGURE = '{"decimal": "..."}'
SAYS: Mapping[type, str] = MappingProxyType(
    {bool: "true or false", int: "a whole number", str: "a text", Decimal: FIGURE}
)


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


def read(place: str, kind: str, said: Mapping[str, Mapping[str, Any]] | None) -> Beside | None:
    """From plain data of a record of a kind; None where nothing travels beside."""
    if said is None:
        return None
    cls: type[kit.Model] = getattr(messages, kind)
    return {path: _pair(place, cls, path, pair) for path, pair in said.items()}


def _pair(place: str, cls: type[kit.Model], path: str, pair: Mapping[str, Any]) -> tuple[Any, Any]:
    where = f"beside.{path}"
    if not pair.keys() <= set(PAIR):
        raise Fault(place, f"beside has {' and '.join(PAIR)}", path=where)
    step = _step(cls, path)
    if step is None:
        raise Fault(place, f"a {cls.__name__} has no such path", path=where)
    first, second = (_value(place, where, pair.get(side)) for side in PAIR)
    for value in (first, second):
        if value is not None and not _fits(step, value):
            raise Fault(place, f"{_wanted(step)} stands here", path=where)
    return first, second


def _step(cls: type[kit.Model], path: str) -> Step | None:
    """The field that a path ends in, if the class has it; what repeats has an index, or is whole."""
    kind: object = cls
    step = None
    names = path.split(".")
    for name, after in zip(names, (*names[1:], ""), strict=True):
        found = NAME.fullmatch(name)
        step = steps(kind).get(found[1]) if found and _model(kind) else None
        if found is None or step is None:
            return None
        listed = step.many and _model(step.type)
        whole = listed and found[1] in WHOLE and after != "kept"
        if (found[2] is not None) is not (listed and not whole) or (whole and after):
            return None
        kind = step.type
        step = step._replace(many=step.many and (whole or not listed))
    return step


def _model(kind: object) -> TypeGuard[type[kit.Model]]:
    return isinstance(kind, type) and issubclass(kind, kit.Model)


def _fits(step: Step, value: object) -> bool:
    """Whether a leaf may hold a value; ranges and lengths are for the record itself to judge."""
    if not step.many:
        return value == PRESENT if _model(step.type) else _scalar(step.type, value)
    if not isinstance(value, tuple):
        return False
    return all(_row(step.type, item) if _model(step.type) else _scalar(step.type, item) for item in value)


def _row(cls: type[kit.Model], item: object) -> bool:
    """Whether an item of a list has all its fields in their order; those that say nothing are null."""
    kinds = [field.type for name, field in steps(cls).items() if name != "kept"]
    return (
        isinstance(item, tuple)
        and len(item) == len(kinds)
        and all(one is None or _scalar(kind, one) for kind, one in zip(kinds, item, strict=True))
    )


def _scalar(kind: type, value: object) -> bool:
    if issubclass(kind, Enum):
        return any(type(value) is type(one.value) and value == one.value for one in kind)
    return type(value) is kind


def _wanted(step: Step) -> str:
    if _model(step.type):
        return "a list of rows" if step.many else f'"{PRESENT}"'
    if issubclass(step.type, Enum):
        return f"one of {', '.join(str(one.value) for one in step.type)}"
    return f"a list, each {SAYS[step.type]}," if step.many else SAYS[step.type]


def _value(place: str, path: str, value: object) -> Any:  # noqa: ANN401 - a leaf of any type
    if isinstance(value, list):
        return tuple(_value(place, path, item) for item in value)
    if not isinstance(value, dict):
        return value
    text = value.get(DECIMAL)
    try:
        found = Decimal(text) if isinstance(text, str) and len(value) == 1 else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or abs(found.adjusted()) > FARTHEST:
        raise Fault(place, f"a figure is {FIGURE}, finite and within 10^{FARTHEST}", path=path)
    return found
