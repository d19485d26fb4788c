"""What can be wrong with what an installation says about its door for companies: papers, roots, networks.

Part of `derbridge check`. Nothing is opened but what is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509

from bridge.app import papers as judged
from bridge.app.config import Config
from bridge.app.gateway import papers
from bridge.app.loading import Loaded, Problem
from bridge.trust import path

SECTION = "soap"
OTHERS = 0o077
"""Bits of a mode that let the group or the world do anything."""
PAIRS = (("certificate", "key"), ("signer", "secret"))


def faults(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Everything that is wrong with it."""
    said, now = config.soap, datetime.now(UTC)
    for first, second in PAIRS:
        yield from _pair(loaded, config, first, second)
    for name in ("roots", "signers"):
        yield from judged.roots(loaded, f"{SECTION}.{name}", getattr(said, name), now)
    yield from _pinned(loaded, config)
    if not said.roots and not said.pinned:
        what = "is empty: no company can connect"
        yield loaded.problem(f"{SECTION}.roots", what, "Name a file of roots.", grave=False)
    for network in said.networks:
        try:
            ip_network(network)
        except ValueError as error:
            yield loaded.problem(f"{SECTION}.networks", str(error), "As 203.0.113.0/24.")


def _pair(loaded: Loaded, config: Config, first: str, second: str) -> Iterator[Problem]:
    """A certificate of our own, and its key."""
    certificate: Path | None = getattr(config.soap, first)
    key: Path | None = getattr(config.soap, second)
    if (certificate is None) != (key is None):
        name, other = (second, first) if key is None else (first, second)
        yield loaded.problem(f"{SECTION}.{name}", f"goes with {other}", "Name both, or neither.")
        return
    if certificate is None or key is None:
        return
    try:
        made = papers.signer(certificate, key)
    except (OSError, TypeError, ValueError) as error:
        remedy = "Name a certificate in PEM and its key, P-256 or RSA of 2,048 bits or more."
        yield loaded.problem(f"{SECTION}.{first}", f"{certificate}: {error}", remedy)
        return
    if made.certificate.public_key() != made.key.public_key():
        remedy = "Name the key that the certificate was issued for."
        yield loaded.problem(f"{SECTION}.{second}", "does not belong to the certificate", remedy)
    if key.stat().st_mode & OTHERS:
        what = f"{key} has mode {key.stat().st_mode & 0o777:04o}: others can reach it"
        yield loaded.problem(f"{SECTION}.{second}", what, f"chmod 600 {key}")


def _pinned(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Certificates that signed themselves."""
    key, said = f"{SECTION}.pinned", config.soap
    if said.pinned and said.profile != papers.TEST:
        remedy = 'Take them off, or say profile = "test".'
        yield loaded.problem(
            key, "certificates that signed themselves are for the profile test alone", remedy
        )
    for file in said.pinned:
        try:
            held = x509.load_pem_x509_certificates(file.read_bytes())
        except (OSError, ValueError) as error:
            yield loaded.problem(key, f"{file} cannot be read: {error}", "Name certificates in PEM.")
            continue
        for one in held:
            if not path.lone(one):
                what = f"{file}: {one.subject.rfc4514_string()} has not signed itself"
                yield loaded.problem(key, what, "Put the root that it leads to into `roots`.")
