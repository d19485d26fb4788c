"""`derbridge pki revoke`, `crl` and `renew`: lists that openssl believes, numbers that only grow."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509

from tests.app.command import derbridge, refused, spawned
from tests.app.test_pki import done, openssl, shown


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a device."""
    assert derbridge("pki", "init", tmp_path / "pki").returncode == 0
    done(tmp_path / "pki", "issue", "device", "d")
    return tmp_path / "pki"


def verified(place: Path, name: str) -> str:
    """What openssl says of a device when it looks at every list of its chain."""
    one, lists = place / "clients" / f"{name}.pem", place / "lists.pem"
    lists.write_bytes(b"".join((place / "crls" / f"{each}.pem").read_bytes() for each in ("serca", "mica")))
    given = ("-CAfile", place / "roots" / "serca.pem", "-untrusted", one, "-CRLfile", lists)
    return openssl("verify", "-crl_check_all", "-x509_strict", *given, one)


def text(place: Path, name: str = "mica") -> str:
    """What openssl reads in a list, its signature checked."""
    file, issuer = place / "crls" / f"{name}.pem", place / "issuers" / f"{name}.pem"
    assert "verify OK" in openssl("crl", "-in", file, "-CAfile", issuer, "-noout")
    return openssl("crl", "-in", file, "-noout", "-text")


def number(place: Path, name: str = "mica") -> int:
    found = re.search(r"X509v3 CRL Number: \n\s+(\d+)", text(place, name))
    assert found
    return int(found[1])


def serial(place: Path, name: str) -> str:
    found: str = shown(place, name)["serial"]
    return found


def test_revoked_device_is_refused_by_openssl(place: Path) -> None:
    done(place, "crl")
    assert verified(place, "d").endswith("d.pem: OK\n")
    done(place, "revoke", "d", "--reason", "keyCompromise")
    assert "certificate revoked" in verified(place, "d")
    assert "Key Compromise" in text(place)
    assert shown(place, "d")["state"].startswith("revoked since")
    assert "revoked" in next(line for line in done(place, "list").splitlines() if line.startswith("d "))


def test_number_only_grows_whatever_happens_to_the_register(place: Path) -> None:
    numbers = []
    for _ in range(3):
        done(place, "crl")
        numbers.append(number(place))
    (place / "register.json").unlink()
    done(place, "crl", "mica")
    assert [*numbers, number(place)] == [1, 2, 3, 4]


def test_next_list_is_due(place: Path) -> None:
    done(place, "crl", "--days", "7")
    found = x509.load_pem_x509_crl((place / "crls" / "mica.pem").read_bytes())
    assert found.next_update_utc
    assert (found.next_update_utc - found.last_update_utc).days == 7


def test_der_says_the_same(place: Path) -> None:
    done(place, "revoke", "d")
    pem, der = (place / "crls" / f"mica.{ending}" for ending in ("pem", "crl"))
    assert openssl("crl", "-in", pem, "-outform", "PEM") == openssl("crl", "-inform", "DER", "-in", der)
    assert stat.S_IMODE((place / "register.json").stat().st_mode) == 0o600


def test_unspecified_is_left_out(place: Path) -> None:
    done(place, "revoke", "d")
    assert "CRL Reason" not in text(place)
    assert serial(place, "d").lstrip("0") in text(place)


@pytest.mark.parametrize("how", ["name", "file", "serial", "colons"])
def test_ways_to_name_a_certificate(place: Path, how: str) -> None:
    digits = f"{int(serial(place, 'd'), 16):040x}"
    colons = ":".join(digits[index : index + 2] for index in range(0, 40, 2))
    file = place / "clients" / "d.pem"
    ways: dict[str, str | Path] = {"name": "d", "file": file, "serial": digits, "colons": colons}
    done(place, "revoke", ways[how])
    assert shown(place, "d")["state"].startswith("revoked")


def test_serial_number_of_a_certificate_that_is_lost(place: Path) -> None:
    lost = serial(place, "d")
    for file in place.glob("clients/d.*"):
        file.unlink()
    assert "--issuer" in refused("pki", "revoke", lost, "--pki", place)
    done(place, "revoke", lost, "--issuer", "mica")
    assert lost in text(place)


def test_hold_can_be_lifted_and_nothing_else_can(place: Path) -> None:
    done(place, "revoke", "d", "--reason", "certificateHold")
    assert "Certificate Hold" in text(place)
    assert shown(place, "d")["state"].startswith("on hold")
    assert "already" in refused("pki", "revoke", "d", "--reason", "certificateHold", "--pki", place)
    done(place, "revoke", "d", "--reason", "removeFromCRL")
    assert "No Revoked Certificates" in text(place)
    assert number(place) == 2
    assert "on hold" in refused("pki", "revoke", "d", "--reason", "removeFromCRL", "--pki", place)
    done(place, "revoke", "d", "--reason", "certificateHold")
    done(place, "revoke", "d", "--reason", "superseded")
    assert "Superseded" in text(place)
    assert "taken off" in refused("pki", "revoke", "d", "--reason", "removeFromCRL", "--pki", place)
    assert "already" in refused("pki", "revoke", "d", "--pki", place)
    assert "Superseded" in text(place)


def test_authority_is_revoked_by_the_one_above(place: Path) -> None:
    done(place, "crl")
    done(place, "revoke", "mica", "--reason", "cACompromise")
    assert "CA Compromise" in text(place, "serca")
    assert "certificate revoked" in verified(place, "d")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("serca",), "is a root"),
        (("nobody",), "no name, no file and no serial number"),
        (("d", "--reason", "boredom"), "is none of"),
        (("d", "--issuer", "serca"), "was not issued by serca"),
        (("ABCD", "--issuer", "nobody"), "is no issuer"),
    ],
)
def test_what_cannot_be_revoked(place: Path, arguments: tuple[str, ...], reason: str) -> None:
    assert reason in refused("pki", "revoke", *arguments, "--pki", place)
    assert not (place / "register.json").exists()
    assert not list((place / "crls").iterdir())


def test_key_that_is_elsewhere_leaves_its_list(place: Path) -> None:
    (place / "issuers" / "serca.key").rename(place.parent / "serca.key")
    found = derbridge("pki", "crl", "--pki", place)
    assert (found.returncode, found.stderr) == (0, "the key of serca is not here; its list stays as it is\n")
    assert sorted(file.name for file in (place / "crls").glob("*.pem")) == [
        "mica.pem", "operator.pem", "service.pem",
    ]  # fmt: skip
    done(place, "issue", "device", "another")
    assert "is not here" in refused("pki", "crl", "serca", "--pki", place)
    assert "is no issuer" in refused("pki", "crl", "d", "--pki", place)


def test_spoilt_register_is_told(place: Path) -> None:
    (place / "register.json").write_text('{"mica": {"number": -1}}')
    assert "mica.number" in refused("pki", "crl", "--pki", place)


def test_commands_at_the_same_time_give_each_number_once(place: Path) -> None:
    names = [f"d{count}" for count in range(4)]
    for name in names:
        done(place, "issue", "device", name)
    with ThreadPoolExecutor() as pool:
        ends = list(pool.map(lambda name: spawned("pki", "revoke", name, "--pki", place), names))
    assert [end.returncode for end in ends] == [0] * 4, ends
    told = sorted(int(count) for end in ends for count in re.findall(r"number (\d+),", end.stdout))
    assert told == [1, 2, 3, 4]
    assert number(place) == 4
    assert text(place).count("Serial Number:") == 4


def test_renewed_certificate_says_the_same(place: Path) -> None:
    old = shown(place, "d")
    done(place, "renew", "d")
    new, kept = shown(place, "d", "--as", "device"), shown(place, f"d.{old['serial']}")
    same = ("names", "module", "policies", "usages", "until", "subject", "issuer")
    assert [new[field] for field in same] == [old[field] for field in same]
    assert (kept["lfdi"], kept["state"], new["state"]) == (old["lfdi"], "replaced", "in force")
    assert new["lfdi"] != old["lfdi"]
    keys = [openssl("x509", "-in", one["file"], "-noout", "-pubkey") for one in (new, kept)]
    assert keys[0] == keys[1]
    done(place, "crl")
    assert "OK" in verified(place, "d")
    done(place, "revoke", f"d.{old['serial']}", "--reason", "superseded")
    assert "OK" in verified(place, "d")
    assert "certificate revoked" in verified(place, f"d.{old['serial']}")


def test_renewed_with_a_new_key(place: Path) -> None:
    before = (place / "clients" / "d.key").read_bytes()
    old = serial(place, "d")
    done(place, "renew", "d", "--new-key")
    kept, new = place / "clients" / f"d.{old}.key", place / "clients" / "d.key"
    assert kept.read_bytes() == before != new.read_bytes()
    assert {stat.S_IMODE(one.stat().st_mode) for one in (kept, new)} == {0o600}
    assert openssl("x509", "-in", new.with_suffix(".pem"), "-noout", "-pubkey") == openssl(
        "pkey", "-in", new, "-pubout"
    )


def test_renewal_lasts_as_long_as_before(place: Path) -> None:
    done(place, "issue", "operator", "op", "--role", "SECADM", "--days", "90")
    old = shown(place, "op")
    done(place, "renew", "op")
    assert shown(place, "op")["until"][:10] == old["until"][:10]
    assert shown(place, "op")["claims"] == old["claims"]
    done(place, "renew", "op", "--days", "10")
    assert shown(place, "op")["until"] < old["until"]
    done(place, "renew", "server")
    assert len(list(place.glob("server*.pem"))) == 2
    assert len(list(place.glob("clients/op.*pem"))) == 3


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("nobody",), "is no certificate of this folder"),
        (("mica",), "is no certificate of this folder"),
        (("../issuers/mica",), "is no certificate of this folder"),
        (("d", "--days", "9"), "has no end"),
        (("d", "--csr", "x", "--new-key"), "leave --new-key out"),
    ],
)
def test_what_cannot_be_renewed(place: Path, arguments: tuple[str, ...], reason: str) -> None:
    before = set(place.rglob("*"))
    assert reason in refused("pki", "renew", *arguments, "--pki", place)
    assert set(place.rglob("*")) == before


def test_nothing_outlives_its_issuer(tmp_path: Path) -> None:
    place = tmp_path / "pki"
    assert derbridge("pki", "init", place, "--years", "1").returncode == 0
    done(place, "issue", "operator", "op")
    done(place, "renew", "operator")
    ends = [
        shown(place, str(file))["until"] for file in place.glob("*/op*.pem") if file.parent.name != "roots"
    ]
    assert len(ends) == 4
    assert set(ends) == {shown(place, str(place / "roots" / "operator.pem"))["until"]}


def test_renewed_for_a_key_made_elsewhere(place: Path, tmp_path: Path) -> None:
    key, csr = tmp_path / "own.key", tmp_path / "own.csr"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    openssl("req", "-new", "-key", key, "-subj", "/CN=whatever", "-out", csr)
    before, old = (place / "clients" / "d.key").read_bytes(), serial(place, "d")
    done(place, "renew", "d", "--csr", csr)
    assert not (place / "clients" / "d.key").exists()
    assert (place / "clients" / f"d.{old}.key").read_bytes() == before
    one = place / "clients" / "d.pem"
    assert openssl("x509", "-in", one, "-noout", "-pubkey") == openssl("pkey", "-in", key, "-pubout")
    assert "took its place" in refused("pki", "renew", f"d.{old}", "--pki", place)


def test_compromised_key_is_not_certified_again(place: Path) -> None:
    done(place, "revoke", "d", "--reason", "keyCompromise")
    assert "--new-key" in refused("pki", "renew", "d", "--pki", place)
    done(place, "renew", "d", "--new-key")
    assert shown(place, "d")["state"] == "in force"
