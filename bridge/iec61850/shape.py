"""Types and values of MMS, apart from their spelling: what a variable is made of, and what it holds.

Types after ISO 9506-1 clause 14 (type description), values as plain Python: bit strings are text of 0 and 1;
octet strings and times are bytes. `encode` and `decode` pass between a value and its data element; a codec of
the binary encoding (IEC 61850-8-1) would serve the same types and values. Never reads or writes XML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from bridge.iec61850.basic import KINDS, Basic, Mismatch, OutOfRange, Value, shown
from bridge.iec61850.cases import cases
from models.mms import data

__all__ = [
    "Array", "Basic", "Mismatch", "OutOfRange", "Structure", "Type", "Value",
    "checked", "decode", "default", "described", "description", "encode", "fault", "free", "specification",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Structure:
    """Named parts in order."""

    fields: tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class Array:
    """Elements of one type, counted from 0."""

    count: int
    of: Type


Type: TypeAlias = Basic | Structure | Array


def checked(of: Type, value: Value) -> Value:
    """The value, as the type holds it; Mismatch or OutOfRange where it cannot be one."""
    if isinstance(of, Basic):
        return KINDS[of.kind].check(of, value)
    if not isinstance(value, tuple) or len(value) != _count(of):
        raise Mismatch(f"{shown(value)} is no {_named(of)}")
    return tuple(checked(part, item) for part, item in zip(_parts(of), value, strict=True))


def encode(of: Type, value: Value) -> data.Data:
    """The data element of a value; floating-point numbers become the four octets of an IEEE 754 single."""
    if isinstance(of, Basic):
        kind = KINDS[of.kind]
        return _data(of.kind, kind.write(kind.check(of, value)))
    if not isinstance(value, tuple) or len(value) != _count(of):
        raise Mismatch(f"{shown(value)} is no {_named(of)}")
    items = tuple(encode(part, item) for part, item in zip(_parts(of), value, strict=True))
    return _data("array" if isinstance(of, Array) else "structure", data.DataList(Data=items))


def decode(of: Type, said: data.Data) -> Value:
    """The value that a data element stands for, if it is one of the type."""
    tag: str = said.choice.tag
    if isinstance(of, Basic):
        if tag != of.kind:
            raise Mismatch(f"{tag} where {of.kind} is expected")
        kind = KINDS[tag]
        return kind.check(of, kind.read(said.choice.value))
    items = _items(said)
    if tag != ("array" if isinstance(of, Array) else "structure") or len(items) != _count(of):
        raise Mismatch(f"{tag} of {len(items)} where {_named(of)} is expected")
    return tuple(decode(part, item) for part, item in zip(_parts(of), items, strict=True))


def free(said: data.Data) -> Value:
    """The value of a data element whose type nobody told: a report's head, a peer's answer."""
    tag: str = said.choice.tag
    if tag in KINDS:
        return KINDS[tag].read(said.choice.value)
    return tuple(free(item) for item in _items(said))


def default(of: Type) -> Value:
    """What a variable holds that nobody has given a value."""
    if isinstance(of, Basic):
        return KINDS[of.kind].default(of)
    return tuple(default(part) for part in _parts(of))


def specification(of: Type) -> data.TypeSpecification:
    """The type as a client is told it inside another one."""
    told = data.TypeSpecification_typeDescription(value=description(of))
    return data.TypeSpecification(choice=told)


def description(of: Type) -> data.TypeDescription:
    """The type as a client is told it by getVariableAccessAttributes."""
    value: Any
    if isinstance(of, Basic):
        tag, value = of.kind, KINDS[of.kind].tell(of)
    elif isinstance(of, Array):
        tag, value = "array", data.ArrayType(numberOfElements=of.count, elementType=specification(of.of))
    else:
        parts = (
            data.Component(componentName=name, componentType=specification(part)) for name, part in of.fields
        )
        tag, value = "structure", data.StructureType(components=data.ComponentList(SEQUENCE=tuple(parts)))
    return data.TypeDescription(choice=_TOLD[tag](value=value))


def described(told: data.TypeDescription) -> Type:
    """The type that a peer tells; Mismatch where it is one that we do not know."""
    tag, value = told.choice.tag, cast("Any", told.choice.value)
    if tag == "array":
        return Array(value.numberOfElements, _specified(value.elementType))
    if tag == "structure":
        parts = value.components.SEQUENCE
        if any(part.componentName is None for part in parts):
            raise Mismatch("a structure with a part that has no name")
        return Structure(tuple((part.componentName, _specified(part.componentType)) for part in parts))
    of = Basic(tag, value if type(value) is int else 0)
    if KINDS[tag].tell(of) != value:
        raise Mismatch(f"{tag} of a kind that is not known here")
    return of


def _specified(told: data.TypeSpecification) -> Type:
    if isinstance(told.choice, data.TypeSpecification_typeDescription):
        return described(told.choice.value)
    raise Mismatch("a type by its name")


def fault(of: Type, value: Value) -> str | None:
    """Why a value is none of the type, in words, or None."""
    try:
        checked(of, value)
    except (Mismatch, OutOfRange) as found:
        return str(found)
    return None


def _data(tag: str, value: object) -> data.Data:
    return data.Data(choice=_SAID[tag](value=value))


def _items(said: data.Data) -> tuple[data.Data, ...]:
    value = said.choice.value
    return value.Data if isinstance(value, data.DataList) else ()


def _count(of: Structure | Array) -> int:
    return of.count if isinstance(of, Array) else len(of.fields)


def _parts(of: Structure | Array) -> tuple[Type, ...]:
    return (of.of,) * of.count if isinstance(of, Array) else tuple(part for _, part in of.fields)


def _named(of: Structure | Array) -> str:
    return f"{'array' if isinstance(of, Array) else 'structure'} of {_count(of)}"


_SAID = cases(data, "Data")
_TOLD = cases(data, "TypeDescription")
