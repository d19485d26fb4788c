"""Certificates as 2030.5 wants them, read back by another program: openssl."""

from __future__ import annotations

import stat
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID

from bridge.trust import chain, draft, folder, identity, issue
from bridge.trust.terms import MODULE_NAME, NEVER, POLICIES

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = ("localhost", "127.0.0.1", "::1", "sep2.example.org")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> folder.Folder:
    return folder.make(tmp_path_factory.mktemp("pki") / "new", HOSTS)


def openssl(*arguments: str | Path) -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def text(path: Path) -> str:
    return openssl("x509", "-in", path, "-noout", "-text")


def test_device_certificate(here: folder.Folder) -> None:
    found = text(here.client("device").certificate)
    for words in (
        "Subject: \n", "Issuer: CN = MICA", "Not After : Dec 31 23:59:59 9999 GMT", "ASN1 OID: prime256v1",
        "ecdsa-with-SHA256", "X509v3 Subject Alternative Name: critical",
        "X509v3 Certificate Policies: critical", "Policy: 1.3.6.1.4.1.40732.1.1",
        "X509v3 Key Usage: critical\n                Digital Signature, Key Agreement",
    ):  # fmt: skip
        assert words in found
    assert "Extended" not in found
    assert "Basic Constraints" not in found


def test_hardware_module_name(here: folder.Folder, tmp_path: Path) -> None:
    made = issue.device(here.issuer("mica"), b"serial 7")
    names = made.certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    assert isinstance(names, x509.SubjectAlternativeName)
    (name,) = names
    assert isinstance(name, x509.OtherName)
    assert name.type_id == MODULE_NAME
    (tmp_path / "name.der").write_bytes(name.value)
    lines = openssl("asn1parse", "-inform", "DER", "-in", tmp_path / "name.der").splitlines()
    assert [line.split("prim:")[-1].split("cons:")[-1].strip() for line in lines] == [
        "SEQUENCE", "OBJECT            :1.3.6.1.4.1.40732.99.1", "OCTET STRING      :serial 7",
    ]  # fmt: skip


def test_long_serial_is_refused() -> None:
    with pytest.raises(ValueError, match="short"):
        draft.module(b"x" * 128)


def test_key_identifiers_have_eight_bytes_and_chain(here: folder.Folder) -> None:
    made = issue.device(here.issuer("mica"), b"1")
    for one, above in zip((made.certificate, *made.above), (*made.above, made.above[-1]), strict=True):
        own = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        upper = one.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        assert len(own) == 8
        assert own[0] >> 4 == 0b0100
        assert upper == above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def test_server_certificate(here: folder.Folder) -> None:
    found = text(here.certificate)
    assert "X509v3 Subject Alternative Name: critical" in found
    assert "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:sep2.example.org" in found


@pytest.mark.parametrize("name", ["device", "aggregator", "operator"])
def test_openssl_verifies_strictly(here: folder.Folder, name: str) -> None:
    made = here.client(name, name)
    root = here.operators if name == "operator" else here.roots
    arguments = ("-x509_strict", "-purpose", "sslclient", "-CAfile", root, "-untrusted", made.certificate)
    assert openssl("verify", *arguments, made.certificate).strip() == f"{made.certificate}: OK"
    assert "CN = " in openssl("x509", "-in", root, "-noout", "-subject")


def test_names_are_those_of_openssl(here: folder.Folder) -> None:
    made = here.client("device")
    print_ = openssl("x509", "-in", made.certificate, "-noout", "-fingerprint", "-sha256")
    assert print_.split("=")[1].replace(":", "")[:40] == made.lfdi
    assert made.sfdi == identity.sfdi(made.lfdi)


def test_each_certificate_has_its_own_key_and_policy(here: folder.Folder) -> None:
    made = [issue.device(here.issuer("mica"), b"1", policy=policy) for policy in POLICIES]
    assert len({one.lfdi for one in made}) == len(POLICIES)
    for one, policy in zip(made, POLICIES.values(), strict=True):
        found = one.certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
        assert found.critical
        assert found.value[0].policy_identifier == policy


def test_keys_are_for_their_owner_alone(here: folder.Folder) -> None:
    here.client("device")
    keys = list(here.path.rglob("*.key"))
    assert len(keys) >= 5
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    folders = [here.path, *(one for one in here.path.rglob("*") if one.is_dir())]
    assert {stat.S_IMODE(one.stat().st_mode) for one in folders} == {0o700}


def test_client_is_made_once(here: folder.Folder) -> None:
    assert here.client("twice") == here.client("twice") == here.known("twice")
    assert here.client("other") != here.client("twice")


def test_nothing_is_overwritten(here: folder.Folder) -> None:
    before = {path: path.read_bytes() for path in here.path.rglob("*") if path.is_file()}
    with pytest.raises(FileExistsError):
        folder.make(here.path, HOSTS)
    with pytest.raises(FileExistsError):
        here.add("device", issue.device(here.issuer("mica"), b"2"))
    assert {path: path.read_bytes() for path in before} == before


def test_issuers_come_back_whole(here: folder.Folder) -> None:
    mica = here.issuer("mica")
    assert [one.subject.rfc4514_string() for one in (mica.certificate, *mica.above)] == [
        "CN=MICA",
        "CN=SERCA",
    ]
    roots = [x509.load_pem_x509_certificate(here.roots.read_bytes())]
    assert list(mica.above) == roots
    assert chain.judge(issue.device(mica, b"1").chain, [mica.chain[-1]]) == ""


def test_key_of_another_kind_is_refused(here: folder.Folder, tmp_path: Path) -> None:
    openssl("genpkey", "-algorithm", "ed25519", "-out", tmp_path / "k.pem")
    with pytest.raises(TypeError, match="elliptic curve"):
        folder.load(here.roots, tmp_path / "k.pem")


def test_finite_life_for_programs(tmp_path: Path) -> None:
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    made = folder.make(tmp_path / "pki", HOSTS, since=since, until=until)
    one = made.client("head-end", "operator", since=since, until=until)
    for path in (one.certificate, made.certificate, made.operators):
        found = x509.load_pem_x509_certificate(path.read_bytes())
        assert (found.not_valid_before_utc, found.not_valid_after_utc) == (since, until)
    serca = x509.load_pem_x509_certificate(made.roots.read_bytes())
    assert serca.not_valid_after_utc == NEVER


def test_keys_are_on_p256(here: folder.Folder) -> None:
    assert isinstance(here.issuer("operator").key.curve, ec.SECP256R1)
