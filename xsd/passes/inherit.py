"""Flattening logical node classes: every inherited data object, resolved across 7-4 and 7-420.

A class comes after its ancestors, the root first, so that NamPlt and Beh lead as on a device. A data
object declared again lower down replaces the inherited one in its place. Group numbers of presence
conditions are local to the class that declares them (volt-var has a pair of groups of its own and one
from its parent): the class name is added to the arguments so that they stay apart. Never reads a file
and never decides what is emitted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from xsd.passes.nsd import DataObject, Library, Node, NsdError, Presence
from xsd.passes.presence import CONDITIONS


@dataclass(frozen=True, slots=True)
class Flat:
    """A logical node with all its data objects."""

    name: str
    source: str
    bases: tuple[str, ...]
    objects: tuple[DataObject, ...]


def flatten(library: Library, name: str) -> Flat:
    """One logical node of the library, with everything it inherits."""
    chain = ancestry(library, name)
    own = chain[-1]
    return Flat(
        name=name,
        source=" and ".join(dict.fromkeys(n.source for n in chain if n.name == own.name)),
        bases=tuple(dict.fromkeys(n.name for n in chain if n.name != name)),
        objects=merge(o for node in chain for o in node.objects),
    )


def ancestry(library: Library, name: str) -> list[Node]:
    """The class and its ancestors, root first; extensions follow the class they extend."""
    chain: list[Node] = []
    seen: set[str] = set()
    while name:
        if name in seen or name not in library.nodes:
            raise NsdError(f"{name}: no such logical node class, or its own ancestor")
        seen.add(name)
        nodes = library.nodes[name]
        chain[:0] = nodes
        name = nodes[0].base
    return chain


def merge(objects: Iterable[DataObject]) -> tuple[DataObject, ...]:
    """Data objects by name; the last declaration counts, the first one's place is kept."""
    merged: dict[str, DataObject] = {}
    for item in objects:
        merged[item.name] = replace(item, presence=scoped(item.presence, item.owner))
    return tuple(merged.values())


def scoped(presence: Presence, owner: str) -> Presence:
    """The condition with its owner as last argument, where the condition speaks of a group."""
    if not CONDITIONS[presence.cond].grouped:
        return presence
    return replace(presence, args=(*presence.args, owner))
