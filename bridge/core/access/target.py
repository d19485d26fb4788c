"""What a request is about, as far as a scope or an area asks: devices, groups, everything.

A request is within a scope where all of it is, and touches it where any of it is: an allowance needs the
first, a denial the second. What is not below anything, as a list of all devices, is everything: it is within
no scope but `all`, and touches each. Nothing here reads a row.
"""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """One thing that a request is about."""

    devices: tuple[tuple[str, str], ...] = ()
    """LFDI of each device in it, with the aggregator that holds it or nothing."""
    line: frozenset[str] = frozenset()
    """Groups that it is in, with those above, as `group/12`."""
    below: frozenset[str] = frozenset()
    """Groups below it."""
    mine: str = ""
    """LFDI of the subject that it is assigned to, or made for: that is as good as its own."""


class Target(NamedTuple):
    """What a request is about; everything where there are no places."""

    places: tuple[Place, ...] = ()
    public: bool = False
    """Whether it is for everybody: within each scope, touching none."""


EVERYTHING = Target()
MINE = frozenset({"own", "held"})
PUBLIC = Target(public=True)
"""Also where no rule asks for a place, and none is looked up."""


def own(subject: str) -> Target:
    """Give the target of what is a subject's own."""
    return Target((Place(mine=subject),))


def within(scope: str, subject: str, target: Target) -> bool:
    """Whether all of a target is in a scope or an area."""
    if scope == "all" or target.public:
        return True
    return bool(target.places) and all(_inside(scope, subject, place) for place in target.places)


def _inside(scope: str, subject: str, place: Place) -> bool:
    if scope.startswith("group/"):
        return scope in place.line
    if place.mine == subject and scope in MINE:
        return True
    return bool(place.devices) and all(_has(scope, subject, pair) for pair in place.devices)


def touches(scope: str, subject: str, target: Target) -> bool:
    """Whether any of a target is in a scope."""
    if scope == "all":
        return True
    if target.public:
        return False
    return not target.places or any(_meets(scope, subject, place) for place in target.places)


def _meets(scope: str, subject: str, place: Place) -> bool:
    if scope.startswith("group/"):
        return scope in place.line or scope in place.below
    if place.mine == subject and scope in MINE:
        return True
    return any(_has(scope, subject, pair) for pair in place.devices)


def _has(scope: str, subject: str, pair: tuple[str, str]) -> bool:
    """Whether a device, given with its holder, is in a scope."""
    if scope == "own":
        return pair[0] == subject
    return (subject if scope == "held" else scope.removeprefix("organisation/")) in pair
