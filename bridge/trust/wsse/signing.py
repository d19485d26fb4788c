"""The other side: an envelope of the same form, signed by our key, as Smart Meter Texas asks for it.

XML Signature 1.1 and WS-Security 1.1: Body, Timestamp and UsernameToken are signed, the certificate is named
by issuer and serial number and never sent. Moments and what makes the ids unlike any other's are arguments.
It sends nothing.
"""

from __future__ import annotations

from base64 import b64encode
from copy import deepcopy
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from lxml.etree import Element, SubElement, _Element, tostring

from bridge.trust.wsse import algorithms
from bridge.trust.wsse.algorithms import EXCLUSIVE, SHA256
from bridge.trust.wsse.envelope import (
    BODY,
    ENVELOPE,
    HEADER,
    ID,
    MANDATORY,
    SECURITY,
    TIMESTAMP,
    TOKEN,
    USERNAME,
)
from bridge.trust.wsse.refusal import DS, SOAP, WSSE, WSU
from bridge.trust.wsse.signature import canonical

SPACES = {"soapenv": SOAP, "wsse": WSSE, "wsu": WSU}


class Signer(NamedTuple):
    """A key, P-256 or RSA, and the certificate that the other side has in its store."""

    key: PrivateKeyTypes
    certificate: x509.Certificate


def sign(content: _Element, signer: Signer, username: str, period: tuple[int, int], mark: str) -> bytes:
    """Make a signed envelope around a copy of a request; `mark` is new for each, letters, digits and `-`."""
    root = Element(ENVELOPE, nsmap=SPACES)
    security = SubElement(SubElement(root, HEADER), SECURITY, {MANDATORY: "1"})
    timestamp = SubElement(security, TIMESTAMP, {ID: f"Timestamp-{mark}"})
    for word, moment in zip(("Created", "Expires"), period, strict=True):
        written = f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
        SubElement(timestamp, f"{{{WSU}}}{word}").text = written
    token = SubElement(security, TOKEN, {ID: f"UsernameToken-{mark}"})
    SubElement(token, USERNAME).text = username
    body = SubElement(root, BODY, {ID: f"Body-{mark}"})
    body.append(deepcopy(content))
    _sealed(security, (token, body, timestamp), signer)
    return tostring(root, xml_declaration=True, encoding="UTF-8")


def _sealed(security: _Element, parts: tuple[_Element, ...], signer: Signer) -> None:
    """Put a signature of these parts into the Security block."""
    signature = SubElement(security, f"{{{DS}}}Signature", nsmap={"ds": DS})
    info = _below(signature, "SignedInfo")
    _below(info, "CanonicalizationMethod", Algorithm=EXCLUSIVE)
    _below(info, "SignatureMethod", Algorithm=algorithms.method(signer.key))
    for part in parts:
        reference = _below(info, "Reference", URI=f"#{part.get(ID)}")
        _below(_below(reference, "Transforms"), "Transform", Algorithm=EXCLUSIVE)
        _below(reference, "DigestMethod", Algorithm=SHA256)
        digest = algorithms.digest(algorithms.DEFAULT.digests[SHA256], canonical(part))
        _below(reference, "DigestValue").text = b64encode(digest).decode()
    value = algorithms.made(signer.key, canonical(info))
    _below(signature, "SignatureValue").text = b64encode(value).decode()
    _named(_below(signature, "KeyInfo"), signer.certificate)


def _named(key: _Element, certificate: x509.Certificate) -> None:
    data = _below(SubElement(key, f"{{{WSSE}}}SecurityTokenReference"), "X509Data")
    pair = _below(data, "X509IssuerSerial")
    _below(pair, "X509IssuerName").text = certificate.issuer.rfc4514_string()
    _below(pair, "X509SerialNumber").text = str(certificate.serial_number)


def _below(parent: _Element, name: str, **attributes: str) -> _Element:
    return SubElement(parent, f"{{{DS}}}{name}", attributes)
