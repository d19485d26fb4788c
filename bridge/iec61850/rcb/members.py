"""A data set's members as a report block sees them, and the way back from a changed leaf to its blocks.

A member is a data object or a part of one under one functional constraint; whatever leaf below it changes,
the member is reported whole. The way back walks up from the leaf, so that its cost does not grow with the
number of devices. Values are read at the moment they are asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bridge.iec61850.image import DataSet, Image, Member, Unknown
from bridge.iec61850.shape import Type, Value

if TYPE_CHECKING:
    from bridge.iec61850.rcb.block import Block


@dataclass(frozen=True, eq=False)
class Members:
    """The members of one data set, and their types."""

    names: tuple[Member, ...]
    types: tuple[Type, ...]

    @cached_property
    def form(self) -> str:
        """Names and types, in short: the same as long as kept values can be read by them."""
        return hashlib.sha256(repr((self.names, self.types)).encode()).hexdigest()


def resolved(image: Image, reference: str) -> Members | None:
    """The members of a data set by its reference, if it is there and all of its members are."""
    found = _set(image, reference)
    if found is None:
        return None
    try:
        return Members(found.members, tuple(image.type(*member) for member in found.members))
    except Unknown:
        return None


def _set(image: Image, reference: str) -> DataSet | None:
    domain, _, name = reference.partition("/")
    held = image.domains.get(domain)
    return held.sets.get(name) if held else None


class Book:
    """Members by the reference of their data set, found once for all blocks that report it."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._known: dict[str, tuple[DataSet, Members]] = {}

    def find(self, reference: str) -> Members | None:
        """The members of a data set, as long as it is the same and all of its members are what they were."""
        known, held = self._known.get(reference), _set(self._image, reference)
        if known is not None and held is known[0] and self._holds(known[1]):
            return known[1]
        found = resolved(self._image, reference)
        if held is not None and found is not None:
            self._known[reference] = held, found
        return found

    def forget(self, domain: str) -> None:
        """Forget the sets of a device that goes."""
        held = self._image.domains.get(domain)
        for name in held.sets if held else ():
            self._known.pop(f"{domain}/{name}", None)

    def _holds(self, found: Members) -> bool:
        domains = self._image.domains
        return all(
            domain in domains and domains[domain].index.types.get(item) is of
            for (domain, item), of in zip(found.names, found.types, strict=True)
        )


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
        self._places: dict[Member, list[tuple[Members, int]]] = {}
        self._blocks: dict[Members, list[Block]] = {}

    def add(self, block: Block) -> None:
        """Watch the members of a block; those of one data set are noted once for all of its blocks."""
        if block.members is None:
            return
        if block.members in self._blocks:
            self._blocks[block.members].append(block)
            return
        self._blocks[block.members] = [block]
        for index, name in enumerate(block.members.names):
            self._places.setdefault(name, []).append((block.members, index))

    def remove(self, block: Block) -> None:
        """Watch them no longer."""
        blocks = self._blocks.get(block.members) if block.members else None
        if blocks is None or block.members is None or block not in blocks:
            return
        blocks.remove(block)
        if blocks:
            return
        del self._blocks[block.members]
        for name in dict.fromkeys(block.members.names):
            left = [place for place in self._places.pop(name) if place[0] is not block.members]
            if left:
                self._places[name] = left

    def of(self, domain: str, leaf: str) -> Iterator[tuple[Block, int]]:
        """The members that a leaf belongs to."""
        for item in above(leaf):
            for members, index in self._places.get((domain, item), ()):
                for block in self._blocks[members]:
                    yield block, index


def above(item: str) -> Iterator[str]:
    """An item, and each that it is a part of."""
    while item:
        yield item
        item = item[: max(item.rfind("$"), item.rfind("("), 0)]
