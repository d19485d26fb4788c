"""The other side: an envelope of the same form, signed by our key, as Smart Meter Texas asks for it.

XML Signature 1.1 and WS-Security 1.1: Body, Timestamp and UsernameToken are signed, the certificate is named
by issuer and serial number and never sent. Moments and what makes the ids unlike any other's are arguments.
It sends nothing.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
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
    SIGNATURE,
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
    token = Element(TOKEN, {ID: f"UsernameToken-{mark}"}, nsmap=SPACES)
    SubElement(token, USERNAME).text = username
    return around(content, signer, token, period, mark)


def around(content: _Element, signer: Signer, token: _Element, period: tuple[int, int], mark: str) -> bytes:
    """The same, by a token of any kind."""
    root = Element(ENVELOPE, nsmap=SPACES)
    security = SubElement(SubElement(root, HEADER), SECURITY, {MANDATORY: "1"})
    timestamp = SubElement(security, TIMESTAMP, {ID: f"Timestamp-{mark}"})
    for word, at in zip(("Created", "Expires"), period, strict=True):
        SubElement(timestamp, f"{{{WSU}}}{word}").text = moment(at)
    security.append(token)
    body = SubElement(root, BODY, {ID: f"Body-{mark}"})
    body.append(deepcopy(content))
    parts = tuple(
        (part.get(ID, "") or part.get("ID", ""), canonical(part)) for part in (token, body, timestamp)
    )
    _named(sealed(security, parts, signer, (EXCLUSIVE,)), signer.certificate)
    return tostring(root, xml_declaration=True, encoding="UTF-8")


def moment(at: int) -> str:
    """A moment in UTC, as it is written."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def sealed(
    above: _Element, parts: Iterable[tuple[str, bytes]], signer: Signer, transforms: Iterable[str]
) -> _Element:
    """Put a signature of these parts, by their ids and as octets, at the end of an element."""
    signature = SubElement(above, SIGNATURE, nsmap={"ds": DS})
    info = _below(signature, "SignedInfo")
    _below(info, "CanonicalizationMethod", Algorithm=EXCLUSIVE)
    _below(info, "SignatureMethod", Algorithm=algorithms.method(signer.key))
    for mark, octets in parts:
        reference = _below(info, "Reference", URI=f"#{mark}")
        chain = _below(reference, "Transforms")
        for each in transforms:
            _below(chain, "Transform", Algorithm=each)
        _below(reference, "DigestMethod", Algorithm=SHA256)
        digest = algorithms.digest(algorithms.DEFAULT.digests[SHA256], octets)
        _below(reference, "DigestValue").text = b64encode(digest).decode()
    value = algorithms.made(signer.key, canonical(info))
    _below(signature, "SignatureValue").text = b64encode(value).decode()
    return signature


def _named(signature: _Element, certificate: x509.Certificate) -> None:
    """Say which certificate is meant."""
    key = _below(signature, "KeyInfo")
    data = _below(SubElement(key, f"{{{WSSE}}}SecurityTokenReference"), "X509Data")
    pair = _below(data, "X509IssuerSerial")
    _below(pair, "X509IssuerName").text = certificate.issuer.rfc4514_string()
    _below(pair, "X509SerialNumber").text = str(certificate.serial_number)


def _below(parent: _Element, name: str, **attributes: str) -> _Element:
    return SubElement(parent, f"{{{DS}}}{name}", attributes)
