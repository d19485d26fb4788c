"""Simple types: from xmlschema's objects to `shape.Simple`, with names, ranges, lengths and patterns kept.

Follows XML Schema part 2, section 4 (facets). A type that only renames another stays a bare alias. It
never dissolves a named type into its limits, and refuses what it cannot state exactly.
"""

from __future__ import annotations

from decimal import Decimal

from xsd.passes import appinfo, shape
from xsd.passes.load import Component
from xsd.passes.shape import XS, Simple

FACETS = {
    "minInclusive": "ge", "maxInclusive": "le", "minExclusive": "gt", "maxExclusive": "lt",
    "minLength": "min_length", "maxLength": "max_length", "length": "length",
    "totalDigits": "max_digits", "fractionDigits": "decimal_places",
}  # fmt: skip
"""XSD facet to pydantic constraint; `length` becomes both bounds."""
INTEGERS = frozenset(
    "integer nonPositiveInteger negativeInteger long int short byte nonNegativeInteger unsignedLong "  # noqa: SIM905
    "unsignedInt unsignedShort unsignedByte positiveInteger".split()
)
UNLISTED = frozenset({"boolean", "decimal", "float", "double", "list", "union"})
"""Types whose values are no int and no text."""
OCTETS = {"hexBinary": 2}
"""Characters of text for each unit in which XSD counts a length."""


def builtin(kind: Component) -> str:
    """Name the XSD built-in that a type descends from, or `list` or `union`."""
    while kind is not None and not (kind.name or "").startswith(XS):
        if kind.is_list() or kind.is_union():
            return "list" if kind.is_list() else "union"
        kind = kind.base_type
    return shape.local(kind.name)


def facets(kind: Component, root: str) -> tuple[tuple[str, object], ...]:
    """Give the type's own limits, ready for pydantic's Field, in one fixed order."""
    own: dict[str, object] = {}
    for tag, facet in kind.facets.items():
        word = FACETS.get(shape.local(tag or ""))
        if word:
            own |= limit(word, facet.value, root)
    return tuple((word, own[word]) for word in sorted(own))


def limit(word: str, value: Component, root: str) -> dict[str, object]:
    """Translate one facet."""
    if word.endswith("length"):
        size = int(value) * OCTETS.get(root, 1)
        return {"min_length": size, "max_length": size} if word == "length" else {word: size}
    if word in {"ge", "le", "gt", "lt"} and root not in INTEGERS | {"decimal", "float", "double"}:
        raise NotImplementedError(f"a range on xs:{root} cannot be stated")
    return {word: int(value) if root in INTEGERS or word in {"max_digits", "decimal_places"} else value}


def patterns(kind: Component) -> tuple[tuple[str, ...], ...]:
    """Give the type's own patterns: one step whose alternatives are joined by or."""
    own = kind.facets.get(f"{XS}pattern")
    return () if own is None else (tuple(own.regexps),)


def members(kind: Component, root: str) -> tuple[tuple[str, int | str], ...]:
    """Give the literals of an enumeration with the names an appinfo gives them, else their own text."""
    tag = f"{XS}enumeration"
    facet = kind.facets.get(tag)
    if facet is None:
        return ()
    rows: list[tuple[str, int | str]] = []
    for one in facet:
        text = one.get("value", "")
        rows.append((appinfo.literal(one) or text, int(text) if root in INTEGERS else text))
    return tuple(rows)


def describe(key: str, kind: Component, refer: Component) -> Simple:
    """Describe one simple type; `refer(type, owner, part)` gives the key of a type it is built from."""
    root = builtin(kind)
    if hasattr(kind, "item_type"):
        return Simple(key, f"{XS}list", "list", root, parts=(refer(kind.item_type, key, "item"),))
    if hasattr(kind, "member_types"):
        return Simple(key, f"{XS}union", "union", root, parts=parts(kind, key, refer))
    return restriction(key, kind, refer, root)


def parts(kind: Component, key: str, refer: Component) -> tuple[str, ...]:
    """Give a union's members in the order XSD tries them: those named first, then those written in place."""
    ordered = sorted(kind.member_types, key=lambda one: one.name is None)
    return tuple(refer(one, key, f"member{count}") for count, one in enumerate(ordered, 1))


def restriction(key: str, kind: Component, refer: Component, root: str) -> Simple:
    """Describe a type that narrows another, or lists its values."""
    base = refer(narrowed(kind), key, "base")
    listed = members(kind, root)
    if listed and root in UNLISTED:
        raise NotImplementedError(f"{key}: an enumeration of xs:{root} cannot be stated")
    if listed:
        return Simple(key, base, "enumeration", root, members=listed)
    return Simple(key, base, "atomic", root, facets(kind, root), patterns(kind))


def narrowed(kind: Component) -> Component:
    """Find the simple type that a type narrows: through a redefinition, or a class."""
    if kind.redefine is not None:
        return kind.redefine
    base = kind.base_type
    return base.content if base.is_complex() and any(base.attributes.keys()) else base


def value(text: str | None, kind: Component) -> object:
    """Give the Python value of a default or fixed value written in the schema."""
    if text is None:
        return None
    simple = kind.content if kind.is_complex() else kind
    root = builtin(simple)
    if root in INTEGERS:
        return int(text)
    if root in {"float", "double"}:
        return float(text)
    if root == "decimal":
        return Decimal(text)
    return text.strip() in {"true", "1"} if root == "boolean" else text
