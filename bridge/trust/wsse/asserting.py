"""The other side of an assertion: one of our own SAML 2.0 profile, signed by its issuer.

It has the shape that `assertion.py` takes: Issuer, Signature, Subject, Conditions. Its signature is enveloped
and names no key, since the other side has the certificate; the message's signature covers it by its ID.
Moments and ids are arguments. It sends nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from lxml.etree import Element, SubElement, _Element

from bridge.trust.wsse import signing
from bridge.trust.wsse.algorithms import EXCLUSIVE
from bridge.trust.wsse.assertion import ENVELOPED, MARK, SAML
from bridge.trust.wsse.envelope import ASSERTION
from bridge.trust.wsse.signature import canonical
from bridge.trust.wsse.signing import Signer, moment

SPACES = {"saml": SAML}


class Claim(NamedTuple):
    """What is asserted."""

    issuer: str
    account: str
    """The subject: a system account."""
    audience: str


def assertion(claim: Claim, signer: Signer, period: tuple[int, int], mark: str) -> _Element:
    """Make a signed assertion; `mark` is new for each, letters, digits and `-`."""
    begins, ends = map(moment, period)
    token = Element(ASSERTION, {"Version": "2.0", MARK: mark, "IssueInstant": begins}, nsmap=SPACES)
    _below(token, "Issuer").text = claim.issuer
    _below(_below(token, "Subject"), "NameID").text = claim.account
    conditions = _below(token, "Conditions", NotBefore=begins, NotOnOrAfter=ends)
    _below(_below(conditions, "AudienceRestriction"), "Audience").text = claim.audience
    whole = canonical(token)
    sealed = signing.sealed(token, ((mark, whole),), signer, (ENVELOPED, EXCLUSIVE))
    token.insert(1, sealed)
    return token


def _below(parent: _Element, name: str, **attributes: str) -> _Element:
    return SubElement(parent, f"{{{SAML}}}{name}", attributes)
