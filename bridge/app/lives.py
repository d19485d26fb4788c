"""The lives of interface versions as one worker keeps them: read once, and again after each announcement.

The store is listened to before each answer, so an announcement that was acknowledged anywhere holds here. A
life that was under way while an announcement came is given, and not kept. Decides and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.core.lifecycle import Life
from bridge.sep2 import interfaces, ours
from bridge.transports.pages import EVERY
from bridge.transports.store.store import Store

ANNOUNCED = frozenset({EVERY, f"{ours.INTERFACES}/"})
"""Topics of which one is in each change of a life."""


@dataclass(slots=True)
class Lives:
    """What is known of them here."""

    store: Store
    _known: dict[str, Life] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Follow the store."""
        self.store.listen(self.hear)

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of what has changed; whoever is reading still writes into the old one."""
        if not topics.isdisjoint(ANNOUNCED):
            self._known = {}

    async def of(self, name: str) -> Life:
        """Give the life of a version."""
        if not self.store.current():
            return await interfaces.life(self.store, name)
        if (kept := self._known.get(name)) is not None:
            return kept
        known = self._known
        found = known[name] = await interfaces.life(self.store, name)
        return found
