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

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bridge.app.config import Config
from bridge.app.loading import Loaded, Problem

LISTS = ("trust.devices", "trust.operators", "trust.outgoing")
SOON = timedelta(days=60)
OTHERS = 0o077
"""Bits of a mode that let the group or the world do anything."""
MAKE = "Make one with `derbridge init`, or name the file you have."


def papers(loaded: Loaded, config: Config, now: datetime) -> Iterator[Problem]:
    """Everything that is wrong with them."""
    yield from _server(loaded, config, now)
    for name in LISTS:
        yield from _roots(loaded, name, config, now)


def _server(loaded: Loaded, config: Config, now: datetime) -> Iterator[Problem]:
    """The server's own certificate and key."""
    certificate = None
    try:
        certificate = x509.load_pem_x509_certificates(config.https.certificate.read_bytes())[0]
        yield from _dated(loaded, "https.certificate", certificate, now)
        yield from _named(loaded, config, certificate)
    except (OSError, ValueError) as error:
        yield _unusable(loaded, "https.certificate", config.https.certificate, error, "certificate")
    try:
        key = load_pem_private_key(config.https.key.read_bytes(), None)
        yield from _matched(loaded, certificate, key)
        yield from _open(loaded, config.https.key)
    except (OSError, TypeError, ValueError) as error:
        yield _unusable(loaded, "https.key", config.https.key, error, "private key without a password")


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


def _named(loaded: Loaded, config: Config, certificate: x509.Certificate) -> Iterator[Problem]:
    """Whether it covers each name that clients know the server by."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        yield loaded.problem("https.certificate", "has no subjectAltName", MAKE)
        return
    dns = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    addresses = set(names.get_values_for_type(x509.IPAddress))
    for name in config.https.names:
        if not _covered(name.lower(), dns, addresses):
            what = f"the certificate does not cover {name}"
            yield loaded.problem("https.names", what, "Have one issued for it, or take the name off.")


def _covered(name: str, dns: set[str], addresses: Collection[object]) -> bool:
    try:
        return ip_address(name) in addresses
    except ValueError:
        return name in dns or f"*.{name.partition('.')[2]}" in dns


def _matched(loaded: Loaded, certificate: x509.Certificate | None, key: PrivateKeyTypes) -> Iterator[Problem]:
    """Whether the key is of the right kind and belongs to the certificate."""
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        what = "is no P-256 key: IEEE 2030.5 6.7 asks for one, and the decision log is signed with it"
        yield loaded.problem("https.key", what, MAKE)
    if certificate is not None and certificate.public_key() != key.public_key():
        remedy = "Name the key that the certificate was issued for."
        yield loaded.problem("https.key", "does not belong to the certificate", remedy)


def _open(loaded: Loaded, file: Path) -> Iterator[Problem]:
    mode = file.stat().st_mode & 0o777
    if mode & OTHERS:
        what = f"{file} has mode {mode:04o}: others can reach it"
        yield loaded.problem("https.key", what, f"chmod 600 {file}")


def _roots(loaded: Loaded, name: str, config: Config, now: datetime) -> Iterator[Problem]:
    """A list of roots."""
    files: tuple[Path, ...] = getattr(config.trust, name.partition(".")[2])
    if not files:
        yield loaded.problem(name, "is empty: nobody is believed", "Name a file of roots.", grave=False)
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
