"""The register: what happens to an endpoint, as the table of states has it, written down with its reason.

Administrators act through the administration API; here stand the steps that the bridge takes by itself, each
one commit against the version that was seen, so that two that meet do not both happen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.app import journal
from bridge.app.push import rows
from bridge.app.push.rows import DOOR, Endpoint
from bridge.core.push import states
from bridge.core.push.states import ENDPOINT, Event, Impossible
from bridge.sep2 import ours
from bridge.sep2.shelf import Change, Conflict, Shelf, Who

TRIES = 5


def turned(was: Endpoint, event: Event, now: int, **fields: Any) -> Endpoint:  # noqa: ANN401 - of an Endpoint
    """Give an endpoint after an event; Impossible where its state has no such step."""
    state = states.step(ENDPOINT, was.state, event)
    return replace(was, **{"state": state, "since": now, "why": "", **fields})


async def happened(
    shelf: Shelf,
    number: int,
    event: Event,
    now: int,
    guard: str | None = None,
    **fields: Any,  # noqa: ANN401
) -> Endpoint | None:
    """Write down that something happened; None where it is elsewhere by now, or has another nonce."""
    for _ in range(TRIES):
        row = await shelf.get(f"{ours.ENDPOINTS}/{number}")
        was = rows.endpoint(row) if row is not None else None
        if row is None or was is None or (guard is not None and was.nonce != guard):
            return None
        try:
            fresh = turned(was, event, now, **fields)
            change = Change(row.href, rows.posted(fresh), expect=row.version)
            await shelf.commit([change], Who("core", DOOR, now))
        except Conflict:
            continue
        except Impossible:
            return None
        states_ = {"state": fresh.state.value, "was": was.state.value}
        journal.logger(part="push").info("endpoint", endpoint=number, **states_, reason=fresh.why)
        return fresh
    return None
