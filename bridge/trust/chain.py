"""The judge of a chain of certificates, leaf first: what IEEE 2030.5-2018 clause 6.11 lets pass.

P-256 and ECDSA with SHA-256 throughout, two to four certificates, no name constraints, no policy mappings,
no critical extension that is not understood, bits and lengths of authorities, each signature up to a root
that we were told to trust. COMM-004A to G of the CSIP tests. It reads no clock, so periods are the
handshake's to check; so are constraints on policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID, SignatureAlgorithmOID

from bridge.trust.terms import CLIENT, FORBIDDEN, KNOWN, LEAST, MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Usages = frozenset[x509.ObjectIdentifier]

KEY = "a key is not on P-256"
ALGORITHM = "a signature is not ECDSA with SHA-256"
PURPOSE = "an extended key usage does not allow this use"
CRITICAL = "an authority has a critical extended key usage"
SIGN = "the key may not sign"
UNSUPPORTED = frozenset({SIGN, KEY, ALGORITHM, PURPOSE, CRITICAL})
"""Reasons that TLS calls an unsupported certificate; it has no word but bad for the others."""
UNREADABLE = (
    ValueError,
    TypeError,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)
"""What the library says of a certificate that it cannot make sense of."""


def judge(chain: Sequence[bytes], roots: Iterable[bytes] = (), usages: Usages = CLIENT) -> str:
    """Say why a chain of DER certificates is refused, '' if it is not.

    A root may be left off the chain if it is among `roots`; with no `roots` given the chain must bring its
    own. `usages` are the extended key usages of which the leaf needs one, where it is limited at all.
    """
    try:
        whole = _whole([x509.load_der_x509_certificate(der) for der in chain], roots)
        return whole if isinstance(whole, str) else _judged(whole, usages)
    except UNREADABLE as fault:
        return f"a certificate cannot be read: {fault}"


def _whole(chain: list[x509.Certificate], roots: Iterable[bytes]) -> list[x509.Certificate] | str:
    """The chain with its root at the end, or why there is none."""
    known = list(map(x509.load_der_x509_certificate, roots))
    if not chain:
        return "there is no certificate"
    top = chain[-1]
    if not known:
        return chain if top.subject == top.issuer else "the chain does not end in a root"
    if top in known:
        return chain
    above = [root for root in known if root.subject == top.issuer and top.subject != top.issuer]
    if not above:
        return "the chain does not end in a root that is trusted"
    return [*chain, next((root for root in above if not _signed(top, root)), above[0])]


def _judged(chain: list[x509.Certificate], usages: Usages) -> str:
    if not LEAST <= len(chain) <= MOST:
        return f"a chain has {LEAST} to {MOST} certificates, not {len(chain)}"
    if reason := next(filter(None, (rule(one) for one in chain for rule in EACH)), ""):
        return reason
    if reason := _leaf(chain[0], usages):
        return reason
    authorities = enumerate(chain[1:])
    if reason := next(filter(None, (_authority(one, below, usages) for below, one in authorities)), ""):
        return reason
    signers = (*chain[1:], chain[-1])
    return next(filter(None, map(_signed, chain, signers)), "")


def _key(one: x509.Certificate) -> str:
    key = one.public_key()
    fits = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return "" if fits else KEY


def _algorithm(one: x509.Certificate) -> str:
    fits = one.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA256
    return "" if fits else ALGORITHM


def _forbidden(one: x509.Certificate) -> str:
    found = next((FORBIDDEN[each.oid] for each in one.extensions if each.oid in FORBIDDEN), "")
    return f"a certificate has {found}" if found else ""


def _critical(one: x509.Certificate) -> str:
    strange = (each.oid for each in one.extensions if each.critical and each.oid not in KNOWN)
    found = next(strange, None)
    return f"a critical extension is not known: {found.dotted_string}" if found else ""


EACH: tuple[Callable[[x509.Certificate], str], ...] = (_key, _algorithm, _forbidden, _critical)
"""Rules for every certificate, root included."""


def _found(one: x509.Certificate, oid: x509.ObjectIdentifier) -> x509.Extension[x509.ExtensionType] | None:
    return next((each for each in one.extensions if each.oid == oid), None)


def _purposes(one: x509.Certificate, usages: Usages) -> str:
    found = _found(one, ExtensionOID.EXTENDED_KEY_USAGE)
    if found is None or not isinstance(found.value, x509.ExtendedKeyUsage):
        return ""
    return "" if usages & set(found.value) else PURPOSE


def _leaf(one: x509.Certificate, usages: Usages) -> str:
    basic = _found(one, ExtensionOID.BASIC_CONSTRAINTS)
    if basic and isinstance(basic.value, x509.BasicConstraints) and basic.value.ca:
        return "an authority is no device"
    usage = _found(one, ExtensionOID.KEY_USAGE)
    if usage and isinstance(usage.value, x509.KeyUsage) and not usage.value.digital_signature:
        return SIGN
    return _purposes(one, usages)


def _authority(one: x509.Certificate, below: int, usages: Usages) -> str:
    """Judge an authority with so many others between it and the leaf."""
    basic = _found(one, ExtensionOID.BASIC_CONSTRAINTS)
    if basic is None or not isinstance(basic.value, x509.BasicConstraints) or not basic.value.ca:
        return "an issuer is no authority"
    if basic.value.path_length is not None and basic.value.path_length < below:
        return "there are more authorities than an issuer allows"
    usage = _found(one, ExtensionOID.KEY_USAGE)
    if usage and isinstance(usage.value, x509.KeyUsage) and not usage.value.key_cert_sign:
        return "an issuer may not sign certificates"
    purposes = _found(one, ExtensionOID.EXTENDED_KEY_USAGE)
    if purposes and purposes.critical:
        return CRITICAL
    return _purposes(one, usages)


def _signed(one: x509.Certificate, issuer: x509.Certificate) -> str:
    try:
        one.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return "a signature does not hold"
    except (ValueError, TypeError):
        return "an issuer is not the one that is named"
    return ""
