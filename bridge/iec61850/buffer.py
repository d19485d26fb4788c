"""The port to where the entries of buffered report blocks are kept, and a store in memory for tests.

A store takes entries in order, gives back only what would survive the end of the process, and never gives a
number twice: `held` tells where a block's numbers have come to even when its entries are gone. With each
block it keeps its settings. What an entry holds is not its business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, Protocol


class Entry(NamedTuple):
    """One report that is kept."""

    block: str
    """`LD/LLN0$BR$name`"""
    number: int
    """EntryID as a number: from 1, without holes within a block."""
    at: float
    body: bytes


class Unreadable(Exception):
    """Kept entries cannot be read now; none is lost by it."""


class Held(NamedTuple):
    """What is known of a block."""

    base: str
    """The configuration that its settings were made from."""
    settings: str
    first: int = 1
    """The number of the first entry that is there; of the next one, where there is none."""
    last: int = 0
    """The highest number that was ever given."""
    overflow: bool = False
    """Whether entries were lost of which the client has not been told."""


class Buffer(Protocol):
    """Where entries are kept; what is handed over is written in the order of the calls."""

    def names(self) -> tuple[str, ...]:
        """Give the blocks that are known."""
        ...

    def held(self, block: str) -> Held | None:
        """Give what is known of a block, if anything."""
        ...

    def keep(self, block: str, base: str, settings: str) -> None:
        """Keep the settings of a block."""
        ...

    def append(self, entry: Entry) -> None:
        """Take an entry, whose number is one more than the last one's of its block."""
        ...

    def drop(self, block: str, through: int, *, overflow: bool) -> None:
        """Remove the entries up to a number, and note whether that was told to nobody."""
        ...

    def after(self, block: str, number: int, most: int) -> Sequence[Entry]:
        """Give entries with higher numbers, in order, as far as they would survive now; or Unreadable."""
        ...

    def sizes(self, block: str) -> Iterable[int]:
        """Give the octets of each entry that would survive now, the oldest first."""
        ...

    def kept(self, block: str) -> int:
        """Give the highest number of a block that would survive now."""
        ...

    def flush(self) -> None:
        """Return when all that was handed over would survive."""
        ...


@dataclass
class _Shelf:
    held: Held
    entries: dict[int, Entry] = field(default_factory=dict)


class Memory:
    """A store that survives as long as its object does."""

    def __init__(self) -> None:
        self._blocks: dict[str, _Shelf] = {}

    def names(self) -> tuple[str, ...]:
        """Give the blocks that are known."""
        return tuple(self._blocks)

    def held(self, block: str) -> Held | None:
        """Give what is known of a block, if anything."""
        return self._blocks[block].held if block in self._blocks else None

    def keep(self, block: str, base: str, settings: str) -> None:
        """Keep the settings of a block."""
        if block not in self._blocks:
            self._blocks[block] = _Shelf(Held(base, settings))
        shelf = self._blocks[block]
        shelf.held = shelf.held._replace(base=base, settings=settings)

    def append(self, entry: Entry) -> None:
        """Take an entry."""
        shelf = self._blocks[entry.block]
        shelf.entries[entry.number] = entry
        shelf.held = shelf.held._replace(last=entry.number)

    def drop(self, block: str, through: int, *, overflow: bool) -> None:
        """Remove the entries up to a number."""
        shelf = self._blocks[block]
        while shelf.held.first <= through:
            shelf.entries.pop(shelf.held.first, None)
            shelf.held = shelf.held._replace(first=shelf.held.first + 1)
        shelf.held = shelf.held._replace(overflow=overflow)

    def after(self, block: str, number: int, most: int) -> Sequence[Entry]:
        """Give entries with higher numbers, in order."""
        shelf = self._blocks[block]
        numbers = range(max(number + 1, shelf.held.first), shelf.held.last + 1)
        return [shelf.entries[each] for each in islice(numbers, most)]

    def sizes(self, block: str) -> Iterable[int]:
        """Give the octets of each entry, the oldest first."""
        found = self._blocks.get(block)
        return [len(entry.body) for entry in found.entries.values()] if found else []

    def kept(self, block: str) -> int:
        """Give the highest number of a block."""
        return self._blocks[block].held.last

    def flush(self) -> None:
        """Return: there is nothing to wait for."""
