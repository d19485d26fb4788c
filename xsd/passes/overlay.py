"""An edition that redefines part of another: only what differs is written, the rest is referred to.

What differs is what the newer schema redefines or adds, and every type that contains or extends such a
type. A class that only contains one is a subclass of its older self with the changed lines again, so
that code for the older edition accepts it.
"""

from __future__ import annotations

from dataclasses import replace

from xsd.passes import shape
from xsd.passes.shape import Complex, Definition, Family


def changed(new: Family, old: Family) -> set[str]:
    """Find what differs, with everything that depends on it."""
    found = {
        key for key, one in new.definitions.items() if not before(key) and old.definitions.get(key) != one
    }
    rest = [key for key in new.definitions if not before(key)]
    while more := {key for key in rest if key not in found and touches(new.definitions[key], found)}:
        found |= more
    return found


def before(key: str) -> bool:
    """Tell whether a key names what a redefined type was before: the older edition has it."""
    return key.endswith("~")


def touches(one: Definition, found: set[str]) -> bool:
    """Tell whether a definition names one of a set."""
    return any(key in found for key in (*shape.hard(one), *shape.soft(one)))


def reduce(new: Family, old: Family, found: set[str]) -> dict[str, Definition]:
    """Give the definitions to write: redefined ones whole, containing ones with the changed lines only."""
    return {
        key: slim(one, old.definitions.get(key), found)
        for key, one in new.definitions.items()
        if key in found
    }


def slim(one: Definition, older: Definition | None, found: set[str]) -> Definition:
    """Keep only the lines of a containing class that name something changed."""
    if not isinstance(one, Complex) or not isinstance(older, Complex) or (one.base or "").endswith("~"):
        return one
    if one.base in found:
        return one
    lines = tuple(each for each in one.fields if each.type in found)
    return replace(one, fields=lines, overrides=f"{one.key}~")
