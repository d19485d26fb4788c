"""`derbridge pki revoke` and `derbridge pki crl`: withdraw certificates, and write the lists that say so.

A revocation goes into the register and into a new list of its issuer at once. Lists are complete, their
numbers only grow, and each names the moment by which the next is due. What was revoked stays on the list for
ever, but for a hold that is lifted.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app import docket, inventory, screen
from bridge.app.docket import Entry, Ledger
from bridge.app.fault import Fault
from bridge.trust import crl
from bridge.trust.crl import Unlawful, Withdrawn
from bridge.trust.folder import Folder

REASONS = {flag.value: flag for flag in x509.ReasonFlags}
SERIAL = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{1,40})")


def revoke(folder: Folder, what: str, reason: str, issuer: str, days: int) -> None:
    """Revoke a certificate, or lift its hold, and write its issuer's list anew."""
    if reason not in REASONS:
        raise Fault("--reason", f"{reason!r} is none of {', '.join(REASONS)}")
    number, issuer = _meant(folder, what, issuer)
    now = _now()
    with docket.held(folder) as ledgers:
        ledger = ledgers.setdefault(issuer, Ledger())
        try:
            after = crl.changed(ledger.get(number), Withdrawn(number, now, REASONS[reason]))
        except Unlawful as error:
            raise Fault(what, str(error)) from error
        ledger.revoked.pop(f"{number:X}", None)
        if after:
            ledger.revoked[f"{number:X}"] = Entry(at=after.at, reason=after.reason)
        docket.save(folder, ledgers)
    done = "revoked" if after else "on hold no more"
    screen.say(f"{what}: serial number {number:X} of {issuer} is {done} ({reason})")
    lists(folder, (issuer,), days)


def lists(folder: Folder, issuers: tuple[str, ...], days: int) -> None:
    """Write the lists of issuers, or of all whose key is here."""
    if days < 1:
        raise Fault("--days", "a list is good for a day at least")
    for name in issuers or tuple(one.name for one in inventory.held(folder, ("issuers",))):
        if not (folder.path / "issuers" / f"{name}.pem").is_file():
            raise Fault(name, "is no issuer of this folder")
        if not (folder.path / "issuers" / f"{name}.key").is_file():
            missing = f"the key of {name} is not here; its list stays as it is"
            if issuers:
                raise Fault(name, missing)
            screen.warn(missing)
            continue
        _written(folder, name, days)


def _written(folder: Folder, name: str, days: int) -> None:
    """Write the list of an issuer; its number is spent before the list is out."""
    file = folder.path / "crls" / f"{name}.pem"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with docket.held(folder) as ledgers:
        since = _now()
        until = since + timedelta(days=days)
        ledger = ledgers.setdefault(name, Ledger())
        ledger.number = max(ledger.number, _last(file)) + 1
        docket.save(folder, ledgers)
        made = crl.build(folder.issuer(name), ledger.withdrawn(), ledger.number, since=since, until=until)
        docket.put(file, made.public_bytes(Encoding.PEM))
        docket.put(file.with_suffix(".crl"), made.public_bytes(Encoding.DER))
    screen.say(f"{file}: number {ledger.number}, {len(made)} revoked, next by {until:%Y-%m-%d %H:%M} UTC")


def _last(file: Path) -> int:
    """The number of the list that is there, 0 if there is none."""
    if not file.is_file():
        return 0
    try:
        there = x509.load_pem_x509_crl(file.read_bytes())
        return there.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except (ValueError, x509.ExtensionNotFound) as error:
        raise Fault(str(file), "is no revocation list with a number; move it away") from error


def _meant(folder: Folder, what: str, issuer: str) -> tuple[int, str]:
    """The serial number and the issuer of what is to be revoked."""
    one = _certificate(folder, what)
    if one is None:
        found = SERIAL.fullmatch(what.replace(":", ""))
        if not found:
            raise Fault(what, "is no name, no file and no serial number of a certificate")
        if not issuer:
            raise Fault(what, "no certificate here has this serial number; say whose it is with --issuer")
        if inventory.named(folder, issuer, ("issuers",)) is None:
            raise Fault(issuer, "is no issuer of this folder")
        return int(found[1], 16), issuer
    if one.subject == one.issuer and inventory.signed(one, one):
        raise Fault(what, "is a root; no list revokes it: take it off the lists of who trusts it")
    name = inventory.above(inventory.issuers(folder), one)
    if not name or issuer not in {"", name}:
        raise Fault(what, f"was not issued by {issuer or 'an issuer of this folder'}")
    return one.serial_number, name


def _certificate(folder: Folder, what: str) -> x509.Certificate | None:
    """Find a certificate by name, file or serial number."""
    if one := inventory.named(folder, what):
        return one.certificate
    if Path(what).is_file():
        return inventory.certificates(Path(what))[0]
    found = SERIAL.fullmatch(what.replace(":", ""))
    number = int(found[1], 16) if found else None
    ours = (each.certificate for each in inventory.held(folder))
    return next((each for each in ours if each.serial_number == number), None)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
