"""`derbridge check`: each thing that can be wrong with an installation is made wrong once, and told.

Every problem names key, line and remedy; all are told at once; nothing wrong is `ready to run`.
"""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.app import init, loading, problems
from bridge.app.loading import Problem
from bridge.trust import folder, issue
from bridge.trust.terms import SINCE
from tests.app.command import derbridge

FREE = "[https]\nport = 0\n[plain]\nport = 0\n[admin]\nport = 0\n[rules]\npen = 40732\n"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("check") / "site"
    init.made(place, ("localhost", "127.0.0.1", "::1"))
    return place


@pytest.fixture
def site(fresh: Path, tmp_path: Path) -> Path:
    place = tmp_path / "site"
    shutil.copytree(fresh, place)
    (place / loading.NAME).write_text(FREE, "utf-8")
    return place


def found(site: Path, said: str = "") -> list[Problem]:
    (site / loading.NAME).write_text(FREE + said, "utf-8")
    return problems.judge(loading.load(site, {}))


def served(site: Path, since: datetime, until: datetime, *names: str) -> None:
    """Put another certificate in place of the server's."""
    made = issue.server(folder.Folder(site / "pki").issuer("mica"), names, since=since, until=until)
    for name, data in (("server.pem", made.pem), ("server.key", made.key_pem)):
        (site / "pki" / name).write_bytes(data)


NAMES = ("localhost", "127.0.0.1", "::1")
Breakage = Callable[[Path], object]
DAY = timedelta(days=1)


def gone(name: str) -> Breakage:
    return lambda site: (site / "pki" / name).unlink()


def rubbish(name: str) -> Breakage:
    return lambda site: (site / "pki" / name).write_text("x", "utf-8")


def copied(name: str, to: str) -> Breakage:
    return lambda site: shutil.copy(site / "pki" / name, site / "pki" / to)


def until(days: int, *names: str) -> Breakage:
    return lambda site: served(site, SINCE, NOW + days * DAY, *names)


PEM, KEY, ROOTS = "https.certificate", "https.key", "trust.operators"
BROKEN: dict[str, tuple[Breakage, str, str, bool]] = {
    "no certificate": (gone("server.pem"), PEM, "does not exist", True),
    "no key": (gone("server.key"), KEY, "does not exist", True),
    "rubbish": (rubbish("server.pem"), PEM, "no certificate", True),
    "rubbish key": (rubbish("server.key"), KEY, "no private key", True),
    "open key": (lambda site: (site / "pki/server.key").chmod(0o644), KEY, "mode 0644", True),
    "other key": (
        copied("clients/device.key", "server.key"),
        KEY,
        "does not belong to the certificate",
        True,
    ),
    "expired": (until(-1, *NAMES), PEM, "expired on", True),
    "early": (lambda site: served(site, NOW + DAY, NOW + 99 * DAY, *NAMES), PEM, "not in force", True),
    "soon": (until(9, *NAMES), PEM, "expires on", False),
    "name": (until(99, *NAMES[1:]), "https.names", "does not cover localhost", True),
    "no roots": (gone("roots/operator.pem"), ROOTS, "does not exist", True),
    "leaf": (copied("clients/device.pem", "roots/operator.pem"), ROOTS, "may sign no other", True),
}


@pytest.mark.parametrize("name", BROKEN)
def test_file_that_is_wrong_is_told(site: Path, name: str) -> None:
    breakage, key, what, grave = BROKEN[name]
    breakage(site)
    told = [one for one in found(site) if one.key == key and what in one.what]
    assert [one.grave for one in told] == [grave]
    assert told[0].remedy


SAID = {
    '[store]\nurl = "sqlite:///nowhere/a.db"\n': ("store.url", "is no folder"),
    '[keep]\nbackups = "nowhere"\n': ("keep.backups", "is no folder"),
    "[trust]\ndevices = []\n": ("trust.devices", "nobody is believed"),
    '[probe]\nenabled = true\nhosts = ["192.0.2.99"]\n': ("probe.hosts", "Cannot assign requested address"),
    '[probe]\nenabled = true\nhosts = ["no.such.host.invalid"]\n': (
        "probe.hosts",
        "no.such.host.invalid port 9100",
    ),
}


@pytest.mark.parametrize("said", SAID)
def test_value_that_leads_nowhere_is_told(site: Path, said: str) -> None:
    key, what = SAID[said]
    told = [one for one in found(site, said) if one.key == key and what in one.what]
    assert len(told) == 1
    assert told[0].line is not None
    assert told[0].line > FREE.count("\n")


@pytest.mark.parametrize(
    ("said", "key", "remedy"),
    [
        ('zone = "Mars/Olympus"', "rules.zone", "Europe/Zurich"),
        ("polls = { DERControlLst = 60 }", "rules.polls.DERControlLst", "Did you mean DERControlList?"),
    ],
)
def test_name_of_nothing_is_told(site: Path, said: str, key: str, remedy: str) -> None:
    (told,) = [one for one in found(site, said) if one.grave]
    assert (told.key, told.line) == (key, 9)
    assert remedy in told.remedy


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_port_that_is_taken_is_told(site: Path, taken: int) -> None:
    (told,) = found(site, f"[probe]\nenabled = true\nport = {taken}\n")
    assert (told.key, told.line, told.grave) == ("probe.port", 11, True)
    assert f"127.0.0.1 port {taken}: Address already in use" in told.what


def test_two_listeners_on_one_port_are_told(site: Path) -> None:
    text = FREE.replace("[plain]\nport = 0", "[plain]\nport = 18443").replace(
        "[https]\nport = 0", "[https]\nport = 18443"
    )
    (site / loading.NAME).write_text(text, "utf-8")
    told = problems.judge(loading.load(site, {}))
    assert [(one.key, one.what) for one in told] == [("plain.port", "https listens on 18443, too")]


def test_store_of_a_newer_program_is_told(site: Path) -> None:
    with closing(sqlite3.connect(site / "derbridge.db")) as made:
        made.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('9999')"
        )
    (told,) = found(site)
    assert (told.key, told.grave) == ("store.url", True)
    assert "9999" in told.what


def test_file_that_is_no_store_is_told(site: Path) -> None:
    (site / "derbridge.db").write_bytes(b"no database at all" * 99)
    assert [one.key for one in found(site)] == ["store.url"]


def test_database_that_is_not_there_is_told(site: Path) -> None:
    (told,) = found(site, '[store]\nurl = "postgresql://postgres@127.0.0.1:1/none"\n')
    assert (told.key, told.line) == ("store.url", 10)


def test_looking_makes_no_store(site: Path) -> None:
    assert found(site) == []
    assert not (site / "derbridge.db").exists()


def test_all_is_told_at_once(site: Path) -> None:
    for name in ("no key", "no roots"):
        BROKEN[name][0](site)
    told = found(site, '[keep]\nbackups = "nowhere"\n')
    assert {one.key for one in told if one.grave} == {"https.key", "trust.operators", "keep.backups"}


def test_command_says_what_to_do_and_leaves_with_one(site: Path) -> None:
    BROKEN["open key"][0](site)
    done = derbridge("check", site)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"chmod 600 {site}/pki/server.key" in done.stdout
    assert done.stdout.endswith(f"{loading.NAME}: 1 problem\n")


def test_command_is_content(site: Path) -> None:
    done = derbridge("check", site / loading.NAME)
    assert (done.returncode, done.stdout) == (0, f"{site / loading.NAME}: ready to run\n")


def test_command_speaks_to_programs(site: Path) -> None:
    BROKEN["no key"][0](site)
    done = derbridge("check", site, "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["ready"]) == (1, False)
    assert [one["key"] for one in said["problems"]] == ["https.key"]


def test_no_configuration_is_a_problem(tmp_path: Path) -> None:
    done = derbridge("check", tmp_path)
    assert done.returncode == 1
    assert "derbridge init" in done.stdout
