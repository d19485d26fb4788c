"""Assents: signed, read by us and by a foreign library, and whatever is wrong with one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from cryptography import x509
from joserfc import jws
from joserfc.jwk import ECKey

from bridge.trust import assent, checkpoint, issue
from bridge.trust.assent import Assent

ROOT = issue.root("Assents")
SAID = Assent("accept", assent.digest(b"text"), 1_800_000_000)


def made(name: bytes) -> tuple[x509.Certificate, checkpoint.Signer]:
    own = issue.device(issue.authority(ROOT, "MICA", depth=0), name)
    return own.certificate, checkpoint.signer(own.pem, own.key_pem)


OWN, SIGNER = made(b"own")
OTHER, STRANGER = made(b"other")
TOKEN = assent.sealed(SAID, SIGNER)


def packed(said: object) -> str:
    return urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def test_what_was_signed_is_read() -> None:
    assert assent.read(TOKEN, OWN) == SAID


def test_a_foreign_library_reads_it() -> None:
    found = jws.deserialize_compact(TOKEN, ECKey.import_key(checkpoint.public(OWN)))
    assert json.loads(found.payload) == SAID._asdict()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "a.b.c",
        "\u00e9.b.c",
        TOKEN + ".x",
        TOKEN[:-2] + ("AA" if TOKEN[-2:] != "AA" else "BB"),
        ".".join((TOKEN.split(".")[0], packed(SAID._replace(act="refuse")._asdict()), TOKEN.split(".")[2])),
        ".".join((packed({"alg": "none", "kid": SIGNER.lfdi, "typ": assent.TYPE}), *TOKEN.split(".")[1:])),
        ".".join((TOKEN.split(".")[0], packed({"act": "accept"}), TOKEN.split(".")[2])),
        assent.sealed(SAID._replace(at="now"), SIGNER),  # type: ignore[arg-type]
        assent.sealed(SAID, STRANGER),
        assent.sealed(SAID, SIGNER._replace(key=STRANGER.key)),
    ],
)
def test_anything_else_is_none(token: str) -> None:
    with pytest.raises(ValueError, match=r"is no|is not|has a"):
        assent.read(token, OWN)


def test_another_certificate_has_not_signed_it() -> None:
    with pytest.raises(ValueError, match="whom the certificate names"):
        assent.read(TOKEN, OTHER)
