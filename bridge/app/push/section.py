"""What an installation says about what it tells others by itself: `[push]`.

As in `bridge.app.config`, each key is described where it stands, and the documentation is made from that.
Nothing is read, opened or judged here.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bridge.app.section import Days, Seconds, Section, Whole


class Push(Section):
    """Notices of changes to the endpoints that organisations registered, and the bodies they pick up."""

    hosts: frozenset[str] = frozenset()
    """Hosts that endpoints may be at although their addresses are not public; for tests localhost."""
    ports: frozenset[Annotated[int, Field(ge=1, le=65_535)]] = frozenset({443, 8443})
    """The only TCP ports that endpoints may be at."""
    second: bool = False
    """Whether another administrator than the one who registered an endpoint, or an account, activates it."""
    life: Annotated[int, Field(ge=1, le=31_536_000)] = 604_800
    """Seconds that a body may be picked up."""
    kept: Annotated[int, Field(ge=1, le=36_500)] = 30
    """Days that claims are known after they are over, and dead letters are kept."""
    first: Seconds = 1.0
    """Seconds until a notice that failed is tried again; twice as long each time after that."""
    longest: Seconds = 300.0
    """Seconds between two tries at most."""
    tries: Whole = 10_000
    """Tries of a notice before it is given up and kept as a dead letter; it is over with its body anyway."""
    trip: Whole = 5
    """Failures of an endpoint in a row after which it is left alone for `rest`, then tried once."""
    rest: Seconds = 60.0
    """Seconds that such an endpoint is left alone."""
    patience: Annotated[int, Field(ge=60, le=31_536_000)] = 259_200
    """Seconds of failure without a break after which an endpoint is suspended."""
    margin: Days = 14
    """Days before the end of its certificate at which an endpoint is suspended."""
    timeout: Seconds = 10.0
    """Seconds for one notice, from connecting to the answer."""
    together: Annotated[int, Field(ge=1, le=1_024)] = 32
    """Endpoints that are told something at the same time."""
