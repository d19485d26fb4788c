"""The same payload in pydantic-xml: models written by hand for DERControlList, with the ranges of the schema.

Every element and attribute of the measured document is there, in schema order under the library's strict
mode, so that the work compared is the same: parse, order, types and ranges. Rows and not class statements,
because pydantic-xml is installed for the bench only and this module must load without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

from pydantic import Field

from bench.sample import NS

UInt8 = Annotated[int, Field(ge=0, le=255)]
UInt16 = Annotated[int, Field(ge=0, le=65535)]
UInt32 = Annotated[int, Field(ge=0, le=4294967295)]
Int8 = Annotated[int, Field(ge=-128, le=127)]
Int16 = Annotated[int, Field(ge=-32768, le=32767)]
Int64 = Annotated[int, Field(ge=-9223372036854775808, le=9223372036854775807)]
MRID = Annotated[str, Field(max_length=32, pattern=r"^([0-9A-Fa-f]{2})*$")]
Hex8 = Annotated[str, Field(max_length=2, pattern=r"^([0-9A-Fa-f]{2})*$")]
String32 = Annotated[str, Field(max_length=32)]

Row = tuple[str, str, Any]
"""Field, kind (attribute, model of this table, else element; "?" when optional, "*" when repeated), type."""
MODELS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "EventStatus",
        (("currentStatus", "", UInt8), ("dateTime", "", Int64), ("potentiallySuperseded", "", bool)),
    ),
    ("interval", (("duration", "", UInt32), ("start", "", Int64))),
    (
        "opModFixedPFInjectW",
        (("displacement", "", UInt16), ("excitation", "", bool), ("multiplier", "", Int8)),
    ),
    (
        "DERControlBase",
        (
            ("opModConnect", "?", bool),
            ("opModFixedPFInjectW", "model?", None),
            ("opModMaxLimW", "?", UInt16),
        ),
    ),
    (
        "DERControl",
        (
            ("href", "attribute?", str),
            ("replyTo", "attribute?", str),
            ("responseRequired", "attribute?", Hex8),
            ("mRID", "", MRID),
            ("description", "?", String32),
            ("version", "?", UInt16),
            ("creationTime", "", Int64),
            ("EventStatus", "model", None),
            ("interval", "model", None),
            ("randomizeDuration", "?", Int16),
            ("randomizeStart", "?", Int16),
            ("DERControlBase", "model", None),
        ),
    ),
    (
        "DERControlList",
        (
            ("href", "attribute?", str),
            ("all", "attribute", UInt32),
            ("results", "attribute", UInt32),
            ("DERControl", "model*", None),
        ),
    ),
)


def reference() -> Any:  # noqa: ANN401 - a class of a library that is not always there
    """The pydantic-xml model of DERControlList."""
    library = import_module("pydantic_xml")
    made: dict[str, Any] = {}
    for name, rows in MODELS:
        fields = {
            field: _field(library, kind, made.get(field) if type_ is None else type_)
            for field, kind, type_ in rows
        }
        made[name] = library.create_model(
            name, __tag__=name, __nsmap__={"": NS}, __search_mode__="strict", **fields
        )
    return made["DERControlList"]


def _field(library: Any, kind: str, type_: Any) -> tuple[Any, Any]:  # noqa: ANN401 - the same
    """Type and default of a field, as `create_model` takes them."""
    if kind == "model*":
        return tuple[type_, ...], ()
    make = library.attr if kind.startswith("attribute") else library.element
    if kind.startswith("model"):
        return (type_ | None, None) if kind.endswith("?") else (type_, ...)
    return (type_ | None, make(default=None)) if kind.endswith("?") else (type_, make())
