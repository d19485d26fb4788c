"""Chains with one flaw each, and the alert that refuses it: clause 6.11 of 2030.5, COMM-004D to G, and more.

An alert is given by its number in RFC 5246 7.2 and RFC 8446 6.2, where OpenSSL has another for TLS 1.3 as a
pair. Certificates are signed by hand where no maker of ours would make them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from tempfile import NamedTemporaryFile
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.trust import issue, terms
from bridge.trust.draft import usage
from bridge.trust.issue import Issued

BAD, UNSUPPORTED, EXPIRED, UNKNOWN, CA = 42, 43, 45, 46, 48
LATER, SOONER = terms.SINCE.replace(year=2999), terms.SINCE.replace(year=2021)
SHA256, SHA1 = bytes.fromhex("300a06082a8648ce3d040302"), bytes.fromhex("300906072a8648ce3d0401")
"""ECDSA with either, as a certificate names it."""
ONE, OTHER = (x509.ObjectIdentifier(f"2.25.{number}") for number in (100, 101))


@dataclass
class Made:
    """What a certificate is made of; each may be changed."""

    key: Any = None
    hash: hashes.SHA256 | hashes.SHA384 = field(default_factory=hashes.SHA256)
    since: datetime = terms.SINCE
    until: datetime = terms.NEVER
    extras: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    without: tuple[type[x509.ExtensionType], ...] = ()

    def again(self, good: Issued, issuer: Issued | None = None) -> Issued:
        """Make a good certificate again, so changed; by another issuer if one is given."""
        key = self.key or good.key
        above = (issuer.certificate, *issuer.above) if issuer else good.above
        builder = x509.CertificateBuilder(
            issuer.certificate.subject if issuer else good.certificate.issuer,
            good.certificate.subject, key.public_key(), good.certificate.serial_number,
            self.since, self.until,
        )  # fmt: skip
        dropped = (*self.without, *(type(value) for value, _ in self.extras))
        kept = [(one.value, one.critical) for one in good.certificate.extensions]
        for value, critical in (*(row for row in kept if not isinstance(row[0], dropped)), *self.extras):
            builder = builder.add_extension(value, critical)
        signer = issuer.key if issuer else good.key
        return Issued(builder.sign(signer, self.hash), key, above)


Maker = Callable[[Issued], Issued]


def device(above: Issued, **changes: Any) -> Issued:
    """A device's certificate, changed."""
    return Made(**changes).again(issue.device(above, b"1"), above)


def through(serca: Issued, **changes: Any) -> Issued:
    """A device below an authority that is changed."""
    mica = issue.authority(serca, "MICA", depth=0)
    return Made().again(issue.device(mica, b"1"), Made(**changes).again(mica, serca))


def flawed(name: str, depth: int = 3) -> Maker:
    """A device below an authority with a flaw of issue.FLAWS."""
    return lambda serca: issue.device(issue.issuer(serca, depth, flaw=name), b"1")


def mildly(name: str) -> Maker:
    """The same, where the extension is not critical."""
    return lambda serca: through(serca, extras=tuple((value, False) for value, _ in issue.FLAWS[name]))


def leaf(**changes: Any) -> Maker:
    """A device with a changed certificate, below a good authority."""
    return lambda serca: device(issue.authority(serca, "MICA", depth=0), **changes)


def above(**changes: Any) -> Maker:
    """A good device below a changed authority."""
    return lambda serca: through(serca, **changes)


def purposes(*oids: x509.ObjectIdentifier) -> x509.ExtendedKeyUsage:
    """An extended key usage."""
    return x509.ExtendedKeyUsage(oids)


def doubled(serca: Issued) -> Issued:
    """A device whose certificate has an extension twice, which no library writes."""
    mica = issue.authority(serca, "MICA", depth=0)
    extras = tuple((x509.UnrecognizedExtension(oid, b"\x05\x00"), False) for oid in (ONE, OTHER))
    good = Made(extras=extras).again(issue.device(mica, b"1"), mica)
    once, twice = (bytes.fromhex("0602") + bytes((0x69, at)) for at in (100, 101))
    return respelt(good, mica, once, twice)


def respelt(good: Issued, signer: Issued, old: bytes, new: bytes, algorithm: bytes = SHA256) -> Issued:
    """A certificate with some bytes changed, and signed again by a program that has every algorithm."""
    body = good.certificate.tbs_certificate_bytes
    assert body.count(old) == 1
    body = tlv(0x30, body[4:].replace(old, new))
    name = "-sha1" if algorithm == SHA1 else "-sha256"
    with NamedTemporaryFile() as key:
        key.write(signer.key_pem)
        key.flush()
        words = ["openssl", "dgst", name, "-sign", key.name]
        signature = subprocess.run(words, input=body, capture_output=True, check=True).stdout
    der = tlv(0x30, body + algorithm + tlv(0x03, b"\x00" + signature))
    return replace(good, certificate=x509.load_der_x509_certificate(der))


def tlv(tag: int, value: bytes) -> bytes:
    """A value in DER."""
    size = len(value).to_bytes(2, "big").lstrip(b"\x00") or b"\x00"
    return bytes((tag, *((len(size) | 0x80,) if len(value) > 127 else ()))) + size + value


def altered(serca: Issued) -> Issued:
    """A device whose certificate was changed after it was signed."""
    good = issue.device(issue.authority(serca, "MICA", depth=0), b"altered")
    der = good.der.replace(b"altered", b"ALTERED")
    return replace(good, certificate=x509.load_der_x509_certificate(der))


def aged(serca: Issued) -> Issued:
    """A device whose certificate is signed with SHA-1."""
    mica = issue.authority(serca, "MICA", depth=0)
    return sha1(issue.device(mica, b"1"), mica)


def agedly(serca: Issued) -> Issued:
    """A good device below an authority that is signed so."""
    return issue.device(sha1(issue.authority(serca, "MICA", depth=0), serca), b"1")


def sha1(good: Issued, signer: Issued) -> Issued:
    """A certificate signed again with SHA-1."""
    return respelt(good, signer, SHA256, SHA1, SHA1)


def misnamed(serca: Issued) -> Issued:
    """A device whose authority's name is right and whose signature is another's."""
    good, false = (issue.authority(serca, "MICA", depth=0) for _ in range(2))
    made = issue.device(false, b"1")
    return replace(made, above=(good.certificate, *good.above))


def crowded(serca: Issued) -> Issued:
    """A device below two authorities, of which the upper one allows none below it."""
    return issue.device(issue.authority(issue.authority(serca, "MCA", depth=0), "MICA"), b"1")


RSA = rsa.generate_private_key(65537, 2048)
P384 = ec.generate_private_key(ec.SECP384R1())
STRANGE = x509.UnrecognizedExtension(issue.UNKNOWN, b"\x05\x00")
CODE, SERVER = ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.SERVER_AUTH

FLAWS: dict[str, tuple[Maker, int]] = {
    "D: an authority with a critical usage that is another": (flawed("usage"), UNSUPPORTED),
    "D: the same in a chain of four": (flawed("usage", 4), UNSUPPORTED),
    "D: an authority with a critical usage that would do": (
        above(extras=((purposes(ExtendedKeyUsageOID.CLIENT_AUTH), True),)), UNSUPPORTED),
    "a usage for servers in an authority": (above(extras=((purposes(SERVER), False),)), UNSUPPORTED),
    "a usage for servers in a device": (leaf(extras=((purposes(SERVER), False),)), UNSUPPORTED),
    "a critical usage for code in a device": (leaf(extras=((purposes(CODE), True),)), UNSUPPORTED),
    "E: name constraints": (flawed("constraints"), BAD),
    "E: name constraints in a chain of four": (flawed("constraints", 4), BAD),
    "E: name constraints that are not critical": (mildly("constraints"), BAD),
    "F: policy mappings": (flawed("mappings"), BAD),
    "F: policy mappings in a chain of four": (flawed("mappings", 4), BAD),
    "F: policy mappings that are not critical": (mildly("mappings"), BAD),
    "G: a device that signed itself": (
        lambda _: issue.device(None, b"1", policy="selfsigned"), CA),
    "a stranger's root of another name": (
        lambda _: issue.device(issue.issuer(issue.root("Stranger"), 3), b"1"), CA),
    "an unknown critical extension in an authority": (flawed("unknown"), UNKNOWN),
    "an unknown critical extension in a device": (leaf(extras=((STRANGE, True),)), UNKNOWN),
    "a device that is over": (leaf(until=SOONER), EXPIRED),
    "a device that has not begun": (leaf(since=LATER), BAD),
    "an authority that is over": (above(until=SOONER), EXPIRED),
    "an authority that has not begun": (above(since=LATER), BAD),
    "another curve in a device": (leaf(key=P384), UNSUPPORTED),
    "another curve in an authority": (above(key=P384), UNSUPPORTED),
    "RSA in a device": (leaf(key=RSA), UNSUPPORTED),
    "RSA in an authority": (above(key=RSA), UNSUPPORTED),
    "SHA-1 in a device": (aged, UNSUPPORTED),
    "SHA-1 in an authority": (agedly, UNSUPPORTED),
    "SHA-384 in a device": (leaf(hash=hashes.SHA384()), UNSUPPORTED),
    "five certificates": (
        lambda serca: issue.device(issue.issuer(issue.authority(serca, "more"), 4), b"1"), BAD),
    "more authorities than one allows": (crowded, CA),
    "a device below a device": (
        lambda serca: issue.device(issue.client(issue.authority(serca, "MICA"), "client"), b"1"), CA),
    "an authority as a device": (lambda serca: issue.authority(serca, "MICA", depth=0), UNSUPPORTED),
    "a device that could be an authority": (
        leaf(extras=((x509.BasicConstraints(ca=True, path_length=None), True),)), BAD),
    "a device whose key may not sign": (
        leaf(extras=((usage("key_agreement"), True),)), UNSUPPORTED),
    "an authority that may not issue": (above(extras=((usage("crl_sign"), True),)), CA),
    "an authority that does not say so": (above(without=(x509.BasicConstraints,)), CA),
    "an extension that is there twice": (doubled, BAD),
    "a signature that does not hold": (altered, 51),
    "an authority of the right name with another key": (misnamed, CA),
}  # fmt: skip
