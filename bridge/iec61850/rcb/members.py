"""A data set's members as a report block sees them, and the way back from a changed leaf to its blocks.

A member is a data object or a part of one under one functional constraint; whatever leaf below it changes,
the member is reported whole. The way back walks up from the leaf, so that its cost does not grow with the
number of devices. Values are read at the moment they are asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from bridge.iec61850.image import Image, Member, Unknown
from bridge.iec61850.shape import Type, Value

if TYPE_CHECKING:
    from bridge.iec61850.rcb.block import Block


class Members(NamedTuple):
    """The members of one data set, and their types."""

    names: tuple[Member, ...]
    types: tuple[Type, ...]

    @property
    def form(self) -> str:
        """Names and types, in short: the same as long as kept values can be read by them."""
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()


def resolved(image: Image, reference: str) -> Members | None:
    """The members of a data set by its reference, if it is there and all of its members are."""
    domain, _, name = reference.partition("/")
    held = image.domains.get(domain)
    found = held.sets.get(name) if held else None
    if found is None:
        return None
    try:
        return Members(found.members, tuple(image.type(*member) for member in found.members))
    except Unknown:
        return None


def values(image: Image, members: Members, indices: Sequence[int]) -> dict[int, Value]:
    """Values of some members at this moment; a device that has gone has none."""
    found: dict[int, Value] = {}
    for index in indices:
        with suppress(Unknown):
            found[index] = image.read(*members.names[index])
    return found


class Watch:
    """From the members of all data sets in use to the blocks and indices."""

    def __init__(self) -> None:
        self._places: dict[Member, list[tuple[Block, int]]] = {}

    def add(self, block: Block) -> None:
        """Watch the members of a block."""
        for index, name in enumerate(block.members.names if block.members else ()):
            self._places.setdefault(name, []).append((block, index))

    def remove(self, block: Block) -> None:
        """Watch them no longer."""
        for name in dict.fromkeys(block.members.names if block.members else ()):
            left = [place for place in self._places.pop(name) if place[0] is not block]
            if left:
                self._places[name] = left

    def of(self, domain: str, leaf: str) -> Iterator[tuple[Block, int]]:
        """The members that a leaf belongs to."""
        for item in above(leaf):
            yield from self._places.get((domain, item), ())


def above(item: str) -> Iterator[str]:
    """An item, and each that it is a part of."""
    while item:
        yield item
        item = item[: max(item.rfind("$"), item.rfind("("), 0)]
