"""A conversation of carrying, driven over an association: what it asks is asked, what it awaits is awaited.

Reports of controls that came meanwhile are handed to it with each answer. A refusal is an answer; a unit that
cannot be reached ends it with `Away`. Knows nothing of what is said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bridge.app.facility import line
from bridge.app.facility.tending import Tended
from bridge.iec61850.carrying.line import Heard, Talk, Wait
from bridge.iec61850.hooks import Refusal
from bridge.ports import Away
from models.mms import services

T = TypeVar("T")
Ask = Callable[[services.ConfirmedServiceRequest_choice], Awaitable[Any]]
"""Asks one thing; raises Refusal, or the line's Away."""


async def driven(talk: Talk[T], ask: Ask, held: Tended, clock: Callable[[], float]) -> T:
    """Drive it to its end."""
    heard: Heard | None = None
    try:
        while True:
            step = next(talk) if heard is None else talk.send(heard)
            heard = await _step(step, ask, held, clock)
    except StopIteration as end:
        found: T = end.value
        return found
    finally:
        talk.close()


async def _step(
    step: services.ConfirmedServiceRequest_choice | Wait, ask: Ask, held: Tended, clock: Callable[[], float]
) -> Heard:
    if isinstance(step, Wait):
        await held.report(step.until - clock())
        return Heard(clock(), reports=held.reports())
    try:
        answer = await ask(step)
    except Refusal as refused:
        return Heard(clock(), refused=refused, reports=held.reports())
    except line.Away as away:
        raise Away(str(away)) from None
    return Heard(clock(), answer, reports=held.reports())
