"""A record as flat leaves, and back: `modes.maxLimW.value` -> Decimal; a list of points is one leaf.

On flat leaves the mapping to IEC 61850 is a set of small moves, and what was lost is the plain difference of
two sets. `complement` and `restore` are that difference: what stays beside is a pair (source, seen), and the
source comes back only while the other side still says what was seen, so that a change made there is never
overwritten. Converts no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from enum import Enum
from typing import Any

from pydantic import ValidationError

from bridge.mapping.table import Unrepresentable, steps
from models import kit

Leaves = dict[str, Any]
Beside = dict[str, tuple[Any, Any]]
LONGEST = 20
"""More zeros than this at the end of a figure stay an exponent."""
PRESENT = "(present)"
"""The leaf of an element that is there with nothing in it."""
WHOLE = frozenset({"point", "kept"})
"""Lists that only make sense as a whole."""
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
"""For what neither rounds nor fails, however many digits a figure has."""


def flatten(record: kit.Model) -> Leaves:
    """Return the leaves of a record by their paths; absent fields have none."""
    return dict(_leaves(record, ""))


def _leaves(record: kit.Model, at: str) -> Iterator[tuple[str, Any]]:
    for name in steps(type(record)):
        value = getattr(record, name)
        path = f"{at}{name}"
        if isinstance(value, tuple):
            yield from _items(value, path, name)
        elif isinstance(value, kit.Model):
            yield from _inside(value, path)
        elif value is not None:
            yield path, value


def _items(values: Any, path: str, name: str) -> Iterator[tuple[str, Any]]:
    if not values:
        return
    if name in WHOLE and isinstance(values[0], kit.Model):
        yield path, tuple(tuple(getattr(value, field) for field in _plain(type(value))) for value in values)
        for number, value in enumerate(values):
            if getattr(value, "kept", ()):
                yield from _items(value.kept, f"{path}[{number}].kept", "kept")
    elif not isinstance(values[0], kit.Model):
        yield path, values
    else:
        for number, value in enumerate(values):
            yield from _inside(value, f"{path}[{number}]")


def _inside(value: kit.Model, path: str) -> Iterator[tuple[str, Any]]:
    inner = list(_leaves(value, f"{path}."))
    yield from inner or [(path, PRESENT)]


def build(cls: type[kit.Model], leaves: Mapping[str, Any]) -> kit.Model:
    """Make a record of its leaves; raise for what is missing or does not fit."""
    tree: dict[str, Any] = {}
    for path, value in leaves.items():
        node, names = tree, path.split(".")
        for name in names[:-1]:
            node = node.setdefault(name, {})
            if not isinstance(node, dict):
                raise Unrepresentable(path, "is both a value and a group")
        if value is PRESENT or value == PRESENT:
            node.setdefault(names[-1], {})
        else:
            node[names[-1]] = value
    return _built(cls, tree, cls.__name__)


def _built(cls: type[kit.Model], tree: Mapping[str, Any], at: str) -> kit.Model:
    fields: dict[str, Any] = {}
    for name, step in steps(cls).items():
        kind = step.type
        nested = isinstance(kind, type) and issubclass(kind, kit.Model)
        if step.many and nested:
            fields[name] = _list(kind, name, tree, f"{at}.{name}")
        elif name in tree:
            fields[name] = _built(kind, tree[name], f"{at}.{name}") if nested else _word(kind, tree[name])
        elif nested and step.required:
            fields[name] = _built(kind, {}, f"{at}.{name}")
    try:
        return cls(**fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Unrepresentable(".".join((at, *map(str, first["loc"]))), first["msg"]) from error


def _word(kind: Any, value: Any) -> Any:
    """Return a value as the enumeration wants it."""
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


def _list(kind: type[kit.Model], name: str, tree: Mapping[str, Any], at: str) -> tuple[kit.Model, ...]:
    if name in tree:
        more = (tree.get(f"{name}[{number}]", {}) for number in range(len(tree[name])))
        return tuple(
            _built(kind, _some(_plain(kind), item) | also, at)
            for item, also in zip(tree[name], more, strict=True)
        )
    found = sorted((int(key[len(name) + 1 : -1]), key) for key in tree if key.startswith(f"{name}["))
    return tuple(_built(kind, tree[key], at) for _, key in found)


def _plain(kind: type[kit.Model]) -> tuple[str, ...]:
    """Return the fields of a list item that make up its leaf; what is kept of it has a leaf of its own."""
    return tuple(name for name in steps(kind) if name != "kept")


def _some(names: tuple[str, ...], item: tuple[Any, ...]) -> dict[str, Any]:
    return {name: value for name, value in zip(names, item, strict=True) if value is not None}


def complement(source: Mapping[str, Any], seen: Mapping[str, Any]) -> Beside:
    """Return what the other side does not give back as it was: path -> (source, seen); None is absence."""
    paths = [*source, *(path for path in seen if path not in source)]
    return {
        path: (source.get(path), seen.get(path))
        for path in paths
        if not same(source.get(path), seen.get(path))
    }


def restore(seen: Mapping[str, Any], beside: Mapping[str, tuple[Any, Any]]) -> Leaves:
    """Return the leaves with what was kept beside put back, except where the other side has changed since."""
    leaves = dict(seen)
    for path, (source, then) in beside.items():
        if not same(leaves.get(path), then):
            continue
        if source is None:
            leaves.pop(path, None)
        else:
            leaves[path] = source
    return leaves


def same(one: object, other: object) -> bool:
    """Tell whether two leaves are equal; true and 1 are not."""
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def plain(value: Decimal) -> Decimal:
    """Return a decimal without trailing zeros and without a small positive exponent, exactly."""
    short = value.normalize(EXACT)
    exponent = short.as_tuple().exponent
    near = isinstance(exponent, int) and 0 < exponent <= LONGEST
    return short.quantize(Decimal(1), context=EXACT) if near else short
