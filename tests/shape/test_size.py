"""Sizes and first lines: a file of 300 lines, a function of 30, an opening text of three to six lines.

The limits are the house's (docs/develop.md). Where a file passes its limit there is a table hiding in it;
the way out is to find it, not to raise the figure. Generated files have a limit of their own, so that
they can be read too.
"""

from __future__ import annotations

import ast
from itertools import takewhile
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tests.shape import tree

if TYPE_CHECKING:
    from pathlib import Path

FILE, FILE_MEDIAN, FUNCTION, FUNCTION_MEDIAN, GENERATED = 300, 160, 30, 10, 400

LONGER = {"messages.py": "the eleven kinds and what they are made of, which are read as one"}
"""Names of generated files that may be longer, each with the reason."""

REFUSED = ("Manager", "Helper", "Util", "Base", "Common", "Shared")
"""Names that say nothing about what they name."""


def functions(path: Path) -> list[tuple[str, int]]:
    found = (
        node for node in ast.walk(tree.tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


def shipped() -> list[Path]:
    return [path for path in tree.written() if path.parts[0] != "tests"]


@pytest.mark.parametrize("path", tree.written(), ids=str)
def test_file_is_short(path: Path) -> None:
    assert len(tree.text(path).splitlines()) <= FILE


@pytest.mark.parametrize("path", tree.written(), ids=str)
def test_functions_are_short(path: Path) -> None:
    assert [(name, lines) for name, lines in functions(path) if lines > FUNCTION] == []


def test_medians_are_small() -> None:
    assert median(len(tree.text(path).splitlines()) for path in shipped()) <= FILE_MEDIAN
    assert median(lines for path in shipped() for _, lines in functions(path)) <= FUNCTION_MEDIAN


def opening(path: Path) -> list[str]:
    """The first text of a file, up to its first drawing or table; an essay on that may follow."""
    lines = (ast.get_docstring(tree.tree(path)) or "").splitlines()
    return list(takewhile(lambda line: not line.startswith(" "), lines))


@pytest.mark.parametrize("path", tree.written(), ids=str)
def test_file_says_what_it_holds(path: Path) -> None:
    least = 1 if path.parts[0] == "tests" else 3
    assert len(opening(path)) >= least, "an opening text has three lines or more; a test's has one"
    assert sum(map(bool, opening(path))) <= 6, "an opening text has six lines or fewer"


def test_generated_files_can_be_read() -> None:
    made = [path for path in tree.code() if tree.generated(path)]
    assert {path.name for path in made if len(tree.text(path).splitlines()) > GENERATED} == set(LONGER)


@pytest.mark.parametrize("path", shipped(), ids=str)
def test_file_is_named_by_one_noun(path: Path) -> None:
    assert path.stem.strip("_").isalnum()
    assert path.stem.rstrip("s").capitalize() not in {*REFUSED} - {"Base"}
    assert path.stem != "base"


@pytest.mark.parametrize("path", shipped(), ids=str)
def test_classes_are_named_for_what_they_are(path: Path) -> None:
    names = [node.name for node in ast.walk(tree.tree(path)) if isinstance(node, ast.ClassDef)]
    assert [name for name in names if name.endswith(REFUSED)] == []
