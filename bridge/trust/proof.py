"""Whether a stretch of the decision log is what was written: gaps, other orders, edits, forks, missing ends.

Records are taken one after the other as they are kept; checkpoints and the keys of those who may sign them
are given at the start. Each fault names its place. What follows the last checkpoint can be rewritten by who
holds the database, so how far the proof goes is part of it. Nothing is read or repaired here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from bridge.trust import checkpoint, log
from bridge.trust.checkpoint import Seal
from bridge.trust.log import CUT, Entry, Record

Keys = Mapping[str, ec.EllipticCurvePublicKey]
"""Of those who may sign, by their LFDI."""
MOST = 1_000
"""Faults that are remembered."""


class Fault(NamedTuple):
    """Something that is not as it was written."""

    number: int
    """The record it is seen at, or the checkpoint's."""
    kind: str
    """`edited`, `gap`, `order`, `fork`, `truncated`, `cut`, `signer` or `checkpoint`."""
    what: str


@dataclass(slots=True)
class Proof:
    """A proof under way."""

    seals: Sequence[Seal]
    keys: Keys
    known: Mapping[int, str] = field(default_factory=dict)
    """Digests by number that are known from elsewhere."""
    faults: list[Fault] = field(default_factory=list)
    first: int = 0
    last: Entry | None = None
    count: int = 0
    sealed: int = 0
    """The last record that a good checkpoint covers."""
    cut: int = 0
    """Up to which record, not included, the log says of itself that it was shortened."""
    signed: dict[int, str] = field(default_factory=dict)
    """Digests by number that were signed."""

    def __post_init__(self) -> None:
        """Judge the checkpoints among themselves."""
        before = ""
        for place, seal in enumerate(self.seals):
            self._seal(seal, before, first=place == 0)
            before = checkpoint.digest(seal.token)

    def _seal(self, seal: Seal, before: str, *, first: bool) -> None:
        key = self.keys.get(seal.signer)
        try:
            said = checkpoint.read(seal)
        except ValueError as error:
            return self._note(seal.number, "checkpoint", f"the checkpoint {error}")
        if key is None:
            return self._note(
                seal.number, "signer", f"the checkpoint is signed by {seal.signer}: no known signer"
            )
        if not checkpoint.genuine(seal.token, key):
            return self._note(seal.number, "signer", f"the signature is not that of {seal.signer}")
        if said.before != before and not first:
            self._note(seal.number, "checkpoint", "between it and the checkpoint before one is missing")
        self.signed[said.number] = said.digest
        return None

    def take(self, entry: Entry) -> None:
        """Judge the next record."""
        last, self.count = self.last, self.count + 1
        self._placed(entry, last)
        try:
            record = log.read(entry.body)
        except ValueError as error:
            self._note(entry.number, "edited", f"the record {error}")
        else:
            self._same(entry, record)
            self._follows(entry, record, last)
        if log.digest(entry.body) != entry.digest:
            self._note(entry.number, "edited", "the record is not what its digest says")
        if self.signed.get(entry.number, entry.digest) != entry.digest:
            self._note(entry.number, "fork", "the checkpoint was signed over another record of this number")
        elif entry.number in self.signed:
            self.sealed = entry.number
        if self.known.get(entry.number, entry.digest) != entry.digest:
            self._note(entry.number, "fork", "another record of this number is known from elsewhere")
        self.last = entry

    def end(self) -> list[Fault]:
        """Judge the ends; give all faults by their place."""
        last = self.last.number if self.last else 0
        most = max((*self.known, *(seal.number for seal in self.seals)), default=0)
        if most > last:
            self._note(last, "truncated", f"the log ends here, but a record {most} was there")
        if self.first > 1 and not any(self.first <= number <= self.cut for number in self.signed):
            self._note(self.first, "cut", "records before it are gone, and no signed word says why")
        if self.seals and self.first == 1 and self._opened():
            self._note(self.seals[0].number, "checkpoint", "checkpoints before it are missing")
        return sorted(self.faults)

    def _opened(self) -> bool:
        """Whether the first checkpoint names one before it, although nothing was cut."""
        try:
            return not self.cut and checkpoint.read(self.seals[0]).before != ""
        except ValueError:
            return False

    def _placed(self, entry: Entry, last: Entry | None) -> None:
        """Judge the number."""
        if last is None:
            self.first = entry.number
        elif entry.number == last.number:
            self._note(entry.number, "fork", "two records have this number")
        elif entry.number < last.number:
            self._note(entry.number, "order", f"the record stands behind {last.number}")
        elif entry.number > last.number + 1:
            self._note(last.number + 1, "gap", f"no record from here to {entry.number - 1}")

    def _same(self, entry: Entry, record: Record) -> None:
        """Judge what stands beside the body."""
        if record.number != entry.number:
            self._note(entry.number, "order", f"here stands the record {record.number}")
        if entry.beside not in {None, log.beside(record.decision)}:
            self._note(entry.number, "edited", "it is found by other words than the record says")
        if (record.decision.function, record.decision.action) == CUT and record.decision.target.isdecimal():
            self.cut = max(self.cut, int(record.decision.target))

    def _follows(self, entry: Entry, record: Record, last: Entry | None) -> None:
        """Judge the tie to the record before."""
        if last is None:
            if entry.number == 1 and record.before:
                self._note(1, "fork", "the first record follows another one")
        elif entry.number == last.number + 1 and record.before != last.digest:
            self._note(entry.number, "fork", f"it does not follow the record {last.number} that is here")

    def _note(self, number: int, kind: str, what: str) -> None:
        if len(self.faults) < MOST:
            self.faults.append(Fault(number, kind, what))
