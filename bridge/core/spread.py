"""The random part of an event's window at one unit: drawn once, the same everywhere and after each restart.

IEEE 2030.5-2018 RandomizableEvent: `randomizeStart` and `randomizeDuration` bound an offset, in whole seconds
and in the direction of their sign, so that a fleet does not move as one. The draw is a function of the
event's name, the unit's LFDI and a seed of the site; a new edition of the event draws the same part of its
bounds. Keeps nothing, asks no source of randomness and reads no clock.
"""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import NamedTuple

from bridge.core import primacy
from models.der import messages

ZERO = Decimal(0)
RANDOMLY = 3
"""The currentStatus of an event whose source cancelled it with random spread."""
WHOLE = 1 << 64


class Drawn(NamedTuple):
    """What is added to the start of an event and to its duration, in seconds."""

    start: Decimal = ZERO
    duration: Decimal = ZERO


def drawn(control: messages.Control, unit: str, seed: bytes) -> Drawn:
    """Draw for a control at a unit, both parts on their own; without bounds it is nothing."""
    start, duration = control.randomizeStart, control.randomizeDuration
    return Drawn(
        _offset(start, _share("start", control, unit, seed)) if start else ZERO,
        _offset(duration, _share("duration", control, unit, seed)) if duration else ZERO,
    )


def window(control: messages.Control, unit: str, seed: bytes) -> tuple[Decimal, Decimal]:
    """Give the start and the end of a control at a unit; a duration never falls below nothing."""
    offset = drawn(control, unit, seed)
    start = control.start + offset.start
    return start, start + max(control.duration + offset.duration, ZERO)


def release(control: messages.Control, unit: str, seed: bytes) -> Decimal | None:
    """Give the moment at which a unit lets go of a control that was cancelled with random spread.

    The bound is the larger of the two, whatever their signs (EventStatus, currentStatus 3).
    """
    state = control.status
    if state is None or state.currentStatus != RANDOMLY:
        return None
    bound = max(abs(control.randomizeStart or ZERO), abs(control.randomizeDuration or ZERO))
    return state.at + _offset(bound, _share("cancel", control, unit, seed))


def _share(of: str, control: messages.Control, unit: str, seed: bytes) -> int:
    """Draw out of `WHOLE`, apart for each use."""
    said = "\0".join((of, primacy.key(control), primacy.folded(unit)))
    return int.from_bytes(hmac.digest(seed, said.encode(), "sha256")[:8], "big")


def _offset(bound: Decimal | None, share: int) -> Decimal:
    """Give the whole seconds from nothing up to a bound, both included, in the direction of its sign."""
    most = int(bound or ZERO)
    size = share * (abs(most) + 1) // WHOLE
    return Decimal(size if most > 0 else -size)
