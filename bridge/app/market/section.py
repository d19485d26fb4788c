"""What an installation says about prices and messages to many meters: `[market]`.

As in `bridge.app.config`, each key is described where it stands, and the documentation is made from that.
Nothing is read, opened or judged here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.app.section import Days, Seconds, Section

Octet = Annotated[int, Field(ge=0, le=255)]


class Market(Section):
    """Prices and messages to many meters, by SOAP or by the administration API: how they are read, served."""

    zone: str = "America/Chicago"
    """Time zone of the local times in requests."""
    twice: Literal["first", "second", "refuse"] = "refuse"
    """Which moment a local time is that occurs twice as clocks go back; one that is none is refused."""
    endless: Literal["refuse", "cancel", "until-changed"] = "refuse"
    """What a duration of 0 means: nothing known, so it is refused; the end of the one with that number; or
    that it holds until the next one for the same address."""
    primacy: Octet = 1
    """Primacy of the tariffs and messages."""
    receipts: bool = True
    """Whether devices are asked to say that they have received a price or a message."""
    locale: Annotated[str, Field(min_length=2, max_length=42)] = "en-US"
    """Language of the messages."""
    costs: dict[str, Octet] = Field(default_factory=lambda: {"1": 0})
    """costKind of IEEE 2030.5 by AlternateCostUnit; the cost of each is in kg and is served in g."""
    together: Annotated[int, Field(ge=1, le=1_000)] = 100
    """Addresses that are served in one commit."""
    report: Seconds = 60.0
    """Seconds between two reports to the sender of a request, at least."""
    keep: Days = 365
    """Days that requests are kept with what became of each address; 0 for ever."""
