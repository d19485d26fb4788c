"""The neutral description that later passes of the model generator read: what a schema says.

A schema becomes a dictionary of definitions under qualified names, `{namespace}local`. What XSD leaves
without a name gets one here, made of the names around it with a slash between. Nothing here knows
xmlschema or Python source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

XS = "{http://www.w3.org/2001/XMLSchema}"


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple type, or a complex type that is nothing but one.

    `variety` is atomic, list, union or enumeration.
    """

    key: str
    base: str
    variety: str = "atomic"
    builtin: str = ""
    facets: tuple[tuple[str, object], ...] = ()
    patterns: tuple[tuple[str, ...], ...] = ()
    members: tuple[tuple[str, int | str], ...] = ()
    parts: tuple[str, ...] = ()
    default: int | str | None = None
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a class; `kind` is element, attribute, text, choice, group, any or anyAttribute."""

    name: str
    kind: str
    type: str = ""
    least: int = 1
    most: int | None = 1
    xml: str | None = None
    ns: str | None = None
    default: object = None
    fixed: object = None
    banned: bool = False
    process: str = "lax"


@dataclass(frozen=True, slots=True)
class Complex:
    """A complex type, or a nameless group of particles with a class of its own (`named` is then False).

    `facts` are rows for PRESENCE, FC, TRG and DEFAULTS, those of the classes above included; a table to
    which the type itself adds nothing is left out. `overrides` names the same type of an older edition,
    whose lines are kept.
    """

    key: str
    ns: str
    base: str | None = None
    fields: tuple[Field, ...] = ()
    abstract: bool = False
    named: bool = True
    facts: tuple[tuple[str, tuple[tuple[object, ...], ...]], ...] = ()
    overrides: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One alternative of a choice: the element's name and the field that holds its content."""

    key: str
    ns: str
    tag: str
    value: Field


@dataclass(frozen=True, slots=True)
class Union:
    """The alternatives of a choice, by the keys of their cases."""

    key: str
    cases: tuple[str, ...]


Definition: TypeAlias = Simple | Complex | Case | Union


@dataclass(slots=True)
class Family:
    """Everything one folder of `models/` is made from; `elements` maps an element's key to its type's key."""

    namespace: str
    prefixes: dict[str, str]
    definitions: dict[str, Definition] = field(default_factory=dict)
    elements: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)


def local(key: str) -> str:
    """Give the part of a qualified name after its namespace."""
    return key.rpartition("}")[2]


def space(key: str) -> str:
    """Give the namespace of a qualified name, or nothing."""
    return key[1:].rpartition("}")[0]


def root(key: str) -> str:
    """Give the key of the named thing that a key belongs to."""
    head, brace, tail = key.rpartition("}")
    return f"{head}{brace}{re.split('[/@~]', tail)[0]}"


def within(owner: str, part: str) -> str:
    """Name something nameless inside its owner."""
    return f"{owner}/{part}"


def hard(one: Definition) -> tuple[str, ...]:
    """Keys that Python must know before it can read the definition."""
    if isinstance(one, Simple):
        return (one.base, *one.parts)
    if isinstance(one, Union):
        return one.cases
    above = one.overrides or one.base if isinstance(one, Complex) else None
    return (above,) if above else ()


def soft(one: Definition) -> tuple[str, ...]:
    """Keys that a definition's annotations name; they may come later."""
    if isinstance(one, Case):
        return (one.value.type,)
    return tuple(each.type for each in one.fields if each.type) if isinstance(one, Complex) else ()
