"""What stands in a certificate, read from its DER alone: names, hardware, roles, policies, kind.

LFDI and SFDI of IEEE 2030.5-2018 clause 6.3, HardwareModuleName of RFC 4108, xmppAddr of RFC 6120, roles of
IEC 62351-8. The kind is a guess by content, since no certificate says what it is for; nothing
is decided by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from bridge.trust import der, identity, role
from bridge.trust.draft import BITS
from bridge.trust.terms import MODULE_NAME, POLICIES, ROLE_EXTENSIONS, XMPP_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bridge.trust.credential import Claim

E = TypeVar("E", bound=x509.ExtensionType)
V = TypeVar("V")

SAID = {
    oid: name.lower().replace("_", "-")
    for group in (SignatureAlgorithmOID, ExtendedKeyUsageOID)
    for name, oid in vars(group).items()
    if isinstance(oid, x509.ObjectIdentifier)
}
"""How algorithms and purposes are called."""


class Module(NamedTuple):
    """What a device is named by."""

    hardware: str
    """Its type, an object identifier in dots."""
    serial: bytes

    @property
    def text(self) -> str:
        """The serial number as it can be read, or in hexadecimal digits."""
        plain = self.serial.isascii() and self.serial.decode("latin-1").isprintable()
        return self.serial.decode("ascii") if plain else f"0x{self.serial.hex().upper()}"


@dataclass(frozen=True, slots=True)
class Facts:
    """A certificate's content."""

    lfdi: str
    sfdi: int
    kind: str
    """root, authority, device, server, relay, signer, ocsp, operator or client: what it looks like."""
    subject: str
    issuer: str
    serial: str
    """Serial number in hexadecimal digits."""
    since: datetime
    until: datetime
    key: str
    algorithm: str
    """Of its signature."""
    names: tuple[str, ...]
    """Alternative names, each with its kind before it."""
    module: Module | None
    policies: tuple[str, ...]
    usages: tuple[str, ...]
    purposes: tuple[str, ...]
    claims: tuple[Claim, ...]
    unread: str
    """What of hardware and roles cannot be read, and why; empty if all can."""


def read(one: x509.Certificate) -> Facts:
    """Read a certificate; ValueError where it is no certificate inside."""
    lfdi = identity.lfdi(one.public_bytes(Encoding.DER))
    hardware, spoilt = _tried(module, one, None)
    none: tuple[Claim, ...] = ()
    claims, fault = _tried(role.claims, one, none)
    return Facts(
        lfdi,
        identity.sfdi(lfdi),
        kind(one),
        one.subject.rfc4514_string(),
        one.issuer.rfc4514_string(),
        f"{one.serial_number:X}",
        one.not_valid_before_utc,
        one.not_valid_after_utc,
        key(one),
        SAID.get(one.signature_algorithm_oid, one.signature_algorithm_oid.dotted_string),
        tuple(map(_name, names(one))),
        hardware,
        policies(one),
        usages(one),
        tuple(SAID.get(each, each.dotted_string) for each in purposes(one)),
        claims,
        ", ".join(filter(None, (spoilt, fault))),
    )


def kind(one: x509.Certificate) -> str:
    """What a certificate looks like: the first that fits."""
    kinds = {type(name) for name in names(one)}
    looks = (
        ("root", authority(one) and one.subject == one.issuer),
        ("authority", authority(one)),
        ("ocsp", ExtendedKeyUsageOID.OCSP_SIGNING in purposes(one)),
        ("device", bool(others(one, MODULE_NAME))),
        ("relay", bool(others(one, XMPP_ADDRESS)) and x509.DNSName in kinds),
        ("server", bool(kinds & {x509.DNSName, x509.IPAddress})),
        ("operator", any(each.oid in ROLE_EXTENSIONS for each in one.extensions)),
        ("signer", "content_commitment" in usages(one)),
    )
    return next((name for name, fits in looks if fits), "client")


def found(one: x509.Certificate, wanted: type[E]) -> x509.Extension[E] | None:
    """Give an extension, if it is there."""
    try:
        return one.extensions.get_extension_for_class(wanted)
    except x509.ExtensionNotFound:
        return None


def authority(one: x509.Certificate) -> bool:
    """Whether a certificate says that it is an authority's."""
    basic = found(one, x509.BasicConstraints)
    return basic is not None and basic.value.ca


def names(one: x509.Certificate) -> tuple[x509.GeneralName, ...]:
    """Alternative names."""
    alternative = found(one, x509.SubjectAlternativeName)
    return tuple(alternative.value) if alternative else ()


def others(one: x509.Certificate, kind: x509.ObjectIdentifier) -> tuple[bytes, ...]:
    """Its names of a kind that has no type of its own, in DER."""
    found = (name for name in names(one) if isinstance(name, x509.OtherName))
    return tuple(name.value for name in found if name.type_id == kind)


def addresses(one: x509.Certificate) -> tuple[str, ...]:
    """The XMPP addresses among its names; ValueError where one is spoilt."""
    return tuple(der.inside(value, der.TEXT).decode() for value in others(one, XMPP_ADDRESS))


def module(one: x509.Certificate) -> Module | None:
    """The first hardware module name; ValueError where it is spoilt."""
    values = others(one, MODULE_NAME)
    if not values:
        return None
    match der.parts(der.inside(values[0], der.SEQUENCE)):
        case ((der.OID, hardware), (der.OCTETS, serial)):
            return Module(der.named(hardware).dotted_string, serial)
    raise ValueError("a hardware module name has another form")


def policies(one: x509.Certificate) -> tuple[str, ...]:
    """Policies in dots, those of 2030.5 with what they are for."""
    known = {oid.dotted_string: name for name, oid in POLICIES.items()}
    said = found(one, x509.CertificatePolicies)
    dots = (policy.policy_identifier.dotted_string for policy in said.value) if said else ()
    return tuple(f"{each} ({known[each]})" if each in known else each for each in dots)


def usages(one: x509.Certificate) -> tuple[str, ...]:
    """What the key may be used for."""
    said = found(one, x509.KeyUsage)
    return tuple(name for name in BITS if said and _bit(said.value, name))


def purposes(one: x509.Certificate) -> tuple[x509.ObjectIdentifier, ...]:
    """Extended key usages."""
    said = found(one, x509.ExtendedKeyUsage)
    return tuple(said.value) if said else ()


def _tried(read: Callable[[x509.Certificate], V], one: x509.Certificate, otherwise: V) -> tuple[V, str]:
    """What is read, or why it cannot be."""
    try:
        return read(one), ""
    except ValueError as fault:
        return otherwise, str(fault)


def _bit(said: x509.KeyUsage, name: str) -> bool:
    """Whether a usage is set; two have no value without key agreement."""
    bound = name in {"encipher_only", "decipher_only"}
    return bool((not bound or said.key_agreement) and getattr(said, name))


def key(one: x509.Certificate) -> str:
    """What its key is like: a curve, or a kind and a size; unknown if the library has no such keys."""
    try:
        found = one.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "unknown"
    if isinstance(found, ec.EllipticCurvePublicKey):
        return found.curve.name
    kind = type(found).__name__.removesuffix("PublicKey").strip("_")
    return f"{kind} {getattr(found, 'key_size', '')}".rstrip()


def _name(name: x509.GeneralName) -> str:
    if not isinstance(name, x509.OtherName):
        return f"{type(name).__name__.removesuffix('Name')}:{name.value}"
    if name.type_id == XMPP_ADDRESS:
        return f"xmppAddr:{name.value[2:].decode(errors='backslashreplace')}"
    return "HardwareModuleName" if name.type_id == MODULE_NAME else f"{name.type_id.dotted_string}:..."
