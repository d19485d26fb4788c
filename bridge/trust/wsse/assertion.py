"""An assertion of SAML 2.0 in place of a UsernameToken: our own profile, since the interface describes none.

SAML 2.0 core, sections 2.3 to 2.5 and 5.4. One strict shape: Issuer, Signature, Subject, Conditions, perhaps
an AuthnStatement; signed by the one certificate that is registered for its issuer, enveloped, by its own ID.
The message's signature covers it by that ID too, so that it cannot be moved. Who calls keeps the ids.
"""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

from cryptography import x509
from lxml.etree import _Element

from bridge.trust.wsse import algorithms, signature
from bridge.trust.wsse.algorithms import EXCLUSIVE, Profile
from bridge.trust.wsse.envelope import (
    ASSERTION,
    BLANKS,
    LONGEST,
    SECURITY,
    SIGNATURE,
    TIMESTAMP,
    TOKEN,
    USERNAME,
    Form,
    bare,
    children,
    local,
    text,
)
from bridge.trust.wsse.refusal import DS, Rejected

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
ENVELOPED = f"{DS}enveloped-signature"
MARK = "ID"
PARTS = tuple(f"{{{SAML}}}{name}" for name in ("Issuer", "Signature", "Subject", "Conditions"))
STATEMENT = f"{{{SAML}}}AuthnStatement"
"""Says how the subject was known to its issuer; signed, and asked for nothing."""
LONG = 300
"""Seconds that an assertion may be good for."""


class Trusted(NamedTuple):
    """Whom assertions are taken from, for one sender."""

    issuer: str
    """What Issuer says."""
    certificate: x509.Certificate
    audience: str
    """Ourselves."""


class Asserted(NamedTuple):
    """What an assertion says that holds."""

    mark: str
    """Its ID: taken once."""
    until: float
    """When it would be refused for its age."""


def subject(token: _Element) -> str:
    """The account that an assertion names; Rejected where it has not our shape."""
    if token.get("Version") != "2.0" or {*token.attrib} != {"Version", MARK, "IssueInstant"}:
        raise Rejected("token", "an assertion has Version 2.0, ID and IssueInstant")
    parts = _parts(token)
    inside = list(parts[2])
    if not inside or inside[0].tag != f"{{{SAML}}}NameID" or not {*parts[2].attrib} <= set():
        raise Rejected("token", "Subject begins with a NameID")
    bare(parts[2], "token")
    if [each.tag for each in inside[1:]] not in ([], [f"{{{SAML}}}SubjectConfirmation"]):
        raise Rejected("token", "Subject has other parts than NameID and one SubjectConfirmation")
    name = text(inside[0], "token", ("Format",))
    if not 0 < len(name) <= LONGEST or name != name.strip() or not name.isprintable():
        raise Rejected("token", "NameID is empty, too long, or not plain text")
    return name


def verify(token: _Element, trusted: Trusted, profile: Profile, now: float) -> Asserted:
    """Hold an assertion against its issuer's certificate, our audience and the clock."""
    issuer, sealed, _, conditions = _parts(token)
    if text(issuer, "token", ("Format",)).strip(BLANKS) != trusted.issuer:
        raise Rejected("signer", "the assertion is from an issuer who is not this sender's")
    _signed(token, sealed, trusted.certificate, profile, now)
    issued = _moment(token, "IssueInstant")
    begins, ends = _moment(conditions, "NotBefore"), _moment(conditions, "NotOnOrAfter")
    if not 0 < ends - begins <= LONG:
        raise Rejected("assertion", f"good for {ends - begins:.0f} s, at most {LONG}")
    if issued > now + profile.skew or not begins - profile.skew <= now < ends + profile.skew:
        raise Rejected("assertion", "its time has not come, or is over")
    _meant(conditions, trusted.audience)
    return Asserted(token.get(MARK, ""), ends + profile.skew)


def _parts(token: _Element) -> list[_Element]:
    """Issuer, Signature, Subject and Conditions."""
    found = list(token)
    tags = [PARTS[0], SIGNATURE, *PARTS[2:]]
    if [each.tag for each in found] not in (tags, [*tags, STATEMENT]):
        raise Rejected("token", "an assertion has Issuer, Signature, Subject and Conditions")
    bare(token, "token", map(str, token.keys()))
    return found[: len(tags)]


def _signed(
    token: _Element, sealed: _Element, certificate: x509.Certificate, profile: Profile, now: float
) -> None:
    """Check the issuer's signature: one reference, to the assertion itself without that signature."""
    claimed = signature.enveloped(sealed, profile, (ENVELOPED, EXCLUSIVE))
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begin.timestamp() <= now <= end.timestamp():
        raise Rejected("certificate", "the issuer's certificate is not valid now")
    if not algorithms.fits(claimed.method, certificate.public_key()):
        raise Rejected("algorithm", "the signature method is not for a key of this type or size")
    ((mark, used, digest),) = claimed.references
    if mark != token.get(MARK):
        raise Rejected("coverage", "the assertion's signature is about something else")
    octets = signature.canonical(claimed.info)
    if not algorithms.holds(
        profile.signatures[claimed.method], certificate.public_key(), claimed.value, octets
    ):
        raise Rejected("value", "the assertion's signature does not hold")
    if algorithms.digest(profile.digests[used], signature.canonical(without(token))) != digest:
        raise Rejected("digest", "the assertion is not what was signed")


def without(token: _Element) -> _Element:
    """A copy of an assertion without its signature; the text behind that stays."""
    copy = deepcopy(token)
    sealed = copy.find(SIGNATURE)
    if sealed is not None:
        before, rest = sealed.getprevious(), sealed.tail or ""
        copy.remove(sealed)
        if before is not None:
            before.tail = (before.tail or "") + rest
        else:
            copy.text = (copy.text or "") + rest
    return copy


def _meant(conditions: _Element, audience: str) -> None:
    """Refuse what is not for us."""
    limits = children(
        conditions, "assertion", f"{{{SAML}}}AudienceRestriction", attributes=("NotBefore", "NotOnOrAfter")
    )
    named = children(limits[0], "assertion", *(f"{{{SAML}}}Audience",) * len(limits[0]))
    if audience not in [text(each, "assertion").strip(BLANKS) for each in named]:
        raise Rejected("assertion", "it is for another audience")


def _moment(element: _Element, name: str) -> float:
    """A moment in UTC that an attribute says."""
    written = element.get(name)
    if written is None:
        raise Rejected("assertion", f"{local(element)} has no {name}")
    return signature.moment(written, "assertion", name)


FORM = Form(
    ASSERTION,
    MARK,
    subject,
    {SECURITY: 1, TIMESTAMP: 1, TOKEN: 0, USERNAME: 0, ASSERTION: 1, SIGNATURE: 2},
)
"""In place of a UsernameToken; there are two signatures then, the sender's and the issuer's."""
