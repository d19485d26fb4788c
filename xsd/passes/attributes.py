"""Data attributes, sub data objects and constructed members as elements of a schema.

Each element keeps, as facts: the presence condition, the functional constraint (8-1's CO for the value
of a command), the trigger options, the attribute that gives an array's size, the default literal and the
limits a simple type cannot carry. Never decides which classes are emitted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from xsd.passes import words
from xsd.passes.markup import annotation, block, tag
from xsd.passes.nsd import Attribute, Literal, Presence, Structure
from xsd.passes.presence import CONDITIONS


def elements(owner: Structure, enum: str, bounded: Collection[str] = ()) -> Iterator[list[str]]:
    """The members of a structure; `enum` fills the place of a parameterised enumeration."""
    for item in owner.items:
        type_ = f"{owner.name}_{item.name}" if item.name in bounded else item.type or enum
        least = CONDITIONS[item.presence.cond].least
        yield block(
            "xs:element",
            {"name": item.name, "type": f"der:{type_}", **occurs(least, many=bool(item.array))},
            annotation([presence(item.presence), data(item, bounded)], words.attribute(item.name)),
        )


def occurs(least: int, *, many: bool) -> Mapping[str, str]:
    """How often an element may come, where that is not once."""
    return {"minOccurs": "" if least else "0", "maxOccurs": "unbounded" if many else ""}


def presence(condition: Presence, **more: str) -> str:
    """The presence condition as a fact; plain "may be there" needs none."""
    if condition.cond == "O":
        return ""
    return tag("presence", {"cond": condition.cond, "args": " ".join(condition.args), **more})


def data(item: Attribute, bounded: Collection[str]) -> str:
    """What else the definition says of an attribute."""
    least, most = ("", "") if item.name in bounded else item.limits
    facts = {
        "fc": " ".join(item.fc),
        "trg": " ".join(item.triggers),
        "array": item.array,
        "default": item.default,
        "min": least,
        "max": most,
    }
    return tag("data", facts) if any(facts.values()) else ""


def defaults(structures: Mapping[str, Structure], enums: Mapping[str, tuple[Literal, ...]]) -> None:
    """Refuse a default that is not a literal of its enumeration."""
    for structure in structures.values():
        for item in structure.items:
            if item.default and item.default not in {literal.name for literal in enums[item.type]}:
                raise ValueError(f"{structure.name}.{item.name}: no literal {item.default} in {item.type}")
