"""The order in which a module defines its classes, and the proof that modules form no ring.

Python needs a base class and the parts of an alias first; what an annotation names may come later and
is then written as a bare name, which pydantic looks up when the class is first used. Ties keep the
order of the schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from xsd.passes import shape
from xsd.passes.shape import Definition

Keys = dict[str, None]
"""A set that keeps its order."""


def sort(definitions: dict[str, Definition], keys: Iterable[str]) -> list[str]:
    """Put the keys of one module in order."""
    inside = dict.fromkeys(keys)
    done: Keys = {}
    for key in inside:
        visit(definitions, inside, key, done, [])
    return list(done)


def visit(definitions: dict[str, Definition], inside: Keys, key: str, done: Keys, path: list[str]) -> None:
    """Define what a key needs, then what it would like, then the key itself."""
    if key in done or key not in inside or key in path:
        return
    path.append(key)
    for need in shape.hard(definitions[key]):
        visit(definitions, inside, need, done, path)
    for wish in shape.soft(definitions[key]):
        if not waits(definitions, wish, path):
            visit(definitions, inside, wish, done, path)
    path.pop()
    done[key] = None


def waits(definitions: dict[str, Definition], key: str, path: list[str]) -> bool:
    """Tell whether a definition cannot come before one that is being made."""
    if key in path:
        return True
    one = definitions.get(key)
    return one is not None and any(waits(definitions, need, path) for need in shape.hard(one))


def imports(definitions: dict[str, Definition], home: dict[str, str]) -> dict[str, list[str]]:
    """Give the modules that each module imports; raise ValueError when two import each other."""
    found: dict[str, set[str]] = {}
    for key, one in definitions.items():
        needs = {home[each] for each in (*shape.hard(one), *shape.soft(one)) if each in home}
        found.setdefault(home[key], set()).update(needs)
    graph = {module: others - {module} for module, others in found.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise ValueError(f"modules import one another: {' -> '.join(error.args[1])}") from error
    return {module: sorted(others) for module, others in graph.items()}
