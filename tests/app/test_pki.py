"""`derbridge pki` over its real entry point: what each verb makes, and what openssl thinks of it."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from bridge.trust import identity
from bridge.trust.folder import Folder
from tests.app.command import Done, derbridge, refused, spawned

KINDS = ("device", "aggregator", "operator", "server", "relay", "signer", "ocsp")
ROOTS = {"operator": "operator", "relay": "service", "signer": "service"}


def openssl(*arguments: str | Path, given: bytes = b"") -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], input=given, capture_output=True, check=False)
    return (done.stdout + done.stderr).decode()


def done(place: Path, *arguments: str | Path) -> str:
    """Do something that must work, and show no key; what was said."""
    found = derbridge("pki", *arguments, "--pki", place)
    assert (found.returncode, found.stderr) == (0, "")
    assert_secret(place, found)
    return found.stdout


def assert_secret(place: Path, found: Done) -> None:
    """Nothing of a private key is in what was said."""
    said = found.stdout + found.stderr
    assert "PRIVATE" not in said
    for key in place.rglob("*.key"):
        assert key.read_text().splitlines()[1] not in said


def shown(place: Path, what: str | Path, *further: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done(place, "show", what, "--json", *further))
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two levels with one certificate of each kind."""
    place = tmp_path_factory.mktemp("made") / "pki"
    found = derbridge("pki", "init", place, "--name", "bridge.example.org", "--levels", "2")
    assert (found.returncode, found.stderr) == (0, "")
    assert_secret(place, found)
    for kind in KINDS:
        done(place, "issue", kind, f"a-{kind}")
    return place


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of one's own."""
    assert derbridge("pki", "init", tmp_path / "pki").returncode == 0
    return tmp_path / "pki"


def where(place: Path, name: str) -> Path:
    """The file of a certificate."""
    return next(place.glob(f"*/{name}.pem"))


def test_help_names_every_verb() -> None:
    listed = spawned("pki", "--help").stdout.split("Commands:\n")[1].splitlines()
    verbs = {line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "}
    assert verbs == {"init", "issue", "renew", "revoke", "crl", "show", "import", "list"}


def test_keys_are_for_their_owner_alone(made: Path) -> None:
    keys = list(made.rglob("*.key"))
    assert len(keys) == 5 + 1 + 1 + 3 + len(KINDS)
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    folders = [made, *(one for one in made.rglob("*") if one.is_dir())]
    assert {stat.S_IMODE(one.stat().st_mode) for one in folders} == {0o700}


def test_init_overwrites_nothing(made: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    assert refused("pki", "init", made).endswith("is there already; nothing was changed")
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before
    (tmp_path / "file").touch()
    assert "is there already" in refused("pki", "init", tmp_path / "file")
    assert "no name or address" in refused("pki", "init", tmp_path / "x", "--name", "a b")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_openssl_verifies_chains_of_each_depth(tmp_path: Path, levels: int) -> None:
    place = tmp_path / "pki"
    assert derbridge("pki", "init", place, "--levels", str(levels)).returncode == 0
    done(place, "issue", "device", "d", "--serial", "4711")
    one = place / "clients" / "d.pem"
    root = place / "roots" / "serca.pem"
    said = openssl("verify", "-x509_strict", "-show_chain", "-CAfile", root, "-untrusted", one, one)
    assert f"{one}: OK" in said
    assert len(re.findall(r"^depth=", said, re.MULTILINE)) == levels + 2
    assert (place / "services" / f"ocsp-{'mica' if levels else 'serca'}.pem").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_what_was_asked_for(made: Path, kind: str) -> None:
    one = where(made, f"a-{kind}")
    root = made / "roots" / f"{ROOTS.get(kind, 'serca')}.pem"
    assert ": OK" in openssl("verify", "-x509_strict", "-CAfile", root, "-untrusted", one, one)
    found = shown(made, f"a-{kind}", "--as", kind)
    assert [each for each in found["checks"] if each["verdict"] != "pass"] == []
    assert (found["chain"], found["state"]) == ("ok", "in force")
    looks = {"aggregator": "client", "operator": "client"}
    assert found["kind"] == looks.get(kind, kind)
    printed = openssl("x509", "-in", one, "-noout", "-fingerprint", "-sha256").split("=")[1].replace(":", "")
    assert found["lfdi"] == printed[:40]
    assert found["sfdi"] == identity.sfdi(found["lfdi"])
    assert identity.sum_ok(found["sfdi"])
    assert int(openssl("x509", "-in", one, "-noout", "-serial").split("=")[1], 16) == int(found["serial"], 16)


@pytest.mark.parametrize("kind", [*KINDS, "authority", "root"])
def test_a_kind_is_told_from_another(made: Path, kind: str) -> None:
    """No kind passes as every other; the exit code says so."""
    others = {"device", "server", "relay", "ocsp", "authority"} - {kind}
    name = made / "issuers" / ("mica.pem" if kind == "authority" else "serca.pem")
    what = str(name) if kind in {"authority", "root"} else f"a-{kind}"
    for other in others - ({"server"} if kind == "relay" else set()):
        if (kind, other) != ("root", "authority"):
            assert derbridge("pki", "show", what, "--as", other, "--pki", made).returncode == 1, other


def test_device_by_openssl(place: Path) -> None:
    done(place, "issue", "device", "d", "--serial", "SN 4711", "--hardware", "1.3.6.1.4.1.32473.7")
    text = openssl("x509", "-in", place / "clients" / "d.pem", "-noout", "-text")
    for words in (
        "Subject: \n", "Not After : Dec 31 23:59:59 9999 GMT", "X509v3 Subject Alternative Name: critical",
        "X509v3 Certificate Policies: critical", "X509v3 Key Usage: critical", "NIST CURVE: P-256",
    ):  # fmt: skip
        assert words in text
    assert shown(place, "d")["module"] == {"hardware": "1.3.6.1.4.1.32473.7", "serial": "SN 4711"}


def test_relay_by_openssl(made: Path, place: Path) -> None:
    done(place, "issue", "relay", "r", "--domain", "relay.example.org", "--host", "192.0.2.7")
    one = place / "services" / "r.pem"
    text = openssl("x509", "-in", one, "-noout", "-text")
    assert "othername: XmppAddr::relay.example.org, DNS:relay.example.org, IP Address:192.0.2.7" in text
    assert "TLS Web Server Authentication, TLS Web Client Authentication" in text
    for path in (one, place / "roots" / "service.pem"):  # one without end stops ejabberd
        assert x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.year < 2100
    operators = place / "roots" / "operator.pem"
    assert ": OK" not in openssl("verify", "-CAfile", operators, one)
    assert shown(made, "a-relay")["names"] == ["xmppAddr:a-relay", "DNS:a-relay"]


def test_roles_by_openssl(place: Path) -> None:
    more = ("--role", "OPERATOR", "--role", "-3", "--area", "feeder 7", "--revision", "300")
    done(place, "issue", "operator", "op", *more, "--definition", "utility", "--operation", "1")
    one = place / "clients" / "op.pem"
    text = openssl("x509", "-in", one, "-outform", "DER", "-out", place / "op.der") + openssl(
        "asn1parse", "-inform", "DER", "-in", place / "op.der"
    )
    line = next(rest for rest in text.split("1.2.840.10070.8.1")[1].splitlines() if "OCTET STRING" in rest)
    (place / "role.der").write_bytes(bytes.fromhex(line.split("[HEX DUMP]:")[1]))
    parsed = openssl("asn1parse", "-inform", "DER", "-in", place / "role.der").splitlines()
    values = [(each.split(": ")[1].split()[0], each.rpartition(":")[2].strip()) for each in parsed]
    assert [value for value in values if value[0] != "SEQUENCE"] == [
        ("INTEGER", "01"), ("INTEGER", "-03"), ("UTF8STRING", "feeder 7"), ("INTEGER", "012C"),
        ("UTF8STRING", "utility"), ("ENUMERATED", "01"),
    ]  # fmt: skip
    (claim,) = shown(place, "op", "--as", "operator")["claims"]
    assert claim == {
        "roles": ["OPERATOR", "-3"], "area": "feeder 7", "revision": 300, "definition": "utility",
        "operation": 1,
    }  # fmt: skip
    assert ": OK" in openssl("verify", "-CAfile", place / "roots" / "operator.pem", one)


def test_server_names_are_critical_unless_said_otherwise(place: Path) -> None:
    done(place, "issue", "server", "strict", "--host", "b.example.org", "--host", "::1")
    done(place, "issue", "server", "plain", "--plain-san")
    texts = [openssl("x509", "-in", where(place, name), "-noout", "-text") for name in ("strict", "plain")]
    assert (
        "Alternative Name: critical\n                DNS:b.example.org, IP Address:0:0:0:0:0:0:0:1"
        in texts[0]
    )
    assert "Alternative Name: \n                DNS:plain" in texts[1]
    notes = [each for each in shown(place, "plain", "--as", "server")["checks"] if each["verdict"] == "note"]
    assert len(notes) == 1


def test_request_made_elsewhere(place: Path, tmp_path: Path) -> None:
    key, csr = tmp_path / "own.key", tmp_path / "own.csr"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    openssl("req", "-new", "-key", key, "-subj", "/CN=whatever", "-out", csr)
    done(place, "issue", "device", "d", "--csr", csr)
    one = place / "clients" / "d.pem"
    assert not one.with_suffix(".key").exists()
    assert openssl("x509", "-in", one, "-noout", "-pubkey") == openssl("pkey", "-in", key, "-pubout")
    assert shown(place, "d", "--as", "device")["subject"] == ""
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", key)
    openssl("req", "-new", "-key", key, "-subj", "/CN=whatever", "-out", csr)
    assert "not on P-256" in refused("pki", "issue", "device", "e", "--csr", csr, "--pki", place)
    assert "signing request" in refused("pki", "issue", "device", "e", "--csr", one, "--pki", place)
    false = tmp_path / "false.der"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    openssl("req", "-new", "-key", key, "-subj", "/CN=whatever", "-outform", "DER", "-out", false)
    false.write_bytes(false.read_bytes().replace(b"whatever", b"whoever!"))
    assert "signature does not hold" in refused("pki", "issue", "device", "e", "--csr", false, "--pki", place)
    assert not list(place.glob("*/e.*"))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("mystery", "x"), "no kind of certificate"),
        (("device", "a/b"), "is no name"),
        (("device", "../x"), "is no name"),
        (("device", "operator"), "is taken"),
        (("device", "serca"), "is taken"),
        (("device", "x", "--days", "3"), "--days: is not for a certificate of kind device"),
        (("device", "x", "--serial", "x" * 128), "1 to 127 bytes"),
        (("device", "x", "--hardware", "seven"), "is no object identifier"),
        (("device", "x", "--policy", "none"), "is no policy"),
        (("relay", "x", "--endless"), "--endless: is not for"),
        (("operator", "x", "--role", "KING"), "is no role"),
        (("operator", "x", "--area", "here"), "belong to a role"),
        (("aggregator", "x", "--role", "OPERATOR"), "--role: is not for"),
        (("device", "x", "--operation", "0"), "--operation: is not for"),
        (("server", "x", "--serial", "1"), "--serial: is not for"),
        (("operator", "x", "--days", "36000"), "not after the issuer's"),
        (("device", "x", "--issuer", "operator"), "does not stand below serca"),
        (("operator", "x", "--issuer", "mica"), "does not stand below operator"),
        (("device", "x", "--issuer", "nobody"), "cannot issue here"),
        (("server", "x", "--host", "a b"), "no name or address of a host"),
        (("relay", "x", "--domain", "-y"), "no name or address of a host"),
        (("device", "x", "--csr", "missing.csr"), "No such file"),
    ],
)
def test_what_cannot_be_issued(made: Path, arguments: tuple[str, ...], reason: str) -> None:
    before = set(made.rglob("*"))
    assert reason in refused("pki", "issue", *arguments, "--pki", made)
    assert set(made.rglob("*")) == before


def test_what_the_disk_refuses_is_told(place: Path) -> None:
    (place / "crls").rmdir()
    (place / "crls").touch()
    assert refused("pki", "crl", "--pki", place) == f"{place / 'crls'}: File exists"


def test_folder_is_found_or_asked_for(tmp_path: Path) -> None:
    assert "derbridge pki init" in refused("pki", "list", "--pki", tmp_path)
    assert "derbridge pki init" in refused("pki", "list")


def test_list_names_every_certificate(made: Path) -> None:
    found = json.loads(done(made, "list", "--json"))
    names = [one["name"] for one in found]
    assert {"server", "operator", "serca", "mca", "mica", "service", *(f"a-{kind}" for kind in KINDS)} < set(
        names
    )
    issuers = {one["name"]: one["issuer"] for one in found}
    assert (issuers["a-device"], issuers["mica"], issuers["mca"]) == ("mica", "mca", "serca")
    lfdi = Folder(made).known("a-device").lfdi
    assert any(line.startswith("a-device ") and lfdi in line for line in done(made, "list").splitlines())
