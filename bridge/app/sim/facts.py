"""Small things that simulators say in canonical words: who speaks, and a float as an exact decimal.

Physics has floats, records have decimals; what is lost beyond a few places is nothing that any unit measures.
Knows no protocol.
"""

from __future__ import annotations

from decimal import Decimal

from models.der import messages


def origin(lfdi: str) -> messages.Origin:
    """Who speaks."""
    return messages.Origin(party=lfdi, door=messages.Door.simulator)


def exact(figure: float, places: int = 3) -> Decimal:
    """A figure as a decimal of few places."""
    return round(Decimal(repr(figure)), places)
