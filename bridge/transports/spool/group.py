"""What has changed in a queue since the last commit, as the difference that it makes in the file.

What came and went meanwhile makes none. In a commit those that were closed go first, then what was dropped,
then what was put, then records: so a number that is used again after a drop stays. Holds, and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.xmpp.queue import Kept, Record


@dataclass(slots=True)
class Group:
    """Changes that become durable together."""

    ticket: int
    closed: set[str] = field(default_factory=set)
    dropped: dict[str, int] = field(default_factory=dict)
    put: dict[str, dict[int, Kept]] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    expired: list[tuple[str, int]] = field(default_factory=list)
    dirty: bool = False

    def keep(self, owner: str, kept: Kept) -> None:
        """Have a stanza kept."""
        self.put.setdefault(owner, {})[kept.seq] = kept
        self.dirty = True

    def forget(self, owner: str, upto: int) -> None:
        """Have those up to a number forgotten."""
        waiting = self.put.get(owner)
        if waiting:
            for seq in [seq for seq in waiting if seq <= upto]:
                del waiting[seq]
        self.dropped[owner] = max(upto, self.dropped.get(owner, 0))
        self.dirty = True

    def expire(self, owner: str, seq: int) -> None:
        """Have one of them forgotten."""
        if self.put.get(owner, {}).pop(seq, None) is None:
            self.expired.append((owner, seq))
        self.dirty = True

    def record(self, record: Record) -> None:
        """Have a record kept."""
        self.records[record.owner] = record
        self.dirty = True

    def close(self, owner: str) -> None:
        """Have all of an owner forgotten."""
        for each in (self.dropped, self.put, self.records):
            each.pop(owner, None)
        self.closed.add(owner)
        self.dirty = True
