"""Basic types by the names that SCL gives them, each with its MMS type and the text of its values.

IEC 61850-6 9.5.4 names them, IEC 61850-8-1 8.1.3 maps them. The same text stands in a point of the mapping
and in SCL, so that one table serves both. A text that is none of the type raises
ValueError. Knows no object.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from bridge.iec61850.shape import Basic, Value

NAN = math.nan
"""What stands for a figure that nobody has told: one object, so that it equals itself in a picture."""
VALIDITY = ("good", "invalid", "reserved", "questionable")
DETAILS = ("overflow", "outOfRange", "badReference", "oscillatory", "failure", "oldData", "inconsistent",
           "inaccurate", "substituted", "test", "operatorBlocked")  # fmt: skip
TICKS = 2**24
LAST = 2**32
ACCURACY = 10
"""Bits of a second that are sure: a text of milliseconds claims no more."""
STAMPED = "%Y-%m-%dT%H:%M:%S"
DBPOS = ("00", "01", "10", "11")


class Sort(NamedTuple):
    """How a basic type is held in MMS, and its text both ways."""

    basic: Basic
    read: Callable[[str], Value]
    write: Callable[[Value], str]


def quality(text: str) -> str:
    """The 13 bits of a quality said in words, `questionable oldData`."""
    first, *rest = text.split()
    if first not in VALIDITY or set(rest) - set(DETAILS):
        raise ValueError(f"{text!r} is no quality")
    return f"{VALIDITY.index(first):02b}" + "".join("01"[word in rest] for word in DETAILS)


def spoken(bits: Value) -> str:
    """The words of a quality."""
    text = str(bits)
    said = (word for word, bit in zip(DETAILS, text[2:], strict=True) if bit == "1")
    return " ".join((VALIDITY[int(text[:2], 2)], *said))


def stamp(instant: float, flags: int = ACCURACY) -> bytes:
    """The 8 octets of a moment: seconds since 1970, a fraction of 24 bits, what is known of the clock."""
    ticks = math.floor(instant * TICKS)
    if not 0 <= ticks < LAST * TICKS:
        raise ValueError(f"{instant} is before 1970 or beyond the 32 bits of a timestamp")
    return ticks.to_bytes(7) + bytes((flags,))


def instant(value: bytes) -> float:
    """The moment of a timestamp's octets."""
    return int.from_bytes(value[:7]) / TICKS


def moment(text: str) -> bytes:
    """The octets of a timestamp in UTC, `2026-01-02T03:04:05.5Z`, with `;q=0A` for its clock."""
    at, _, flags = text.partition(";q=")
    whole, _, part = at.removesuffix("Z").partition(".")
    seconds = int((datetime.strptime(whole, STAMPED).replace(tzinfo=UTC)).timestamp())
    ticks = (int(part) * TICKS + 10 ** len(part) // 2) // 10 ** len(part) if part else 0
    if not at.endswith("Z") or not 0 <= seconds * TICKS + ticks < LAST * TICKS:
        raise ValueError(f"{text!r} is no timestamp in UTC")
    return (seconds * TICKS + ticks).to_bytes(7) + bytes((int(flags, 16) if flags else ACCURACY,))


def when(value: Value) -> str:
    """The text of a timestamp; its fraction to seven digits, of which the 24 bits give all that count."""
    octets = value if isinstance(value, bytes) else b""
    seconds, ticks = divmod(int.from_bytes(octets[:7]), TICKS)
    digits = -(-ticks * 10**8 // TICKS)
    text = datetime.fromtimestamp(seconds, UTC).strftime(STAMPED) + f".{digits:08d}".rstrip("0").rstrip(".")
    return text + "Z" + (f";q={octets[7]:02X}" if octets[7:] != bytes((ACCURACY,)) else "")


def _single(text: str) -> float:
    value = float(text)
    return NAN if math.isnan(value) else float(struct.unpack(">f", struct.pack(">f", value))[0])


def _figure(value: Value) -> str:
    """The shortest decimal that is this single."""
    number = float(value) if isinstance(value, int | float) else NAN
    if math.isnan(number) or math.isinf(number):
        return {"nan": "NaN", "inf": "INF", "-inf": "-INF"}[str(number)]
    short = (f"{number:.{digits}g}" for digits in range(6, 10))
    return next((text for text in short if _single(text) == number), repr(number))


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def _told(value: Value) -> str:
    return str(value).lower()


def _bits(text: str) -> str:
    if text.strip("01"):
        raise ValueError(f"{text!r} is no bit string")
    return text


def _hexed(value: Value) -> str:
    return value.hex().upper() if isinstance(value, bytes) else ""


def _position(text: str) -> str:
    return DBPOS[POSITIONS.index(text)]


def _positioned(value: Value) -> str:
    return POSITIONS[DBPOS.index(str(value))]


POSITIONS = ("intermediate-state", "off", "on", "bad-state")


def _number(kind: str, size: int) -> Sort:
    return Sort(Basic(kind, size), int, str)


def _text(kind: str, size: int) -> Sort:
    return Sort(Basic(kind, size), str, str)


SORTS: Mapping[str, Sort] = MappingProxyType({
    "BOOLEAN": Sort(Basic("boolean"), _flag, _told),
    **{f"INT{size}": _number("integer", size) for size in (8, 16, 32, 64)},
    **{f"INT{size}U": _number("unsigned", size) for size in (8, 16, 32)},
    "FLOAT32": Sort(Basic("floating-point"), _single, _figure),
    "Enum": _number("integer", 8),
    "Dbpos": Sort(Basic("bit-string", 2), _position, _positioned),
    "Tcmd": Sort(Basic("bit-string", 2), _bits, str),
    "Check": Sort(Basic("bit-string", 2), _bits, str),
    "Quality": Sort(Basic("bit-string", 13), quality, spoken),
    "Timestamp": Sort(Basic("utc-time"), moment, when),
    "EntryTime": Sort(Basic("binary-time"), bytes.fromhex, _hexed),
    "EntryID": Sort(Basic("octet-string", 8), bytes.fromhex, _hexed),
    "Octet64": Sort(Basic("octet-string", -64), bytes.fromhex, _hexed),
    "VisString32": _text("visible-string", -32),
    "VisString64": _text("visible-string", -64),
    "VisString65": _text("visible-string", -65),
    "VisString129": _text("visible-string", -129),
    "VisString255": _text("visible-string", -255),
    "ObjRef": _text("visible-string", -129),
    "Unicode255": _text("mMSString", -255),
    "OptFlds": Sort(Basic("bit-string", 10), _bits, str),
    "TrgOps": Sort(Basic("bit-string", 6), _bits, str),
})  # fmt: skip
"""By bType of SCL. An enumeration is an INT8 (8-1); its literals stand with its name."""
