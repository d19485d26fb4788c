"""What a generated class looks like in XML: the one source for reader, writer and test data.

A `Part` is one field: its kind, its qualified name, how often it stands, and what it holds (a scalar with its
facets, a class, or the cases of a choice). W3C XML Schema Part 1 section 3.4 names the same things. Nothing
here touches XML.
"""

from __future__ import annotations

import enum
import inspect
import re
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from models import kit


@dataclass(frozen=True, slots=True)
class Scalar:
    """A simple value: built-in type, Python type and the facets that narrow it."""

    builtin: str
    python: type
    ge: Any = None
    le: Any = None
    gt: Any = None
    lt: Any = None
    min_length: int | None = None
    max_length: int | None = None
    patterns: tuple[str, ...] = ()
    spelling: str | None = None
    """A pattern for the text of a value that is itself no text."""
    checks: tuple[Callable[..., Any], ...] = ()
    """Further demands, as functions that raise ValueError."""
    open: bool = False
    """Whether foreign attributes may stand on an element of this type."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a class, as it stands in XML."""

    field: str
    kind: str
    name: str
    ns: str
    item: Scalar | type[kit.Model] | None
    cases: tuple[type[kit.Case], ...] = ()
    required: bool = True
    many: bool = False
    least: int = 0
    most: int | None = None
    default: Any = None
    """What an element without content stands for, where the schema says so."""
    process: str = "lax"
    """How far what a wildcard admits is checked: strict, lax or skip."""


@cache
def parts(cls: type[kit.Model]) -> tuple[Part, ...]:
    """The fields of a class in schema order."""
    if not cls.__pydantic_fields_complete__:
        cls.model_rebuild()
    return tuple(_part(cls, name, info) for name, info in cls.model_fields.items())


@cache
def empty(cls: type[kit.Model]) -> bool:
    """Whether the content type is empty, so that not even white space may stand inside."""
    return all(part.kind in {"attribute", "anyAttribute"} for part in parts(cls))


def case(cls: type[kit.Case]) -> Part:
    """The element that a case of a choice stands for; its name is the tag unless the value says otherwise."""
    (tag,) = get_args(cls.model_fields["tag"].annotation)
    value = next(part for part in parts(cls) if part.field == "value")
    if value.kind != "element" or value.many:
        raise TypeError(f"{cls.__name__}: an alternative of a choice is one element here")
    return replace(value, name=tag)


def tag(cls: type[kit.Case]) -> str:
    """The tag of a case."""
    return str(get_args(cls.model_fields["tag"].annotation)[0])


def patterns(scalar: Scalar) -> tuple[re.Pattern[str], ...]:
    """The pattern facets, for use with `fullmatch`."""
    return tuple(map(bare, scalar.patterns))


def bare(pattern: str) -> re.Pattern[str]:
    """A pattern without its anchors."""
    return re.compile(pattern.removeprefix("^").removesuffix("$"))


def _part(cls: type[kit.Model], field: str, info: FieldInfo) -> Part:
    layers = _layers(info)
    inner, outer, within = layers.inner, layers.outer, layers.within
    mark = next((m for m in outer if isinstance(m, kit.Mark)), kit.Mark("element"))
    if mark.kind == "group":
        raise TypeError(f"{cls.__name__}.{field}: no generated class holds a sequence in place")
    ns = mark.ns if mark.ns is not None else _own(cls, field, mark.kind)
    item, cases = (None, ()) if mark.kind in {"any", "anyAttribute"} else _item(inner, within)
    bounds = _facets(outer) if layers.many else {}
    return Part(
        field,
        mark.kind,
        mark.name or field,
        ns,
        item,
        cases,
        info.is_required() and not layers.optional,
        layers.many,
        bounds.get("min_length") or 0,
        bounds.get("max_length"),
        cls.DEFAULTS.get(field),
        mark.process or "lax",
    )


def _own(cls: type[kit.Model], field: str, kind: str) -> str:
    """The namespace of a field that names none: an attribute has none, a wildcard admits any."""
    if kind in {"attribute", "any", "anyAttribute"}:
        return "" if kind == "attribute" else "##any"
    for owner in cls.__mro__:
        if issubclass(owner, kit.Model) and field in inspect.get_annotations(owner):
            return owner.XMLNS
    return cls.XMLNS


@dataclass(slots=True)
class _Layers:
    """An annotation taken apart: marks outside the tuple, and marks of the item in it (or of the value)."""

    inner: Any
    outer: list[Any]
    within: list[Any]
    optional: bool = False
    many: bool = False


def _layers(info: FieldInfo) -> _Layers:
    marks = [*_flat(info.metadata)]
    found = _Layers(info.annotation, marks, marks)
    while True:
        origin, args = get_origin(found.inner), get_args(found.inner)
        if origin is Annotated:
            found.inner = args[0]
            found.within.extend(_flat(args[1:]))
        elif origin in _UNIONS and type(None) in args:
            found.optional = True
            found.inner = Union[tuple(a for a in args if a is not type(None))]  # noqa: UP007 - at run time
        elif origin is tuple:
            found.many, found.inner, found.within = True, args[0], []
        else:
            return found


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            yield from _flat(mark.metadata)
        else:
            yield mark


def _item(inner: Any, marks: list[Any]) -> tuple[Scalar | type[kit.Model] | None, tuple[type[kit.Case], ...]]:
    if get_origin(inner) in _UNIONS:
        return None, get_args(inner)
    if isinstance(inner, type) and issubclass(inner, kit.Case):
        return None, (inner,)
    if isinstance(inner, type) and issubclass(inner, kit.Model):
        return inner, ()
    return _scalar(inner, marks), ()


_UNIONS = (Union, types.UnionType)
_BOUNDS = ("ge", "le", "gt", "lt", "min_length", "max_length")


def _facets(marks: list[Any]) -> dict[str, Any]:
    found = {}
    for mark in marks:
        for facet in _BOUNDS:
            value = getattr(mark, facet, None)
            if value is not None:
                found[facet] = value
    return found


def _scalar(inner: Any, marks: list[Any]) -> Scalar:
    if get_origin(inner) is Literal:
        inner = type(get_args(inner)[0])
    if not isinstance(inner, type):
        raise TypeError(f"{inner!r} is not a scalar")
    return Scalar(
        builtin=next((m.builtin for m in marks if isinstance(m, kit.Lexical)), None) or _builtin(inner),
        python=inner,
        patterns=tuple(
            p for m in marks if not isinstance(m, kit.Spelling) and (p := getattr(m, "pattern", None))
        ),
        spelling=next((m.pattern for m in marks if isinstance(m, kit.Spelling)), None),
        checks=tuple(m.func for m in marks if isinstance(m, AfterValidator)),
        open=any(isinstance(m, kit.Open) for m in marks),
        **_facets(marks),
    )


def _builtin(inner: type) -> str:
    if issubclass(inner, enum.Enum):
        return "integer" if issubclass(inner, int) else "string"
    return {bool: "boolean", int: "integer", str: "string", float: "double", Decimal: "decimal"}[inner]


def simple(annotation: Any) -> Scalar:
    """The scalar that an alias such as `kit.HexBinary` stands for."""
    found = _layers(FieldInfo.from_annotation(annotation))
    return _scalar(found.inner, found.within)
