"""Whether a record says something else than one before it: figures by their bands, all else by equality.

The envelope of a message and the times of what it says are passed over: they differ each time. Pure.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.app.facility.band import beyond
from models import kit
from models.der import messages

ENVELOPE = frozenset(messages.Message.model_fields)
TIMES = frozenset({"at", "updated", "modesAt"})


def moved(was: object, now: object, factor: Decimal) -> bool:
    """Whether it is worth telling."""
    if type(was) is not type(now):
        return True
    if isinstance(was, messages.Amount) and isinstance(now, messages.Amount):
        other = (was.unit, was.of) != (now.unit, now.of)
        return other or beyond(was.unit.value, was.value, now.value, factor)
    if isinstance(was, kit.Model):
        names = type(was).model_fields.keys() - TIMES - ENVELOPE
        return any(moved(getattr(was, name), getattr(now, name), factor) for name in names)
    return was != now
