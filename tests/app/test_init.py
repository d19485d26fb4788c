"""`derbridge init`: what it makes can be run at once, everything is explained, nothing is overwritten."""

from __future__ import annotations

import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from bridge.app import loading, papers
from bridge.trust.folder import Folder
from tests.app.command import derbridge, line_of, refused


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    place = tmp_path_factory.mktemp("init") / "site"
    done = derbridge("init", place, "--name", "bridge.example.org", "--name", "192.0.2.7")
    assert (done.returncode, done.stderr) == (0, "")
    return place, done.stdout


def test_every_file_is_explained(made: tuple[Path, str]) -> None:
    place, said = made
    files = [path.relative_to(place) for path in place.rglob("*") if path.is_file()]
    told = said.replace(".pem, .key", ".pem")
    unexplained = [
        path for path in files
        if str(path.with_suffix(".pem") if path.suffix == ".key" else path) not in told
        and f"{path.parent}/" not in told
    ]  # fmt: skip
    assert unexplained == []


def test_identities_are_told(made: tuple[Path, str]) -> None:
    place, said = made
    for name in ("operator", "device"):
        client = Folder(place / "pki").known(name)
        assert client.lfdi in said
        assert str(client.sfdi) in said


def test_what_it_made_has_no_problem(made: tuple[Path, str]) -> None:
    loaded = loading.load(made[0], {})
    assert loaded.config is not None
    assert list(papers.papers(loaded, loaded.config, datetime.now(UTC))) == []
    assert {"bridge.example.org", "192.0.2.7", "localhost"} <= set(loaded.config.https.names)


def test_configuration_has_every_key_and_says_only_the_names(made: tuple[Path, str]) -> None:
    text = (made[0] / loading.NAME).read_text("utf-8")
    assert {key for table in tomllib.loads(text).values() for key in table} == {"domain", "names"}
    assert "# registration = " in text


def test_keys_are_for_their_owner_alone(made: tuple[Path, str]) -> None:
    keys = list(made[0].rglob("*.key"))
    assert len(keys) >= 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}


def test_operator_has_an_end_and_a_device_has_none(made: tuple[Path, str]) -> None:
    ends = {
        name: x509.load_pem_x509_certificates(Folder(made[0] / "pki").known(name).certificate.read_bytes())[0]
        for name in ("operator", "device")
    }
    assert ends["device"].not_valid_after_utc.year == 9999
    assert ends["operator"].not_valid_after_utc.year < 2100


@pytest.mark.parametrize("name", ["pki", loading.NAME])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", "utf-8")
    assert refused("init", tmp_path).endswith("is there already; nothing was changed")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["a b", "", "-x", "ü.example.org"])
def test_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    assert "no name or address" in line_of(derbridge("init", tmp_path / "x", f"--name={name}"))
    assert not (tmp_path / "x").exists()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "Not a directory" in refused("init", tmp_path / "file" / "below")
