"""The responses of a device, and the state of an event, as the end of a command: one table.

Response statuses are those of IEEE 2030.5 (10.3.3), causes those of IEC 61850-7-2; where the mapping's table
(mappings/iec61850-codes.toml) has a cause for a status, it is that one. Received is no word on the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from bridge.core.events import State
from bridge.mapping.nodes import read
from models.mms.codes import AddCause

STARTED = frozenset({2, 3, 5, 9, 15})
"""Started, completed, opted in, completed in part, resumed: the device has done it, or does it."""
OWN: Mapping[int, AddCause] = MappingProxyType({
    4: AddCause.blocked_by_switching_hierarchy,
    8: AddCause.blocked_by_switching_hierarchy,
    13: AddCause.aborted_by_command,
    14: AddCause.aborted_by_command,
    251: AddCause.unknown,
    253: AddCause.invalid_position,
    254: AddCause.time_limit_over,
})  # fmt: skip
"""Causes of statuses that no command of 61850 is answered with: opted out, other events, over already."""
ERRORS: Mapping[int, int] = MappingProxyType({252: 4, 253: 4, 254: 6})
"""SchdEnaErr of what a device refuses: its values, or its start."""
FAULTLESS, OTHER = 1, 99
ENDS: Mapping[State, AddCause] = MappingProxyType({
    State.CANCELLED: AddCause.abortion_by_cancel,
    State.CANCELLED_RANDOMISED: AddCause.abortion_by_cancel,
    State.SUPERSEDED: AddCause.aborted_by_command,
    State.COMPLETED: AddCause.time_limit_over,
})  # fmt: skip
"""Causes of the end of an event of which its device has said nothing."""


class Word(NamedTuple):
    """What is known of an event."""

    said: bool
    """Whether the outcome of its command is known."""
    cause: AddCause | None
    """Why not; None where it was carried out."""
    started: bool
    """Whether the device follows it now."""
    over: bool
    error: int = FAULTLESS
    """SchdEnaErr."""


@cache
def causes() -> Mapping[int, AddCause]:
    """Give the cause of each status that says no."""
    back = {item["ours"]: AddCause(item["iec"]) for item in read().codes["AddCause"]["back"]}
    return MappingProxyType({**OWN, **back})


def word(statuses: Sequence[int], state: State) -> Word:
    """Give what the statuses of a device, in their order, and the state of the event say."""
    first = next((each for each in statuses if each in STARTED or each in causes()), None)
    last = next((each for each in reversed(statuses) if each in STARTED or each in causes()), None)
    done, lasts = first in STARTED, last in STARTED and last != COMPLETED
    if state in ENDS:
        cause = None if done else causes().get(first or 0, ENDS[state])
        return Word(said=True, cause=cause, started=False, over=True, error=_error(last))
    over = last == COMPLETED or (last is not None and not lasts and last not in RETURNING)
    cause = None if first is None or done else causes()[first]
    return Word(first is not None, cause, lasts, over, _error(last))


def together(words: Sequence[Word], none: Word) -> Word:
    """Give what the words of all devices of an event come to: each has to do it; `none` where none is."""
    if not words:
        return none
    cause = next((one.cause for one in words if one.said and one.cause is not None), None)
    said, over = all(one.said for one in words), all(one.over for one in words)
    return Word(said, cause, any(one.started for one in words), over, max(one.error for one in words))


COMPLETED = 3
RETURNING = frozenset({4, 7, 13, 14})
"""Statuses that a device may take back: it opted out, or follows another event for a while."""


def _error(last: int | None) -> int:
    refused = last is not None and last in causes() and last not in {*OWN.keys() - ERRORS.keys(), 6, 7}
    return ERRORS.get(last or 0, OTHER) if refused else FAULTLESS
