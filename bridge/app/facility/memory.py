"""What is remembered of a unit through restarts: the last entry of each buffered block, and how it stands.

One row below that of the unit, written by whoever holds the session alone; the administration reads it. An
entry is put down when all that it says is in the store, never before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.app.facility import unit
from bridge.sep2 import ours
from bridge.sep2.shelf import Change, Row, Shelf, Who

TYPE = "FacilityState"
DOOR = "iec61850"


def href(lfdi: str) -> str:
    """The address of a unit's state."""
    return f"{unit.href(lfdi)}/state"


@dataclass(slots=True)
class Memory:
    """Of one unit."""

    lfdi: str
    shelf: Shelf
    clock: Any
    entries: dict[str, bytes] = field(default_factory=dict)
    """The last entry that was dealt with, by block."""
    said: dict[str, Any] = field(default_factory=dict)
    """What the administration is told."""

    async def open(self) -> None:
        """Read what there is."""
        found = ours.read(await self.shelf.get(href(self.lfdi)))
        self.entries = {path: bytes.fromhex(text) for path, text in found.pop("entries", {}).items()}
        self.said = found

    async def dealt(self, entries: Mapping[str, bytes]) -> None:
        """Put down entries that are in the store with all they say."""
        if entries:
            self.entries |= entries
            await self._write()

    async def tell(self, **said: object) -> None:
        """Put down how the unit stands."""
        if any(self.said.get(name) != value for name, value in said.items()):
            self.said |= said
            await self._write()

    async def _write(self) -> None:
        if await self.shelf.get(unit.href(self.lfdi)) is None:
            return
        entries = {path: entry.hex().upper() for path, entry in self.entries.items()}
        row = Row(
            href(self.lfdi), unit.href(self.lfdi), TYPE, ours.body({**self.said, "entries": entries}),
            owner=self.lfdi,
        )  # fmt: skip
        who = Who(self.lfdi, DOOR, int(self.clock()))
        await self.shelf.commit([Change(row.href, row)], who)
