"""The basic types of IEC 61850-7-2 as simple types of XSD, constructed types, and enumerations.

Every leaf of the object model is one simple value, so that a reference to a leaf always names one piece
of text. The two bit-packed types get a readable spelling of ours that loses nothing: Quality as words in
bit order, Timestamp as UTC with the time quality octet behind it. Enumerations restrict xs:int to the
literals' values and keep their names as facts. Never emits a type nobody uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from xsd.passes import words
from xsd.passes.attributes import elements
from xsd.passes.markup import annotation, block, tag
from xsd.passes.nsd import Attribute, Literal, Structure

VISIBLE = "[ -~]*"
MOMENT = (
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z"
    "(;q=[0-9A-F]{2})?"
)
DETAILS = "overflow outOfRange badReference oscillatory failure oldData inconsistent inaccurate"
QUALITY = "(good|invalid|reserved|questionable)" + "".join(
    f"( {word})?" for word in f"{DETAILS} substituted test operatorBlocked".split()
)

# name: base, facets, words
BASIC: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "BOOLEAN": ("xs:boolean", {}, "True or false."),
    "INT8": ("xs:byte", {}, "A whole number of 8 bits."),
    "INT16": ("xs:short", {}, "A whole number of 16 bits."),
    "INT32": ("xs:int", {}, "A whole number of 32 bits."),
    "INT64": ("xs:long", {}, "A whole number of 64 bits."),
    "INT8U": ("xs:unsignedByte", {}, "A whole number of 8 bits, not negative."),
    "INT16U": ("xs:unsignedShort", {}, "A whole number of 16 bits, not negative."),
    "INT32U": ("xs:unsignedInt", {}, "A whole number of 32 bits, not negative."),
    "FLOAT32": ("xs:float", {}, "A floating point number of 32 bits."),
    "Octet64": ("xs:hexBinary", {"maxLength": "64"}, "Up to 64 octets."),
    "VisString64": (
        "xs:string",
        {"maxLength": "64", "pattern": VISIBLE},
        "Up to 64 printing ASCII characters.",
    ),
    "VisString129": (
        "xs:string",
        {"maxLength": "129", "pattern": VISIBLE},
        "Up to 129 printing ASCII characters.",
    ),
    "VisString255": (
        "xs:string",
        {"maxLength": "255", "pattern": VISIBLE},
        "Up to 255 printing ASCII characters.",
    ),
    "Unicode255": ("xs:string", {"maxLength": "255"}, "Up to 255 characters."),
    "ObjRef": (
        "xs:string",
        {"maxLength": "129", "pattern": VISIBLE},
        "A reference, as LD/LN.DO.DA; empty for none.",
    ),
    "Currency": ("xs:string", {"pattern": "[A-Z]{3}"}, "A currency of ISO 4217."),
    "Timestamp": (
        "xs:token",
        {"pattern": MOMENT},
        "UTC, then perhaps ;q= and the time quality: 80 leap seconds known, 40 clock failed, 20 adrift.",
    ),
    "Quality": (
        "xs:token",
        {"pattern": QUALITY},
        "Validity, then in bit order each detail, substituted, test and operatorBlocked, where set.",
    ),
}

# Coded enumerations of 7-2, which the definition lists as basic types without their literals.
CODED: Mapping[str, tuple[Literal, ...]] = {
    "Dbpos": tuple(map(Literal, ("intermediate-state", "off", "on", "bad-state"), range(4))),
    "Tcmd": tuple(map(Literal, ("stop", "lower", "higher", "reserved"), range(4))),
}

# Enumerations without literals: the placeholder of schedules, and three 7-420:2019A4 uses but does not list.
OPEN: Mapping[str, str] = {
    "EnumDA": "Any literal's value; which enumeration counts depends on the object a schedule is for.",
    **dict.fromkeys(
        ("DERGeneratorStateKind", "GridConnectModeKind", "GridConnectStateKind"),
        "The value of a literal; 7-420 uses this enumeration, in deprecated objects, without listing it.",
    ),
}


def basic(names: Iterable[str]) -> Iterator[str]:
    """The basic types used, in the order of the table."""
    wanted = set(names)
    unknown = wanted - set(BASIC) - set(CODED)
    if unknown:
        raise KeyError(f"basic types without a schema type: {', '.join(sorted(unknown))}")
    for name, (base, facets, text) in BASIC.items():
        if name in wanted:
            yield from _simple(name, base, facets, text)


def _simple(name: str, base: str, facets: Mapping[str, str], text: str) -> list[str]:
    inner = [tag(f"xs:{facet}", {"value": value}) for facet, value in facets.items()]
    return block(
        "xs:simpleType",
        {"name": name},
        annotation((), text),
        block("xs:restriction", {"base": base}, inner),
    )


def ranges(structures: Iterable[Structure]) -> Iterator[str]:
    """A named type for each bounded member of a constructed attribute, e.g. CalendarTime_day."""
    for structure in structures:
        for item in structure.items:
            if bounded(item):
                least, most = item.limits
                facets = {"minInclusive": least, "maxInclusive": most}
                text = words.attribute(item.name)
                yield from _simple(f"{structure.name}_{item.name}", f"der:{item.type}", facets, text)


def bounded(item: Attribute) -> bool:
    """A member with limits of its own that a simple type can carry."""
    return item.kind == "BASIC" and any(item.limits)


def constructed(structures: Iterable[Structure]) -> Iterator[str]:
    """The constructed attributes as complex types."""
    for s in structures:
        yield from block(
            "xs:complexType",
            {"name": s.name},
            annotation((), words.constructed(s.name)),
            block("xs:sequence", {}, *elements(s, "", {i.name for i in s.items if bounded(i)})),
        )


def enumeration(name: str, literals: Iterable[Literal]) -> list[str]:
    """An enumeration: its values as text of integers, its names as facts."""
    inner = [line for literal in literals for line in _literal(literal)]
    return block(
        "xs:simpleType",
        {"name": name},
        annotation((), OPEN.get(name, "")),
        block("xs:restriction", {"base": "xs:int"}, inner),
    )


def _literal(literal: Literal) -> list[str]:
    fact = tag("literal", {"name": literal.name, "deprecated": "true" if literal.deprecated else ""})
    return block("xs:enumeration", {"value": str(literal.value)}, annotation([fact]))
