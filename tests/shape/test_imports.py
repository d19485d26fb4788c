"""Imports: that each module can be the first of a process, package files, the cost of starting.

Modules that import each other in a circle are each tried alone; all others import the same whoever was first.
The start of `models.der` is held as counts, not as seconds: which modules it loads beyond the modelling
library, how many calls it makes while loading, and that no class is built before its first use.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.shape import circles, tree

ELSEWHERE = frozenset({"peers.caller", "peers.looking", "peers.scan", "peers.sealer"})
"""What runs in an environment of a foreign program, which has nothing of ours."""
MODULES = tuple(
    name for path in tree.code() if path.parts[0] != "tests" and (name := tree.module(path)) not in ELSEWHERE
)
DER = tuple(name for name in MODULES if name.startswith("models.der"))
STARTS = {("models.der.messages",): 50_000, DER: 370_000}
"""Calls that loading may make: the eleven kinds, which every process needs, and the whole of the nodes."""

READY = """
import json, sys
from decimal import Decimal
from enum import StrEnum
from importlib import import_module
from typing import Annotated
from pydantic import BaseModel, ConfigDict, Field
class First(BaseModel):
    model_config = ConfigDict(defer_build=True)
    field: "Annotated[int, Field(ge=0)] | None" = None
"""
LOADED = """
before = set(sys.modules)
for name in {names!r}:
    import_module(name)
print(json.dumps(sorted(set(sys.modules) - before)))
"""
CALLED = """
calls = 0
def count(frame, event, argument):
    global calls
    calls += event == "call"
sys.setprofile(count)
for name in {names!r}:
    import_module(name)
sys.setprofile(None)
print(calls)
"""
BUILT = """
from models import kit
for name in {names!r}:
    import_module(name)
def below(cls):
    return [cls, *(one for child in cls.__subclasses__() for one in below(child))]
classes = [cls for cls in below(kit.Model) if cls.__module__ != "models.kit"]
print(json.dumps([len(classes), [cls.__name__ for cls in classes if cls.__pydantic_complete__]]))
"""


def failed(*processes: str) -> dict[str, str]:
    command = [sys.executable, str(Path(__file__).with_name("cold.py")), *processes]
    done = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


@cache
def failures() -> dict[str, str]:
    return failed(",".join(MODULES), *circles.inside())


@pytest.mark.parametrize("module", MODULES)
def test_module_can_be_imported_alone(module: str) -> None:
    assert failures().get(module) is None


def test_a_module_that_cannot_be_imported_is_found() -> None:
    assert list(failed("json,models.no_such_module,csv")) == ["models.no_such_module"]


def test_circles_are_found() -> None:
    circle = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set[str](), "e": {"a"}, "f": {"f"}}
    assert circles.within(circle) == {"a", "b", "c"}
    assert "tests.shape.tree" in circles.leads(Path("tests/shape/circles.py"), {"tests.shape.tree"})


@pytest.mark.parametrize("path", [path for path in tree.code() if path.name == "__init__.py"], ids=str)
def test_package_files_import_nothing(path: Path) -> None:
    nodes = ast.walk(tree.tree(path))
    assert [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)] == []


def answer(program: str, names: tuple[str, ...]) -> Any:
    return json.loads(tree.python(code=READY + program.format(names=names)))


def test_der_loads_nothing_but_itself() -> None:
    assert {name for name in answer(LOADED, DER) if not name.startswith("models.der.")} == {
        "models",
        "models.der",
        "models.kit",
    }


def test_messages_load_no_node() -> None:
    assert answer(LOADED, ("models.der.messages",)) == [
        "models",
        "models.der",
        "models.der.messages",
        "models.kit",
    ]


@pytest.mark.parametrize(("names", "calls"), STARTS.items(), ids=["messages", "all"])
def test_der_starts_with_few_calls(names: tuple[str, ...], calls: int) -> None:
    assert answer(CALLED, names) <= calls


def test_der_builds_no_class_before_its_first_use() -> None:
    count, built = answer(BUILT, DER)
    assert built == []
    assert count > 100
