"""Who wins when two controls ask for the same thing at the same time.

IEEE 2030.5-2018 10.2 (event rules) ranks events by the primacy of their programme, the lower number first,
and by their creation time, the newer first. Where both are equal we let the higher mRID win, so that every
node of a fleet comes to the same answer whatever order the messages came in. Never looks at a clock, never at
what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from models.der import messages

Event = messages.Control | messages.Default
Kind = TypeVar("Kind", messages.Control, messages.Default)
Rank = tuple[int, Decimal, int, str, str]

UNRANKED = 255
"""Primacy of a record that names none: the weakest there is."""
ENDED = frozenset({2, 3, 4, 5})
"""Values of currentStatus by which a source says that its event is over: cancelled, cancelled with random
spread, superseded, completed (2030.5-2023)."""


def key(record: Event) -> str:
    """Name a record in every table of the core: its mRID without regard to case, else the message's id."""
    return folded(record.mRID or record.id.encode().hex())


def folded(identity: str) -> str:
    """One spelling for identifiers in hexadecimal, which the records keep letter for letter."""
    return identity.upper()


def rank(record: Event) -> Rank:
    """Order records so that the greater wins."""
    primacy = UNRANKED if record.primacy is None else record.primacy
    return (-primacy, made(record), int(key(record) or "0", 16), key(record), record.id)


def made(record: Event) -> Decimal:
    """When the source created a record; the message's own time where the source does not say."""
    said = record.created if isinstance(record, messages.Control) else record.updated
    return record.issued if said is None else said


def withdrawn(record: Event) -> bool:
    """Whether the source itself says that a control is over."""
    state = record.status if isinstance(record, messages.Control) else None
    return state is not None and state.currentStatus in ENDED


def age(record: Event) -> tuple[int, Decimal, bool, Decimal, str]:
    """Order the editions of one record so that the greatest is the one that counts.

    A source may cancel without raising the version, so at equal versions the time of the state decides and an
    end outweighs what it ends.
    """
    state = record.status if isinstance(record, messages.Control) else None
    said = made(record) if state is None else state.at
    return (record.version or 0, said, withdrawn(record), record.issued, record.id)


def newest(records: Iterable[Kind]) -> tuple[Kind, ...]:
    """Keep of each record the edition that counts, in order of their names."""
    kept: dict[str, Kind] = {}
    for record in records:
        held = kept.get(key(record))
        if held is None or age(held) < age(record):
            kept[key(record)] = record
    return tuple(kept[name] for name in sorted(kept))
