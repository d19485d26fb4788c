"""What a response says of a control that others took the place of: one rule for clients and for units.

IEEE 2030.5-2018 table 27: superseded (7) where one of them is of its own programme, aborted by an alternate
programme (14) where all are of others. An end that the source itself declares is not told so. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from bridge.core import primacy, timeline
from bridge.core.timeline import NEVER
from models.der import messages

SUPERSEDED, ALTERNATE = 7, 14
Window = tuple[Decimal, Decimal]
Programmes = Mapping[str, str | None]
"""The programmes of controls, by name."""


def status(own: str | None, rivals: Collection[str | None]) -> int:
    """Give the status of a control of a programme, by the programmes of those in its place."""
    return ALTERNATE if rivals and own not in rivals else SUPERSEDED


def rivals(
    plan: timeline.Plan, control: messages.Control, window: Window, known: Programmes, by: Decimal = NEVER
) -> list[str | None]:
    """Give the programmes of what has modes of a control in its window, and has begun by a moment."""
    start, end = window
    name = primacy.key(control)
    return [
        known[span.source]
        for mode in timeline.named(control.modes)
        for span in plan.get(mode, ())
        if not span.default and span.source != name and span.source in known
        if span.start <= by and span.start < end and start < span.end
    ]
