"""Assents: what a party says of an agreement, signed by its own key over the digest of the text.

A JWS in compact form (RFC 7515, ES256), so that any such library checks it: `kid` is the LFDI of the signer,
which pins its certificate. Whoever brings it needs no trust. Whether the certificate holds, and whether its
holder is a party, is not decided here.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.trust import checkpoint, identity, octets
from bridge.trust.checkpoint import HALF, HASH, Signer

TYPE = "derbridge-assent"
PARTS = 3
KINDS = {"act": str, "digest": str, "at": int}


class Assent(NamedTuple):
    """What is signed."""

    act: str
    """accept, refuse or withdraw."""
    digest: str
    """SHA-256 of the text that is spoken of, in hexadecimal digits."""
    at: int
    """Seconds since 1970."""


def digest(text: bytes) -> str:
    """Give the digest of a text."""
    return sha256(text).hexdigest()


def sealed(said: Assent, by: Signer) -> str:
    """Sign it."""
    head = {"alg": "ES256", "kid": by.lfdi, "typ": TYPE}
    signed = b".".join(_packed(each) for each in (head, said._asdict()))
    r, s = decode_dss_signature(by.key.sign(signed, HASH))
    halves = r.to_bytes(HALF, "big") + s.to_bytes(HALF, "big")
    return (signed + b"." + octets.encode(halves)).decode("ascii")


def read(token: str, certificate: x509.Certificate) -> Assent:
    """Give what the holder of a certificate has signed; ValueError where it has not."""
    lfdi = identity.lfdi(certificate.public_bytes(Encoding.DER))
    parts = token.split(".")
    if len(parts) != PARTS or not token.isascii():
        raise ValueError("is no assent: it has no three parts")
    try:
        head, said = (json.loads(octets.decode(each.encode())) for each in parts[:2])
        kinds = {name: type(value) for name, value in said.items()}
    except (AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"is no assent: {error}") from error
    if head != {"alg": "ES256", "kid": lfdi, "typ": TYPE}:
        raise ValueError("is not signed by whom the certificate names")
    if kinds != KINDS:
        raise ValueError("is no assent: its members are others")
    if not checkpoint.genuine(token, checkpoint.public(certificate)):
        raise ValueError("has a signature that is not of its certificate")
    return Assent(**said)


def _packed(said: object) -> bytes:
    return octets.encode(json.dumps(said, separators=(",", ":")).encode())
