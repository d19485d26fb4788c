"""What a unit has: found out by names and types, known from its edition, or taken from its file and compared.

IEC 61850-6 and 7-2. A file spares the questions for types; which names and data sets there are is asked all
the same, and what differs is told. What the unit has not is left aside, so that nobody asks for it.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.app.facility.edition import Edition
from bridge.app.facility.unit import Unit
from bridge.iec61850 import discovery
from bridge.iec61850.discovery import Conversation, Found
from bridge.iec61850.image import Domain, Index
from bridge.iec61850.scl import reader
from bridge.iec61850.shape import Structure

TOLD = 20
"""Differences that are told."""


class Strange(Exception):
    """What a unit has is not what its row says."""


class Model(NamedTuple):
    """What was found, the name of its logical device, and how it differs from the file."""

    found: Found
    device: str
    differences: tuple[str, ...] = ()
    edition: Edition | None = None
    """Of which the unit is taken to be, where its type was not asked for."""


def named(unit: Unit) -> Conversation[str]:
    """The name of a unit's logical device."""
    names = yield from discovery.listed("domain", None)
    device = unit.device or (names[0] if len(names) == 1 else "")
    if device not in names:
        raise Strange(f"it has {', '.join(sorted(names)[:10]) or 'no logical device'}")
    return device


def browsed(device: str) -> Conversation[Model]:
    """What a device has, as its unit tells."""
    found = Found()
    found.domains[device] = yield from discovery.device(device, found)
    return Model(found, device)


def alike(device: str, of: Structure, edition: Edition) -> Conversation[Model]:
    """What a device has that is made as others of its edition; its data sets are its own word."""
    found = Found()
    sets = yield from discovery.sets(device, found)
    found.domains[device] = Domain(device, of, sets=sets)
    return Model(found, device, edition=edition)


def filed(text: str, device: str) -> Conversation[Model]:
    """What a device has, as its file says and its unit agrees to."""
    found, held = Found(), _filed(text, device)
    differences = yield from _held(held, found)
    found.domains[device] = held
    return Model(found, device, differences)


def _filed(text: str, device: str) -> Domain:
    """The device as the file has it."""
    try:
        servers = reader.load(text.encode())
    except (ValueError, LookupError) as error:
        raise Strange(f"its file cannot be used: {error}") from error
    domains = {each.domain.name: each.domain for server in servers for each in server.devices}
    if device not in domains:
        raise Strange(f"its file has no {device}")
    return domains[device]


def _held(filed: Domain, found: Found) -> Conversation[tuple[str, ...]]:
    """Where a file and its unit differ; what has parts that the unit lacks must not be asked for whole."""
    there = set((yield from discovery.listed("namedVariable", filed.name)))
    sets = set((yield from discovery.listed("namedVariableList", filed.name)))
    listed = set(filed.index.names)
    lacking, more = sorted(listed - there), sorted(there - listed)
    for item in (*lacking, *more):
        found.loose |= {(filed.name, above) for above in _above(item)}
    gone = sorted(filed.sets.keys() - sets)
    for name in gone:
        del filed.sets[name]
    filed.index = _without(filed.index, frozenset(lacking))
    rows = (("lacks", _tops(lacking)), ("has", _tops(more)), ("lacks set", gone))
    return tuple([f"{word} {item}" for word, items in rows for item in items][:TOLD])


def _without(index: Index, lacking: frozenset[str]) -> Index:
    """A model without what the unit lacks."""
    types = {item: of for item, of in index.types.items() if item not in lacking}
    leaves = {item: value for item, value in index.leaves.items() if item in types}
    names = tuple(item for item in index.names if item in types)
    return index._replace(types=types, leaves=leaves, names=names, plans={})


def _tops(items: list[str]) -> list[str]:
    """Items that are no part of another one among them."""
    known = set(items)
    return [item for item in items if known.isdisjoint(_above(item))]


def _above(item: str) -> list[str]:
    """All that an item is a part of."""
    parts = item.split("$")
    return ["$".join(parts[:end]) for end in range(1, len(parts))]
