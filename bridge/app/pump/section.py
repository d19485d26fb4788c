"""What an installation says about how orders are brought to units that do not come for them: `[pump]`.

As in `bridge.app.config`, each key is described where it stands, and the documentation is made from that.
Nothing is read, opened or judged here.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bridge.app.section import Days, Seconds, Section, Whole


class Pump(Section):
    """Orders to units that are reached over IEC 61850: how persistently they are brought there."""

    first: Seconds = 1.0
    """Seconds until an order that failed is tried again; twice as long each time after that."""
    longest: Seconds = 300.0
    """Seconds between two tries at most."""
    tries: Whole = 100
    """Tries of an order before it is given up and kept as a dead letter."""
    trip: Whole = 5
    """Failures of a unit in a row after which it is left alone for `rest`, then tried once."""
    rest: Seconds = 60.0
    """Seconds that such a unit is left alone; one that comes back by itself is tried at once."""
    patience: Seconds = 30.0
    """Seconds that a unit has to carry an order out."""
    together: Annotated[int, Field(ge=1, le=1_024)] = 64
    """Units that are told something at the same time."""
    dead: Days = 30
    """Days that dead letters are kept; 0 for ever."""
