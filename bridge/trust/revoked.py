"""What is revoked, as one thing that never changes: asked of each peer before each request.

A certificate is revoked by its issuer's list or by the operator's word, for itself or for an authority above
it (RFC 5280 6.3); an LFDI by the operator's word alone. Each change has an edition, so that who knows one is
told what came after it. A question costs a few look-ups. It knows neither where lists are from nor the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bridge.trust.credential import Serial

LISTED = "the certificate, or one above it, is on its issuer's revocation list"
Serials = Mapping[bytes, frozenset[int]]
"""Serial numbers by issuer."""


class Marks(NamedTuple):
    """Certificates and LFDIs."""

    serials: frozenset[Serial] = frozenset()
    lfdis: frozenset[str] = frozenset()

    def __or__(self, other: Marks) -> Marks:
        """Those of either."""
        return Marks(self.serials | other.serials, self.lfdis | other.lfdis)

    def __sub__(self, other: Marks) -> Marks:
        """Those that the other has not."""
        return Marks(self.serials - other.serials, self.lfdis - other.lfdis)

    @property
    def size(self) -> int:
        """How many."""
        return len(self.serials) + len(self.lfdis)

    def plain(self) -> dict[str, Any]:
        """The same as JSON has it: serial numbers in hexadecimal digits, by issuer."""
        found: dict[str, list[str]] = {}
        for one in sorted(self.serials):
            found.setdefault(one.issuer.hex(), []).append(f"{one.number:X}")
        return {"serials": found, "lfdis": sorted(self.lfdis)}


NONE = Marks()


def marks(said: Mapping[str, Any]) -> Marks:
    """Give what `plain` made plain."""
    pairs = ((bytes.fromhex(issuer), numbers) for issuer, numbers in said["serials"].items())
    serials = frozenset(Serial(issuer, int(each, 16)) for issuer, numbers in pairs for each in numbers)
    return Marks(serials, frozenset(said["lfdis"]))


class Change(NamedTuple):
    """What an edition has brought."""

    edition: int
    before: int
    """The edition that it came after; 0 for the first."""
    added: Marks = NONE
    removed: Marks = NONE
    told: bool = True
    """Whether it is told; not where it was too much."""


@dataclass(frozen=True, slots=True)
class Index:
    """All that is revoked at an edition."""

    edition: int = 0
    listed: Serials = field(default_factory=dict)
    """What the lists say."""
    serials: Mapping[Serial, str] = field(default_factory=dict)
    """What the operator said of certificates, with the reason."""
    lfdis: Mapping[str, str] = field(default_factory=dict)
    """What the operator said of LFDIs."""
    turns: int | None = None
    """When the next word of the operator comes into force."""
    history: tuple[Change, ...] = ()
    """The last changes, oldest first."""

    def reason(self, serials: Sequence[Serial], lfdi: str) -> str:
        """Say why a peer is refused; '' if it is not."""
        if lfdi in self.lfdis:
            return self.lfdis[lfdi]
        for one in serials:
            numbers = self.listed.get(one.issuer)
            if numbers is not None and one.number in numbers:
                return LISTED
            if self.serials and one in self.serials:
                return self.serials[one]
        return ""

    def everything(self) -> Marks:
        """All that is revoked."""
        listed = (Serial(issuer, each) for issuer, numbers in self.listed.items() for each in numbers)
        return Marks(frozenset(listed) | frozenset(self.serials), frozenset(self.lfdis))

    def changed(self, since: int) -> Change | None:
        """Give what changed after an edition; None where only everything is an answer."""
        if since == self.edition:
            return Change(since, since)
        later = [change for change in self.history if change.edition > since]
        steps = [change.before for change in later] + [self.edition]
        unbroken = steps == [since] + [change.edition for change in later]
        return merged(later) if unbroken and all(change.told for change in later) else None


def merged(changes: Sequence[Change]) -> Change:
    """Give several changes, one after the other, as one."""
    added, removed = NONE, NONE
    for change in changes:
        added = (added - change.removed) | change.added
        removed = (removed - change.added) | change.removed
    return Change(changes[-1].edition, changes[0].before, added, removed)


def listed(lists: Iterable[tuple[bytes, frozenset[int]]]) -> Serials:
    """Put lists together; those of one issuer for several scopes become one."""
    found: dict[bytes, frozenset[int]] = {}
    for issuer, numbers in lists:
        found[issuer] = found[issuer] | numbers if issuer in found else numbers
    return found
