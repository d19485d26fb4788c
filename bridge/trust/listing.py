"""A revocation list as it was received: read, held to RFC 5280, and traced to an authority that we trust.

RFC 5280 5: signed with ECDSA and SHA-256 by an authority whose key may sign lists, in force, numbered, with
no critical extension that is not understood. Deltas and indirect lists are refused: a list says all that its
issuer revoked, and nothing of another. It is told what time it is, and fetches nothing.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID, SignatureAlgorithmOID

from bridge.trust import credential
from bridge.trust.terms import MOST

LARGE = 16 * 1024 * 1024
"""Bytes of a list at most."""
MANY = 500_000
"""Certificates on one list at most."""
SKEW = 300
"""Seconds that an issuer's clock may be before ours."""
KNOWN = frozenset({
    ExtensionOID.CRL_NUMBER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.ISSUER_ALTERNATIVE_NAME,
    ExtensionOID.ISSUING_DISTRIBUTION_POINT,
})  # fmt: skip
"""Extensions that may be critical in a list."""
ENTRY = frozenset({CRLEntryExtensionOID.CRL_REASON, CRLEntryExtensionOID.INVALIDITY_DATE})
"""Those that may be critical in an entry; certificateIssuer, that of an indirect list, is not among them."""
CRITICAL = b"\x01\x01\xff"
"""What stands in the DER of each critical extension."""
INTEGER, SEQUENCE, LONG = 0x02, 0x30, 0x80
"""Tags of DER, and from where on a length is the length of the length."""
UNREADABLE = (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, UnsupportedAlgorithm)
"""What the library says of what it cannot read."""
PEM = re.compile(rb"-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----")
Crl = x509.CertificateRevocationList


class Refused(Exception):
    """A list that may not be used, with the reason."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that was read."""

    name: str
    """40 hexadecimal digits, the same for every list of an issuer and scope."""
    issuer: bytes
    """As in `credential.Serial`."""
    title: str
    """The issuer's name, for people."""
    number: int
    since: int
    """thisUpdate, in seconds since 1970."""
    until: int
    """nextUpdate."""
    serials: frozenset[int]
    der: bytes
    digest: str
    """What tells one edition from another."""
    crl: Crl

    def entry(self, serial: int) -> tuple[int, x509.ReasonFlags | None]:
        """When a certificate on the list was revoked, and why; a walk through the list."""
        found = self.crl.get_revoked_certificate_by_serial_number(serial)
        if found is None:
            raise LookupError(f"{serial:X} is not on the list")
        reason = _extension(found.extensions, CRLEntryExtensionOID.CRL_REASON)
        flag = reason.value.reason if reason and isinstance(reason.value, x509.CRLReason) else None
        return _seconds(found.revocation_date_utc), flag


class Pool(NamedTuple):
    """Authorities that a list may be from: trusted ones, and others that count if they lead up to these."""

    roots: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...] = ()

    def authorities(self, name: x509.Name, now: int) -> list[x509.Certificate]:
        """Give the authorities of a name that are trusted and in force."""
        found = (one for one in (*self.roots, *self.others) if one.subject == name)
        return [one for one in found if _in_force(one, now) and self._trusted(one, MOST)]

    def _trusted(self, one: x509.Certificate, steps: int) -> bool:
        if one in self.roots:
            return True
        above = (each for each in (*self.roots, *self.others) if each.subject == one.issuer)
        return steps > 1 and any(_signed(one, each) and self._trusted(each, steps - 1) for each in above)


def read(data: bytes, pool: Pool, now: int) -> Listing:
    """Read a list in DER or PEM, where certificates of authorities may stand beside it; or Refused."""
    if len(data) > LARGE:
        raise Refused(f"a list has {LARGE} bytes at most")
    try:
        der, brought = _unwrapped(data)
        crl = x509.load_der_x509_crl(der)
        if not der.endswith(b"\x00" + crl.signature):  # the octet before it counts bits that are not its own
            raise Refused("its signature is not of whole octets")
        for rule in RULES:
            if reason := rule(crl, now):
                raise Refused(reason)
        _entries(crl, der)
        _verified(crl, pool._replace(others=(*pool.others, *brought)), now)
        return parsed(der, crl)
    except UNREADABLE as fault:
        raise Refused(f"this is no revocation list: {str(fault)[:200]}") from None


def parsed(der: bytes, loaded: Crl | None = None) -> Listing:
    """Take out of a list that was accepted what it is asked for."""
    crl = loaded or x509.load_der_x509_crl(der)
    point = _found(crl, ExtensionOID.ISSUING_DISTRIBUTION_POINT)
    scope = point.value.public_bytes() if point else b""
    number = _found(crl, ExtensionOID.CRL_NUMBER)
    ends = crl.next_update_utc
    assert number is not None  # noqa: S101 - the rules have seen to it
    assert isinstance(number.value, x509.CRLNumber)  # noqa: S101
    assert ends is not None  # noqa: S101
    return Listing(
        name=sha256(crl.issuer.public_bytes() + scope).hexdigest()[:40],
        issuer=credential.issuer(crl.issuer),
        title=crl.issuer.rfc4514_string(),
        number=number.value.crl_number,
        since=_seconds(crl.last_update_utc),
        until=_seconds(ends),
        serials=frozenset(_serials(der)),
        der=der,
        digest=sha256(der).hexdigest(),
        crl=crl,
    )


def _unwrapped(data: bytes) -> tuple[bytes, list[x509.Certificate]]:
    """Give the DER of a list, and the certificates that stand beside it."""
    if not data.lstrip().startswith(b"-----BEGIN"):
        return data, []
    found = PEM.search(data)
    if found is None:
        raise Refused("there is no revocation list in this PEM")
    brought = x509.load_pem_x509_certificates(data) if b"BEGIN CERTIFICATE-" in data else []
    return b64decode(b"".join(found[1].split()), validate=True), brought


def _serials(der: bytes) -> list[int]:
    """Give the serial numbers of a list that the library has read; itself it takes four times as long."""
    place, _ = _inside(der, _inside(der, 0)[0])
    for _ in range(5 if der[place] == INTEGER else 4):  # version, algorithm, issuer, thisUpdate, nextUpdate
        place = _inside(der, place)[1]
    if place >= len(der) or der[place] != SEQUENCE:
        return []
    found: list[int] = []
    place, end = _inside(der, place)
    while place < end:
        inner, place = _inside(der, place)
        start, stop = _inside(der, inner)
        found.append(int.from_bytes(der[start:stop], "big", signed=True))
    if len(found) > MANY:
        raise Refused(f"a list names {MANY} certificates at most")
    return found


def _inside(der: bytes, place: int) -> tuple[int, int]:
    """Where the content of a DER element begins and ends."""
    length, start = der[place + 1], place + 2
    if length >= LONG:
        size = length - LONG
        length, start = int.from_bytes(der[start : start + size], "big"), start + size
    return start, start + length


# ------------------------------------------------------------------------------------------------ rules


def _algorithm(crl: Crl, now: int) -> str:
    del now
    fits = crl.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA256
    return "" if fits else "a list is signed with ECDSA and SHA-256"


def _dated(crl: Crl, now: int) -> str:
    if crl.next_update_utc is None:
        return "a list says when the next one comes (nextUpdate)"
    if _seconds(crl.last_update_utc) > now + SKEW:
        return "this list is of the future (thisUpdate)"
    return "" if _seconds(crl.next_update_utc) > now else "this list is past its nextUpdate"


def _delta(crl: Crl, now: int) -> str:
    del now
    return "this is a delta list" if _found(crl, ExtensionOID.DELTA_CRL_INDICATOR) else ""


def _scope(crl: Crl, now: int) -> str:
    del now
    point = _found(crl, ExtensionOID.ISSUING_DISTRIBUTION_POINT)
    if point is None or not isinstance(point.value, x509.IssuingDistributionPoint):
        return ""
    if point.value.indirect_crl:
        return "this is an indirect list"
    if point.value.only_some_reasons or point.value.only_contains_attribute_certs:
        return "this list covers some reasons only, or other things than certificates"
    return ""


def _number(crl: Crl, now: int) -> str:
    del now
    return "" if _found(crl, ExtensionOID.CRL_NUMBER) else "a list has a number (cRLNumber)"


def _critical(crl: Crl, now: int) -> str:
    del now
    strange = (each.oid for each in crl.extensions if each.critical and each.oid not in KNOWN)
    found = next(strange, None)
    return f"a critical extension is not known: {found.dotted_string}" if found else ""


RULES: tuple[Callable[[Crl, int], str], ...] = (
    _algorithm, _dated, _delta, _scope, _number, _critical,
)  # fmt: skip
"""Each says why a list may not be used."""


def _entries(crl: Crl, der: bytes) -> None:
    """Look at each entry's extensions only where the bytes have more critical ones than the list itself."""
    if der.count(CRITICAL) <= sum(each.critical for each in crl.extensions):
        return
    critical = (each.oid for one in crl for each in one.extensions if each.critical)
    if found := next((oid for oid in critical if oid not in ENTRY), None):
        raise Refused(f"a critical extension of an entry is not known: {found.dotted_string}")


def _verified(crl: Crl, pool: Pool, now: int) -> None:
    """Refuse a list that none of our authorities has signed, or one that may not sign lists."""
    known = pool.authorities(crl.issuer, now)
    if not known:
        raise Refused(f"no authority that is trusted and in force is called {crl.issuer.rfc4514_string()}")
    signers = [one for one in known if _valid(crl, one)]
    if not signers:
        raise Refused("the signature of the list does not hold")
    if not any(map(_may, signers)):
        raise Refused("its issuer may not sign lists (cRLSign)")


def _valid(crl: Crl, one: x509.Certificate) -> bool:
    key = one.public_key()
    return isinstance(key, ec.EllipticCurvePublicKey) and crl.is_signature_valid(key)


def _may(one: x509.Certificate) -> bool:
    """Whether the key of an authority may sign lists (RFC 5280 4.2.1.3)."""
    usage = _extension(one.extensions, ExtensionOID.KEY_USAGE)
    return usage is None or (isinstance(usage.value, x509.KeyUsage) and usage.value.crl_sign)


def _signed(one: x509.Certificate, above: x509.Certificate) -> bool:
    """Whether a certificate is from an authority."""
    basic = _extension(above.extensions, ExtensionOID.BASIC_CONSTRAINTS)
    if basic is None or not isinstance(basic.value, x509.BasicConstraints) or not basic.value.ca:
        return False
    try:
        one.verify_directly_issued_by(above)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _in_force(one: x509.Certificate, now: int) -> bool:
    return _seconds(one.not_valid_before_utc) <= now <= _seconds(one.not_valid_after_utc)


def _found(crl: Crl, oid: x509.ObjectIdentifier) -> x509.Extension[x509.ExtensionType] | None:
    return _extension(crl.extensions, oid)


def _extension(
    among: Iterable[x509.Extension[x509.ExtensionType]], oid: x509.ObjectIdentifier
) -> x509.Extension[x509.ExtensionType] | None:
    return next((each for each in among if each.oid == oid), None)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
