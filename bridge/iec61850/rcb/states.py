"""The life of a report control block as a table: whose it is, and whether it reports.

After IEC 61850-7-2, URCB and BRCB. A pair that is missing does not happen or is refused; what a state means
for reports is not decided here.

    FREE       nobody's
    RESERVED   a client's, which has said so (Resv, ResvTms)
    HELD       a client's, by enabling it without a word
    ENABLED    reserved and enabled
    WAITING    buffered only: its client is gone, its reservation is not
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, auto
from types import MappingProxyType


class State(StrEnum):
    """Where a block is."""

    FREE = auto()
    RESERVED = auto()
    HELD = auto()
    ENABLED = auto()
    WAITING = auto()


class Event(StrEnum):
    """What its client does, or what becomes of the client."""

    RESERVE = auto()
    RELEASE = auto()
    ENABLE = auto()
    DISABLE = auto()
    LOST = auto()
    """The association has ended."""
    BACK = auto()
    """The client that is waited for writes again."""
    EXPIRED = auto()


_EITHER = {
    (State.FREE, Event.RESERVE): State.RESERVED,
    (State.FREE, Event.RELEASE): State.FREE,
    (State.FREE, Event.ENABLE): State.HELD,
    (State.FREE, Event.DISABLE): State.FREE,
    (State.RESERVED, Event.RESERVE): State.RESERVED,
    (State.RESERVED, Event.RELEASE): State.FREE,
    (State.RESERVED, Event.ENABLE): State.ENABLED,
    (State.RESERVED, Event.DISABLE): State.RESERVED,
    (State.HELD, Event.ENABLE): State.HELD,
    (State.HELD, Event.DISABLE): State.FREE,
    (State.HELD, Event.LOST): State.FREE,
    (State.ENABLED, Event.ENABLE): State.ENABLED,
    (State.ENABLED, Event.DISABLE): State.RESERVED,
}
_UNBUFFERED = {
    (State.RESERVED, Event.LOST): State.FREE,
    (State.ENABLED, Event.LOST): State.FREE,
}
_BUFFERED = {
    (State.RESERVED, Event.LOST): State.WAITING,
    (State.ENABLED, Event.LOST): State.WAITING,
    (State.WAITING, Event.BACK): State.RESERVED,
    (State.WAITING, Event.EXPIRED): State.FREE,
}
NEXT: Mapping[str, Mapping[tuple[State, Event], State]] = MappingProxyType(
    {
        "RP": MappingProxyType(_EITHER | _UNBUFFERED),
        "BR": MappingProxyType(_EITHER | _BUFFERED),
    }
)
"""By functional constraint: state and event to state."""
REPORTING = frozenset({State.HELD, State.ENABLED})
"""RptEna is true."""
