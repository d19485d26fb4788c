"""The verifier of a signed envelope: who signed it, whether all of it is signed, and whether it is in time.

XML Signature 1.1 and WS-Security 1.1, in the one form of Smart Meter Texas' interface: three references, to
Body, Timestamp and UsernameToken, each by one exclusive canonical form; the certificate by issuer and serial
number from our own store, never from the message. The signature is checked before any part is digested. It
keeps no replays: that is the caller's, by `Verified.digest`.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from cryptography import x509
from lxml import etree
from lxml.etree import _Element

from bridge.trust.wsse import algorithms, envelope, name
from bridge.trust.wsse.algorithms import EXCLUSIVE, Profile
from bridge.trust.wsse.envelope import ASIDE, BLANKS, ID, Envelope, children, text
from bridge.trust.wsse.refusal import DS, WSSE, WSU, Rejected

DATA, SENT = f"{{{DS}}}X509Data", f"{{{DS}}}X509Certificate"
SIGNED = 3
"""References of a signature: one for each part that has to be signed."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,400}", re.ASCII)
_MILLION = 1_000_000


class Signers(Protocol):
    """The store of signers' certificates, and what is thought of them now."""

    def signers(self, entity: str) -> Sequence[x509.Certificate]:
        """The certificates that an entity signs by: one, or two while it changes to another."""

    def refused(self, certificate: x509.Certificate) -> str:
        """Why a certificate of the store is not believed now, by its chain or by revocation; '' if it is."""


class Verified(NamedTuple):
    """What a sender has signed: the elements that were digested, and nothing else of the document."""

    body: _Element
    username: str
    created: float
    """Seconds since 1970, as is `until`."""
    until: float
    """The moment from which the message would be refused for its age; a replay is remembered until then."""
    certificate: x509.Certificate
    digest: bytes
    """SHA-256 of what was signed. The same message has no other, even if its signature's value is changed."""
    value: bytes
    """The signature's value, for the log: a second one of ECDSA is easily made of a first."""
    method: str
    legacy: bool
    """Whether it was taken by an algorithm that the default profile refuses; to be logged each time."""


class Claimed(NamedTuple):
    """What a Signature element says, before any of it is believed."""

    info: _Element
    method: str
    references: tuple[tuple[str, str, bytes], ...]
    """Id, digest method, digest."""
    value: bytes
    issuer: name.Name
    serial: int
    aside: int = 0
    """How many certificates were left aside in KeyInfo."""


def verify(data: bytes, entity: str, signers: Signers, profile: Profile, now: float) -> Verified:
    """Take a signed envelope from an entity; Rejected, with the first reason there is, if it is not one."""
    found = envelope.read(data, strict=profile.strict)
    claimed = read(found.signature, profile)
    lasting(profile, now)
    certificate = named(claimed, signers.signers(entity))
    trusted(certificate, claimed.method, signers, now)
    covered(found, claimed)
    digest = held(found, claimed, certificate, profile)
    created, until = fresh(found.timestamp, profile, now)
    return Verified(
        found.body, found.username, created, until, certificate, digest, claimed.value, claimed.method,
        legacy(claimed),
    )  # fmt: skip


def lasting(profile: Profile, now: float) -> None:
    """Refuse by a profile that has ended."""
    if profile.until is not None and now >= profile.until:
        raise Rejected("algorithm", f"the profile {profile.name} has ended")


def legacy(claimed: Claimed) -> bool:
    """Whether a signature needs an algorithm that the default profile refuses."""
    default = {*algorithms.DEFAULT.signatures, *algorithms.DEFAULT.digests}
    return not {claimed.method, *(used for _, used, _ in claimed.references)} <= default


def canonical(element: _Element) -> bytes:
    """The exclusive canonical form of an element, without parameters and without what follows it."""
    try:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    except etree.LxmlError:
        raise Rejected("signature", "there is no canonical form of this, a namespace is no URI") from None


def read(signature: _Element, profile: Profile) -> Claimed:
    """What a Signature element says, if it has the one form that is taken."""
    info, value, key = _inside(signature, "SignedInfo", "SignatureValue", "KeyInfo", attributes=("Id",))
    used, references = _info(info, profile, (EXCLUSIVE,), SIGNED)
    issuer, serial, aside = _meant(key, strict=profile.strict)
    return Claimed(info, used, references, _octets(value), issuer, serial, aside)


def enveloped(signature: _Element, profile: Profile, transforms: tuple[str, ...]) -> Claimed:
    """The same of a Signature inside of what it signs; its KeyInfo, if there is one, is not looked at."""
    keys = ("KeyInfo",) * (len(signature) - 2)
    info, value, *_ = _inside(signature, "SignedInfo", "SignatureValue", *keys[:1], attributes=("Id",))
    used, references = _info(info, profile, transforms, 1)
    return Claimed(info, used, references, _octets(value), (), 0)


def _info(
    info: _Element, profile: Profile, transforms: tuple[str, ...], count: int
) -> tuple[str, tuple[tuple[str, str, bytes], ...]]:
    """Method and references of a SignedInfo."""
    tags = ("CanonicalizationMethod", "SignatureMethod", *("Reference",) * (len(info) - 2))
    canon, method, *references = _inside(info, *tags, attributes=("Id",))
    if _algorithm(canon, "transform") != EXCLUSIVE:
        raise Rejected("transform", "the canonical form is not the exclusive one without comments")
    if (used := _algorithm(method)) not in profile.signatures:
        raise Rejected("algorithm", f"a signature method that profile {profile.name} has not: {used[:80]}")
    if len(references) != count:
        raise Rejected("coverage", f"{len(references)} references, not {count}")
    return used, tuple(_reference(each, profile, transforms) for each in references)


def _inside(element: _Element, *names: str, attributes: Sequence[str] = ()) -> list[_Element]:
    tags = (f"{{{DS}}}{each}" for each in names)
    return children(element, "signature", *tags, attributes=attributes)


def _algorithm(element: _Element, reason: str = "algorithm") -> str:
    """The name of an algorithm that has no parameter."""
    if len(element) or {*element.attrib} != {"Algorithm"} or (element.text or "").strip(BLANKS):
        raise Rejected(reason, f"{envelope.local(element)} has parameters")
    return element.get("Algorithm", "")


def _reference(reference: _Element, profile: Profile, wanted: tuple[str, ...]) -> tuple[str, str, bytes]:
    transforms, method, value = _inside(
        reference, "Transforms", "DigestMethod", "DigestValue", attributes=("URI", "Id")
    )
    place = reference.get("URI", "")
    if place[:1] != "#" or not envelope.MARK.fullmatch(place[1:]):
        raise Rejected("reference", "a reference is not to an id in this document")
    if len(transforms) != len(wanted):
        raise Rejected("transform", f"{len(transforms)} transforms, not {len(wanted)}")
    found = _inside(transforms, *("Transform",) * len(wanted))
    if tuple(_algorithm(each, "transform") for each in found) != wanted:
        raise Rejected("transform", f"a transform is not {wanted[-1]}")
    if (used := _algorithm(method)) not in profile.digests:
        raise Rejected("algorithm", f"a digest method that profile {profile.name} has not: {used[:80]}")
    return place[1:], used, _octets(value)


def _octets(element: _Element) -> bytes:
    """The octets of an element in base64, which has one spelling but for white space."""
    written = "".join(text(element, "signature").split())
    try:
        octets = b64decode(written)
    except (binascii.Error, ValueError):
        octets = b""
    if not octets or b64encode(octets).decode() != written:
        raise Rejected("signature", f"{envelope.local(element)} is not base64")
    return octets


def _meant(key: _Element, *, strict: bool) -> tuple[name.Name, int, int]:
    """Issuer and serial number of the certificate that is meant, and how many others were left aside."""
    reason, asides = "key", list[_Element]()
    token = _one(key, f"{{{WSSE}}}SecurityTokenReference", DATA, ("Id",), asides)
    (data,) = children(token, reason, DATA, attributes=(ID,))
    sent = list[_Element]()
    pair = _one(data, f"{{{DS}}}X509IssuerSerial", SENT, (), sent)
    for each in asides:
        sent += children(each, reason, *(SENT,) * max(len(each), 1))
    if len(sent) > (0 if strict else ASIDE):
        raise Rejected(reason, f"{len(sent)} certificates in KeyInfo")
    for each in sent:
        text(each, reason)
    issuer, serial = children(pair, reason, f"{{{DS}}}X509IssuerName", f"{{{DS}}}X509SerialNumber")
    number = text(serial, reason).strip(BLANKS)
    if not _NUMBER.fullmatch(number):
        raise Rejected(reason, "a serial number is not a number")
    try:
        return name.read(text(issuer, reason)), int(number), len(sent)
    except ValueError as fault:
        raise Rejected(reason, str(fault)) from None


def _one(
    element: _Element, tag: str, other: str, attributes: tuple[str, ...], asides: list[_Element]
) -> _Element:
    """The one child of a name; those of another name are put aside, a third is refused."""
    asides += [each for each in element if each.tag == other]
    found = [each for each in element if each.tag == tag]
    envelope.bare(element, "key", attributes)
    if len(found) != 1 or len(found) + len(asides) != len(element):
        raise Rejected("key", f"{envelope.local(element)} has other parts than it should")
    return found[0]


def named(claimed: Claimed, held: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificate that is meant, of those that the entity has in our store."""
    for each in held:
        if each.serial_number == claimed.serial and name.of(each.issuer) == claimed.issuer:
            return each
    raise Rejected("signer", "the certificate that is named is none of this sender's")


def trusted(certificate: x509.Certificate, method: str, signers: Signers, now: float) -> None:
    """Refuse a certificate that is not valid now, not for signing, of another key, or not believed."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begin.timestamp() <= now <= end.timestamp():
        raise Rejected("certificate", "the signer's certificate is not valid now")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    if usage is not None and not usage.digital_signature:
        raise Rejected("certificate", "the signer's certificate is not for signing")
    if not algorithms.fits(method, certificate.public_key()):
        raise Rejected("algorithm", "the signature method is not for a key of this type or size")
    if why := signers.refused(certificate):
        raise Rejected("certificate", why)


def covered(found: Envelope, claimed: Claimed) -> None:
    """Refuse unless the references are to the very elements that will be processed, to each once."""
    if {mark for mark, _, _ in claimed.references} != {*found.signed}:
        raise Rejected("coverage", "Body, Timestamp and token are not each signed once")


def held(found: Envelope, claimed: Claimed, certificate: x509.Certificate, profile: Profile) -> bytes:
    """Check the signature, then the digest of each part; the digest of what was signed."""
    octets, parts = canonical(claimed.info), found.signed
    if not algorithms.holds(
        profile.signatures[claimed.method], certificate.public_key(), claimed.value, octets
    ):
        raise Rejected("value", "the signature does not hold")
    for mark, method, value in claimed.references:
        if algorithms.digest(profile.digests[method], canonical(parts[mark])) != value:
            raise Rejected("digest", f"{envelope.local(parts[mark])} is not what was signed")
    return algorithms.digest(algorithms.DEFAULT.digests[algorithms.SHA256], octets)


def fresh(timestamp: _Element, profile: Profile, now: float) -> tuple[float, float]:
    """When a message was made, and until when it is taken."""
    created, expires = map(
        _moment, children(timestamp, "timestamp", f"{{{WSU}}}Created", f"{{{WSU}}}Expires", attributes=(ID,))
    )
    if not 0 < expires - created <= profile.longest:
        raise Rejected("lifetime", f"good for {expires - created:.0f} s, at most {profile.longest}")
    if created > now + profile.skew:
        raise Rejected("future", "made in the future")
    if now >= expires + profile.skew:
        raise Rejected("expired", "its time is over")
    return created, expires + profile.skew


def _moment(element: _Element) -> float:
    """A moment in UTC, as seconds since 1970."""
    return moment(text(element, "timestamp").strip(BLANKS), "timestamp", envelope.local(element))


def moment(written: str, reason: str, what: str) -> float:
    """The same of a text."""
    if not _MOMENT.fullmatch(written):
        raise Rejected(reason, f"{what} is not a moment in UTC")
    whole, _, part = written[:-1].partition(".")
    try:
        return datetime.fromisoformat(f"{whole}+00:00").timestamp() + int(f"{part:0<6}"[:6]) / _MILLION
    except ValueError:
        raise Rejected(reason, f"{what} is a moment that does not exist") from None
