"""A folder of certificates and keys in PEM: what `derbridge init` makes, and every test starts from.

Certificates are those of IEEE 2030.5-2018 clause 6.11 (issue.py). Keys are readable by their owner alone. An
existing file is never overwritten: a key lost is a device lost.

    roots/NAME.pem                   what is trusted: serca for devices and aggregators, operator, service
    issuers/NAME.pem  NAME.key       what more is issued with: serca, mca, mica, operator, service
    server.pem        server.key     our own, with the chain that is presented
    clients/NAME.pem  NAME.key       one for each client
    services/NAME.pem NAME.key       one for each other server, relay, signer and OCSP responder
    crls/NAME.pem     NAME.crl       what an issuer has revoked, in PEM and in DER
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bridge.trust import identity, issue
from bridge.trust.terms import NEVER, SINCE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

ROLES = {"device": "serca", "aggregator": "serca", "operator": "operator"}
"""Below which root a client of a role has its certificate."""
LEVELS: tuple[tuple[str, ...], ...] = ((), ("mica",), ("mca", "mica"))
"""Authorities between the root of devices and a device, by how many there are."""
PLACES = ("roots", "issuers", "clients", "services", "crls")


@dataclass(frozen=True, slots=True)
class Client:
    """A client's files and names."""

    name: str
    certificate: Path
    """Its certificate and the chain above it, root not included."""
    key: Path
    lfdi: str
    sfdi: int
    root: Path
    """What it verifies the server by."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything lies."""

    path: Path

    @property
    def roots(self) -> Path:
        """The root of devices, aggregators and servers."""
        return self.path / "roots" / "serca.pem"

    @property
    def operators(self) -> Path:
        """The root of operators' clients."""
        return self.path / "roots" / "operator.pem"

    @property
    def certificate(self) -> Path:
        """The server's certificate with its chain."""
        return self.path / "server.pem"

    @property
    def key(self) -> Path:
        """The server's key."""
        return self.path / "server.key"

    def lowest(self, root: str) -> str:
        """Name who issues below a root: the authority next to the leaves, or the root itself."""
        between = "mica" if root == "serca" else root
        return between if (self.path / "issuers" / f"{between}.pem").exists() else root

    def issuer(self, name: str) -> issue.Issued:
        """Give an issuer with its key: serca, mica or operator."""
        return load(self.path / "issuers" / f"{name}.pem", self.path / "issuers" / f"{name}.key")

    def client(
        self, name: str, role: str = "device", *, since: datetime = SINCE, until: datetime = NEVER
    ) -> Client:
        """Make a client of a role, or give the one of this name that is there already."""
        stem = self.path / "clients" / name
        if not stem.with_name(f"{name}.pem").exists():
            made = _client(self.issuer(self.lowest(ROLES[role])), name, role, since, until)
            keep(stem, made)
        return self.known(name)

    def add(self, name: str, made: issue.Issued) -> Client:
        """Keep a certificate that was made elsewhere, as a test's bad ones are."""
        keep(self.path / "clients" / name, made)
        return self.known(name)

    def known(self, name: str) -> Client:
        """Give a client that was made before."""
        pem, key = (self.path / "clients" / f"{name}{ending}" for ending in (".pem", ".key"))
        first = x509.load_pem_x509_certificates(pem.read_bytes())[0]
        lfdi = identity.lfdi(first.public_bytes(serialization.Encoding.DER))
        return Client(name, pem, key, lfdi, identity.sfdi(lfdi), self.roots)


def make(
    path: Path, hosts: Sequence[str], *, since: datetime = SINCE, until: datetime = NEVER, levels: int = 1
) -> Folder:
    """Make a folder for a server of these names and addresses.

    `since` to `until` is the life of what may be finite: the server, and all that is not below the root of
    devices. There are so many `levels` of authorities between that root and a device.
    """
    for place in ("", *PLACES):
        (path / place).mkdir(mode=0o700, parents=True, exist_ok=True)
    roots = {
        "serca": issue.root("SERCA"),
        "operator": issue.root("Operators", since=since, until=until),
        "service": issue.root("Services", since=since, until=until),
    }
    below = _below(roots["serca"], levels)
    for name, made in (roots | below).items():
        keep(path / "issuers" / name, made, whole=True)
    for name, top in roots.items():
        write(path / "roots" / f"{name}.pem", top.certificate.public_bytes(serialization.Encoding.PEM))
    lowest = [roots["serca"], *below.values()][-1]
    keep(path / "server", issue.server(lowest, tuple(hosts), since=since, until=until))
    return Folder(path)


def _below(top: issue.Issued, levels: int) -> dict[str, issue.Issued]:
    """Make the authorities below the root of devices, highest first."""
    made: dict[str, issue.Issued] = {}
    for depth, name in zip(range(levels - 1, -1, -1), LEVELS[levels], strict=True):
        top = made[name] = issue.authority(top, name.upper(), depth=depth)
    return made


def keep(stem: Path, made: issue.Issued, *, whole: bool = False) -> None:
    """Write a certificate as STEM.pem (with its root, too, if `whole`) and its key as STEM.key."""
    tops = made.above[-1:] if whole else ()
    root = b"".join(top.public_bytes(serialization.Encoding.PEM) for top in tops)
    write(stem.with_name(f"{stem.name}.key"), made.key_pem, mode=0o600)
    pem = made.pem if made.above else made.certificate.public_bytes(serialization.Encoding.PEM)
    write(stem.with_name(f"{stem.name}.pem"), pem + root)


def load(pem: Path, key: Path) -> issue.Issued:
    """Read a certificate with all above it, and its key."""
    first, *above = x509.load_pem_x509_certificates(pem.read_bytes())
    secret = serialization.load_pem_private_key(key.read_bytes(), None)
    if not isinstance(secret, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{key} is no key of an elliptic curve")
    return issue.Issued(first, secret, tuple(above))


def write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that must not be there yet, never readable by more than `mode` says."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)


def _client(above: issue.Issued, name: str, role: str, since: datetime, until: datetime) -> issue.Issued:
    if role == "device":
        return issue.device(above, name.encode())
    return issue.client(above, name, since=since, until=until)
