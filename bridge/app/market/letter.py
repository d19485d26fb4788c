"""A price or a text on its way to one unit behind the relay: a row that is there until the unit has answered.

It is committed with the address's own row, so that a crash between the two cannot be, and goes in the commit
that says there what became of it. It names the request; what is told is made from that when it is sent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from bridge.sep2 import ours
from bridge.sep2.shelf import Row

TYPE = "Word"
TOPIC = f"{TYPE}~"
"""What stands before a unit's LFDI in the topic of what is on its way to it."""


class Letter(NamedTuple):
    """One on its way."""

    number: int
    """The smaller one goes first."""
    unit: str
    request: str
    """Address of the request."""
    mark: str
    """mRID of the event."""
    to: str = ""
    """Address of the row of the unit that says what became of it; none where nobody asks."""
    ends: bool = False
    """Whether it takes back what the unit was told before."""
    until: int = 0
    """From when on it means nothing any more; 0 for never."""
    tries: int = 0
    due: Decimal = Decimal(0)
    made: int = 0
    version: int = 0
    """Of its row."""

    @property
    def href(self) -> str:
        """Address of its row."""
        return f"{ours.WORDS}/{self.number}"


def row(one: Letter) -> Row:
    """Give the row."""
    said = {name: getattr(one, name) for name in ("request", "mark", "to", "ends", "until", "tries")}
    body = ours.body({**said, "due": str(one.due)})
    return Row(one.href, ours.WORDS, TYPE, body, owner=one.unit, rank=f"{one.number:020d}", at=one.made)


def read(held: Row) -> Letter:
    """Give what a row says."""
    said = ours.read(held)
    due = Decimal(said.pop("due"))
    return Letter(
        ours.number(held.href), held.owner, due=due, made=held.at, version=held.version, **said
    )  # fmt: skip
