"""Makers of 2030.5 certificates: root, authorities below it, devices, servers, clients, and bad ones.

IEEE 2030.5-2018 clause 6.11: P-256, ECDSA with SHA-256, key identifiers of eight bytes, no end unless one is
given. What a certificate of each kind says stands in draft.py. The bad ones are those of the CSIP tests
COMM-004D to G. Moments are arguments; keys are made anew each time, or stay elsewhere (`sign`).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.trust import draft, identity
from bridge.trust.draft import Draft, Extensions
from bridge.trust.terms import MAPPINGS, NEVER, SINCE

if TYPE_CHECKING:
    from datetime import datetime

Key = ec.EllipticCurvePrivateKey
Public = ec.EllipticCurvePublicKey

UNKNOWN = x509.ObjectIdentifier("1.3.6.1.4.1.40732.99.2")
FLAWS: dict[str, Extensions] = {
    "usage": ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), True),),
    "constraints": ((x509.NameConstraints([x509.DNSName("example.org")], None), True),),
    "mappings": (
        # one pair: policy genesis of the issuer stands for policy test of the subject
        (x509.UnrecognizedExtension(MAPPINGS, bytes.fromhex(
            "301a3018060a2b0601040182be1c0101060a2b0601040182be1c0201")), True),
    ),
    "unknown": ((x509.UnrecognizedExtension(UNKNOWN, b"\x05\x00"), True),),
}  # fmt: skip
"""What an authority carries that spoils every chain through it: COMM-004D, E, F, and one more."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key, and the certificates above it, nearest first."""

    certificate: x509.Certificate
    key: Key
    above: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        """The certificate alone, in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificate and all above it, root included, in DER."""
        return (self.der, *(one.public_bytes(serialization.Encoding.DER) for one in self.above))

    @property
    def lfdi(self) -> str:
        """The LFDI of the certificate."""
        return identity.lfdi(self.der)

    @property
    def pem(self) -> bytes:
        """What is presented in a handshake: the certificate and those above it, without the root."""
        shown = (self.certificate, *self.above[:-1])
        return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in shown)

    @property
    def key_pem(self) -> bytes:
        """The key, not encrypted."""
        return key_pem(self.key)


def root(name: str, *, since: datetime = SINCE, until: datetime = NEVER, key: Key | None = None) -> Issued:
    """Make a root: a SERCA, or the top of a utility's own clients."""
    return made(None, draft.root(name), since=since, until=until, key=key)


def authority(
    issuer: Issued, name: str, *, depth: int | None = None, flaw: str = "", until: datetime = NEVER
) -> Issued:
    """Make an MCA or, with no authority below it (`depth` 0), an MICA; `flaw` is a name of FLAWS."""
    plain = draft.authority(name, depth)
    spoilt = Draft(plain.subject, (*plain.extensions, *(FLAWS[flaw] if flaw else ())))
    return made(issuer, spoilt, until=until)


def issuer(top: Issued, depth: int, *, flaw: str = "") -> Issued:
    """Make what stands between a root and a device in a chain of so many certificates, 2 to 4."""
    for below in range(depth - 3, -1, -1):
        name = f"{'MICA' if below == 0 else 'MCA'} of {depth}"
        top = authority(top, name, depth=below, flaw=flaw if below == 0 else "")
    return top


def device(
    issuer: Issued | None, serial: bytes, *, policy: str = "genesis", key: Key | None = None
) -> Issued:
    """Make a device's certificate: no subject, a hardware module name, no end; self-signed without issuer."""
    return made(issuer, draft.device(serial, policy=policy), key=key)


def server(
    issuer: Issued, hosts: tuple[str, ...], *, since: datetime = SINCE, until: datetime = NEVER
) -> Issued:
    """Make a server's certificate, for these names and addresses."""
    return made(issuer, draft.server(hosts), since=since, until=until)


def client(
    issuer: Issued, name: str, *, since: datetime = SINCE, until: datetime = NEVER, key: Key | None = None
) -> Issued:
    """Make the certificate of a program: an aggregator, a head-end, an operator."""
    return made(issuer, draft.client(name), since=since, until=until, key=key)


def made(
    issuer: Issued | None,
    said: Draft,
    *,
    since: datetime = SINCE,
    until: datetime = NEVER,
    key: Key | None = None,
) -> Issued:
    """Make what a draft says, with a new key unless one is given; self-signed without issuer."""
    key = key or new()
    if issuer is None:
        return Issued(_signed(key, said.subject, said, key.public_key(), since=since, until=until), key)
    certificate = sign(issuer, said, key.public_key(), since=since, until=until)
    return Issued(certificate, key, (issuer.certificate, *issuer.above))


def sign(
    issuer: Issued, said: Draft, public: Public, *, since: datetime, until: datetime
) -> x509.Certificate:
    """Sign a draft for a key that stays elsewhere."""
    return _signed(issuer.key, issuer.certificate.subject, said, public, since=since, until=until)


def new() -> Key:
    """Make a key."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: Key) -> bytes:
    """Write a key, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def identifier(key: Public) -> bytes:
    """Eight bytes: 0100 and the last 60 bits of the key's SHA-1, RFC 5280 4.2.1.2, second method."""
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    low = sha1(point, usedforsecurity=False).digest()[-8:]
    return bytes((0x40 | (low[0] & 0x0F), *low[1:]))


def _signed(
    key: Key, issuer: x509.Name, said: Draft, public: Public, *, since: datetime, until: datetime
) -> x509.Certificate:
    builder = x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=said.subject,
        public_key=public,
        serial_number=x509.random_serial_number(),
        not_valid_before=since,
        not_valid_after=until,
    )
    above = x509.AuthorityKeyIdentifier(identifier(key.public_key()), None, None)
    own = x509.SubjectKeyIdentifier(identifier(public))
    for extension, critical in (*said.extensions, (own, False), (above, False)):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, hashes.SHA256())
