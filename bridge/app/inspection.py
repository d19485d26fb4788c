"""What `derbridge pki show` and `derbridge pki list` find out: facts, rules, chain and state of certificates.

`show` checks any certificate by the rules of its kind one by one and judges its chain; `list` has an entry
for each certificate of a folder. Both only read, and never open a key. How it looks stands in portrait.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.app import docket, inventory
from bridge.app.docket import Ledger
from bridge.app.fault import Fault
from bridge.app.inventory import Held
from bridge.trust import chain, facts, profile, role
from bridge.trust.chain import Usages
from bridge.trust.crl import HOLD
from bridge.trust.folder import Folder
from bridge.trust.terms import CLIENT, NEVER, SERVER

ANSWERS = frozenset({ExtendedKeyUsageOID.OCSP_SIGNING})
USES: Mapping[str, Usages] = {
    "server": SERVER, "relay": SERVER, "ocsp": ANSWERS, "signer": CLIENT | SERVER | ANSWERS,
}  # fmt: skip
"""Which use of its key a chain must allow, where it is not a client's."""


def located(folder: Folder | None, what: str) -> Held:
    """Find a certificate: a file, or a name of the folder's."""
    if folder and (found := inventory.named(folder, what)):
        return found
    return Held(Path(what), inventory.certificates(Path(what)))


def inspected(
    what: Held, folder: Folder | None, wanted: str, roots: tuple[Path, ...], now: datetime
) -> dict[str, Any]:
    """Find out all about a certificate."""
    try:
        kind = wanted or facts.kind(what.certificate)
        if kind not in profile.KINDS:
            raise Fault("--as", f"{kind!r} is none of {', '.join(sorted(profile.KINDS))}")
        return {
            "file": str(what.path),
            **_told(what.certificate),
            "state": _today(folder, what, now),
            "checked_as": kind,
            "checks": [each._asdict() for each in profile.verdicts(what.certificate, kind)],
            "above": [_above(one) for one in what.chain[1:]],
            "chain": _judged(what, kind, _trusted(folder, roots)),
        }
    except ValueError as error:
        raise Fault(str(what.path), f"cannot be read: {error}") from error


def listed(folder: Folder, now: datetime) -> Iterator[dict[str, Any]]:
    """Give an entry for each certificate of a folder."""
    ours, ledgers = inventory.issuers(folder), docket.read(folder)
    for one in inventory.held(folder):
        place = one.path.parent.relative_to(folder.path)
        if place.name == "roots" and (folder.path / "issuers" / one.path.name).exists():
            continue
        try:
            found = facts.read(one.certificate)
        except ValueError as error:
            raise Fault(str(one.path), f"cannot be read: {error}") from error
        issuer = inventory.above(ours, one.certificate)
        yield {
            "name": one.name,
            "file": str(one.path.relative_to(folder.path)),
            "kind": found.kind,
            "issuer": issuer or found.issuer,
            "serial": found.serial,
            "lfdi": found.lfdi,
            "until": moment(found.until),
            "state": state(one, ledgers.get(issuer), now),
            "key": one.key.exists(),
        }


def _today(folder: Folder | None, what: Held, now: datetime) -> str:
    """Its state, as far as the folder knows."""
    if folder is None:
        return state(what, None, now)
    issuer = inventory.above(inventory.issuers(folder), what.certificate)
    return state(what, docket.read(folder).get(issuer), now)


def state(what: Held, ledger: Ledger | None, now: datetime) -> str:
    """Say whether a certificate is in force, as far as its issuer's ledger knows."""
    one = what.certificate
    if ledger and (said := ledger.get(one.serial_number)):
        word = "on hold" if said.reason is HOLD else "revoked"
        return f"{word} since {said.at:%Y-%m-%d} ({said.reason.value})"
    if now > one.not_valid_after_utc:
        return "ended"
    if now < one.not_valid_before_utc:
        return "not begun"
    return "replaced" if what.replaced else "in force"


def moment(at: datetime) -> str:
    """A moment as it is written; `never` where there is none."""
    return "never" if at == NEVER else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _told(one: x509.Certificate) -> dict[str, Any]:
    """The facts as plain data."""
    found = facts.read(one)
    claims = [
        {**each._asdict(), "roles": [role.name(number) for number in each.roles]} for each in found.claims
    ]
    module = found.module and {"hardware": found.module.hardware, "serial": found.module.text}
    ends = {"since": moment(found.since), "until": moment(found.until)}
    return {**asdict(found), **ends, "module": module, "claims": claims}


def _above(one: x509.Certificate) -> dict[str, Any]:
    """An authority of a chain, with the rules that it breaks."""
    kind = "root" if one.subject == one.issuer else "authority"
    return {
        "subject": one.subject.rfc4514_string(),
        "kind": kind,
        "serial": f"{one.serial_number:X}",
        "until": moment(one.not_valid_after_utc),
        "failed": [each.name for each in profile.verdicts(one, kind) if each.verdict == "fail"],
    }


def _trusted(folder: Folder | None, roots: tuple[Path, ...]) -> tuple[bytes, ...]:
    """The roots that were named, or those of the folder."""
    if roots or folder is None:
        return inventory.ders(tuple(one for file in roots for one in inventory.certificates(file)))
    return inventory.roots(folder)


def _judged(what: Held, kind: str, trusted: tuple[bytes, ...]) -> str:
    """What the chain rules say: `ok`, or why the chain is refused; nothing of an authority."""
    if kind in profile.ABOVE:
        return ""
    return chain.judge(inventory.ders(what.chain), trusted, USES.get(kind, CLIENT)) or "ok"
