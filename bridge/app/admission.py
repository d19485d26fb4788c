"""`derbridge pki import`: a root or a peer's certificate from elsewhere, judged before it is taken in.

A root goes to roots/ and is believed once the configuration names it; a peer goes to clients/ if its chain
passes the rules of IEEE 2030.5 6.11 up to a root that is there already. A file with a private key in it is
not taken: a key has no business on the way here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app import inventory, issuing, screen
from bridge.app.fault import Fault, visible
from bridge.trust import chain, facts, folder, profile
from bridge.trust.folder import Folder


def run(place: Folder, file: Path, name: str) -> None:
    """Take a file in, or say why not."""
    certificates = inventory.certificates(file)
    if inventory.SECRET in file.read_bytes():
        raise Fault(str(file), "has a private key in it; import the certificate alone")
    name = name or file.stem
    if not issuing.NAME.fullmatch(name):
        raise Fault(name, "is no name: letters, digits and ._@-; give one with --name")
    if inventory.named(place, name):
        raise Fault(name, "is taken; give another with --name")
    try:
        root = facts.authority(certificates[0])
        kind = "roots" if root else "clients"
        for one in certificates:
            _in_force(file, one)
        _roots(file, certificates) if root else _peer(place, file, certificates)
    except ValueError as error:
        raise Fault(str(file), f"cannot be read: {error}") from error
    taken = place.path / kind / f"{name}.pem"
    folder.write(taken, b"".join(one.public_bytes(Encoding.PEM) for one in certificates))
    _told(taken, certificates, root=root)


def _in_force(file: Path, one: x509.Certificate) -> None:
    """Refuse what has ended or has not begun."""
    now = datetime.now(UTC)
    if now > one.not_valid_after_utc:
        raise Fault(str(file), f"ended on {one.not_valid_after_utc:%Y-%m-%d}")
    if now < one.not_valid_before_utc:
        raise Fault(str(file), f"is not in force before {one.not_valid_before_utc:%Y-%m-%d}")


def _roots(file: Path, certificates: tuple[x509.Certificate, ...]) -> None:
    """Refuse what is no root; a root that clause 6.11 would not let into a chain is told, and taken."""
    for one in certificates:
        if not (facts.authority(one) and inventory.signed(one, one)):
            whose = one.subject.rfc4514_string()
            raise Fault(str(file), f"{whose} is no root that signed itself; import the root above it")
        for each in profile.verdicts(one, "root"):
            if each.verdict == "fail":
                told = f"{one.subject.rfc4514_string()}: {each.name}: {each.reason} ({each.clause})"
                screen.warn(visible(told))


def _peer(place: Folder, file: Path, certificates: tuple[x509.Certificate, ...]) -> None:
    """Refuse what the chain rules refuse."""
    if reason := chain.judge(inventory.ders(certificates), inventory.roots(place), issuing.USES):
        raise Fault(str(file), f"is refused: {reason}")


def _told(taken: Path, certificates: tuple[x509.Certificate, ...], *, root: bool) -> None:
    first = facts.read(certificates[0])
    screen.say(f"{taken}: {visible(first.subject) or 'no subject'}, {len(certificates)} in all")
    screen.say(f"  LFDI {first.lfdi}  SFDI {first.sfdi}")
    if root:
        screen.say("  It is believed once a list of [trust] in derbridge.toml names the file.")
    else:
        screen.say(f"  Let it in with: derbridge devices create --certificate {taken}")
