"""What is kept of revocation beside the lists themselves: what is said of each, and the operator's words.

Both are records of one row each (`register.py` puts them there). They know what they revoke, and neither the
store nor the time.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.trust.credential import Serial
from bridge.trust.revoked import Marks


@dataclass(frozen=True, slots=True)
class Listed:
    """What is said of a list."""

    name: str
    issuer: str
    """SHA-256 of the issuer's name, in hexadecimal digits."""
    title: str
    number: int
    since: int
    until: int
    count: int
    size: int
    digest: str
    source: str
    """Where it came from last: an address, a file's name, or the operator's LFDI."""
    urls: tuple[str, ...]
    """Addresses that it ever came from."""
    checked: int
    """When it was last known to be the newest there is."""


@dataclass(frozen=True, slots=True)
class Word:
    """What the operator said: an LFDI, or a certificate, holds no more from a moment on."""

    reason: str
    since: int
    by: str = ""
    """LFDI of the certificate that takes its place."""
    lfdi: str = ""
    issuer: str = ""
    serial: str = ""
    """In hexadecimal digits."""
    told: bool = True
    """Whether an edition has brought it: not before its moment."""

    @property
    def name(self) -> str:
        """What it is kept under."""
        return self.lfdi or f"{self.issuer}-{self.serial}"

    @property
    def marks(self) -> Marks:
        """What it revokes."""
        if self.lfdi:
            return Marks(lfdis=frozenset({self.lfdi}))
        return Marks(frozenset({Serial(bytes.fromhex(self.issuer), int(self.serial, 16))}))

    @property
    def said(self) -> str:
        """The reason as it is told."""
        return f"replaced by {self.by}" if self.by else self.reason
