"""Between generated objects and plain trees: what no row covers is spilled to (path, text), and put back.

A tree is a dictionary of field names to values, sub-trees or lists still to be made. A path is field names
with dots, `name[2]` for the second of several, `anyAttribute[{ns}name]` for a foreign attribute, `xsi:type`
for an instance that is of a derived type. Nothing here knows a type by name, and nothing of what it keeps
ever replaces what a row has written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from bridge.mapping.table import Step, Unrepresentable, steps
from models import kit

Trie = Mapping[str, "Trie | None"]
"""The fields of a class that rows speak for: none for the whole field, a further level for a part of it."""
Spilt = list[tuple[str, str]]
FREE: Trie = {}
TYPE = "xsi:type"
TOKEN = re.compile(r"([\w:]+)(?:\[(\d+)\])?(?:\.|$)")
FOREIGN = re.compile(r"(\w+)\[(.*)\]$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Raw:
    """A kept text that becomes a value once its field's type is known."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """Kept members of a repeated field, by their place."""

    members: dict[int, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Kept foreign attributes."""

    members: list[tuple[str, str]] = field(default_factory=list)


UNMADE = frozenset({dict, Raw, Items, Pairs})
"""What stands in a tree for something that is still to be made; all else is a value already."""


class Types(NamedTuple):
    """How `build` finds the class that an instance says it is of."""

    edition: str
    named: Callable[[str], type[kit.Model] | None]


def spill(value: kit.Model, declared: type, taken: Trie, path: str, out: Spilt) -> None:
    """Append whatever of an object no row speaks for, as (path, text)."""
    if type(value) is not declared:
        out.append((path + TYPE, type(value).__name__))
    fields = steps(type(value))
    for name, item in value.__dict__.items():
        if item is None or (not item and isinstance(item, tuple)):
            continue
        covered = taken.get(name, FREE)
        if covered is None:
            continue
        step, place = fields[name], path + name
        if step.mark is not None and step.mark.kind == "anyAttribute":
            out.extend((f"{place}[{key}]", text) for key, text in item)
        elif step.many:
            for number, member in enumerate(item, 1):
                _spill(member, step.type, FREE, f"{place}[{number}]", out)
        else:
            _spill(item, step.type, covered, place, out)


def _spill(item: Any, declared: type, covered: Trie, place: str, out: Spilt) -> None:
    if not isinstance(item, kit.Model):
        out.append((place, "true" if item is True else "false" if item is False else str(item)))
        return
    before = len(out)
    spill(item, declared, covered, place + ".", out)
    if covered is FREE and len(out) == before:
        out.append((place, ""))


def restore(tree: dict[str, Any], taken: Trie, kept: Iterable[tuple[str, str]], lost: Spilt) -> None:
    """Put kept texts into a tree, beside what rows have written; `lost` gets what finds no place."""
    for path, text in kept:
        if not _graft(tree, taken, tokens(path), text):
            lost.append((path, "what it belonged to is no longer there"))


def tokens(path: str) -> list[tuple[str, str | int | None]]:
    """Split a path into names with their place among several, or with the foreign attribute's name."""
    found: list[tuple[str, str | int | None]] = []
    at = 0
    while at < len(path):
        token = TOKEN.match(path, at)
        if token is None:
            foreign = FOREIGN.match(path, at)
            return [*found, (foreign[1], foreign[2])] if foreign else []
        found.append((token[1], int(token[2]) if token[2] else None))
        at = token.end()
    return found


def _graft(tree: dict[str, Any], taken: Trie, path: list[tuple[str, str | int | None]], text: str) -> bool:
    """Put one text in its place, making what no row speaks for on the way and nothing that a row does."""
    node: Any = tree
    for name, place in path[:-1]:
        covered = taken.get(name, FREE)
        if covered is None or not isinstance(node, dict) or (covered is not FREE and name not in node):
            return False
        node = node.setdefault(name, {} if place is None else Items())
        if isinstance(place, int):
            node = node.members.setdefault(place, {}) if isinstance(node, Items) else None
        taken = covered
    if not path or not isinstance(node, dict):
        return False
    name, place = path[-1]
    if taken.get(name, FREE) is not FREE:
        return False
    return _leave(node, name, place, text)


def _leave(node: dict[str, Any], name: str, place: str | int | None, text: str) -> bool:
    """Leave a text at the end of its path, unless something else stands there."""
    if place is None:
        return bool(node.setdefault(name, Raw(text)) == Raw(text))
    if isinstance(place, int):
        items = node.setdefault(name, Items())
        return isinstance(items, Items) and items.members.setdefault(place, Raw(text)) == Raw(text)
    pairs = node.setdefault(name, Pairs())
    if not isinstance(pairs, Pairs):
        return False
    pairs.members.append((place, text))
    return True


def build(
    cls: type[kit.Model], tree: Mapping[str, Any], types: Types, lost: Spilt, path: str = ""
) -> kit.Model:
    """Make an object of a class from its tree, from the leaves up, with every check that the class has."""
    cls, fields = _said(cls, tree, types, lost, path)
    values: dict[str, Any] = {}
    for name, node in tree.items():
        if name == TYPE:
            continue
        step = fields.get(name)
        if step is not None and type(node) not in UNMADE and step.many is isinstance(node, tuple):
            values[name] = node
            continue
        if step is None or not _fits(step, node):
            lost.append((path + name, f"{cls.__name__} of {types.edition} has no such field"))
            continue
        alive = _living(node, tree, lost, path + name) if isinstance(node, Pairs) else node
        values[name] = _value(step, alive, types, lost, path + name)
    for name in _needed(cls):
        if name not in values:
            values[name] = build(fields[name].type, {}, types, lost, f"{path}{name}.")
    try:
        return cls(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Unrepresentable(path + ".".join(map(str, first["loc"])), first["msg"]) from error


@cache
def _needed(cls: type[kit.Model]) -> tuple[str, ...]:
    """Return the parts of a class that are made even where nothing of them is said."""
    return tuple(
        name for name, step in steps(cls).items() if step.required and not step.many and _model(step.type)
    )


def _said(
    cls: type[kit.Model], tree: Mapping[str, Any], types: Types, lost: Spilt, path: str
) -> tuple[Any, dict[str, Step]]:
    """Return the class that the tree says it is of, if that is derived from the one declared."""
    said = tree.get(TYPE)
    if isinstance(said, Raw):
        found = types.named(said.text)
        if found is not None and issubclass(found, cls):
            return found, steps(found)
        lost.append((path + TYPE, f"{said.text} is no kind of {cls.__name__} in {types.edition}"))
    return cls, steps(cls)


def _living(pairs: Pairs, tree: Mapping[str, Any], lost: Spilt, path: str) -> Pairs:
    """Return the foreign attributes, less those of a child (`child/@name`, `child[2]/@name`) that is gone."""
    kept = Pairs()
    for key, text in pairs.members:
        child = TOKEN.match(key.partition("/@")[0]) if "/@" in key and not key.startswith("{") else None
        if child is None or _stands(tree.get(child[1]), int(child[2] or 1)):
            kept.members.append((key, text))
        else:
            lost.append((f"{path}[{key}]", "what it belonged to is no longer there"))
    return kept


def _stands(node: Any, number: int) -> bool:
    """Return whether a field has a member of this number."""
    members = node.members if isinstance(node, Items) else node
    return number <= len(members) if isinstance(members, (tuple, dict)) else node is not None and number == 1


def _fits(step: Step, node: Any) -> bool:
    """Return whether a node repeats where its field does, and goes on only where there is somewhere to go."""
    if step.many or isinstance(node, (tuple, Items, Pairs)):
        return step.many and isinstance(node, (tuple, Items, Pairs))
    return _model(step.type) or not isinstance(node, dict)


def _value(step: Step, node: Any, types: Types, lost: Spilt, path: str) -> Any:
    if isinstance(node, Pairs):
        return tuple(node.members)
    if isinstance(node, Items):
        return tuple(
            _value(step, part, types, lost, f"{path}[{place}]")
            for place, part in sorted(node.members.items())
        )
    if isinstance(node, Raw):
        return (
            build(step.type, {}, types, lost, path + ".")
            if _model(step.type)
            else _parse(step.type, node.text, path)
        )
    if isinstance(node, dict) and _model(step.type):
        return build(step.type, node, types, lost, path + ".")
    return node


def _model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, kit.Model)


def _parse(kind: type, text: str, path: str) -> Any:
    """Read a kept text as its field's type."""
    try:
        return text == "true" if kind is bool else Decimal(text) if kind is Decimal else kind(text)
    except (ValueError, InvalidOperation) as error:
        raise Unrepresentable(path, f"{text!r} was kept where a {kind.__name__} stands") from error
