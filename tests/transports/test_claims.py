"""The roles that a certificate claims reach whoever decides, by the same judgement as its chain."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ObjectIdentifier

from bridge.transports.tls import Files, Guard
from bridge.trust import issue
from bridge.trust.credential import Claim
from bridge.trust.terms import NEVER, ROLE_EXTENSIONS

VALUE = bytes.fromhex("300f300d" + "3003020100" + "0c032a2f2a" + "020101")
ENDS = datetime(2090, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("until", "oid", "claims"), [
    (ENDS, ROLE_EXTENSIONS[0], (Claim((0,), "*/*", 1),)),
    (ENDS, ROLE_EXTENSIONS[1], (Claim((0,), "*/*", 1),)),
    (NEVER, ROLE_EXTENSIONS[0], ()),
    (ENDS, ObjectIdentifier("1.2.3"), ()),
])  # fmt: skip
def test_a_peer_bears_its_claims(
    tmp_path: Path, until: datetime, oid: ObjectIdentifier, claims: tuple[Claim, ...]
) -> None:
    top = issue.root("operators")
    plain = issue.client(top, "someone", until=until)
    made = x509.CertificateBuilder(
        plain.certificate.issuer, plain.certificate.subject, plain.key.public_key(), 7,
        plain.certificate.not_valid_before_utc, until,
        [*plain.certificate.extensions, x509.Extension(oid, False, x509.UnrecognizedExtension(oid, VALUE))],
    ).sign(top.key, plain.certificate.signature_hash_algorithm)  # type: ignore[arg-type]  # fmt: skip
    own = issue.server(top, ("localhost",))
    for name, pem in (("server.pem", own.pem), ("server.key", own.key_pem), ("operators.pem", top.pem)):
        (tmp_path / name).write_bytes(pem)
    guard = Guard(Files(tmp_path / "server.pem", tmp_path / "server.key", (), (tmp_path / "operators.pem",)))
    seen = guard.known([issue.Issued(made, plain.key).der, top.der])
    assert (seen.peer.roles, seen.peer.claims) == (frozenset({"operator"}), claims)
