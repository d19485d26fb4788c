"""What a chain of certificates says beside its LFDI: what it could be revoked by, and which roles it claims.

A certificate is revoked by its issuer's name and its serial number (RFC 5280 5.3). The issuer is kept as the
digest of its name in DER, so that names are compared as they stand in the certificate. Whether a claim is
believed is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography import x509


class Serial(NamedTuple):
    """A certificate, as a revocation list names it."""

    issuer: bytes
    """SHA-256 of the issuer's name in DER."""
    number: int


class Claim(NamedTuple):
    """One entry of the extension of IEC 62351-8 in a certificate: roles, and where they hold."""

    roles: tuple[int, ...]
    area: str
    revision: int
    definition: str = ""
    operation: int | None = None


def serials(chain: Sequence[x509.Certificate]) -> tuple[Serial, ...]:
    """Give what the certificates of a chain could be revoked by, leaf first; a root is its own issuer."""
    return tuple(Serial(issuer(one.issuer), one.serial_number) for one in chain)


def issuer(name: x509.Name) -> bytes:
    """Give what stands for the name of an issuer."""
    return sha256(name.public_bytes()).digest()
