"""`derbridge pki import` and `show` of files from elsewhere: what is let in, what is told of the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.trust import draft, issue
from bridge.trust.issue import Issued
from bridge.trust.terms import SINCE
from tests.app.command import derbridge, refused
from tests.app.test_pki import done, openssl, shown


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("import") / "pki"
    assert derbridge("pki", "init", folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def elsewhere(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of another authority, whose root is known here."""
    folder = tmp_path_factory.mktemp("elsewhere")
    root = issue.root("Elsewhere")
    (folder / "elsewhere.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    for name, depth, flaw in (("good", 4, ""), ("mapped", 3, "mappings"), ("limited", 3, "constraints")):
        made = issue.device(issue.issuer(root, depth, flaw=flaw), name.encode())
        (folder / f"{name}.pem").write_bytes(made.pem)
    (folder / "stranger.pem").write_bytes(issue.device(issue.issuer(issue.root("X"), 3), b"x").pem)
    (folder / "self.pem").write_bytes(alone(issue.device(None, b"x", policy="selfsigned")))
    (folder / "below.pem").write_bytes(alone(issue.authority(root, "MICA", depth=0)))
    (folder / "with-key.pem").write_bytes(root.key_pem + alone(root))
    (folder / "key.pem").write_bytes(root.key_pem)
    late = issue.client(root, "late", until=SINCE.replace(year=2021))
    (folder / "late.pem").write_bytes(late.pem)
    done(place, "import", folder / "elsewhere.pem")
    return folder


def alone(made: Issued) -> bytes:
    return made.certificate.public_bytes(Encoding.PEM)


def test_root_goes_to_roots(place: Path, elsewhere: Path) -> None:
    taken = place / "roots" / "elsewhere.pem"
    assert taken.read_bytes() == (elsewhere / "elsewhere.pem").read_bytes()
    assert ("elsewhere", "root") in {
        (one["name"], one["kind"]) for one in json.loads(done(place, "list", "--json"))
    }


def test_peer_below_it_goes_to_clients(place: Path, elsewhere: Path) -> None:
    said = done(place, "import", elsewhere / "good.pem", "--name", "peer")
    found = shown(place, "peer", "--as", "device")
    assert found["lfdi"] in said
    assert (found["chain"], len(found["above"])) == ("ok", 2)
    assert not (place / "clients" / "peer.key").exists()
    assert "was not issued by an issuer of this folder" in refused("pki", "renew", "peer", "--pki", place)
    assert "was not issued by" in refused("pki", "revoke", "peer", "--pki", place)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("mapped", "a certificate has policy mappings"),
        ("limited", "a certificate has name constraints"),
        ("stranger", "does not end in a root that is trusted"),
        ("self", "the chain does not end in a root that is trusted"),
        ("below", "is no root that signed itself"),
        ("with-key", "has a private key in it"),
        ("key", "holds no certificate"),
        ("late", "ended on 2021-01-01"),
        ("elsewhere", "is taken"),
        ("missing", "No such file"),
    ],
)
def test_what_is_not_let_in(place: Path, elsewhere: Path, name: str, reason: str) -> None:
    before = set(place.rglob("*"))
    assert reason in refused("pki", "import", elsewhere / f"{name}.pem", "--pki", place)
    assert set(place.rglob("*")) == before


def test_root_that_no_device_may_have_is_taken_with_a_word(place: Path, tmp_path: Path) -> None:
    """A root of servers on RSA, say: the configuration decides whom it is believed for."""
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "k.pem", "-subj", "/CN=RSA",
        "-out", tmp_path / "rsa.pem", "-days", "30",
    )  # fmt: skip
    found = derbridge("pki", "import", tmp_path / "rsa.pem", "--pki", place)
    assert found.returncode == 0
    assert "CN=RSA: key on P-256: the key is RSA 2048" in found.stderr
    assert (place / "roots" / "rsa.pem").exists()


def test_a_file_is_shown_without_a_folder(elsewhere: Path) -> None:
    chained = derbridge("pki", "show", elsewhere / "good.pem", "--json")
    found = json.loads(chained.stdout)
    assert (found["kind"], found["chain"]) == ("device", "the chain does not end in a root")
    root = elsewhere / "elsewhere.pem"
    trusting = derbridge("pki", "show", elsewhere / "good.pem", "--root", root, "--as", "device", "--json")
    assert (trusting.returncode, json.loads(trusting.stdout)["chain"]) == (0, "ok")


def test_a_chain_that_is_refused_is_an_answer(elsewhere: Path) -> None:
    asked = ("--root", elsewhere / "elsewhere.pem", "--as", "device")
    found = derbridge("pki", "show", elsewhere / "mapped.pem", *asked)
    assert found.returncode == 1
    assert "Chain: a certificate has policy mappings" in found.stdout
    assert "no name constraints, no policy mappings" in found.stdout


def test_named_roots_stand_in_place_of_the_folder_s(place: Path, elsewhere: Path) -> None:
    found = derbridge(
        "pki", "show", "operator", "--root", elsewhere / "elsewhere.pem", "--pki", place, "--as", "operator"
    )
    assert found.returncode == 1
    assert "Chain: the chain does not end in a root that is trusted" in found.stdout


def test_der_is_read_as_well(elsewhere: Path, tmp_path: Path) -> None:
    der = tmp_path / "good.der"
    openssl("x509", "-in", elsewhere / "good.pem", "-outform", "DER", "-out", der)
    shown_ = [
        json.loads(derbridge("pki", "show", file, "--json").stdout)["lfdi"]
        for file in (der, elsewhere / "good.pem")
    ]
    assert shown_[0] == shown_[1]


def test_names_from_elsewhere_cannot_draw_on_the_terminal(place: Path, tmp_path: Path) -> None:
    """A subject with a line of its own, and an escape sequence, is told in one line."""
    made = issue.made(None, draft.root("x\x1b[2J\npass  every rule"))
    (tmp_path / "x.pem").write_bytes(alone(made))
    for found in (
        derbridge("pki", "show", tmp_path / "x.pem"),
        derbridge("pki", "import", tmp_path / "x.pem", "--name", "hostile", "--pki", place),
    ):
        assert found.returncode == 0
        assert "\x1b" not in found.stdout + found.stderr
        assert not any(line.startswith("pass  every") for line in found.stdout.splitlines())
    (place / "roots" / "hostile.pem").unlink()


def test_key_of_a_kind_that_the_library_has_not(tmp_path: Path) -> None:
    key, file = tmp_path / "k.pem", tmp_path / "x.pem"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime239v1", "-out", key)
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=x", "-out", file)
    file.write_bytes(2 * file.read_bytes())
    found = derbridge("pki", "show", file, "--as", "device", "--json")
    assert (found.returncode, json.loads(found.stdout)["key"]) == (1, "unknown")
    assert json.loads(found.stdout)["chain"].startswith("a certificate cannot be read")


def test_what_cannot_be_shown(place: Path, elsewhere: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("-----BEGIN CERTIFICATE-----\n")
    assert "no certificate" in refused("pki", "show", tmp_path / "text")
    assert "no certificate" in refused("pki", "show", elsewhere / "key.pem")
    assert "is none of" in refused("pki", "show", elsewhere / "good.pem", "--as", "king")
    assert "No such file" in refused("pki", "show", "nobody", "--pki", place)


@pytest.mark.parametrize("kind", ["P-384", "RSA"])
def test_wrong_key_fails_a_rule(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "x.pem"
    given = (
        ("-newkey", "rsa:2048")
        if kind == "RSA"
        else ("-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{kind}")
    )
    openssl("req", "-x509", *given, "-nodes", "-keyout", tmp_path / "k", "-subj", "/CN=x", "-out", file)
    found = derbridge("pki", "show", file, "--as", "device", "--json")
    assert found.returncode == 1
    failed = [each["name"] for each in json.loads(found.stdout)["checks"] if each["verdict"] == "fail"]
    assert "key on P-256" in failed
