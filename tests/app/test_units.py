"""The unit for systemd and the container file against the code: verbs, ports, signals, keys, limits."""

from __future__ import annotations

import configparser
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import typer.main

from bridge.app import crew, loading
from bridge.app.cli import app
from bridge.app.config import Config
from tests.app.command import EXAMPLES, ROOT

CONTAINER = (ROOT / "Containerfile").read_text("utf-8")
VERBS = set(getattr(typer.main.get_command(app), "commands", {}))


def unit() -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=False)
    found.optionxform = str  # type: ignore[assignment,method-assign] # names of systemd have capitals
    found.read(EXAMPLES / "derbridge.service", "utf-8")
    return found


def test_unit_runs_verbs_that_exist() -> None:
    lines = [value for key, value in unit()["Service"].items() if key.startswith("ExecStart")]
    assert {line.split()[1] for line in lines} == {"check", "run"} <= VERBS


def test_unit_waits_longer_than_the_server_needs_to_stop() -> None:
    least = Config().run.grace + crew.Crew(1, lambda _: 0, 0, print, print).extra
    assert int(unit()["Service"]["TimeoutStopSec"]) > least
    assert unit()["Service"]["KillSignal"] == signal.SIGTERM.name
    assert "-HUP" in unit()["Service"]["ExecReload"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (
        (EXAMPLES / "derbridge.service").read_text("utf-8").replace("/usr/local/bin/derbridge", "/bin/true")
    )
    (tmp_path / "derbridge.service").write_text(
        text.replace("User=derbridge\nGroup=derbridge\n", ""), "utf-8"
    )
    line: list[str | Path] = ["systemd-analyze", "verify", "--man=no", tmp_path / "derbridge.service"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert [one for one in done.stderr.splitlines() if "derbridge.service" in one] == []


def test_container_exposes_the_ports_that_are_listened_on() -> None:
    config = Config()
    exposed = re.search(r"^EXPOSE (.+)$", CONTAINER, re.MULTILINE)
    assert exposed is not None
    assert list(map(int, exposed[1].split())) == [config.https.port, config.plain.port, config.admin.port]
    assert f"127.0.0.1:{config.probe.port}/healthz" in CONTAINER


def test_container_sets_keys_that_exist(tmp_path: Path) -> None:
    (tmp_path / loading.NAME).touch()
    said = dict(re.findall(r"(DERBRIDGE_\w+)=(\w+)", CONTAINER))
    loaded = loading.load(tmp_path, said)
    assert said
    assert loaded.problems == ()
    assert loaded.config is not None
    assert loaded.config.probe.enabled


def test_container_copies_what_is_there() -> None:
    copied = [source for source, _ in re.findall(r"^COPY (\S+) (\S+)$", CONTAINER, re.MULTILINE)]
    assert copied
    assert all((ROOT / source).exists() for source in copied)
    verb = re.search(r'^CMD \["(\w+)"', CONTAINER, re.MULTILINE)
    assert verb is not None
    assert verb[1] in VERBS
