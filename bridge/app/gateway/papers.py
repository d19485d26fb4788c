"""Certificates of the door for companies: what it trusts, what it signs by, and what it thinks of a signer.

A signer's certificate leads to a root of the configuration, at this moment, and is not revoked; in the
profile `test` one that signed itself is taken as it was registered. Files are read when the door opens, and
at a reload.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from bridge.app import authorities
from bridge.app.config import Config
from bridge.soap.entity import Entity
from bridge.transports import tls
from bridge.trust import identity, path
from bridge.trust.revoked import Index
from bridge.trust.wsse import algorithms
from bridge.trust.wsse.signing import Signer

TEST = "test"


class Papers(NamedTuple):
    """What the files of a configuration hold."""

    signer: Signer
    roots: tuple[x509.Certificate, ...]
    """Roots of signers."""
    lenient: bool
    """Whether a signer may have signed itself."""


def read(config: Config) -> Papers:
    """Read them; OSError or ValueError where one cannot be used."""
    said = config.soap
    return Papers(
        signer(*signing(config)), authorities.read(said.signers or said.roots), said.profile == TEST
    )


def own(config: Config) -> tuple[Path, Path]:
    """Where the certificate of the listener is, and its key."""
    said = config.soap
    if said.certificate and said.key:
        return said.certificate, said.key
    return config.https.certificate, config.https.key


def signing(config: Config) -> tuple[Path, Path]:
    """Where the certificate is that we sign by, and its key."""
    said = config.soap
    return (said.signer, said.secret) if said.signer and said.secret else own(config)


def signer(certificate: Path, key: Path) -> Signer:
    """Who signs; ValueError where a key cannot."""
    secret = load_pem_private_key(key.read_bytes(), None)
    algorithms.method(secret)
    return Signer(secret, x509.load_pem_x509_certificates(certificate.read_bytes())[0])


def files(config: Config) -> tls.Files:
    """What the listener presents and trusts."""
    certificate, key = own(config)
    return tls.Files(certificate, key, config.soap.roots)


class Held:
    """The signer of one company, and what is thought of it at a moment."""

    def __init__(self, entity: Entity, papers: Papers, index: Index, now: float) -> None:
        self._name, self._papers, self._index, self._now = entity.name, papers, index, now
        self._chain = x509.load_pem_x509_certificates(entity.signer.encode())

    def signers(self, entity: str) -> Sequence[x509.Certificate]:
        """The certificate that an entity signs by."""
        return self._chain[:1] if entity == self._name else ()

    def refused(self, certificate: x509.Certificate) -> str:
        """Why it is not believed now; '' if it is."""
        if path.lone(certificate):
            if not self._papers.lenient:
                return "it has signed itself"
            found = path.Path("", path.own(certificate))
        else:
            found = path.find(certificate, self._chain[1:], self._papers.roots, self._now)
        lfdi = identity.lfdi(certificate.public_bytes(Encoding.DER))
        return found.fault or self._index.reason(found.serials, lfdi)
