"""Certificates for the suite: a server's that ends, as ejabberd needs it, and clients' good and bad.

Clients stand below a root and an authority that never end, as IEEE 2030.5 has them; the server below an
operator's root of ten years. The revocation lists of both authorities say that `revoked` is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from bridge.trust import crl, draft, folder, issue

DOMAIN = "relay.example"
NOW = datetime.now(UTC).replace(microsecond=0)
BEFORE, AFTER = NOW - timedelta(days=30), NOW + timedelta(days=3650)
NAMES = ("bridge", "site", "ems", "revoked", "expired", "rogue", "nameless")


@dataclass(frozen=True, slots=True)
class Pki:
    """The files of one run, and the two authorities above the clients."""

    path: Path
    root: issue.Issued
    above: issue.Issued
    serials: dict[str, int]
    device: str
    """LFDI of the device, whose certificate is a genuine one of 2030.5."""

    def client(self, name: str) -> tuple[Path, Path]:
        """A client's certificate with its chain, and its key."""
        return self.path / f"{name}.pem", self.path / f"{name}.key"

    def revoke(self, *names: str) -> None:
        """Write the roots of clients with new lists, on which these stand."""
        lists = listing(self.root, ()) + listing(self.above, [self.serials[name] for name in names])
        (self.path / "clients.pem").write_bytes(pem(self.root) + lists)

    @property
    def roots(self) -> bytes:
        """The root of clients, alone."""
        return pem(self.root)

    @property
    def operator(self) -> Path:
        """The root that clients know the server by."""
        return self.path / "operator.pem"


def make(path: Path) -> Pki:
    """Make all of it in an empty folder."""
    operator = issue.root("Operators", since=BEFORE, until=AFTER)
    relay = issue.made(operator, draft.relay(DOMAIN, ("localhost",)), since=BEFORE, until=AFTER)
    root = issue.root("SERCA")
    above = issue.authority(root, "MICA", depth=0)
    rogue = issue.authority(issue.root("SERCA"), "MICA", depth=0)
    made = {name: person(rogue if name == "rogue" else above, name) for name in NAMES}
    device = made["device"] = issue.device(above, b"device")
    made["short"] = person(root, "short")
    for name, one in made.items():
        folder.keep(path / name, one)
    folder.keep(path / "relay", relay)
    (path / "whole.pem").write_bytes(relay.pem + relay.key_pem)
    (path / "operator.pem").write_bytes(pem(operator))
    serials = {name: one.certificate.serial_number for name, one in made.items()}
    pki = Pki(path, root, above, serials, device.lfdi)
    pki.revoke("revoked")
    return pki


def person(above: issue.Issued, name: str) -> issue.Issued:
    """The certificate of somebody with an address, or without one."""
    address = "" if name == "nameless" else f"{name}@{DOMAIN}"
    until = NOW - timedelta(days=1) if name == "expired" else AFTER
    return issue.made(above, draft.client(name, address=address), since=BEFORE, until=until)


def listing(issuer: issue.Issued, revoked: Sequence[int]) -> bytes:
    """A revocation list."""
    since = NOW - timedelta(hours=1)
    withdrawn = [crl.Withdrawn(serial, since) for serial in revoked]
    made = crl.build(issuer, withdrawn, 1 + len(withdrawn), since=since, until=NOW + timedelta(days=30))
    return made.public_bytes(Encoding.PEM)


def pem(one: issue.Issued) -> bytes:
    """The certificate alone."""
    return one.certificate.public_bytes(Encoding.PEM)
