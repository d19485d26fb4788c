"""The one hand-written file of `models/` that generated code imports: base type, marks of XML shape, built-in types.

A generated class is a frozen pydantic model whose fields stand in schema order. What XML needs beyond the Python type is
a mark inside `Annotated`: attribute, text, other namespace, other spelling, wildcard. A field without a mark is a child
element of its own name in the namespace of the class that declares it (`XMLNS`). Nothing here reads or writes XML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mark:
    """How a field is written in XML: `kind` is element, attribute, text, choice, any or anyAttribute."""

    kind: str
    name: str | None = None
    ns: str | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True)
class Lexical:
    """The XSD built-in type whose lexical rules apply (white space, digits, hexadecimal)."""

    builtin: str


class Model(BaseModel):
    """A complex type: immutable, closed, built when first used."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, defer_build=True, protected_namespaces=()
    )

    XMLNS: ClassVar[str] = ""
    """Namespace of the elements that this class itself declares; attributes are unqualified."""
    PRESENCE: ClassVar[tuple[tuple[str, str, tuple[str, ...]], ...]] = ()
    """Rows (element, condition, arguments) which a schema cannot state; see `models.presence`."""
    FC: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Functional constraints an attribute may be accessed under, for the IEC 61850 families."""
    TRG: ClassVar[dict[str, tuple[str, ...]]] = {}
    """What makes a change of an attribute worth a report: dchg, qchg, dupd."""
    DEFAULTS: ClassVar[dict[str, object]] = {}
    """What the schema says an absent attribute or an empty element stands for; never filled in when reading."""
    ABSTRACT: ClassVar[bool] = False
    """True for a type that only its extensions may stand for."""


class Case(Model):
    """One alternative of a choice: `tag` is the element's name, `value` its content."""


Attr = Annotated[T, Mark("attribute")]
Text = Annotated[T, Mark("text")]


def element(name: str | None = None, ns: str | None = None) -> Mark:
    """Mark a child whose XML name or namespace differs from its field's name or its class's namespace."""
    return Mark("element", name, ns)


def attribute(name: str, ns: str | None = None) -> Mark:
    """Mark an attribute whose XML name differs from its field's, or that is qualified."""
    return Mark("attribute", name, ns)


def occurs(least: int, most: int | None = None) -> Any:
    """Bounds of a repeated element, held in a tuple."""
    return Field(min_length=least, max_length=most)


CHOICE = Mark("choice")
"""A field that holds one `Case` of a union, discriminated by `tag`, written as that case's element in place."""
GROUP = Mark("group")
"""A field whose class has no element of its own: its fields are written in place, all together or not at all."""
TEXT = Mark("text")
"""The text of an element that also has attributes."""
ANY_ATTRIBUTE = Mark("anyAttribute")
"""A tuple of (qualified name, value) pairs; the qualified name is `{namespace}local` or a bare local name."""


@dataclass(frozen=True, slots=True)
class Open:
    """Said of a scalar type whose element may bear foreign attributes, which its parent keeps for it."""


OPEN = Open()


def wild(namespace: str, process: str = "lax") -> Mark:
    """A wildcard: a tuple of elements, each kept as its own serialised text; `namespace` and `process` as in xs:any."""
    return Mark("any", None, namespace, process)


def any_attribute(namespace: str) -> Mark:
    """A wildcard for attributes that admits only some namespaces, written as in xs:anyAttribute."""
    return Mark("anyAttribute", None, namespace)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A pattern for the text of a value that is itself no text; only a reader of XML can hold it."""

    pattern: str


def matches(pattern: str) -> AfterValidator:
    """Demand that the whole text matches, over and above the patterns of the types it narrows."""
    found = re.compile(pattern)

    def check(text: str) -> str:
        if not found.fullmatch(text):
            raise ValueError(f"text does not match {pattern}")
        return text

    return AfterValidator(check)


def fixed(value: object) -> AfterValidator:
    """Demand the one value that the schema fixes."""

    def check(given: T) -> T:
        if given != value:
            raise ValueError(f"value must be {value!r}")
        return given

    return AfterValidator(check)


Boolean = Annotated[bool, Lexical("boolean")]
String = Annotated[str, Lexical("string")]
Token = Annotated[str, Lexical("token")]
AnyURI = Annotated[str, Lexical("anyURI")]
HexBinary = Annotated[str, Lexical("hexBinary"), Field(pattern=r"^([0-9A-Fa-f]{2})*$")]
DecimalNumber = Annotated[Decimal, Lexical("decimal"), Field(allow_inf_nan=False)]
Float32 = Annotated[float, Lexical("float")]
Float64 = Annotated[float, Lexical("double")]
NormalizedString = Annotated[str, Lexical("normalizedString")]
Language = Annotated[str, Lexical("language"), Field(pattern=r"^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$")]
NMTOKEN = Annotated[str, Lexical("NMTOKEN"), Field(pattern=r"^[-.0-9:\w]+$")]
NCName = Annotated[str, Lexical("NCName"), Field(pattern=r"^[^\W0-9][-.\w]*$")]
QName = Annotated[str, Lexical("QName"), Field(pattern=r"^([^\W0-9][-.\w]*:)?[^\W0-9][-.\w]*$")]
Base64Binary = Annotated[
    str,
    Lexical("base64Binary"),
    Field(
        pattern=r"^(([A-Za-z0-9+/] ?){4})*(([A-Za-z0-9+/] ?){2}([A-Za-z0-9+/] ?[A-Za-z0-9+/]|[A-Za-z0-9+/] ?=|= ?=))?$"
    ),
]
DateTime = Annotated[
    str,
    Lexical("dateTime"),
    Field(
        pattern=r"^-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?$"
    ),
]
Date = Annotated[
    str, Lexical("date"), Field(pattern=r"^-?[0-9]{4,}-[0-9]{2}-[0-9]{2}(Z|[-+][0-9]{2}:[0-9]{2})?$")
]
Time = Annotated[
    str, Lexical("time"), Field(pattern=r"^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?$")
]
Duration = Annotated[
    str,
    Lexical("duration"),
    Field(pattern=r"^-?P([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?$"),
]
Integer = Annotated[int, Lexical("integer")]
NonNegativeInteger = Annotated[int, Lexical("nonNegativeInteger"), Field(ge=0)]
PositiveInteger = Annotated[int, Lexical("positiveInteger"), Field(ge=1)]
NonPositiveInteger = Annotated[int, Lexical("nonPositiveInteger"), Field(le=0)]
NegativeInteger = Annotated[int, Lexical("negativeInteger"), Field(le=-1)]
Byte = Annotated[int, Lexical("byte"), Field(ge=-(2**7), le=2**7 - 1)]
Short = Annotated[int, Lexical("short"), Field(ge=-(2**15), le=2**15 - 1)]
Int = Annotated[int, Lexical("int"), Field(ge=-(2**31), le=2**31 - 1)]
Long = Annotated[int, Lexical("long"), Field(ge=-(2**63), le=2**63 - 1)]
UnsignedByte = Annotated[int, Lexical("unsignedByte"), Field(ge=0, le=2**8 - 1)]
UnsignedShort = Annotated[int, Lexical("unsignedShort"), Field(ge=0, le=2**16 - 1)]
UnsignedInt = Annotated[int, Lexical("unsignedInt"), Field(ge=0, le=2**32 - 1)]
UnsignedLong = Annotated[int, Lexical("unsignedLong"), Field(ge=0, le=2**64 - 1)]
