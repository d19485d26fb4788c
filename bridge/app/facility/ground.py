"""What the sessions with units share: the endpoint whose link, seals and installation they use, and patience.

Plain values and the shapes of what is given to a session. Nothing is decided here, and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.facility.catalogue import Catalogue


class Patience(NamedTuple):
    """How long a session waits, in seconds."""

    answer: float = 30.0
    """For an answer."""
    shortest: float = 1.0
    """Before an association is asked for again; each further time twice as long."""
    longest: float = 60.0


@dataclass(slots=True)
class Ground:
    """What all sessions are given."""

    endpoint: Endpoint
    chance: Callable[[], float]
    """A number between 0 and 1."""
    patience: Patience
    catalogue: Catalogue = field(init=False)
    """What is known of editions of units."""

    def __post_init__(self) -> None:
        """Know of none."""
        self.catalogue = Catalogue(self.patience.answer)
