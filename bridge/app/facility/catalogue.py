"""What units of one edition are made of, as they have told it: the next one need not tell it again.

A type is taken over when the unit itself told it before, or two others of its edition told it alike: one that
lies, or is broken, teaches nobody. Names of data sets and their members are each unit's own word, always. One
unit of an edition is browsed at a time, the others wait for it a while. Kept in memory, for so many editions.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bridge.app.facility import edition, model
from bridge.app.facility.edition import Edition
from bridge.app.facility.model import Model
from bridge.app.facility.unit import Unit
from bridge.iec61850.discovery import Conversation
from bridge.iec61850.shape import Structure

EDITIONS = 256
"""Editions that are remembered."""
ENOUGH = 2
"""Units that have told a type alike before others are taken to have it."""
T = TypeVar("T")


class Converse(Protocol):
    """Drives a conversation with a unit to its end."""

    async def __call__(self, talk: Conversation[T], /) -> T:
        """Drive it."""
        ...


@dataclass(slots=True)
class Kind:
    """What is known of an edition."""

    told: list[tuple[Structure, set[str]]] = field(default_factory=list)
    """Types, each with the LFDIs of those who told it."""
    doubted: set[str] = field(default_factory=set)
    """Units that were not what others of their edition are."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def type(self, lfdi: str) -> Structure | None:
        """What a unit may be taken to be made of."""
        if lfdi in self.doubted:
            return None
        own = next((of for of, who in self.told if lfdi in who), None)
        most = max(self.told, key=lambda row: len(row[1]), default=None)
        return own or (most[0] if most and len(most[1]) >= ENOUGH else None)

    def learn(self, lfdi: str, of: Structure) -> None:
        """Take what a unit has told of itself; what it told before it has taken back."""
        for _, who in self.told:
            who.discard(lfdi)
        self.told = [row for row in self.told if row[1]]
        for known, who in self.told:
            if known == of:
                who.add(lfdi)
                return
        self.told.append((of, {lfdi}))


@dataclass(slots=True)
class Catalogue:
    """Of all editions."""

    patience: float
    """Seconds that a unit waits for another one of its edition."""
    kinds: OrderedDict[Edition, Kind] = field(default_factory=OrderedDict)
    browsed: int = 0
    """How many units were."""

    async def model(self, unit: Unit, issuer: bytes, converse: Converse) -> Model:
        """What a unit has: as its file says, as its edition is known, or as it tells."""
        device = await converse(model.named(unit))
        if unit.scl:
            return await converse(model.filed(unit.scl, device))
        said = await converse(edition.told(device, issuer if unit.sealed else b""))
        if said is None:
            return await self._browsed(device, converse)
        kind = self._kind(said)
        async with self._turn(kind, unit.lfdi):
            of = kind.type(unit.lfdi)
            if of is None:
                found = await self._browsed(device, converse)
                if not found.found.loose:
                    kind.learn(unit.lfdi, found.found.domains[device].type)
                return found
        return await converse(model.alike(device, of, said))

    def doubt(self, unit: Unit, said: Edition) -> None:
        """Take that a unit is not what others of its edition are: it is browsed from now on."""
        self._kind(said).doubted.add(unit.lfdi)

    async def _browsed(self, device: str, converse: Converse) -> Model:
        self.browsed += 1
        return await converse(model.browsed(device))

    def _kind(self, said: Edition) -> Kind:
        found = self.kinds.setdefault(said, Kind())
        self.kinds.move_to_end(said)
        while len(self.kinds) > EDITIONS:
            self.kinds.popitem(last=False)
        return found

    @asynccontextmanager
    async def _turn(self, kind: Kind, lfdi: str) -> AsyncIterator[None]:
        """Wait until no other unit of a kind is browsed, but not for ever; not at all where it is known."""
        if kind.type(lfdi) is not None or lfdi in kind.doubted:
            yield
            return
        try:
            async with asyncio.timeout(self.patience):
                await kind.turn.acquire()
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            kind.turn.release()
