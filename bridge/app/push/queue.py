"""Which letters of an endpoint may go: those of a subject in their order, no subject waiting for another.

The first letter of each subject decides: until it is due, those behind it wait with it. Subjects of which
nothing has failed go first, so a few that fail again and again hold up nobody. After an absence, where all
has failed, all go in their order. A read is of one moment. Sends and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from bridge.app.push import rows
from bridge.app.push.rows import Endpoint, Letter
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Shelf

TURN = 100
"""Letters that an endpoint is brought in one turn, and that are read at first."""
MORE = 8
"""How many times as many are read, where nothing may go of those that were."""


class Queue(NamedTuple):
    """What waits for an endpoint."""

    go: tuple[Letter, ...] = ()
    """May go now, in this order."""
    due: Decimal | None = None
    """When others may; None where nothing else waits."""
    since: int = 0
    """Since when the endpoint has failed without a break; 0 where it has not."""


async def read(shelf: Shelf, one: Endpoint, now: int, taken: int, *, away: bool = False) -> Queue:
    """Give what waits for an endpoint, which took something last at a moment, and may be away altogether."""
    limit = TURN
    while True:
        page = await shelf.children(ours.LETTERS, Cut(limit=limit, grp=rows.waiting(one.number)))
        found = order([rows.letter(row) for row in page.rows], now, taken, away=away)
        if page.total <= limit or (found.go and not found.go[0].tries):
            return found
        limit *= MORE


def order(letters: Sequence[Letter], now: int, taken: int, *, away: bool = False) -> Queue:
    """Put letters, given by version, in the order in which they may go."""
    heads: dict[str, Letter] = {}
    for letter in letters:
        heads.setdefault(letter.subject, letter)
    absent = {subject for subject, head in heads.items() if away and head.tries and head.since > taken}
    ready = {subject for subject, head in heads.items() if head.due <= now} | absent
    go = [letter for letter in letters if letter.subject in ready]
    go.sort(key=lambda letter: heads[letter.subject].tries > 0 and letter.subject not in absent)
    later = [head.due for subject, head in heads.items() if subject not in ready]
    failing = [head.since for head in heads.values() if head.since > taken]
    return Queue(tuple(go[:TURN]), min(later, default=None), min(failing, default=0))
