"""What an endpoint wants to hear of: kinds, subjects, groups; what is empty stands for all.

A filter narrows what the organisation may know, and never widens it: whether something is the organisation's
to know is asked first, of the place that it is about. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.core.access.target import Target


class Interest(NamedTuple):
    """A filter."""

    kinds: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    """mRIDs and LFDIs, upper case."""
    groups: tuple[str, ...] = ()
    """As `group/12`; a group stands for all below it, too."""


def wanted(filter_: Interest, kind: str, subjects: frozenset[str], target: Target) -> bool:
    """Whether something is asked for: of any of these subjects, and in one of these groups."""
    if filter_.kinds and kind not in filter_.kinds:
        return False
    if filter_.subjects and not subjects & frozenset(filter_.subjects):
        return False
    return not filter_.groups or any(frozenset(filter_.groups) & place.line for place in target.places)


def known(organisation: str, utility: str, target: Target) -> bool:
    """Whether something is an organisation's to know: public, about one of its devices, or it is our own."""
    if target.public or organisation == utility:
        return True
    return any(organisation in pair for place in target.places for pair in place.devices)
