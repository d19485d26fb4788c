"""Companies as the store keeps them: one row for each, `/-/entities/NAME`, and how they are found.

Beside what a company is (`bridge.soap.entity`) nothing stands in the row. Names that differ in the case of
their letters alone cannot be there together. Plain values and their rows: nothing is decided here.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Page, Row
from bridge.soap.entity import Entity, Kind

TYPE = "Entity"
MOST = 100_000
LISTS = ("tls", "rights", "callbacks")


class Reader(Protocol):
    """What rows are read from."""

    async def get(self, href: str) -> Row | None:
        """Give the row of an address."""
        ...

    async def children(self, parent: str, cut: Cut) -> Page:
        """Give members of a list."""
        ...


def href(name: str) -> str:
    """The address of a company's row."""
    return f"{ours.ENTITIES}/{name}"


def row(entity: Entity) -> Row:
    """The row of a company."""
    said = {**asdict(entity), "kind": entity.kind.value}
    name = said.pop("name")
    mark = name.upper()
    return Row(href(name), ours.ENTITIES, TYPE, ours.body(said), mark=mark, rank=mark)


def read(found: Row) -> Entity:
    """The company that a row says."""
    said: dict[str, Any] = ours.read(found)
    said |= {name: tuple(said[name]) for name in LISTS}
    return Entity(found.href.rpartition("/")[2], **{**said, "kind": Kind(said["kind"])})


async def named(shelf: Reader, name: str) -> Entity | None:
    """The company of a name, letter for letter."""
    found = await shelf.get(href(name))
    return read(found) if found is not None and found.type == TYPE else None


async def every(shelf: Reader) -> tuple[Entity, ...]:
    """All companies."""
    return tuple(map(read, (await shelf.children(ours.ENTITIES, Cut(limit=MOST))).rows))
