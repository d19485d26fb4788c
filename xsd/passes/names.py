"""Names of a schema made into Python names: the same letters wherever Python allows them.

A hyphen or full stop becomes an underscore; a keyword, an attribute of pydantic's base class, or a name
that would hide what the generated line itself uses, gets a trailing underscore. The XML name is then
kept beside the field.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection

from models import kit

USED = frozenset({"kit", "tuple", "str", "int", "bool", "None", "Annotated", "Field", "Literal", "Case"})
"""Names that generated lines rely on."""
SPOKEN = {
    "%": "percent",
    "/": "_per_",
    "+": "plus",
    "*": "star",
    "<": "lt",
    ">": "gt",
    "\N{DEGREE SIGN}": "deg",
    "\N{MICRO SIGN}": "u",
    "\N{GREEK SMALL LETTER MU}": "u",
}
"""Signs that stand alone in enumerations, so that two of them do not fall together."""


def python(text: str) -> str:
    """Turn any XML name into an identifier, by the least change."""
    name = unicodedata.normalize("NFKC", re.sub(r"\W", "_", text)).lstrip("_") or "_"
    return f"n{name}" if name[0].isdigit() or name == "_" else name


def free(name: str, taken: Collection[str]) -> str:
    """Add underscores until the name is not taken."""
    while name in taken or keyword.iskeyword(name):
        name += "_"
    return name


def member(text: str, taken: Collection[str], base: type) -> str:
    """Name one value of an enumeration; attributes of int and str stay reachable."""
    name = python(re.sub(r"\W+", "_", "".join(SPOKEN.get(sign, sign) for sign in text)).rstrip("_"))
    while name in taken or keyword.iskeyword(name) or hasattr(base, name) or name in {"name", "value", "mro"}:
        name += "_"
    return name


def attribute(text: str, taken: Collection[str]) -> str:
    """Name one field of a class."""
    name = python(text)
    while name in taken or keyword.iskeyword(name) or name in USED or hidden(name):
        name += "_"
    return name


def hidden(name: str) -> bool:
    """Tell whether a field of this name would hide something of the model class."""
    return hasattr(kit.Model, name)
