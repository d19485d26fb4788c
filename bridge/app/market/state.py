"""How far a request has got: a small row beside it, that moves from list to list.

It waits in a queue by urgency until each address is served, is due where its sender is to be told, and rests
otherwise. The next address to be served stands in it, so that a commit which serves some moves it on, too.
Reads and makes rows; commits nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.app.market import asked
from bridge.sep2 import ours
from bridge.sep2.shelf import HIDDEN, Row

WAITING, DUE, RESTING = (f"{HIDDEN}queue/{name}" for name in ("waiting", "due", "resting"))
URGENCY = {"H": 0, "M": 1, "L": 2}


class State(NamedTuple):
    """How far one has got."""

    request: str
    """Address of its row."""
    total: int
    """How many addresses it has."""
    next: int = 0
    """The first one that is not served."""
    mark: str = ""
    """mRID of the event that it became."""
    audience: str = ""
    events: tuple[str, ...] = ()
    """Addresses of the events."""
    whole: bool = False
    """Whether it takes back, from all at once, what it takes back."""
    reason: str = ""
    """Why it can be served to nobody."""

    @property
    def served(self) -> bool:
        """Whether nothing is left to be done."""
        return bool(self.reason) or (bool(self.mark) and self.next >= self.total)


def href(request: str) -> str:
    """Give the address of the row."""
    return f"{request}/state"


def row(state: State, place: str, urgency: str, at: int) -> Row:
    """Give the row."""
    said = {key: value for key, value in state._asdict().items() if key != "request"}
    rank = f"{URGENCY[urgency]}{ours.number(state.request):020d}"
    return Row(href(state.request), place, asked.STATE, ours.body(said), grp=state.mark, rank=rank, at=at)


def read(held: Row) -> State:
    """Give what a row says."""
    said = ours.read(held)
    return State(**{**said, "request": held.href.rpartition("/")[0], "events": tuple(said["events"])})


def moved(held: Row, state: State, place: str = "") -> Row:
    """Give a row with another state, in another list where one is named."""
    said = {key: value for key, value in state._asdict().items() if key != "request"}
    return held._replace(body=ours.body(said), grp=state.mark, parent=place or held.parent)
