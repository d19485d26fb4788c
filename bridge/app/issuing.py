"""`derbridge pki issue`: a certificate of each kind, from the issuer and for the time that fit the kind.

What a kind says, and who signs it, stands in `kinds`. A key is made here with mode 0600 and never shown, or
it stays where a request (CSR) comes from; of a request nothing but the key is taken. What the chain rules
refuse is not written.
"""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.app import inventory, screen
from bridge.app.fault import Fault
from bridge.app.kinds import KINDS, Wish
from bridge.trust import chain, folder, identity, issue
from bridge.trust.draft import Draft
from bridge.trust.folder import Folder
from bridge.trust.issue import Issued, Public
from bridge.trust.terms import CLIENT, NEVER, SERVER

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,62}")
EARLIER = timedelta(days=1)
"""So much before now a certificate begins, for those whose clock is behind."""
USES = CLIENT | SERVER | {ExtendedKeyUsageOID.OCSP_SIGNING}
"""Whatever a certificate is for, its chain must hold."""


def run(place: Folder, kind: str, name: str, wish: Wish, *, issuer: str, csr: Path | None) -> None:
    """Issue a certificate, and tell what was made."""
    if kind not in KINDS:
        raise Fault(kind, f"is no kind of certificate: {', '.join(KINDS)}")
    if not NAME.fullmatch(name) or inventory.named(place, name):
        raise Fault(name, "is taken" if NAME.fullmatch(name) else "is no name: letters, digits and ._@-")
    _fitting(kind, wish)
    own = KINDS[kind]
    above = signer(place, issuer or place.lowest(own.root or "serca"), own.root)
    stem = place.path / own.place / name
    try:
        said = own.draft(name, wish)
        since, until = life(above, None if wish.endless else own.days, wish.days)
        public, key = owner(csr)
        pem = signed(above, said, public, since=since, until=until)
    except ValueError as error:
        raise Fault(name, str(error)) from error
    stem.parent.mkdir(mode=0o700, exist_ok=True)
    if key:
        folder.write(Path(f"{stem}.key"), key, mode=0o600)
    folder.write(Path(f"{stem}.pem"), pem)
    told(Path(f"{stem}.pem"), f"{kind}, issued by {above.certificate.subject.rfc4514_string()}")


def _fitting(kind: str, wish: Wish) -> None:
    """Refuse options that a kind has no use for."""
    given = (field.name for field in fields(wish) if getattr(wish, field.name) != field.default)
    for name in given:
        if name not in KINDS[kind].takes:
            raise Fault(f"--{name.replace('_', '-')}", f"is not for a certificate of kind {kind}")


def signer(place: Folder, name: str, root: str) -> Issued:
    """Give an issuer, which must stand below a root if one is named."""
    try:
        found = place.issuer(name)
    except OSError as error:
        raise Fault(name, f"cannot issue here: {error.filename}: {error.strerror}") from error
    except (TypeError, ValueError) as error:
        raise Fault(name, f"cannot issue: {error}") from error
    if root and inventory.certificates(place.path / "roots" / f"{root}.pem")[0] not in (
        found.certificate,
        *found.above,
    ):
        raise Fault(name, f"does not stand below {root}, whose certificates are trusted for this kind")
    return found


def owner(csr: Path | None) -> tuple[Public, bytes]:
    """Give the key that a certificate is for, and its private half in PEM if it is made here."""
    if csr:
        return requested(csr), b""
    key = issue.new()
    return key.public_key(), issue.key_pem(key)


def requested(file: Path) -> Public:
    """Give the key that a request asks a certificate for, once it has shown that it is the asker's."""
    try:
        data = file.read_bytes()
        pem = inventory.BEGIN in data
        request = x509.load_pem_x509_csr(data) if pem else x509.load_der_x509_csr(data)
        key = request.public_key()
    except OSError as error:
        raise Fault(str(file), error.strerror or "cannot be read") from error
    except ValueError as error:
        raise Fault(str(file), "is no certificate signing request in PEM or DER") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Fault(str(file), "asks for a key that is not on P-256 (IEEE 2030.5 6.7)")
    if not request.is_signature_valid:
        raise Fault(str(file), "its signature does not hold")
    return key


def life(above: Issued, usual: int | None, days: int | None) -> tuple[datetime, datetime]:
    """Say when a certificate begins and ends: no earlier and no later than its issuer."""
    now = datetime.now(UTC).replace(microsecond=0)
    end = above.certificate.not_valid_after_utc
    since = max(now - EARLIER, above.certificate.not_valid_before_utc)
    if days is not None:
        until = now + timedelta(days=days)
        if not now < until <= end:
            raise ValueError(f"--days: the end must be after now and not after the issuer's, {end:%Y-%m-%d}")
        return since, until
    wanted = now + timedelta(days=usual) if usual else NEVER
    return since, min(wanted, end)


def signed(above: Issued, said: Draft, public: Public, *, since: datetime, until: datetime) -> bytes:
    """Sign a draft; the certificates to present, in PEM."""
    one = issue.sign(above, said, public, since=since, until=until)
    whole = (one, above.certificate, *above.above)
    if reason := chain.judge(inventory.ders(whole), (), USES):
        raise ValueError(f"nobody would let it in: {reason}")
    return b"".join(each.public_bytes(Encoding.PEM) for each in whole[:-1])


def told(file: Path, what: str) -> None:
    """Tell of a certificate that was made."""
    one = inventory.certificates(file)[0]
    lfdi = identity.lfdi(one.public_bytes(Encoding.DER))
    until = one.not_valid_after_utc
    ends = "no end" if until == NEVER else f"ends on {until:%Y-%m-%d}"
    screen.say(f"{file}: {what}")
    screen.say(f"  LFDI {lfdi}  SFDI {identity.sfdi(lfdi)}")
    screen.say(f"  serial number {one.serial_number:X}, {ends}")
    if file.with_suffix(".key").exists():
        screen.say(f"  its key is in {file.with_suffix('.key')}, readable by you alone")
