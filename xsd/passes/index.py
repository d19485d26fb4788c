"""The index of a family: the class of each element and of each type, and the prefixes for rendering.

A value is `module.Class` within the family's folder, or the whole dotted path of a class that another
edition defines. The written index imports nothing, so that a reader loads only the modules that a
document needs.
"""

from __future__ import annotations

from xsd.passes import page, shape
from xsd.passes.shape import Complex, Family

WIDTH = 160


def write(family: Family, home: dict[str, str], spoken: dict[str, str], sources: str) -> str:
    """Write the index."""
    classes = {key for key, one in family.definitions.items() if isinstance(one, Complex) and one.named}
    elements = {
        key: f"{home[kind]}.{spoken[kind]}" for key, kind in family.elements.items() if kind in classes
    }
    types = {key: f"{home[key]}.{spoken[key]}" for key in classes if not set("/@~") & set(shape.local(key))}
    return "\n".join([
        *page.header(sources, "index"),
        "from __future__ import annotations", "",
        f'NAMESPACE: str = "{family.namespace}"',
        *table("PREFIXES", family.prefixes),
        *table("ELEMENTS", named(family, elements)),
        *table("TYPES", named(family, types)),
        "",
    ])  # fmt: skip


def named(family: Family, rows: dict[str, str]) -> dict[str, str]:
    """Shorten the keys that lie in the family's own namespace."""
    return {
        shape.local(key) if shape.space(key) == family.namespace else key: rows[key] for key in sorted(rows)
    }


def table(name: str, rows: dict[str, str]) -> list[str]:
    """Write a dictionary, as many entries to a line as fit."""
    found, current = [f"{name}: dict[str, str] = {{"], "   "
    for key, value in rows.items():
        entry = f' "{key}": "{value}",'
        if len(current) + len(entry) > WIDTH and current.strip():
            found.append(current)
            current = "   "
        current += entry
    return [*found, *([current] if current.strip() else []), "}"]
