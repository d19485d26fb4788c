"""The life of an endpoint that is told things, and that of an account that picks them up: one table each.

An endpoint is told nothing before its owner has proved that it is there and whose it is (a nonce is echoed,
signed), and that its TLS is what was said. What is not in a table cannot be done. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class State(StrEnum):
    """Of an endpoint."""

    draft = "draft"
    challenged = "challenged"
    """A nonce is on its way, or waits to be echoed."""
    echoed = "echoed"
    """It was echoed; TLS and certificates are being looked at."""
    checked = "checked"
    active = "active"
    suspended = "suspended"
    """Told nothing; what comes up meanwhile waits."""
    retired = "retired"


class Event(StrEnum):
    """What happens to an endpoint."""

    change = "change"
    """Another address, another recipient."""
    challenge = "challenge"
    echo = "echo"
    fail = "fail"
    """No echo, a wrong one, or TLS that is not as it should be."""
    check = "check"
    activate = "activate"
    suspend = "suspend"
    resume = "resume"
    retire = "retire"


class Standing(StrEnum):
    """Of an account."""

    proposed = "proposed"
    active = "active"
    suspended = "suspended"
    retired = "retired"


class Deed(StrEnum):
    """What is done to an account."""

    activate = "activate"
    suspend = "suspend"
    resume = "resume"
    retire = "retire"


class Impossible(ValueError):
    """The table has no such step."""


_LIVING = tuple(state for state in State if state is not State.retired)
ENDPOINT: Mapping[tuple[State, Event], State] = {
    **{(state, Event.change): State.draft for state in _LIVING},
    **{(state, Event.challenge): State.challenged for state in _LIVING},
    **{(state, Event.retire): State.retired for state in _LIVING},
    (State.challenged, Event.echo): State.echoed,
    (State.challenged, Event.fail): State.draft,
    (State.echoed, Event.check): State.checked,
    (State.echoed, Event.fail): State.draft,
    (State.checked, Event.activate): State.active,
    (State.active, Event.suspend): State.suspended,
    (State.suspended, Event.resume): State.active,
}
ACCOUNT: Mapping[tuple[Standing, Deed], Standing] = {
    (Standing.proposed, Deed.activate): Standing.active,
    (Standing.proposed, Deed.retire): Standing.retired,
    (Standing.active, Deed.suspend): Standing.suspended,
    (Standing.active, Deed.retire): Standing.retired,
    (Standing.suspended, Deed.resume): Standing.active,
    (Standing.suspended, Deed.retire): Standing.retired,
}
HEARS = frozenset({State.active, State.suspended})
"""States in which something is kept for an endpoint."""

S = TypeVar("S", State, Standing)
E = TypeVar("E", Event, Deed)


def step(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """Give the state after an event; Impossible where the table has none."""
    found = table.get((state, event))
    if found is None:
        raise Impossible(f"what is {state.value} cannot {event.value}")
    return found
