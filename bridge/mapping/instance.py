"""Instances made directly from values that a plan has checked, as pydantic's `model_construct` makes them.

Pydantic would check everything a second time. That what is made here would pass is held by the tests, which
validate each object read. Nothing outside the reader may use this.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel

from models import kit

_new = object.__new__
_values = BaseModel.__dict__["__dict__"].__set__
_seen = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_private = BaseModel.__dict__["__pydantic_private__"].__set__


def make(cls: type[kit.Model], values: dict[str, Any], seen: set[str]) -> kit.Model:
    """An instance with these values, of which `seen` were read and the rest are defaults."""
    made = _new(cls)
    _values(made, values)
    _seen(made, seen)
    _extra(made, None)
    _private(made, None)
    return made


def wrapped(case: type[kit.Case], value: object) -> kit.Model:
    """A value as a case of its choice."""
    return make(case, {"tag": _tag(case), "value": value}, {"tag", "value"})


@cache
def _tag(case: type[kit.Case]) -> str:
    tag: str = case.model_fields["tag"].default
    return tag
