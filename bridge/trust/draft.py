"""What each kind of certificate says, before an issuer signs it: its subject and its extensions.

IEEE 2030.5-2018 clause 6.11 for devices (empty subject, hardware module name, critical policies), servers and
clients; RFC 6120 13.7.1 for relays, RFC 6960 4.2.2.2 for who answers OCSP. No key, no issuer and no moment is
known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from bridge.trust import der, role
from bridge.trust.terms import ANY_POLICY, HARDWARE, MODULE_NAME, POLICIES, XMPP_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bridge.trust.credential import Claim

Extensions = tuple[tuple[x509.ExtensionType, bool], ...]

BITS = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
"""Names of key usages."""
KEYS = frozenset({ExtensionOID.SUBJECT_KEY_IDENTIFIER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER})
"""Extensions that follow from the keys, and are made by who signs."""
LONGEST = 127
"""Bytes that we put into the serial number of a hardware module."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A certificate that nobody has signed."""

    subject: x509.Name
    extensions: Extensions
    """Each with whether it is critical."""


def root(name: str) -> Draft:
    """Draft a root."""
    return Draft(called(name), _authority(None))


def authority(name: str, depth: int | None) -> Draft:
    """Draft an authority with so many others below it at most."""
    return Draft(called(name), (*_authority(depth), (_policies(ANY_POLICY), True)))


def device(serial: bytes, hardware: x509.ObjectIdentifier = HARDWARE, policy: str = "genesis") -> Draft:
    """Draft a device: no subject, a hardware module name."""
    name = x509.SubjectAlternativeName([x509.OtherName(MODULE_NAME, module(serial, hardware))])
    return Draft(x509.Name([]), (*LEAF, (name, True), (_policies(POLICIES[policy]), True)))


def server(hosts: Iterable[str], *, name: str = "", critical: bool = True) -> Draft:
    """Draft a server; names and addresses are critical unless said otherwise, as EPRI's client insists on."""
    names = x509.SubjectAlternativeName(list(map(_host, hosts)))
    subject = called(name) if name else x509.Name([])
    return Draft(subject, (*LEAF, (names, critical), (_service(), True)))


def client(name: str, *, claims: tuple[Claim, ...] = (), address: str = "") -> Draft:
    """Draft a program: an aggregator, a head-end, an operator; with roles, or an XMPP address."""
    known = ((x509.SubjectAlternativeName([_address(address)]), False),) if address else ()
    roles = ((role.extension(claims), False),) if claims else ()
    return Draft(called(name), (*LEAF, *known, (_service(), True), *roles))


def relay(domain: str, hosts: Iterable[str] = ()) -> Draft:
    """Draft an XMPP server: its domain as xmppAddr and as DNS name, and further names of its host."""
    names = x509.SubjectAlternativeName([_address(domain), *map(_host, dict.fromkeys((domain, *hosts)))])
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    return Draft(called(domain), (*LEAF, (names, False), (_service(), True), (uses, False)))


def signer(name: str, address: str = "") -> Draft:
    """Draft who signs messages and documents, and nothing on the way."""
    known = ((x509.SubjectAlternativeName([_address(address)]), False),) if address else ()
    signs = (usage("digital_signature", "content_commitment"), True)
    return Draft(called(name), (signs, *known, (_service(), True)))


def responder(name: str) -> Draft:
    """Draft who answers OCSP for its issuer: nobody asks whether it is revoked itself."""
    signs = (usage("digital_signature"), True)
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    return Draft(called(name), (signs, (_service(), True), (uses, False), (x509.OCSPNoCheck(), False)))


def again(one: x509.Certificate) -> Draft:
    """Draft what a certificate says once more."""
    kept = (each for each in one.extensions if each.oid not in KEYS)
    return Draft(one.subject, tuple((each.value, each.critical) for each in kept))


def module(serial: bytes, hardware: x509.ObjectIdentifier = HARDWARE) -> bytes:
    """A HardwareModuleName in DER: SEQUENCE of the hardware's type and its serial number (RFC 4108)."""
    if not 0 < len(serial) <= LONGEST:
        raise ValueError(f"a serial number of a hardware module is short: 1 to {LONGEST} bytes")
    return der.tlv(der.SEQUENCE, der.oid(hardware) + der.tlv(der.OCTETS, serial))


def called(name: str) -> x509.Name:
    """A common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _address(address: str) -> x509.OtherName:
    return x509.OtherName(XMPP_ADDRESS, der.tlv(der.TEXT, address.encode()))


def _policies(policy: x509.ObjectIdentifier) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(policy, None)])


def _service() -> x509.CertificatePolicies:
    return _policies(POLICIES["service"])


def usage(*bits: str) -> x509.KeyUsage:
    """What a key may be used for."""
    return x509.KeyUsage(**{name: name in bits for name in BITS})


def _authority(depth: int | None) -> Extensions:
    basic = x509.BasicConstraints(ca=True, path_length=depth)
    return ((basic, True), (usage("key_cert_sign", "crl_sign"), True))


LEAF: Extensions = ((usage("digital_signature", "key_agreement"), True),)
"""What everybody carries who speaks TLS."""
