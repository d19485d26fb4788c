"""One name for one thing: forms of the SDK have names of their own, options and aliases one definition."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.shape.tree import ROOT

FORMS = sorted((ROOT / "bridge" / "sdk" / "forms").glob("*.py"))
APP = sorted((ROOT / "bridge" / "app").rglob("*.py"))
Places = Mapping[str, list[str]]


def forms(path: Path) -> Iterator[str]:
    """Names of the classes of a module."""
    yield from (
        each.name for each in ast.parse(path.read_text("utf-8")).body if isinstance(each, ast.ClassDef)
    )


def options(path: Path) -> Iterator[str]:
    """What a module says of options of the command line, each in one spelling."""
    for each in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(each, ast.Subscript)
            and isinstance(each.value, ast.Name)
            and each.value.id == "Annotated"
        ):
            said = ast.unparse(each)
            if "typer." in said:
                yield said


def aliases(path: Path) -> Iterator[str]:
    """What a module calls by another name that is a type of several parts, with that name."""
    for each in ast.parse(path.read_text("utf-8")).body:
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Subscript):
            said = ast.unparse(each)
            if said.count("[") > 1 and "Annotated" not in said:
                yield said


def repeated(found: Iterable[tuple[str, str]]) -> Places:
    """What stands in several places."""
    places: dict[str, list[str]] = defaultdict(list)
    for what, where in found:
        places[what].append(where)
    return {what: where for what, where in places.items() if len(where) > 1}


@pytest.mark.parametrize(("names", "paths"), [(forms, FORMS), (options, APP), (aliases, APP)])
def test_nothing_is_said_twice(names: object, paths: list[Path]) -> None:
    assert callable(names)
    assert not repeated((each, path.name) for path in paths for each in names(path))


def test_what_is_said_twice_is_seen() -> None:
    assert repeated([("a", "x"), ("b", "x"), ("a", "y")]) == {"a": ["x", "y"]}
    assert len(FORMS) > 15
    assert {"Reason", "EndpointQuery"} <= {each for path in FORMS for each in forms(path)}
    assert sum(1 for path in APP for _ in options(path)) > 50
