"""What the tests of shape walk over: the files of this project, told apart by who wrote them.

Hand-written code is everything except what the generator writes, which is each sub-folder of models/.
Environments, build results and caches are no part of the project, and neither is anything git does not
track by its ignore list. It holds no rule; the rules stand in the tests beside it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("bridge", "models", "xsd", "docs", "peers", "bench", "tests")
BUILT = {"build", "dist", "site", "__pycache__"}


def _ours(part: str) -> bool:
    return part not in BUILT and (not part.startswith(".") or part in (".ci", ".gitignore"))


@cache
def files(suffix: str = "") -> tuple[Path, ...]:
    """Every file of the project whose name ends so, relative to the root."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*" + suffix) if path.is_file())
    return tuple(sorted(path for path in found if all(map(_ours, path.parts))))


@cache
def code() -> tuple[Path, ...]:
    """Every Python file."""
    return tuple(path for path in files(".py") if path.parts[0] in CODE)


def generated(path: Path) -> bool:
    """Whether the generator writes this file."""
    return path.parts[0] == "models" and len(path.parts) > len(("models", "file"))


@cache
def written() -> tuple[Path, ...]:
    """Every hand-written Python file that is not empty."""
    return tuple(path for path in code() if not generated(path) and text(path))


@cache
def text(path: Path) -> str:
    """A file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(text(path), str(path))


@cache
def module(path: Path) -> str:
    """The name a file is imported by."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python(*arguments: str, code: str) -> str:
    """What a fresh interpreter prints when it runs this code at the project's root."""
    command = [sys.executable, *arguments, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
