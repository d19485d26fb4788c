"""The picture that a server shows: logical devices, their types, values of their leaves, their data sets.

An item is named as MMS names it, `MMXU1$MX$TotW$mag$f`; an element of an array is `...$crvPts(3)$xVal`, which
on the wire is an alternate access. Values are kept by leaf and gathered along the type. Whoever watches is
told each leaf that was put. Never asks the clock, never decides who may read or write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from bridge.iec61850 import shape
from bridge.iec61850.overlay import Overlay
from bridge.iec61850.shape import Array, Basic, Mismatch, Structure, Type, Value

Member = tuple[str, str]
"""A domain and an item in it."""
KINDS_OF_TYPES = 512
BLOCKS = frozenset({"RP", "BR", "LG"})
BLOCK = 2
"""Components of a control block's name after that of its node."""


class Unknown(LookupError):
    """No such domain or item: object-non-existent."""


class Change(NamedTuple):
    """One leaf that was put; old and new are the same where the value was only written again."""

    domain: str
    item: str
    old: Value
    new: Value


Watcher = Callable[[tuple[Change, ...], float], None]


@dataclass(frozen=True, slots=True)
class DataSet:
    """A named variable list: its members in order, and whether a client may delete it."""

    members: tuple[Member, ...]
    deletable: bool = False


class Index(NamedTuple):
    """A type laid flat: items by name, what leaves hold at first, and names as clients list them."""

    types: Mapping[str, Type]
    leaves: Mapping[str, Value]
    names: tuple[str, ...]
    blocks: tuple[str, ...]
    """The control blocks of reports and logs."""
    plans: dict[str, object]
    """How items are written, kept for whoever writes them (text.py)."""


@dataclass(slots=True)
class Domain:
    """A logical device. Leaves that are not given hold the default of their type.

    `triggers` tells for a leaf which of dchg, qchg and dupd a report may be made for.
    """

    name: str
    type: Structure
    leaves: MutableMapping[str, Value] = field(default_factory=dict)
    sets: dict[str, DataSet] = field(default_factory=dict)
    triggers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    base: Mapping[str, Value] = field(default_factory=dict, repr=False)
    """What all leaves hold at first, where not what is usual: checked, and shared by devices of a kind."""
    index: Index = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Lay the type flat and see that each value is one of its leaf."""
        self.index = laid(self.type)
        sound(self.name, self.index, self.leaves)
        self.base = self.base or self.index.leaves
        self.leaves = Overlay(self.base, dict(self.leaves))


def sound(name: str, index: Index, leaves: Mapping[str, Value]) -> None:
    """See that each value is one of its leaf: Unknown or Mismatch where it is not."""
    for item, value in leaves.items():
        of = index.types.get(item)
        if not isinstance(of, Basic):
            raise Unknown(f"{name}/{item} is no leaf")
        if why := shape.fault(of, value):
            raise Mismatch(f"{name}/{item}: {why}")


@dataclass(slots=True)
class Image:
    """All logical devices of a server."""

    domains: dict[str, Domain] = field(default_factory=dict)
    watchers: list[Watcher] = field(default_factory=list)

    def type(self, domain: str, item: str) -> Type:
        """The type of an item, or Unknown."""
        held = self.domains.get(domain)
        found = held.index.types.get(item) if held else None
        if found is None:
            raise Unknown(f"{domain}/{item}")
        return found

    def read(self, domain: str, item: str) -> Value:
        """The value of an item, gathered from its leaves."""
        return gathered(self.type(domain, item), item, self.domains[domain].leaves.__getitem__)

    def put(self, domain: str, item: str, value: Value, now: float) -> tuple[Change, ...]:
        """Put a value of one item; refused as a whole where it does not fit."""
        return self.update(domain, {item: value}, now)

    def update(self, domain: str, values: Mapping[str, Value], now: float) -> tuple[Change, ...]:
        """Put values of several items of a domain at once: watchers are told of all in one call."""
        found: dict[str, Value] = {}
        for item, value in values.items():
            of = self.type(domain, item)
            found.update(scattered(of, item, shape.checked(of, value)))
        held = self.domains[domain].leaves
        changes = tuple(Change(domain, leaf, held[leaf], value) for leaf, value in found.items())
        held.update(found)
        for watcher in tuple(self.watchers):
            watcher(changes, now)
        return changes

    def triggers(self, domain: str, leaf: str) -> tuple[str, ...]:
        """What a leaf's change is worth a report for: as its domain says, else by its name."""
        told = self.domains[domain].triggers.get(leaf)
        return _TRIGGERS.get(leaf.rpartition("$")[2], ("dchg",)) if told is None else told


_TRIGGERS: Mapping[str, tuple[str, ...]] = MappingProxyType({"q": ("qchg",), "t": ()})


def constraint(item: str) -> str:
    """The functional constraint of an item, or nothing for a whole logical node."""
    return item.split("$", 2)[1] if "$" in item else ""


def within(item: str, above: str) -> bool:
    """Whether an item is another one or a part of it."""
    return item.startswith(above) and item[len(above) : len(above) + 1] in {"", "$", "("}


def gathered(of: Type, item: str, get: Callable[[str], Value]) -> Value:
    """A value along its type, leaf by leaf."""
    if isinstance(of, Basic):
        return get(item)
    return tuple(gathered(part, name, get) for name, part in parts(of, item))


def scattered(of: Type, item: str, value: Value) -> Iterator[tuple[str, Value]]:
    """The leaves of a value that fits its type."""
    if isinstance(of, Basic) or not isinstance(value, tuple):
        yield item, value
        return
    for (name, part), held in zip(parts(of, item), value, strict=True):
        yield from scattered(part, name, held)


def parts(of: Structure | Array, item: str) -> Iterator[tuple[str, Type]]:
    """What an item is made of, each part by its full name; the item of a whole domain is empty."""
    if isinstance(of, Array):
        for place in range(of.count):
            yield f"{item}({place})", of.of
        return
    for name, part in of.fields:
        yield f"{item}${name}" if item else name, part


def leaves(of: Type, item: str) -> Iterator[tuple[str, Basic]]:
    """All leaves of an item, in order."""
    if isinstance(of, Basic):
        yield item, of
        return
    for name, part in parts(of, item):
        yield from leaves(part, name)


_KNOWN: dict[int, tuple[Structure, Index]] = {}


def laid(of: Structure) -> Index:
    """A domain's type laid flat; devices of one type share it."""
    known = _KNOWN.get(id(of))
    if known is not None and known[0] is of:
        return known[1]
    found = _laid(of)
    if len(_KNOWN) >= KINDS_OF_TYPES:
        _KNOWN.clear()
    _KNOWN[id(of)] = of, found
    return found


@lru_cache(maxsize=KINDS_OF_TYPES)
def _laid(of: Structure) -> Index:
    types = dict(_all(of, ""))
    held = {item: shape.default(part) for item, part in types.items() if isinstance(part, Basic)}
    listed = sorted(item for item in types if "(" not in item)
    blocks = tuple(item for item in listed if item.count("$") == BLOCK and constraint(item) in BLOCKS)
    return Index(MappingProxyType(types), MappingProxyType(held), tuple(listed), blocks, {})


def _all(of: Type, item: str) -> Iterator[tuple[str, Type]]:
    if item:
        yield item, of
    if not isinstance(of, Basic):
        for name, part in parts(of, item):
            yield from _all(part, name)
