"""Answers to OCSP requests (RFC 6960), as bytes: good, revoked, unknown, or what is wrong with the request.

One certificate a request, as RFC 5019 has it; a nonce is given back. Each authority has a signer of its own
that it delegated to (id-kp-OCSPSigning, and id-pkix-ocsp-nocheck, so that nobody asks about the signer). An
answer without a nonce is signed once and kept for half of its life. Carries no byte over any wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.trust import credential
from bridge.trust.credential import Serial

LIFE = 600
"""Seconds from thisUpdate to nextUpdate, unless the list ends before."""
KEPT = 20_000
"""Answers that are kept signed."""
LARGE = 4096
"""Bytes of a request."""
UNREADABLE = (
    ValueError,
    TypeError,
    NotImplementedError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    UnsupportedAlgorithm,
)
"""What the library says of what it cannot read."""
NONCE = range(1, 129)
"""Bytes of a nonce (RFC 9654)."""
E = TypeVar("E", bound=x509.ExtensionType)
Key = ec.EllipticCurvePrivateKey


class Unfit(Exception):
    """A signer that may not be one, with the reason."""


class Verdict(NamedTuple):
    """What is known of a certificate; revoked at a moment, or not (0)."""

    known: bool
    at: int = 0
    reason: x509.ReasonFlags | None = None
    until: int = 0
    """When this stops to be so, in seconds since 1970; 0 for never."""


Ask = Callable[[Serial], Verdict]


class Signer(NamedTuple):
    """Who signs for an authority."""

    certificate: x509.Certificate
    key: Key
    issuer: x509.Certificate


class Answered(NamedTuple):
    """An answer, and until when it may be given again; 0 where it may not."""

    der: bytes
    until: int = 0


def signer(certificate: x509.Certificate, key: Key, authorities: Iterable[x509.Certificate]) -> Signer:
    """Give a signer with the authority that delegated to it; or Unfit."""
    usage = _extension(certificate, x509.ExtendedKeyUsage)
    if usage is None or ExtendedKeyUsageOID.OCSP_SIGNING not in usage:
        raise Unfit("its extended key usage is not OCSP signing")
    if _extension(certificate, x509.OCSPNoCheck) is None:
        raise Unfit("it has no id-pkix-ocsp-nocheck")
    if key.public_key() != certificate.public_key():
        raise Unfit("the key is another's")
    for issuer in authorities:
        if issuer.subject == certificate.issuer:
            try:
                certificate.verify_directly_issued_by(issuer)
            except (InvalidSignature, ValueError, TypeError):
                continue  # an authority of the same name whose key is another
            return Signer(certificate, key, issuer)
    raise Unfit("it is from no authority that we know")


@dataclass(slots=True)
class Responder:
    """Answers for some authorities; `source` is what the kept answers were made from."""

    signers: tuple[Signer, ...]
    source: object = None
    kept: dict[tuple[bytes, str, int], tuple[int, Answered]] = field(default_factory=dict)
    """Until when an answer is given again, and the answer."""

    def answer(self, request: bytes, ask: Ask, source: object, now: int) -> Answered:
        """Answer a request; `ask` says what is known of a certificate, as long as `source` is the same."""
        try:
            read = _read(request)
            nonce = _nonce(read)
        except UNREADABLE:
            return _refused(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        found = next((each for each in self.signers if _names(read, each.issuer)), None)
        if found is None:
            return _refused(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        if not _in_force(found.certificate, now):
            return _refused(ocsp.OCSPResponseStatus.TRY_LATER)
        serial = Serial(credential.issuer(found.issuer.subject), read.serial_number)
        if nonce:
            return _signed(read, found, ask(serial), nonce, now)._replace(until=0)
        if source is not self.source or len(self.kept) >= KEPT:
            self.kept.clear()
            self.source = source
        return self._known(read, found, serial, ask, now)

    def _known(self, read: ocsp.OCSPRequest, found: Signer, serial: Serial, ask: Ask, now: int) -> Answered:
        """Give an answer that was signed before, or sign it now."""
        key = serial.issuer, read.hash_algorithm.name, serial.number
        until, answered = self.kept.get(key, (0, Answered(b"")))
        if now >= until:
            answered = _signed(read, found, ask(serial), b"", now)
            self.kept[key] = (now + answered.until) // 2, answered
        return answered


def _read(request: bytes) -> ocsp.OCSPRequest:
    if len(request) > LARGE:
        raise ValueError("the request is too large")
    read = ocsp.load_der_ocsp_request(request)
    if any(each.critical and each.oid != x509.OCSPNonce.oid for each in read.extensions):
        raise ValueError("a critical extension is not known")
    return read


def _nonce(read: ocsp.OCSPRequest) -> bytes:
    """The nonce of a request, or nothing."""
    for each in read.extensions:
        if isinstance(each.value, x509.OCSPNonce):
            if len(each.value.nonce) not in NONCE:
                raise ValueError("a nonce has 1 to 128 bytes")
            return each.value.nonce
    return b""


def _names(read: ocsp.OCSPRequest, issuer: x509.Certificate) -> bool:
    """Whether a request is about a certificate of this authority."""
    name = _hash(read.hash_algorithm, issuer.subject.public_bytes())
    key = issuer.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or name != read.issuer_name_hash:
        return False
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _hash(read.hash_algorithm, point) == read.issuer_key_hash


def _hash(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    made = hashes.Hash(algorithm)
    made.update(data)
    return made.finalize()


def _signed(read: ocsp.OCSPRequest, found: Signer, verdict: Verdict, nonce: bytes, now: int) -> Answered:
    """Sign what is known of a certificate."""
    until = min(now + LIFE, verdict.until or now + LIFE)
    states = ocsp.OCSPCertStatus
    state = states.UNKNOWN if not verdict.known else states.REVOKED if verdict.at else states.GOOD
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            issuer_name_hash=read.issuer_name_hash,
            issuer_key_hash=read.issuer_key_hash,
            serial_number=read.serial_number,
            algorithm=read.hash_algorithm,
            cert_status=state,
            this_update=_moment(now),
            next_update=_moment(max(until, now)),
            revocation_time=_moment(verdict.at) if verdict.at else None,
            revocation_reason=verdict.reason if verdict.at else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, found.certificate)
        .certificates([found.certificate])
    )
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    made = builder.sign(found.key, hashes.SHA256())
    return Answered(made.public_bytes(Encoding.DER), max(until, now))


def _refused(status: ocsp.OCSPResponseStatus) -> Answered:
    made = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return Answered(made.public_bytes(Encoding.DER))


def _extension(one: x509.Certificate, kind: type[E]) -> E | None:
    return next((each.value for each in one.extensions if isinstance(each.value, kind)), None)


def _in_force(one: x509.Certificate, now: int) -> bool:
    return one.not_valid_before_utc <= _moment(now) <= one.not_valid_after_utc


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
