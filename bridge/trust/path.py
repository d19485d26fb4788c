"""Whether a certificate of a company leads up to a root that was named, at a moment, in whatever PKI.

RFC 5280 6.1 as `cryptography` verifies it: signatures, validity, constraints, strength of keys; of the leaf
itself no extension is demanded, since signers' certificates have none in common. What is revoked is asked
elsewhere, of the serials that are given here. Chains of 2030.5 have rules of their own (chain.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509 import verification

from bridge.trust import credential
from bridge.trust.credential import Serial


class Path(NamedTuple):
    """What came of it."""

    fault: str
    """Why there is none; empty where there is."""
    serials: tuple[Serial, ...] = ()
    """What its certificates could be revoked by, leaf first."""


def find(
    leaf: x509.Certificate, between: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: float
) -> Path:
    """Find the way from a certificate up to a root."""
    if not roots:
        return Path("there are no roots to lead to", own(leaf))
    leaves = verification.ExtensionPolicy.permit_all()
    builder = verification.PolicyBuilder().store(verification.Store(list(roots)))
    builder = builder.time(datetime.fromtimestamp(now, UTC)).extension_policies(
        ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(), ee_policy=leaves
    )
    try:
        found = builder.build_client_verifier().verify(leaf, list(between))
    except verification.VerificationError as fault:
        return Path(f"no path to a root: {fault}"[:200], own(leaf))
    return Path("", credential.serials(found.chain))


def own(leaf: x509.Certificate) -> tuple[Serial, ...]:
    """Give what a certificate alone could be revoked by."""
    return credential.serials((leaf,))


def lone(leaf: x509.Certificate) -> bool:
    """Whether a certificate has signed itself."""
    if leaf.issuer != leaf.subject:
        return False
    try:
        leaf.verify_directly_issued_by(leaf)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
