"""How signed envelopes are made for tests, good and hostile: as text, by a signer of its own.

The text is what is sent and what is seen. This signer signs whatever it is told to, by whatever transform and
method, so that a case can be wrong in one place alone. It shares nothing with `bridge.trust.wsse.signing`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from lxml.etree import _Element

from bridge.trust.wsse.algorithms import ECDSA, EXCLUSIVE, RSA, RSA_SHA1, SHA1, SHA256
from bridge.trust.wsse.refusal import DS, SOAP, WSSE, WSU

NOW = int(os.environ.get("DERBRIDGE_WSSE_NOW") or datetime.fromisoformat("2026-03-01T12:00:00Z").timestamp())
"""Another moment where a real clock is to judge the same rows."""
YEAR = datetime.fromtimestamp(NOW, UTC).year
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
HMAC = f"{DS}hmac-sha1"
HMAC256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
NAMES = [
    x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "US"),
    x509.NameAttribute(x509.NameOID.STATE_OR_PROVINCE_NAME, "TX"),
    x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "RXYZ, Inc."),
    x509.NameAttribute(x509.NameOID.COMMON_NAME, "RXYZ Issuing"),
]
SPELLED = "CN=RXYZ Issuing, O=RXYZ\\, Inc., ST=TX, C=US"


class Party(NamedTuple):
    """Somebody who signs."""

    key: Any
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()


def party(
    key: Any, name: str, *, signs: bool = True, days: tuple[str, str] = (f"{YEAR}-01-01", f"{YEAR + 1}-01-01")
) -> Party:
    issuer, subject = x509.Name(NAMES), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin, end = (datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in days)
    usage = x509.KeyUsage(signs, False, False, False, not signs, False, False, False, False)
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), begin, end
    )
    return Party(key, builder.add_extension(usage, critical=True).sign(ISSUER, hashes.SHA256()))


ISSUER = ec.generate_private_key(ec.SECP256R1())
REP = party(ec.generate_private_key(ec.SECP256R1()), "REP")
REP_RSA = party(rsa.generate_private_key(65537, 2048), "REP, RSA")
OTHER = party(ec.generate_private_key(ec.SECP256R1()), "another REP")
STRANGER = party(ec.generate_private_key(ec.SECP256R1()), "nobody")
OLD = party(
    ec.generate_private_key(ec.SECP256R1()), "last year's", days=(f"{YEAR - 1}-01-01", f"{YEAR}-01-01")
)
WORDLESS = party(ec.generate_private_key(ec.SECP256R1()), "not for signing", signs=False)
REVOKED = party(ec.generate_private_key(ec.SECP256R1()), "revoked")
WEAK = party(rsa.generate_private_key(65537, 1024), "1024 bits")  # noqa: S505 - it has to be refused
CURVE = party(ec.generate_private_key(ec.SECP384R1()), "P-384")


class Store:
    """The certificates of each entity."""

    HELD: dict[str, tuple[Party, ...]] = {  # noqa: RUF012 - a table
        "REP": (REP, REP_RSA, OLD, WORDLESS, REVOKED, WEAK, CURVE),
        "OTHER": (OTHER,),
    }

    def signers(self, entity: str) -> Sequence[x509.Certificate]:
        return [each.certificate for each in self.HELD.get(entity, ())]

    def refused(self, certificate: x509.Certificate) -> str:
        return "revoked" if certificate == REVOKED.certificate else ""


class Reference(NamedTuple):
    """What is said of one signed part."""

    uri: str
    transforms: str = f'<Transform Algorithm="{EXCLUSIVE}"/>'
    method: str = SHA256
    octets: Callable[[_Element], bytes] | None = None
    """What is digested of the document; the exclusive form of what the id names, if nothing is said."""
    attributes: str = ""


BODY, TIME, TOKEN = Reference("#Body-1"), Reference("#Timestamp-1"), Reference("#Token-1")
THREE = (BODY, TIME, TOKEN)
SMT = "http://schemas.esb.ams.com/smtxpmessaging"
OPEN = f'<e:Envelope xmlns:e="{SOAP}" xmlns:m="{SMT}" xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}">'
CREATED, EXPIRES = (f"{datetime.fromtimestamp(each, UTC):%Y-%m-%dT%H:%M:%SZ}" for each in (NOW, NOW + 300))
STAMP = (
    f'<wsu:Timestamp wsu:Id="Timestamp-1"><wsu:Created>{CREATED}</wsu:Created>'
    f"<wsu:Expires>{EXPIRES}</wsu:Expires></wsu:Timestamp>"
)
USER = '<wsse:UsernameToken wsu:Id="Token-1"><wsse:Username>CNP</wsse:Username></wsse:UsernameToken>'
REQUEST = (
    "<m:processSimpleMessaging><SMTxPSimpleMessageRequest><RequestID>r-1</RequestID>"
    "<RequesterType>0</RequesterType><RequesterAuthenticationID>799530220</RequesterAuthenticationID>"
    "<RequesterID>notices</RequesterID><RequestPriority>M</RequestPriority><AddressBlock><AddressList>"
    "<Address><ESIID>10443720000000001</ESIID><MeterSerialNumber>0</MeterSerialNumber></Address></AddressList>"
    "</AddressBlock><SimpleMessageBlock><MessageID>40004</MessageID><StartTime>0</StartTime>"
    "<DurationTime>5</DurationTime><Message>{}</Message><MCTransmission>0</MCTransmission>"
    "<MCPriority>0</MCPriority><MCConfirmation>0</MCConfirmation></SimpleMessageBlock>"
    "</SMTxPSimpleMessageRequest></m:processSimpleMessaging>"
)
"""By the schema, so that the whole door judges the same rows (peers/soap.py)."""
CONTENT, EVIL = REQUEST.format("Peak at four"), REQUEST.format("Switch all off")
SECURITY = f'<wsse:Security e:mustUnderstand="1">{STAMP}@@{USER}</wsse:Security>'
WHOLE = f'{OPEN}<e:Header>{SECURITY}</e:Header><e:Body wsu:Id="Body-1">{CONTENT}</e:Body></e:Envelope>'
"""The good envelope; `@@` is where the signature goes."""


def key_info(who: Party, issuer: str = SPELLED, inside: str = "") -> str:
    serial = f"<X509SerialNumber>{who.certificate.serial_number}</X509SerialNumber>"
    pair = f"<X509IssuerSerial><X509IssuerName>{issuer}</X509IssuerName>{serial}</X509IssuerSerial>"
    return (
        f"<KeyInfo><wsse:SecurityTokenReference><X509Data>{pair}{inside}</X509Data>"
        "</wsse:SecurityTokenReference></KeyInfo>"
    )


def exclusive(element: _Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def found(root: _Element, mark: str) -> _Element:
    """The element that an id names."""
    places = etree.XPath("//*[@wsu:Id = $mark]", namespaces={"wsu": WSU})(root, mark=mark)
    return cast("list[_Element]", places)[0]


def digested(root: _Element, reference: Reference) -> str:
    octets = reference.octets(root) if reference.octets else exclusive(found(root, reference.uri[1:]))
    name = {SHA1: "sha1", SHA256: "sha256"}.get(reference.method, "sha256")
    return b64encode(hashlib.new(name, octets).digest()).decode()


def value(who: Party, method: str, octets: bytes) -> bytes:
    """The value of a signature by this method, whatever the method is worth."""
    key = who.key
    if method in (HMAC, HMAC256):
        return hmac.digest(who.pem.encode(), octets, "sha1" if method == HMAC else "sha256")
    sha: Any = hashes.SHA1() if method == RSA_SHA1 else hashes.SHA256()  # noqa: S303 - it has to be refused
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), sha)
    half = (key.curve.key_size + 7) // 8
    return b"".join(
        each.to_bytes(half, "big") for each in decode_dss_signature(key.sign(octets, ec.ECDSA(sha)))
    )


class Seal(NamedTuple):
    """How a document is signed; every field can be wrong."""

    references: tuple[Reference, ...] = THREE
    who: Party = REP
    method: str = ""
    canon: str = f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
    form: Callable[[_Element], bytes] = exclusive
    key: str = ""
    shaped: Callable[[bytes], bytes] = bytes
    """What becomes of the value before it is written."""
    inside: str = ""
    """More parameters of the signature's method."""
    tail: str = ""
    """What follows KeyInfo."""


def signed(text: str = WHOLE, seal: Seal = Seal()) -> str:  # noqa: B008 - it cannot be changed
    """A document with a signature where `@@` is."""
    root = etree.fromstring(text.replace("@@", ""))
    method = seal.method or (RSA if isinstance(seal.who.key, rsa.RSAPrivateKey) else ECDSA)
    references = "".join(
        f'<Reference URI="{one.uri}"{one.attributes}><Transforms>{one.transforms}</Transforms>'
        f'<DigestMethod Algorithm="{one.method}"/><DigestValue>{digested(root, one)}</DigestValue>'
        "</Reference>"
        for one in seal.references
    )
    signature = (
        f'<Signature xmlns="{DS}"><SignedInfo>{seal.canon}<SignatureMethod Algorithm="{method}">{seal.inside}'
        f"</SignatureMethod>{references}</SignedInfo><SignatureValue>@value@</SignatureValue>"
        f"{seal.key or key_info(seal.who)}{seal.tail}</Signature>"
    )
    whole = text.replace("@@", signature)
    info = next(etree.fromstring(whole).iter(f"{{{DS}}}SignedInfo"))
    octets = seal.shaped(value(seal.who, method, seal.form(info)))
    return whole.replace("@value@", b64encode(octets).decode())


def changed(*pairs: tuple[str, str], seal: Seal = Seal(), before: str = WHOLE) -> str:  # noqa: B008 - the same
    """A document changed after it was signed; every text must be there to be replaced, once."""
    made = signed(before, seal)
    for old, new in pairs:
        if made.count(old) != 1:
            raise ValueError(f"{made.count(old)} times: {old}")
        made = made.replace(old, new)
    return made


def cut(text: str, tag: str) -> tuple[str, str]:
    """The element of this name in a text, and the text without it."""
    match = re.search(f"<{tag}[ >].*?</{tag}>", text, re.DOTALL)
    if match is None:
        raise ValueError(tag)
    return match[0], text.replace(match[0], "")


def sealed(text: str = WHOLE, **fields: Any) -> Callable[[], str]:
    """What makes a document that is signed so."""
    return lambda: signed(text, Seal(**fields))


def shifted(tag: str, place: str) -> str:
    """A signed document in which an element stands before another place."""
    element, rest = cut(signed(), tag)
    return rest.replace(place, element + place)


class Case(NamedTuple):
    """One hostile envelope, and the reason that it must be refused for."""

    name: str
    make: Callable[[], str | bytes]
    reason: str
    detail: str = ""
    entity: str = "REP"
    now: int = NOW + 10

    def data(self) -> bytes:
        made = self.make()
        return made.encode() if isinstance(made, str) else made
