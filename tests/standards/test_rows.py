"""Each row of the CSIP table has exactly one test of its name, and each such test a row."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from tests.standards.conftest import row, rows

HERE = Path(__file__).parent


def found() -> Counter[str]:
    """How many tests there are of each row."""
    names = [
        node.name
        for path in sorted(HERE.glob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    return Counter(each for name in names if (each := row(f"{HERE.name}::{name}")))


def test_each_row_has_one_test() -> None:
    assert found() == Counter(dict.fromkeys(rows(), 1))


def test_the_table_is_whole() -> None:
    families = Counter(name.partition("-")[0] for name in rows())
    assert families == {"COMM": 10, "CORE": 17, "BASIC": 29, "UTIL": 4, "AGG": 12, "ERR": 2, "MAINT": 6}
    assert all(rows().values())
