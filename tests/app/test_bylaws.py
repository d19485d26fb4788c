"""The rules of an installation: read, judged, and taken in anew while the server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.app import bylaws, loading
from tests.app.command import derbridge

RULE = '[[rule]]\nname = "{}"\nroles = ["VIEWER"]\nfunctions = ["{}"]\nactions = ["read"]\n'


def loaded(folder: Path, rules: str | None, **access: Any) -> loading.Loaded:
    (folder / loading.NAME).write_text("", "utf-8")
    if rules is not None:
        (folder / "rules.toml").write_text(rules, "utf-8")
    return loading.load(folder, {}, {"access": {"rules": "rules.toml", **access}})


def found(folder: Path, rules: str | None) -> list[tuple[bool, str]]:
    made = loaded(folder, rules)
    assert made.config
    return [(one.grave, one.what) for one in bylaws.problems(made, made.config)]


def test_a_file_of_rules_lies_beside_the_configuration(tmp_path: Path) -> None:
    made = loaded(tmp_path, RULE.format("own", "keys"), separation=True)
    assert made.config
    access = bylaws.access(made.config)
    assert access.separation is True
    assert access.engine.rules[-1].name == "own"
    assert found(tmp_path, RULE.format("own", "keys")) == []


@pytest.mark.parametrize(("rules", "grave", "what"), [
    (None, True, "No such file"),
    ("rule =", True, "not TOML"),
    (RULE.format("Own", "keys"), True, "rule.0.name"),
    (RULE.format("own", "keys") + "speed = 3\n", True, "rule.0.speed"),
    (RULE.format("own", "wings"), False, "there is no function set wings"),
    (RULE.format("own", "control"), False, "own: shadowed"),
])  # fmt: skip
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, rules: str | None, grave: bool, what: str) -> None:
    said = found(tmp_path, rules)
    assert any(one[0] is grave and what in one[1] for one in said), said


def test_the_shipped_rules_need_no_file(tmp_path: Path) -> None:
    (tmp_path / loading.NAME).write_text("", "utf-8")
    made = loading.load(tmp_path, {})
    assert made.config
    assert list(bylaws.problems(made, made.config)) == []
    assert "access" in derbridge("--help").stdout
