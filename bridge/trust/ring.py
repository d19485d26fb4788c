"""The certificates of others, by LFDI: whom a sealed message may be from, and whom one may be covered for.

They are from the operator, never from a message. A chain is judged once, when it is added (IEEE 2030.5-2018
6.11, chain.py); its period is kept to be asked at every message, as revocation is. Reads no clock and no
file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from bridge.trust import chain, credential, identity
from bridge.trust.credential import Serial
from bridge.trust.terms import CLIENT, SERVER

USAGES = CLIENT | SERVER
"""Either end of a connection may seal: an inverter as much as the bridge."""


class Held(NamedTuple):
    """A certificate that we hold."""

    lfdi: str
    key: ec.EllipticCurvePublicKey | None
    """None where it is of another kind."""
    since: int
    """When the whole chain is valid: from this second on."""
    until: int
    """The last second of that."""
    serials: tuple[Serial, ...]
    """What the chain could be revoked by."""
    fault: str = ""
    """Why the chain is not to be believed."""
    agrees: bool = True
    """Whether its key may agree on others, as encryption needs it."""


class Certificates(Protocol):
    """Where a verifier finds the sender's certificate."""

    def find(self, lfdi: str) -> Held | None:
        """Give the certificate of a party, if it is known here."""
        ...


class Ring:
    """Certificates in memory."""

    def __init__(self, roots: Iterable[bytes], chains: Iterable[Sequence[bytes]] = ()) -> None:
        self._roots = tuple(roots)
        self._held: dict[str, Held] = {}
        for each in chains:
            self.add(each)

    def add(self, chain: Sequence[bytes]) -> Held:
        """Hold a certificate, with those above it, leaf first; a bad one is held with its fault."""
        held = hold(chain, self._roots)
        self._held[held.lfdi] = held
        return held

    def drop(self, lfdi: str) -> None:
        """Hold a certificate no longer."""
        self._held.pop(lfdi, None)

    def find(self, lfdi: str) -> Held | None:
        """Give the certificate of a party, if it is known here."""
        return self._held.get(lfdi)


def hold(ders: Sequence[bytes], roots: Sequence[bytes]) -> Held:
    """Judge a chain of DER certificates, leaf first, and give what is to be known of it."""
    name = identity.lfdi(ders[0]) if ders else ""
    if fault := chain.judge(ders, roots, USAGES):
        return Held(name, None, 0, 0, (), fault)
    whole = [x509.load_der_x509_certificate(der) for der in ders]
    key = whole[0].public_key()
    return Held(
        name,
        key if isinstance(key, ec.EllipticCurvePublicKey) else None,
        max(int(one.not_valid_before_utc.timestamp()) for one in whole),
        min(int(one.not_valid_after_utc.timestamp()) for one in whole),
        credential.serials(whole),
        agrees=_agrees(whole[0]),
    )


def _agrees(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.KeyUsage).value.key_agreement
    except x509.ExtensionNotFound:
        return True
