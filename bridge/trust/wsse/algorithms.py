"""The algorithms of XML signatures that are taken, each tied to one type of key, and profiles of them.

XML Signature 1.1 (W3C) and RFC 4051 name them. This list is the guard, not the library's level of security:
what is not here does not exist, HMAC and the certificate-free kinds among it. An ECDSA value is the 64 bytes
of r and s (XML Signature 1.1, 6.4.3), never DER. SHA-1 is in one profile only, which has an end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from bridge.trust.wsse.refusal import DS

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ECDSA = f"{_MORE}ecdsa-sha256"
RSA = f"{_MORE}rsa-sha256"
RSA_SHA1 = f"{DS}rsa-sha1"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = f"{DS}sha1"

LEAST_RSA = 2_048
HALF = 32
"""Bytes of one of the two numbers of an ECDSA value."""
_P256 = ec.ECDSA(hashes.SHA256())


class Profile(NamedTuple):
    """What is taken of a sender, and within which times, in seconds."""

    name: str
    signatures: Mapping[str, hashes.HashAlgorithm]
    digests: Mapping[str, hashes.HashAlgorithm]
    until: int | None = None
    """The moment from which the profile takes nothing at all; None if it has no end."""
    skew: int = 300
    """By how much the sender's clock may be wrong."""
    longest: int = 300
    """How long a message may say that it is good for."""
    strict: bool = False
    """Whether a message with a certificate in it is refused; else the certificate is left aside, unread."""


DEFAULT = Profile("default", {ECDSA: hashes.SHA256(), RSA: hashes.SHA256()}, {SHA256: hashes.SHA256()})


def legacy(until: int) -> Profile:
    """Make the profile that takes RSA with SHA-1 as well, for one sender who cannot do better until then."""
    # Named in old agreements only; collisions of SHA-1 are the sender's to fear, hence the end.
    sha1 = hashes.SHA1()  # noqa: S303
    return Profile(
        "legacy", {**DEFAULT.signatures, RSA_SHA1: sha1}, {**DEFAULT.digests, SHA1: sha1}, until=until
    )


def fits(method: str, key: PublicKeyTypes) -> bool:
    """Whether a key is of the type, and of the size, that a method is tied to."""
    if method == ECDSA:
        return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA


def holds(digest: hashes.HashAlgorithm, key: PublicKeyTypes, value: bytes, data: bytes) -> bool:
    """Whether a signature's value is that of some data by a key which `fits`."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, data, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and len(value) == 2 * HALF:
            numbers = (int.from_bytes(value[:HALF], "big"), int.from_bytes(value[HALF:], "big"))
            key.verify(encode_dss_signature(*numbers), data, _P256)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def method(key: PrivateKeyTypes) -> str:
    """Choose the method that a key signs by; ValueError if it may not sign."""
    for name in DEFAULT.signatures:
        if fits(name, key.public_key()):
            return name
    raise ValueError(f"a signer's key is on P-256, or RSA of {LEAST_RSA} bits or more")


def made(key: PrivateKeyTypes, data: bytes) -> bytes:
    """Make the value of a signature by a key that has a method."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return b"".join(
            number.to_bytes(HALF, "big") for number in decode_dss_signature(key.sign(data, _P256))
        )
    raise ValueError("neither ECDSA nor RSA")


def digest(kind: hashes.HashAlgorithm, data: bytes) -> bytes:
    """Make the digest of some data."""
    state = hashes.Hash(kind)
    state.update(data)
    return state.finalize()
