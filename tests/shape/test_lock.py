"""The lock: every requirement pinned and hashed, from no address, and one version everywhere.

A lock with an index address or a local path installs on one machine and nowhere else. lock/run.txt is
what a user gets beside the wheel, so it must cover pyproject.toml's dependencies and be part of what the
tests run on.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.shape import tree

PROJECT = tomllib.loads(tree.text(Path("pyproject.toml")))
LOCKS = tuple(path for path in tree.files(".txt") if path.parts[0] == "lock")
ENTRY = re.compile(
    r"^([a-z0-9-]+)==(\S+)(?: ; ([^\\]+?))?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE
)


@cache
def entries(name: str) -> dict[tuple[str, str], str]:
    text = tree.text(Path("lock", f"{name}.txt"))
    return {(found[1], found[3] or ""): found[2] for found in ENTRY.finditer(text)}


def name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_lock_holds_nothing_but_pinned_and_hashed_requirements(path: Path) -> None:
    assert ENTRY.sub("", tree.text(path)).strip() == ""
    assert entries(path.stem) != {}


def test_every_group_has_a_lock() -> None:
    assert {path.stem for path in LOCKS} == {"run", *PROJECT["dependency-groups"]}


def test_dependencies_are_locked() -> None:
    locked = {package for package, _ in entries("run")}
    assert {name(requirement) for requirement in PROJECT["project"]["dependencies"]} <= locked


@pytest.mark.parametrize("group", ["dev", "bench", "docs"])
def test_groups_are_locked(group: str) -> None:
    wanted = {name(one) for one in PROJECT["dependency-groups"][group] if isinstance(one, str)}
    assert wanted <= {package for package, _ in entries(group)}


@pytest.mark.parametrize(("inner", "outer"), [("run", "dev"), ("dev", "bench")])
def test_a_version_is_the_same_everywhere(inner: str, outer: str) -> None:
    assert entries(inner).items() <= entries(outer).items()


def test_tests_run_on_the_lock() -> None:

    pinned = {package: locked for (package, marker), locked in entries("dev").items() if not marker}
    assert {package: version(package) for package in pinned} == pinned
