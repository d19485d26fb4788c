"""The caller's end of an association: its states and what leads from one to another, as a table.

ISO 9506-1 clause 8 from the other side. What the application does (open, ask, close), what the peer answers
and the loss of the peer are events; a state that has no row for an event refuses it. It sends nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class State(Enum):
    """Where a caller's association stands."""

    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"


TABLE: Mapping[tuple[State, str], State] = MappingProxyType({
    (State.CLOSED, "open"): State.OPENING,
    (State.OPENING, "initiate-ResponsePDU"): State.OPEN,
    (State.OPENING, "initiate-ErrorPDU"): State.CLOSED,
    (State.OPENING, "expired"): State.CLOSED,
    (State.OPENING, "failed"): State.CLOSED,
    (State.OPEN, "ask"): State.OPEN,
    (State.OPEN, "confirmed-ResponsePDU"): State.OPEN,
    (State.OPEN, "extended-ResponsePDU"): State.OPEN,
    (State.OPEN, "confirmed-ErrorPDU"): State.OPEN,
    (State.OPEN, "unconfirmed-PDU"): State.OPEN,
    (State.OPEN, "close"): State.CLOSING,
    (State.CLOSING, "confirmed-ResponsePDU"): State.CLOSING,
    (State.CLOSING, "extended-ResponsePDU"): State.CLOSING,
    (State.CLOSING, "confirmed-ErrorPDU"): State.CLOSING,
    (State.CLOSING, "unconfirmed-PDU"): State.CLOSING,
    (State.CLOSING, "conclude-ResponsePDU"): State.CLOSED,
    (State.CLOSING, "conclude-ErrorPDU"): State.OPEN,
    (State.CLOSING, "expired"): State.CLOSED,
    (State.CLOSING, "failed"): State.CLOSED,
    **{(state, "lost"): State.CLOSED for state in State},
})  # fmt: skip
"""`expired` and `failed` are of the opening or closing itself; of a request they change nothing."""


class Untimely(Exception):
    """The application asked for what the state of its association does not allow."""


def after(state: State, event: str) -> State | None:
    """The state that follows, or None where the event has no place."""
    return TABLE.get((state, event))
