"""Maker of revocation lists: what an issuer says of the certificates that it has withdrawn.

RFC 5280 clause 5: complete lists with a number that only grows, the next moment at which one is due, and for
each certificate its number, moment and reason; `unspecified` is left out (5.3.1). A received list is not
judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from bridge.trust.issue import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bridge.trust.issue import Issued

HOLD, LIFT, NONE = (
    x509.ReasonFlags.certificate_hold,
    x509.ReasonFlags.remove_from_crl,
    x509.ReasonFlags.unspecified,
)


class Withdrawn(NamedTuple):
    """A certificate that is revoked."""

    number: int
    at: datetime
    reason: x509.ReasonFlags = NONE


class Unlawful(ValueError):
    """A change that a list may not undergo."""


def changed(before: Withdrawn | None, after: Withdrawn) -> Withdrawn | None:
    """Give what a list says of a certificate from now on; None where it says nothing any more.

    What is held can be let go or be revoked for good, from the moment it was held; all else stays for ever.
    """
    if after.reason is LIFT:
        if before is None or before.reason is not HOLD:
            raise Unlawful("only what is on hold can be taken off a list")
        return None
    if before is None:
        return after
    if before.reason is not HOLD or after.reason is HOLD:
        raise Unlawful(f"is revoked already, since {before.at:%Y-%m-%d %H:%M} ({before.reason.value})")
    return after._replace(at=before.at)


def build(
    issuer: Issued, withdrawn: Iterable[Withdrawn], number: int, *, since: datetime, until: datetime
) -> x509.CertificateRevocationList:
    """Make and sign a list."""
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, since, until)
    for one in sorted(withdrawn):
        builder = builder.add_revoked_certificate(_entry(one))
    above = x509.AuthorityKeyIdentifier(identifier(issuer.key.public_key()), None, None)
    builder = builder.add_extension(above, critical=False).add_extension(
        x509.CRLNumber(number), critical=False
    )
    return builder.sign(issuer.key, hashes.SHA256())


def _entry(one: Withdrawn) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(one.number, one.at)
    if one.reason is not NONE:
        builder = builder.add_extension(x509.CRLReason(one.reason), critical=False)
    return builder.build()
