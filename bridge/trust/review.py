"""Deciding a record of the decision log again, by the policy of its time, and saying what differs.

An engine is whatever decides: given the policy's document, what was asked (a decision whose outcome is left
out) and the facts that were weighed, it gives its verdict. It must be a function of these alone: no clock, no
store. Nothing is looked up here, and no rule is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from bridge.trust.decision import Decision
from bridge.trust.log import Facts, Record


class Verdict(NamedTuple):
    """What an engine decides."""

    allowed: bool
    rule: str = ""
    limits: tuple[str, ...] = ()


class Decide(Protocol):
    """Whatever decides."""

    def __call__(self, document: bytes, question: Decision, facts: Facts) -> Verdict:
        """Decide by a policy; ValueError for a document that it cannot read."""
        ...


class Difference(NamedTuple):
    """Where a verdict is not the one that was recorded."""

    field: str
    was: object
    now: object


def review(record: Record, document: bytes, decide: Decide) -> tuple[Difference, ...]:
    """Decide again; nothing where it comes out the same."""
    was = record.decision
    question = was._replace(rule="", allowed=False, limits=())
    return tuple(_differing(was, decide(document, question, record.facts)))


def _differing(was: Decision, now: Verdict) -> Iterator[Difference]:
    for field in Verdict._fields:
        before, after = getattr(was, field), getattr(now, field)
        if before != after:
            yield Difference(field, before, after)
