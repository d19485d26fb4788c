"""Values of MMS without parts: how each kind is checked, written into its data element, read and told.

One row a kind, named as its element in `Data` (ISO 9506-2, spelt as in mms.xsd). Bit strings are text
of 0 and 1; octet strings and times are bytes; a floating-point number is an IEEE 754 single, its four octets
in hexadecimal. Never reads or writes XML.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, cast

from bridge.mapping import lexical
from models.mms import data, names

Value: TypeAlias = "bool | int | float | str | bytes | tuple[Value, ...]"
UTC_OCTETS = 8
DAY_OCTETS = 6


class Mismatch(ValueError):
    """A value of another type: DataAccessError type-inconsistent."""


class OutOfRange(ValueError):
    """A value of the right type that the type has no room for: DataAccessError object-value-invalid."""


@dataclass(frozen=True, slots=True)
class Basic:
    """A value without parts: `kind` is the element of `Data` that holds it.

    `size` is the bits of a number or bit string, or the length of a string; below zero it is the greatest
    length of one that varies. A boolean, a floating-point number and a time have none.
    """

    kind: str
    size: int = 0


def shown(value: object) -> str:
    """A value in a message, cut short."""
    return repr(value)[:60]


class Kind(NamedTuple):
    """How one kind of basic value is checked, written into its element, read from it, told and preset."""

    check: Callable[[Basic, Value], Value]
    write: Callable[[Any], Any]
    read: Callable[[Any], Value]
    tell: Callable[[Basic], Any]
    default: Callable[[Basic], Value]


def _boolean(of: Basic, value: Value) -> Value:
    if not isinstance(value, bool):
        raise Mismatch(f"{shown(value)} is no {of.kind}")
    return value


def _number(of: Basic, value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Mismatch(f"{shown(value)} is no {of.kind}")
    bits = of.size if of.kind == "unsigned" else of.size - 1
    low, high = 0 if of.kind == "unsigned" else -(2**bits), 2**bits - 1
    if not low <= value <= high:
        raise OutOfRange(f"{value} is not between {low} and {high}")
    return value


def _float(of: Basic, value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Mismatch(f"{shown(value)} is no {of.kind}")
    try:
        struct.pack(">f", float(value))
    except OverflowError:
        raise OutOfRange(f"{shown(value)} is beyond a single") from None
    return float(value)


def _bits(of: Basic, value: Value) -> Value:
    if not isinstance(value, str) or value.strip("01"):
        raise Mismatch(f"{shown(value)} is no {of.kind}")
    return _long(of, value)


def _text(of: Basic, value: Value) -> Value:
    if not isinstance(value, str):
        raise Mismatch(f"{shown(value)} is no {of.kind}")
    if of.kind == "visible-string" and not (value.isascii() and (value.isprintable() or not value)):
        raise OutOfRange(f"{shown(value)} has characters that ISO 646 cannot print")
    if lexical.illegal(value):
        raise OutOfRange(f"{shown(value)} has characters that XML cannot carry")
    return _long(of, value)


def _octets(of: Basic, value: Value) -> Value:
    if not isinstance(value, bytes):
        raise Mismatch(f"{shown(value)} is no {of.kind}")
    return _long(of, value)


def _long(of: Basic, value: str | bytes) -> Value:
    wanted = _FIXED.get(of.kind, of.size)
    if len(value) != wanted if wanted > 0 else len(value) > -wanted:
        raise OutOfRange(f"{of.kind} of length {len(value)} where {wanted} is expected")
    return value


def _single(value: float) -> str:
    return struct.pack(">f", value).hex().upper()


def _unpacked(text: str) -> float:
    return cast("float", struct.unpack(">f", bytes.fromhex(text))[0])


def _hexed(value: bytes) -> str:
    return value.hex().upper()


def _same(value: Any) -> Any:  # noqa: ANN401  a table's entry, typed by its row
    return value


def _zeros(of: Basic) -> bytes:
    return bytes(max(_FIXED.get(of.kind, of.size), 0))


_FIXED: Mapping[str, int] = MappingProxyType({"utc-time": UTC_OCTETS, "binary-time": DAY_OCTETS})
_NULL = names.Null()
_WIDTHS = data.FloatingPointType(format_width=32, exponent_width=8)
KINDS: Mapping[str, Kind] = MappingProxyType({
    "boolean": Kind(_boolean, _same, _same, lambda _: _NULL, lambda _: False),
    "bit-string": Kind(_bits, _same, _same, lambda of: of.size, lambda of: "0" * abs(of.size)),
    "integer": Kind(_number, _same, _same, lambda of: of.size, lambda _: 0),
    "unsigned": Kind(_number, _same, _same, lambda of: of.size, lambda _: 0),
    "floating-point": Kind(_float, _single, _unpacked, lambda _: _WIDTHS, lambda _: 0.0),
    "octet-string": Kind(_octets, _hexed, bytes.fromhex, lambda of: of.size, _zeros),
    "visible-string": Kind(_text, _same, _same, lambda of: of.size, lambda of: " " * max(of.size, 0)),
    "mMSString": Kind(_text, _same, _same, lambda of: of.size, lambda of: " " * max(of.size, 0)),
    "utc-time": Kind(_octets, _hexed, bytes.fromhex, lambda _: _NULL, _zeros),
    "binary-time": Kind(_octets, _hexed, bytes.fromhex, lambda _: True, _zeros),
})  # fmt: skip
