"""Documents at random from the models: valid ones of every global element, and as many with one change.

The seed decides everything, so that a run can be repeated. What a document looks like is in `growth`, what is
done to it in `changes`; nothing here judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import cast

from lxml import etree

from bridge.mapping.profile import Profile
from peers.changes import changed
from peers.growth import Growth

_DEPTH = 4


@dataclass(frozen=True)
class Sample:
    """One document: its root's class, what was done to it, and its bytes."""

    name: str
    change: str
    data: bytes


def samples(profile: Profile, count: int, seed: int) -> Iterator[Sample]:
    """`count` documents over all global elements in turn, every second one changed."""
    rng = Random(seed)  # noqa: S311 - test data, nothing secret
    roots = sorted((name, cls) for cls, names in profile.names("ELEMENTS").items() for name in names)
    rng.shuffle(roots)
    for number in range(count):
        (namespace, local), cls = roots[number // 2 % len(roots)]
        root = etree.Element(f"{{{namespace}}}{local}", nsmap=_prefixes(profile))
        Growth(rng, profile).fill(root, cls, _DEPTH)
        change, data = changed(rng, root, profile) if number % 2 else ("none", etree.tostring(root))
        yield Sample(local, change, data)


def _prefixes(profile: Profile) -> dict[str, str]:
    return {cast("str", prefix or None): namespace for prefix, namespace in profile.prefixes}
