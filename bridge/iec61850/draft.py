"""All that devices able to follow the same modes have alike: nodes, types, data sets, what each leaf is.

A fleet has few kinds of units and many units of a kind: a draft is made once for each kind, and shared. What
is a device's own (its name, its nameplate, its values) is not in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from bridge.iec61850 import panel, roster
from bridge.iec61850.first import common, owned, personal
from bridge.iec61850.image import laid, sound
from bridge.iec61850.outline import Kind, Node, Outline, Set, leaves
from bridge.iec61850.shape import Structure, Value
from bridge.iec61850.tree import device_type

KINDS_OF_UNITS = 64
DIGITS = 16
"""Of a digest, so that two kinds never have the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """What devices of one kind have alike."""

    nodes: tuple[Node, ...]
    sets: tuple[Set, ...]
    type: Structure
    first: Mapping[str, Value]
    """What leaves hold at first, where not what their types say."""
    base: Mapping[str, Value]
    """The same, and what their types say of all others."""
    personal: tuple[tuple[str, str], ...]
    """Leaves whose values at first are a device's own, each with its object."""
    kinds: Mapping[str, Kind]
    of: Mapping[str, str]
    """The object of each leaf, `MMXU1.PhV$phsA`."""
    objects: Mapping[str, tuple[str, ...]]
    """The leaves of each object."""
    triggers: Mapping[str, tuple[str, ...]]
    qualities: tuple[str, ...]
    """The qualities of what a device tells, which its loss makes doubtful."""
    revision: str
    """What tells this kind from every other one: configRev of IEC 61850-7-3."""


@lru_cache(maxsize=KINDS_OF_UNITS)
def unit(able: tuple[str, ...], *, storing: bool) -> Draft:
    """The draft of units able to follow some modes."""
    return _drafted(roster.unit(able, storing=storing))


@lru_cache(maxsize=KINDS_OF_UNITS)
def group(able: tuple[str, ...], *, storing: bool) -> Draft:
    """The draft of groups able to follow some modes."""
    return _drafted(roster.group(able, storing=storing))


def _drafted(drawn: roster.Roster) -> Draft:
    nodes = roster.nodes(drawn)
    sets = panel.sets(nodes)
    outline = Outline("", nodes, sets, panel.blocks("", sets))
    found = [each for node in nodes for each in leaves(node)]
    objects: dict[str, list[str]] = {}
    for item, ref, *_ in found:
        objects.setdefault(ref, []).append(item)
    of, first = device_type(outline), common(nodes, drawn)
    sound("a draft", laid(of), first)
    return Draft(
        nodes,
        sets,
        of,
        MappingProxyType(first),
        MappingProxyType({**laid(of).leaves, **first}),
        personal(nodes),
        MappingProxyType({item: kind for item, _, kind, _ in found}),
        MappingProxyType({item: ref for item, ref, *_ in found}),
        MappingProxyType({ref: tuple(items) for ref, items in objects.items()}),
        MappingProxyType({item: made for item, _, _, made in found if made}),
        tuple(
            item for item, ref, kind, _ in found if kind == "Quality" and not owned(ref) and not _ours(ref)
        ),
        hashlib.sha256(repr(outline).encode()).hexdigest()[:DIGITS],
    )


def _ours(ref: str) -> bool:
    return owned(ref) or ref.partition(".")[0] == "LLN0"
