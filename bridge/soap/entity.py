"""A company that sends signed requests: its name, kind, account, company number, certificates and rights.

Smart Meter Texas' interface has three kinds: retail providers (RequesterType 0), third parties (3) and
distribution companies, whose number it does not give. Plain values: nothing is stored, decided or asked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a company is."""

    REP = "rep"
    THIRD = "third-party"
    TDSP = "tdsp"


REQUESTERS: Mapping[Kind, int] = {Kind.REP: 0, Kind.THIRD: 3}
"""RequesterType of a kind; that of a TDSP is agreed with it."""
RIGHTS = ("price", "message")
"""What a company may be let do."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A company."""

    name: str
    """What it says in ENTITY_NAME."""
    kind: Kind
    requester: int
    """Its RequesterType."""
    account: str
    """Its system account; the case of its letters counts."""
    duns: str
    tls: tuple[str, ...]
    """LFDIs of the certificates that it connects with."""
    signer: str
    """The one certificate that it signs by, followed by those between it and a root, in PEM."""
    rights: tuple[str, ...] = RIGHTS
    callbacks: tuple[str, ...] = ()
    """Addresses that reports may go to."""
    legacy: int = 0
    """Until when RSA with SHA-1 is taken, in seconds since 1970; 0 for never."""
    issuer: str = ""
    """What Issuer says in assertions about its account."""
    asserter: str = ""
    """The certificate that those are signed by, in PEM."""
    enabled: bool = True
