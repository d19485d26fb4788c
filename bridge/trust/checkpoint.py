"""Checkpoints of the decision log: number, digest and time of a record, signed by the server's own key.

A checkpoint is a JWS in its compact form (RFC 7515, ES256), so that any such library checks it: `kid` is the
LFDI of the signer, the payload names the checkpoint before by its digest. What is signed is the whole log up
to there, since each record holds the digest of the one before. Whose signature counts is not decided here.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from bridge.trust import identity

HALF = 32
"""Bytes of each half of a signature."""
HASH = ec.ECDSA(hashes.SHA256())
TYPE = "derbridge-checkpoint"


class Checkpoint(NamedTuple):
    """What is signed."""

    number: int
    """Of the last record that it covers."""
    digest: str
    """Of that record."""
    at: int
    """Microseconds since 1970."""
    before: str
    """Digest of the checkpoint before; empty for the first one."""


class Seal(NamedTuple):
    """A checkpoint as it is kept."""

    number: int
    at: int
    signer: str
    """LFDI."""
    token: str


class Signer(NamedTuple):
    """Who signs."""

    certificate: bytes
    """In DER."""
    key: ec.EllipticCurvePrivateKey

    @property
    def lfdi(self) -> str:
        """By which it is known."""
        return identity.lfdi(self.certificate)


def signer(certificate: bytes, key: bytes) -> Signer:
    """Read certificate and key from PEM; ValueError where the key cannot sign by ES256."""
    leaf = x509.load_pem_x509_certificates(certificate)[0]
    private = load_pem_private_key(key, None)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise ValueError("the key is none of P-256, which checkpoints are signed with")  # noqa: TRY004 - its content
    return Signer(leaf.public_bytes(Encoding.DER), private)


def public(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    """Give the key that checks; ValueError where it is of another kind."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("the certificate has no key of P-256")  # noqa: TRY004 - its content
    return key


def seal(said: Checkpoint, by: Signer) -> Seal:
    """Sign a checkpoint."""
    head = {"alg": "ES256", "kid": by.lfdi, "typ": TYPE}
    signed = f"{_packed(head)}.{_packed(said._asdict())}"
    r, s = decode_dss_signature(by.key.sign(signed.encode(), HASH))
    token = f"{signed}.{_text(r.to_bytes(HALF, 'big') + s.to_bytes(HALF, 'big'))}"
    return Seal(said.number, said.at, by.lfdi, token)


def read(kept: Seal) -> Checkpoint:
    """Read a checkpoint, unchecked; ValueError where it is none, or beside it stands another thing."""
    try:
        head, payload, _ = kept.token.split(".")
        named, said = json.loads(_octets(head)), Checkpoint(**json.loads(_octets(payload)))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"is no checkpoint: {error}") from error
    if named != {"alg": "ES256", "kid": kept.signer, "typ": TYPE}:
        raise ValueError("is not signed by whom it names")
    if (said.number, said.at) != (kept.number, kept.at):
        raise ValueError("says another number or moment than stands beside it")
    return said


def genuine(token: str, key: ec.EllipticCurvePublicKey) -> bool:
    """Whether a key has signed it."""
    try:
        signed, _, signature = token.rpartition(".")
        octets = _octets(signature)
        halves = (int.from_bytes(octets[:HALF], "big"), int.from_bytes(octets[HALF:], "big"))
        key.verify(encode_dss_signature(*halves), signed.encode(), HASH)
    except (InvalidSignature, ValueError):
        return False
    return len(octets) == 2 * HALF and _text(octets) == signature


def digest(token: str) -> str:
    """Give the digest of a checkpoint, by which the next one names it."""
    return sha256(token.encode()).hexdigest()


def _packed(said: object) -> str:
    return _text(json.dumps(said, separators=(",", ":")).encode())


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def _octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
