"""What a schema of ours says beside XSD, inside xs:appinfo: conditions, constraints, triggers, names.

Rows of `presence`, `data` and `literal` elements as the generator of `xsd/der` writes them, and the
bare text that names a literal elsewhere. Foreign schemas have none. It never interprets a condition;
`models.presence` does.
"""

from __future__ import annotations

from collections.abc import Iterator

from xsd.passes import shape
from xsd.passes.load import Component
from xsd.passes.shape import XS

Words = tuple[str, tuple[str, ...]]


def told(elem: Component, tag: str) -> Component:
    """Find a fact about one component, whatever its namespace, or nothing."""
    rows = (row for info in elem.iterfind(f"{XS}annotation/{XS}appinfo") for row in info)
    return next((row for row in rows if shape.local(row.tag) == tag), None)


def elements(elem: Component) -> Iterator[Component]:
    """Go through the elements that a type declares itself, not those of types nested in them."""
    for child in elem:
        if child.tag == f"{XS}element":
            yield child
        else:
            yield from elements(child)


def presence(elem: Component) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Give the presence rows of a type: element, condition, arguments."""
    rows = ((one.get("name"), told(one, "presence")) for one in elements(elem))
    return tuple(
        (name, row.get("cond"), tuple(row.get("args", "").split())) for name, row in rows if row is not None
    )


def data(elem: Component, fact: str) -> tuple[Words, ...]:
    """Give one fact of each element that states it: `fc` for functional constraints, `trg` for triggers."""
    rows = ((one.get("name"), told(one, "data")) for one in elements(elem))
    return tuple(
        (name, tuple(row.get(fact).split())) for name, row in rows if row is not None and row.get(fact)
    )


def default(elem: Component) -> str | None:
    """Give the literal that stands for an element which is absent."""
    row = told(elem, "data")
    return None if row is None else row.get("default")


def literal(elem: Component) -> str | None:
    """Give the name of one value of an enumeration."""
    row = told(elem, "literal")
    text = (elem.findtext(f"{XS}annotation/{XS}appinfo") or "").strip() if row is None else row.get("name")
    return text or None
