"""Which modules import each other in a circle when they are loaded; what functions import later is left out.

Only there does it matter who is imported first: what is loaded so far of a module outside of every circle is
never asked for by those that it imports. Reads syntax trees, imports nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

from tests.shape import tree

LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def inside() -> list[str]:
    """The modules of the project that are in a circle."""
    paths = {tree.module(path): path for path in tree.code() if path.parts[0] != "tests"}
    return sorted(within({name: leads(path, paths.keys()) - {name} for name, path in paths.items()}))


def leads(path: Path, known: Collection[str]) -> set[str]:
    """The known modules that a file imports while it is loaded."""
    return {each for node in _nodes(tree.tree(path)) for each in _names(node) if each in known}


def within(graph: Mapping[str, set[str]]) -> set[str]:
    """The nodes of a graph that lead back to themselves through others."""

    @cache
    def beyond(start: str) -> frozenset[str]:
        found, left = set[str](), [start]
        while left:
            fresh = graph[left.pop()] - found
            found |= fresh
            left += fresh
        return frozenset(found)

    return {name for name in graph if any(name in beyond(other) for other in graph[name] - {name})}


def _nodes(within: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for child in ast.iter_child_nodes(within):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from _nodes(other)
        elif not isinstance(child, LATER):
            yield from _nodes(child)


def _names(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        yield node.module or ""
    for each in node.names:
        yield f"{node.module}.{each.name}" if isinstance(node, ast.ImportFrom) else each.name
