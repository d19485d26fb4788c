"""What a receiver has taken already: the highest version of each subject.

Notices come at least once and, for each subject, in order: one that is not above the last is a repeat, and
has no effect. The highest of all is where `changes since` begins after an absence. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.core.push.notice import Notice


@dataclass(slots=True)
class Seen:
    """Of one receiver."""

    last: dict[str, int] = field(default_factory=dict)
    """Version by subject."""
    highest: int = 0

    def new(self, one: Notice) -> bool:
        """Whether a notice says something that was not taken before."""
        return one.version > self.last.get(one.subject, 0)

    def take(self, one: Notice) -> None:
        """Note that a notice was dealt with."""
        self.last[one.subject] = max(one.version, self.last.get(one.subject, 0))
        self.highest = max(self.highest, one.version)
