"""A control from the client's side as one table: what is sent next, and when it is over (7-2, control).

A row holds for the control models named by its letters (see `phases`), in its stages, for its events. What no
row names changes nothing: a termination that comes twice, an answer after the end. A time-out and a loss are
ends of their own and never a success. Never looks at a value or a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from itertools import product
from typing import NamedTuple

from bridge.iec61850.command import CANCEL, OPERATE, SELECT, SELECT_WITH


class Stage(Enum):
    """How far a control has come."""

    READY = "ready"
    SELECTING = "selecting"
    OPERATING = "operating"
    AWAITING = "awaiting"
    CANCELLING = "cancelling"
    OVER = "over"


class Event(Enum):
    """What happens to it."""

    BEGIN = "begin"
    YES = "answered yes"
    NO = "answered no"
    GOOD = "terminated well"
    BAD = "terminated badly"
    CANCEL = "to be cancelled"
    LATE = "no answer, no termination in time"
    LOST = "the peer is lost"


class Result(Enum):
    """How it ends."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LATE = "nothing was heard in time"
    LOST = "the peer was lost"


class Move(NamedTuple):
    """The stage that follows, the variable that is sent, the result where it is over."""

    stage: Stage
    send: str | None = None
    result: Result | None = None


_READY, _SELECTING, _OPERATING, _AWAITING, _CANCELLING, _OVER = Stage
_OPEN = (_SELECTING, _OPERATING, _AWAITING, _CANCELLING)
_SENT = (_OPERATING, _AWAITING, _CANCELLING)
_ALL, _SBO = "dsDS", "sS"
WAITS = "DS"
"""Models whose operate is followed by a termination; an armed one is in every model."""

ROWS: tuple[tuple[str, tuple[Stage, ...], Event, Move], ...] = (
    ("dD", (_READY,), Event.BEGIN, Move(_OPERATING, OPERATE)),
    ("s", (_READY,), Event.BEGIN, Move(_SELECTING, SELECT)),
    ("S", (_READY,), Event.BEGIN, Move(_SELECTING, SELECT_WITH)),
    (_SBO, (_SELECTING,), Event.YES, Move(_OPERATING, OPERATE)),
    (_SBO, (_SELECTING,), Event.NO, Move(_OVER, None, Result.REFUSED)),
    ("ds", (_OPERATING,), Event.YES, Move(_OVER, None, Result.DONE)),
    (WAITS, (_OPERATING,), Event.YES, Move(_AWAITING)),
    (_ALL, (_OPERATING,), Event.NO, Move(_OVER, None, Result.REFUSED)),
    (_ALL, _SENT, Event.GOOD, Move(_OVER, None, Result.DONE)),
    (_ALL, _SENT, Event.BAD, Move(_OVER, None, Result.FAILED)),
    (_ALL, (_SELECTING, _OPERATING, _AWAITING), Event.CANCEL, Move(_CANCELLING, CANCEL)),
    (_ALL, (_CANCELLING,), Event.YES, Move(_OVER, None, Result.CANCELLED)),
    (_ALL, (_CANCELLING,), Event.NO, Move(_AWAITING)),
    (_ALL, _OPEN, Event.LATE, Move(_OVER, None, Result.LATE)),
    (_ALL, _OPEN, Event.LOST, Move(_OVER, None, Result.LOST)),
)
TABLE: Mapping[tuple[str, Stage, Event], Move] = {
    (kind, stage, event): move
    for kinds, stages, event, move in ROWS
    for kind, stage in product(kinds, stages)
}


def move(kind: str, stage: Stage, event: Event) -> Move:
    """Give what follows; nothing where no row holds."""
    return TABLE.get((kind, stage, event), Move(stage))
