"""What can be wrong with certificates and keys that a configuration names, file by file.

A certificate must be there, be read, be in force, cover the names of the server and belong to its key; a
key must be readable by its owner alone; a list of roots must hold certificates that may sign others.
Nothing is trusted or served here, and no key ever leaves this file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bridge.app.config import Config
from bridge.app.loading import Loaded, Problem

LISTS = ("trust.devices", "trust.operators", "trust.outgoing")
SOON = timedelta(days=60)
NAMES = {"https": "https.names", "relay": "relay.domain"}
"""Keys of the names that a certificate has to cover."""
OTHERS = 0o077
"""Bits of a mode that let the group or the world do anything."""
MAKE = "Make one with `derbridge init`, or name the file you have."


class Pair(NamedTuple):
    """A certificate and its key."""

    certificate: Path
    key: Path


def papers(loaded: Loaded, config: Config, now: datetime) -> Iterator[Problem]:
    """Everything that is wrong with those of the server."""
    yield from own(loaded, "https", Pair(config.https.certificate, config.https.key), config.https.names, now)
    yield from trust(loaded, config, now)


def trust(loaded: Loaded, config: Config, now: datetime) -> Iterator[Problem]:
    """The lists of roots."""
    for name in LISTS:
        files: tuple[Path, ...] = getattr(config.trust, name.partition(".")[2])
        if not files:
            what = "is empty: nobody is believed"
            yield loaded.problem(name, what, "Name a file of roots.", grave=False)
        yield from roots(loaded, name, files, now)


def relay(loaded: Loaded, config: Config, now: datetime) -> Iterator[Problem]:
    """The same with those of the relay."""
    said = config.relay
    yield from own(loaded, "relay", Pair(said.certificate, said.key), (said.domain,), now)
    yield from roots(loaded, "relay.roots", said.roots, now)


def own(loaded: Loaded, section: str, pair: Pair, names: tuple[str, ...], now: datetime) -> Iterator[Problem]:
    """A certificate and key of our own."""
    certificate = None
    try:
        certificate = x509.load_pem_x509_certificates(pair.certificate.read_bytes())[0]
        yield from _dated(loaded, f"{section}.certificate", certificate, now)
        yield from _named(loaded, section, names, certificate)
    except (OSError, ValueError) as error:
        yield _unusable(loaded, f"{section}.certificate", pair.certificate, error, "certificate")
    try:
        key = load_pem_private_key(pair.key.read_bytes(), None)
        yield from _matched(loaded, section, certificate, key)
        yield from _open(loaded, f"{section}.key", pair.key)
    except (OSError, TypeError, ValueError) as error:
        yield _unusable(loaded, f"{section}.key", pair.key, error, "private key without a password")


def _unusable(loaded: Loaded, key: str, file: Path, error: Exception, kind: str) -> Problem:
    if isinstance(error, FileNotFoundError):
        return loaded.problem(key, f"{file} does not exist", MAKE)
    if isinstance(error, OSError):
        return loaded.problem(key, f"{file} cannot be read: {error.strerror}", "Let this user read it.")
    return loaded.problem(key, f"{file} holds no {kind} in PEM", MAKE)


def _dated(loaded: Loaded, key: str, certificate: x509.Certificate, now: datetime) -> Iterator[Problem]:
    """Whether it is in force."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    whose = certificate.subject.rfc4514_string() or f"serial {certificate.serial_number:x}"
    if last < now:
        yield loaded.problem(key, f"expired on {last:%Y-%m-%d} ({whose})", "Have a new one issued.")
    elif last < now + SOON:
        what = f"expires on {last:%Y-%m-%d} ({whose})"
        yield loaded.problem(key, what, "Have a new one issued in time.", grave=False)
    if first > now:
        yield loaded.problem(key, f"not in force before {first:%Y-%m-%d} ({whose})", "Look at the clock.")


def _named(
    loaded: Loaded, section: str, wanted: tuple[str, ...], certificate: x509.Certificate
) -> Iterator[Problem]:
    """Whether it covers each name that clients know the server by."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        yield loaded.problem(f"{section}.certificate", "has no subjectAltName", MAKE)
        return
    dns = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    addresses = set(names.get_values_for_type(x509.IPAddress))
    for name in wanted:
        if not _covered(name.lower(), dns, addresses):
            what = f"the certificate does not cover {name}"
            yield loaded.problem(NAMES[section], what, "Have one issued for it, or take the name off.")


def _covered(name: str, dns: set[str], addresses: Collection[object]) -> bool:
    try:
        return ip_address(name) in addresses
    except ValueError:
        return name in dns or f"*.{name.partition('.')[2]}" in dns


def _matched(
    loaded: Loaded, section: str, certificate: x509.Certificate | None, key: PrivateKeyTypes
) -> Iterator[Problem]:
    """Whether the key is of the right kind and belongs to the certificate."""
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        what = "is no P-256 key: IEEE 2030.5 6.7 asks for one, and the decision log is signed with it"
        yield loaded.problem(f"{section}.key", what, MAKE)
    if certificate is not None and certificate.public_key() != key.public_key():
        remedy = "Name the key that the certificate was issued for."
        yield loaded.problem(f"{section}.key", "does not belong to the certificate", remedy)


def _open(loaded: Loaded, name: str, file: Path) -> Iterator[Problem]:
    mode = file.stat().st_mode & 0o777
    if mode & OTHERS:
        what = f"{file} has mode {mode:04o}: others can reach it"
        yield loaded.problem(name, what, f"chmod 600 {file}")


def roots(loaded: Loaded, name: str, files: tuple[Path, ...], now: datetime) -> Iterator[Problem]:
    """A list of roots."""
    for file in files:
        try:
            held = x509.load_pem_x509_certificates(file.read_bytes())
        except (OSError, ValueError) as error:
            yield _unusable(loaded, name, file, error, "certificate")
            continue
        for one in held:
            yield from _dated(loaded, name, one, now)
            yield from _signing(loaded, name, file, one)


def _signing(loaded: Loaded, name: str, file: Path, one: x509.Certificate) -> Iterator[Problem]:
    try:
        signs = one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        signs = False
    if not signs:
        whose = one.subject.rfc4514_string() or f"serial {one.serial_number:x}"
        remedy = "Put the authority that issued it into the list."
        yield loaded.problem(name, f"{file}: {whose} may sign no other certificate", remedy)
