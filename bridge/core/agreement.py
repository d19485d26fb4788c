"""An agreement on a protocol: who has to say yes, what may be said when, and whether it stands at a moment.

One table of transitions has all of it. What parties said is kept; the state follows from that and from the
clock, and is never kept itself. Who a party is, and whether it was the one that spoke, is not known here.
Reads no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

NEVER = 0
"""An agreement that has no end."""


class State(StrEnum):
    """How an agreement is."""

    offered = "offered"
    active = "active"
    refused = "refused"
    withdrawn = "withdrawn"
    expired = "expired"
    superseded = "superseded"


class Act(StrEnum):
    """What changes that: the first three are said by a party, the others follow."""

    accept = "accept"
    refuse = "refuse"
    withdraw = "withdraw"
    complete = "complete"
    expire = "expire"
    supersede = "supersede"


SAID = frozenset({Act.accept, Act.refuse, Act.withdraw})
TRANSITIONS: Mapping[tuple[State, Act], State] = MappingProxyType({
    (State.offered, Act.accept): State.offered,
    (State.offered, Act.complete): State.active,
    (State.offered, Act.refuse): State.refused,
    (State.offered, Act.withdraw): State.withdrawn,
    (State.offered, Act.expire): State.expired,
    (State.active, Act.withdraw): State.withdrawn,
    (State.active, Act.expire): State.expired,
    (State.active, Act.supersede): State.superseded,
})  # fmt: skip
"""What is not here cannot be."""


class Word(NamedTuple):
    """What was said."""

    party: str
    """Empty for what no party says."""
    act: Act
    at: int
    """Seconds since 1970."""


class Agreement(NamedTuple):
    """One of them."""

    parties: frozenset[str]
    """Everybody who has to accept."""
    answer: int
    """Until when, not included; all that did not come by then makes nothing of it."""
    start: int
    until: int = NEVER
    """Not included."""
    words: tuple[Word, ...] = ()
    """As they came."""

    @property
    def missing(self) -> frozenset[str]:
        """Who has not accepted."""
        return self.parties - {one.party for one in self.words if one.act is Act.accept}


class Impossible(Exception):
    """What was said cannot be said by this one, or not now."""


def state(one: Agreement, now: int) -> State:
    """Give how an agreement is at a moment."""
    found, accepted = State.offered, set[str]()
    for word in one.words:
        found = TRANSITIONS[found, word.act]
        accepted |= {word.party} if word.act is Act.accept else set()
        if found is State.offered and accepted >= one.parties:
            found = TRANSITIONS[found, Act.complete]
    end = one.answer if found is State.offered else one.until
    due = end != NEVER and now >= end
    return TRANSITIONS.get((found, Act.expire), found) if due else found


def stands(one: Agreement, now: int) -> bool:
    """Whether what was agreed may be done at a moment."""
    return state(one, now) is State.active and one.start <= now


def edge(one: Agreement, now: int) -> int:
    """Give the next moment at which the clock alone changes something; NEVER where there is none."""
    found = state(one, now)
    ends = {State.offered: (one.answer,), State.active: (one.start, one.until)}.get(found, ())
    return min((each for each in ends if each > now), default=NEVER)


def said(one: Agreement, word: Word) -> Agreement:
    """Give an agreement after a word; Impossible where that cannot be."""
    found = state(one, word.at)
    if word.act in SAID and word.party not in one.parties:
        raise Impossible(f"{word.party} is no party to it")
    completing = word.act not in SAID | {Act.supersede}
    if completing or (found, word.act) not in TRANSITIONS:
        raise Impossible(f"it is {found.value}: it cannot be followed by {word.act.value}")
    if word.act is Act.accept and word.party not in one.missing:
        raise Impossible(f"{word.party} has accepted it already")
    return one._replace(words=(*one.words, word))
