"""What a configuration announces of versions of interfaces, read and held to what can be meant.

Moments are dates, or times of day with an offset; without one they are of UTC (docs/lifecycle.md). Nothing is
kept or told here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from bridge.app.config import Config
from bridge.app.loading import Loaded, Problem
from bridge.app.section import Lifecycle
from bridge.core import lifecycle
from bridge.core.lifecycle import TABLE, Life


def announced(said: Lifecycle) -> Mapping[str, Life]:
    """Give what a configuration announces; ValueError where that cannot be meant."""
    names = {*said.deprecated, *said.retired}
    lives = {name: _life(said, name) for name in sorted(names)}
    for name, life in lives.items():
        if name not in TABLE:
            raise ValueError(f"there is no {name}; there are {', '.join(TABLE)}")
        if wrong := lifecycle.wrong(name, life, lives):
            raise ValueError(f"{name}: {wrong[1]}")
    return lives


def _life(said: Lifecycle, name: str) -> Life:
    known = TABLE.get(name)
    sunset = moment(said.retired[name]) if name in said.retired else 0
    deprecated = moment(said.deprecated[name]) if name in said.deprecated else sunset
    successor = said.successors.get(name, known.successor if known else "")
    to = said.places.get(name, known.to if known and successor == known.successor else "")
    return Life(deprecated, sunset, successor, to, said.links.get(name, ""))


def moment(text: str) -> int:
    """Give a moment as it is configured: a date or a time of day, of UTC where it says no offset."""
    found = datetime.fromisoformat(text)
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def problems(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """What is wrong with what is announced."""
    try:
        announced(config.lifecycle)
    except ValueError as error:
        yield loaded.problem(
            "lifecycle", str(error), "docs/lifecycle.md has the names, and what may be said."
        )
