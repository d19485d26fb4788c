"""What a receiver has taken already: the highest version of each subject.

Notices come at least once and, for each subject, in order: one that is not above the last is a repeat, and
has no effect. Between subjects there is no order, so `changes since` begins where the list was last read to,
not at the highest version that was told. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.core.push.notice import Notice


@dataclass(slots=True)
class Seen:
    """Of one receiver."""

    last: dict[str, int] = field(default_factory=dict)
    """Version by subject."""
    listed: int = 0
    """Where the list of claims was read to."""

    def new(self, one: Notice) -> bool:
        """Whether a notice says something that was not taken before."""
        return one.version > self.last.get(one.subject, 0)

    def take(self, one: Notice) -> None:
        """Note that a notice was dealt with."""
        self.last[one.subject] = max(one.version, self.last.get(one.subject, 0))
