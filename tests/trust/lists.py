"""Revocation lists for tests, good and bad, made with the library directly."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.trust.issue import Issued

NOW = 1_800_000_000
MOMENT = datetime.fromtimestamp(NOW, UTC)
DAY = timedelta(days=1)
Extra = tuple[x509.ExtensionType, bool]


def crl(
    issuer: Issued,
    serials: Iterable[int] = (),
    number: int | None = 1,
    *,
    since: datetime = MOMENT,
    until: datetime | None = None,
    extras: tuple[Extra, ...] = (),
    entry: tuple[Extra, ...] = (),
    signer: ec.EllipticCurvePrivateKey | None = None,
    algorithm: hashes.SHA256 | hashes.SHA384 | None = None,
) -> bytes:
    """Make one in DER."""
    numbered = ((x509.CRLNumber(number), False),) if number is not None else ()
    made = x509.CertificateRevocationListBuilder(
        issuer.certificate.subject,
        since,
        until or since + DAY,
        [_extension(*each) for each in (*numbered, *extras)],
        [_entry(serial, since, entry) for serial in serials],
    )
    key = signer or issuer.key
    return made.sign(key, algorithm or hashes.SHA256()).public_bytes(Encoding.DER)


def pem(der: bytes) -> bytes:
    """The same in PEM."""
    return x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)


def _extension(value: x509.ExtensionType, critical: bool) -> x509.Extension[x509.ExtensionType]:
    return x509.Extension(value.oid, critical, value)


def _entry(serial: int, since: datetime, extras: tuple[Extra, ...]) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(serial, since)
    for value, critical in extras or ((x509.CRLReason(x509.ReasonFlags.key_compromise), False),):
        builder = builder.add_extension(value, critical)
    return builder.build()
