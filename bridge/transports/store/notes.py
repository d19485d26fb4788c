"""Decisions that wait for the next group, whose transaction takes all of them along.

They are taken off only once that transaction is on the disk, so none is lost by one that failed; what a
decision allows is committed in that group or a later one, never before it. Decisions come in the loop, groups
end in a thread; each step here is one that nothing comes between. Knows no database.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.transports.store.fault import Unavailable
from bridge.trust.log import Note

ROOM = 200_000
"""Decisions that wait at most, when nothing can be written."""


class Notes:
    """The decisions that wait."""

    def __init__(self) -> None:
        self._waiting: list[Note] = []
        self.lost = 0
        """Refusals that found no room."""

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, note: Note) -> None:
        """Have one wait; without room for it nothing is allowed."""
        if len(self._waiting) < ROOM:
            self._waiting.append(note)
        elif note.decision.allowed:
            raise Unavailable("the decision log cannot be written, so nothing is allowed")
        else:
            self.lost += 1

    def due(self) -> Sequence[Note]:
        """Those that a transaction which begins now is to take."""
        return self._waiting[:]

    def done(self, count: int) -> None:
        """The first ones are on the disk."""
        del self._waiting[:count]
