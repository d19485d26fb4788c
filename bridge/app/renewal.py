"""`derbridge pki renew`: a new certificate that says what the old one did, the old one kept beside it.

Both are good until the old one ends or is revoked, so that whoever knows it has time to learn the new one. A
new certificate has a new LFDI (IEEE 2030.5 6.3.4), with the same key as with another. Authorities are not
renewed here: what is below them would not follow.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from bridge.app import docket, inventory, issuing, screen
from bridge.app.fault import Fault
from bridge.app.inventory import Held
from bridge.trust import draft
from bridge.trust.folder import Folder
from bridge.trust.issue import Public
from bridge.trust.terms import NEVER


def run(place: Folder, name: str, days: int | None, csr: Path | None, *, new_key: bool) -> None:
    """Renew a certificate."""
    if csr and new_key:
        raise Fault("--csr", "has a key of its own: leave --new-key out")
    old, issuer = _old(place, name)
    if old.certificate.not_valid_after_utc == NEVER and days is not None:
        raise Fault("--days", "the old certificate has no end, and neither has the new one")
    if not (csr or new_key) and _lost(place, issuer, old):
        raise Fault(name, "was revoked because its key is in other hands: renew it with --new-key")
    above = issuing.signer(place, issuer, "")
    public, key = issuing.owner(csr) if csr or new_key else (_owner(name, old.certificate), b"")
    try:
        since, until = issuing.life(above, _lasted(old.certificate), days)
        pem = issuing.signed(above, draft.again(old.certificate), public, since=since, until=until)
    except ValueError as error:
        raise Fault(name, str(error)) from error
    kept = _kept(old, key=bool(key or csr))
    if key:
        docket.put(old.key, key, 0o600)
    docket.put(old.path, pem)
    if csr:
        old.key.unlink(missing_ok=True)
    issuing.told(old.path, f"renewed by {issuer}")
    screen.say(
        f"  the old one is {kept}; it stays good until you revoke it: derbridge pki revoke {kept.stem}"
    )


def _lost(place: Folder, issuer: str, old: Held) -> bool:
    """Whether its key is known to be in other hands."""
    ledger = docket.read(place).get(issuer)
    said = ledger.get(old.certificate.serial_number) if ledger else None
    return said is not None and said.reason is x509.ReasonFlags.key_compromise


def _old(place: Folder, name: str) -> tuple[Held, str]:
    """Find what is to be renewed, and who issued it."""
    old = inventory.named(place, name, inventory.ISSUED)
    if old is None:
        raise Fault(name, "is no certificate of this folder that can be renewed")
    if old.replaced:
        raise Fault(name, "was renewed before; renew the one that took its place")
    issuer = inventory.above(inventory.issuers(place), old.certificate)
    if not issuer:
        raise Fault(name, "was not issued by an issuer of this folder")
    return old, issuer


def _owner(name: str, one: x509.Certificate) -> Public:
    key = one.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Fault(name, "has a key that is not on P-256: renew it with --new-key")
    return key


def _lasted(one: x509.Certificate) -> int | None:
    """For how many days it was good, as long as anybody asks for."""
    if one.not_valid_after_utc == NEVER:
        return None
    whole = one.not_valid_after_utc - one.not_valid_before_utc - issuing.EARLIER
    return max(whole.days, 1)


def _kept(old: Held, *, key: bool) -> Path:
    """Keep the old certificate, and its key where another takes its place, under a name of its own."""
    kept = old.path.with_name(f"{old.name}.{old.certificate.serial_number:X}.pem")
    try:
        os.link(old.path, kept)
        if key and old.key.exists():
            os.link(old.key, kept.with_suffix(".key"))
    except OSError as error:
        raise Fault(str(kept), f"cannot be made: {error.strerror}; nothing was renewed") from error
    return kept
