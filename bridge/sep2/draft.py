"""Documents of ours from plain facts: what an operator says in JSON becomes a document of the standard.

The names are those of IEEE 2030.5 and CSIP-AUS, letter for letter, without the nesting: `opModExpLimW` beside
`start` and `duration`. A quantity with a multiplier may be a plain number in its unit, a link an address, a
curve a list of points; the rest is as the schema has it. The oldest edition that can say it is taken. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

from pydantic import ValidationError

from bridge.mapping.amounts import counted, power_for
from bridge.mapping.table import Unrepresentable
from bridge.sep2 import canon, document, names
from bridge.sep2.talk import Told
from bridge.sep2.work import Body
from models import kit

Facts = Mapping[str, Any]
INSIDE = ("interval", "intervalRequested", "DERControlBase", "EventStatus")
"""Parts whose fields may stand beside them."""
SIGNED = frozenset({"ActivePower", "ReactivePower", "FixedPointType"})
POINT = ("xvalue", "yvalue", "excitation")


def body(type_: str, facts: Facts) -> Body:
    """Give the document of a type that says these facts; Told 400 where none can."""
    wrong = "nothing of ours has this type"
    for edition, profile in canon.PROFILES.items():
        cls = names.named(edition, type_)
        if cls is None:
            continue
        try:
            made = _built(cls, facts)
            return Body(document.written(made, type_, profile), made, type_, profile)
        except _Unknown as error:
            wrong = str(error)
        except (ValidationError, Unrepresentable) as error:
            raise Told(400, _short(error)) from error
    raise Told(400, f"{type_}: {wrong}")


class _Unknown(Exception):
    """An edition has no such field."""


def _short(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:4])


def _built(cls: type[kit.Model], facts: Facts) -> kit.Model:
    return cls.model_validate_json(json.dumps(_tree(cls, facts)))


def _tree(cls: type[kit.Model], facts: Facts) -> dict[str, Any]:
    """Give the fields of an object, with what stands beside a part of it put inside."""
    cls.model_rebuild()
    tree: dict[str, Any] = {}
    for name, value in facts.items():
        if value is None:
            continue
        part = name if name in cls.model_fields else _home(cls, name)
        if part == name:
            tree[name] = _value(_class(cls, name), value)
        else:
            inner = _class(cls, part)
            tree.setdefault(part, {})[name] = _value(_class(inner, name) if inner else None, value)
    return tree


def _home(cls: type[kit.Model], name: str) -> str:
    """Give the part that a name belongs to: the window or the modes."""
    for part in INSIDE:
        inner = _class(cls, part) if part in cls.model_fields else None
        if inner is not None:
            inner.model_rebuild()
            if name in inner.model_fields:
                return part
    raise _Unknown(f"there is no {name}")


def _class(cls: type[kit.Model], name: str) -> type[kit.Model] | None:
    """Give the class that a field's value has, of each item where it has many; none for a scalar."""
    cls.model_rebuild()
    left = [cls.model_fields[name].annotation]
    while left:
        one = left.pop()
        if isinstance(one, type) and issubclass(one, kit.Model):
            return one
        left.extend(get_args(one))
    return None


def _value(cls: type[kit.Model] | None, value: Any) -> Any:  # noqa: ANN401 - whatever JSON has
    """Give what JSON says for a field as the model wants it."""
    if cls is None:
        return value
    if isinstance(value, list | tuple):
        return [_value(cls, each) if isinstance(each, Mapping) else _point(each) for each in value]
    cls.model_rebuild()
    if isinstance(value, str) and "href" in cls.model_fields:
        return {"href": value}
    if isinstance(value, int | float | Decimal) and {"multiplier", "value"} <= cls.model_fields.keys():
        return _scaled(cls, Decimal(str(value)))
    return _tree(cls, value) if isinstance(value, Mapping) else value


def _point(pair: Any) -> Any:  # noqa: ANN401 - a pair, or something wrong that the model will refuse
    return dict(zip(POINT, pair, strict=False)) if isinstance(pair, list | tuple) else pair


def _scaled(cls: type[kit.Model], amount: Decimal) -> dict[str, int]:
    """Give a figure as a whole number of at most 16 bits and a power of ten, exactly or not at all."""
    signed = any(base.__name__ in SIGNED for base in cls.__mro__)
    low, high = (-32768, 32767) if signed else (0, 65535)
    power = power_for((amount,), None, low, high)
    return {"multiplier": power, "value": counted(amount, power) or 0}
