"""What no file may carry: a date in a generated header, a path of one machine, work left for later.

Generated text has to come out the same on every machine and on every day, or each regeneration makes
noise that hides a change. A path or a host that only one machine knows is a file that only works there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.shape import tree

GENERATED = tuple(
    path
    for path in tree.files()
    if (tree.generated(path) and path.suffix == ".py")
    or path.match("xsd/der/*.xsd")
    or path.match("docs/mapping/*.md")
)
DATE = re.compile(r"\b(19|20)\d\d-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b")
MACHINE = re.compile(r"(?<![\w.])/(work|opt|root|home/\w+|Users/\w+|tmp/\w)/?")
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
HEADER = 15
PLAIN = {".py", ".toml", ".md", ".xsd", ".xml", ".txt", ".json", ".csv", ".css", ".html", ""}


def plain() -> list[Path]:
    own = Path(__file__).relative_to(tree.ROOT)
    return [path for path in tree.files() if path.suffix in PLAIN and path != own]


@pytest.mark.parametrize("path", GENERATED, ids=str)
def test_generated_header_carries_no_date(path: Path) -> None:
    assert DATE.findall("\n".join(tree.text(path).splitlines()[:HEADER])) == []


@pytest.mark.parametrize("path", plain(), ids=str)
def test_file_knows_no_machine(path: Path) -> None:
    assert [line for line in tree.text(path).splitlines() if MACHINE.search(line)] == []


@pytest.mark.parametrize(
    "path", [path for path in plain() if path.suffix in (".py", ".toml", ".md")], ids=str
)
def test_file_leaves_nothing_for_later(path: Path) -> None:
    assert [line for line in tree.text(path).splitlines() if LATER.search(line)] == []


@pytest.mark.parametrize("line", ["see /work/x", "in /tmp/x.py", "'/home/me/x'", "file:///opt/wheels"])
def test_machine_paths_are_recognised(line: str) -> None:
    assert MACHINE.search(line)


@pytest.mark.parametrize("line", ["../shared/facts", "href=/edev/1/opt", "framework/optional", "a/tmp/b"])
def test_other_paths_are_left_alone(line: str) -> None:
    assert not MACHINE.search(line)
