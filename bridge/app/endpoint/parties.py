"""Who may send sealed messages: certificates from a folder, each judged once below our roots.

IEEE 2030.5-2018 6.11 for chains; one PEM file for each party, its certificate first. Never takes a
certificate from a message, and never says whether one is revoked: that is asked at every message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cryptography import x509

from bridge.sep2.talk import Peer
from bridge.transports import tls
from bridge.trust import extension, identity, ring
from bridge.trust.ring import Held


class Party(NamedTuple):
    """A certificate that we hold, and who that is as far as access is concerned."""

    held: Held
    peer: Peer


class Parties:
    """All of them, by LFDI."""

    def __init__(self, found: Iterable[Party] = ()) -> None:
        self._known = {each.held.lfdi: each for each in found}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, lfdi: str) -> Held | None:
        """Give the certificate of a party, if it is known here."""
        found = self._known.get(lfdi)
        return found.held if found else None

    def peer(self, lfdi: str) -> Peer:
        """Give what is known of a party; its LFDI alone where there is no certificate of it."""
        found = self._known.get(lfdi)
        return found.peer if found else Peer(lfdi, identity.sfdi(lfdi))


def read(folder: Path, devices: Iterable[Path], operators: Iterable[Path]) -> Parties:
    """Read a folder; OSError or ValueError where a file, or a list of roots, cannot be used."""
    return Parties(one(path, devices, operators) for path in files(folder))


def files(folder: Path) -> Iterator[Path]:
    """The files of certificates in a folder; none where there is no folder."""
    return iter(sorted(folder.glob("*.pem")))


def one(path: Path, devices: Iterable[Path], operators: Iterable[Path]) -> Party:
    """The party of a file."""
    return party(tls.ders((path,)), tls.ders(devices), tls.ders(operators))


def party(chain: tuple[bytes, ...], devices: tuple[bytes, ...], operators: tuple[bytes, ...]) -> Party:
    """Who a chain is; below an operators' root it is staff."""
    held = ring.hold(chain, operators)
    roles = frozenset({"operator"} if not held.fault else ())
    if held.fault:
        held = ring.hold(chain, devices)
    claims = extension.claims(x509.load_der_x509_certificate(chain[0]))
    return Party(held, Peer(held.lfdi, identity.sfdi(held.lfdi), roles, held.serials, claims))
