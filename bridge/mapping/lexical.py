"""XSD built-in types: text to Python value and back, with the verdicts of libxml2's schema validation.

W3C XML Schema Part 2 section 3. White space collapses before anything but strings; integers may carry a sign
and leading zeros; hexadecimal text keeps its case. Ranges and lengths are not here: they come from the
models, see `facets`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

BLANK = " \t\r\n"
"""XML white space; Python's own idea of it is wider."""

Parse = Callable[[str], object]
"""Text to value; a ValueError carries the reason in words."""

_RUNS = re.compile(r"[ \t\r\n]+")
_SURELY_INTEGER = 20
_INTEGER = re.compile(r"[+-]?0*[0-9]{0,40}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_BASE64 = re.compile(r"(?:(?:[A-Za-z0-9+/] ?){4})*(?:(?:[A-Za-z0-9+/] ?){2}(?:= ?=|[AEIMQUYcgkosw048] ?=))?")
_NAME = re.compile(r"[^\W\d][\w.\-\u00B7]*")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# RFC 3986 as libxml2 reads it: characters that a URI must escape stand for themselves, see its anyURI check.
_FREE = r"[A-Za-z0-9\-._~!$&'()*+,;=<>\"{}|\\^` \x01-\x1f\x7f-\U0010ffff]"
_CHAR = rf"(?:{_FREE[:-1]}:@]|%[0-9A-Fa-f]{{2}})"
_SEGMENTS = rf"(?:/{_CHAR}*)*"
_USER = rf"(?:{_FREE[:-1]}:]|%[0-9A-Fa-f]{{2}})*@"
_HOST = rf"(?:\[[^\]]*\]|(?:{_FREE}|%[0-9A-Fa-f]{{2}})*)"
_AUTHORITY = rf"//(?:{_USER})?{_HOST}(?::[0-9]{{1,9}})?{_SEGMENTS}"
_ROOTED = rf"/(?:{_CHAR}+{_SEGMENTS})?"
_TAIL = rf"(?:\?(?:{_CHAR[:-1]}|[/?]))*)?(?:#(?:{_CHAR[:-1]}|[/?\[\]]))*)?"
_PATH = re.compile(r"/[A-Za-z0-9/_.\-]*")
_URI = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.\-]*:(?:{_AUTHORITY}|{_ROOTED}|{_CHAR}+{_SEGMENTS})?"
    rf"|{_AUTHORITY}|{_ROOTED}|(?:{_FREE[:-1]}@]|%[0-9A-Fa-f]{{2}})+{_SEGMENTS})?{_TAIL}"
)


def collapse(text: str) -> str:
    """White space facet `collapse`."""
    return _RUNS.sub(" ", text.strip(BLANK))


def string(text: str) -> str:
    """Any characters, kept as they are."""
    return text


def boolean(text: str) -> bool:
    """One of four spellings."""
    value = _BOOLEANS.get(text)
    if value is None:
        value = _BOOLEANS.get(text.strip(BLANK))
    if value is None:
        raise ValueError("is not a boolean (true, false, 1 or 0)")
    return value


def integer(text: str) -> int:
    """Decimal digits with an optional sign."""
    if text.isdecimal() and text.isascii() and len(text) < _SURELY_INTEGER:
        return int(text)
    text = text.strip(BLANK)
    if not _INTEGER.fullmatch(text) or not text[-1:].isdigit():
        raise ValueError("is not an integer, or has more digits than any range allows")
    return int(text.replace("+", "").lstrip("0") or "0")


def decimal(text: str) -> Decimal:
    """Decimal digits with an optional sign and point; no exponent."""
    text = text.strip(BLANK)
    if not _DECIMAL.fullmatch(text):
        raise ValueError("is not a decimal number")
    return Decimal(text)


def floating(text: str) -> float:
    """Decimal or scientific notation, or INF, -INF, NaN."""
    text = text.strip(BLANK)
    if text in _SPECIAL:
        return _SPECIAL[text]
    if not _FLOAT.fullmatch(text):
        raise ValueError("is not a floating-point number")
    return float(text)


def hexadecimal(text: str) -> str:
    """Pairs of hexadecimal digits, in the case they were written in."""
    if not _HEX.fullmatch(text):
        text = text.strip(BLANK)
        if not _HEX.fullmatch(text):
            raise ValueError("is not hexadecimal text of whole octets")
    return text


def base64(text: str) -> str:
    """Base64 text; white space within it collapses."""
    text = collapse(text)
    if not _BASE64.fullmatch(text):
        raise ValueError("is not base64 text")
    return text


def uri(text: str) -> str:
    """A URI reference (RFC 3986), with characters that would need escaping let through."""
    if _PATH.fullmatch(text):
        return text
    text = collapse(text)
    if not _URI.fullmatch(text):
        raise ValueError("is not a URI reference")
    return text


def name(text: str) -> str:
    """An XML name without colon."""
    text = collapse(text)
    if not _NAME.fullmatch(text):
        raise ValueError("is not an XML name")
    return text


def qualified(text: str) -> str:
    """A name with an optional prefix."""
    text = collapse(text)
    if not all(_NAME.fullmatch(part) for part in text.split(":", 1)):
        raise ValueError("is not a qualified name")
    return text


def _moment(pattern: str, what: str) -> Parse:
    form = re.compile(pattern)

    def read(text: str) -> str:
        text = text.strip(BLANK)
        found = form.fullmatch(text)
        if found is None or not _real(found.groupdict()):
            raise ValueError(f"is not {what}")
        return text

    return read


def _real(part: Mapping[str, str | None]) -> bool:
    """Whether the day is one of its month."""
    year, month, day = (part.get(name) for name in ("year", "month", "day"))
    if year is None or month is None or day is None:
        return True
    leap = int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
    return int(year) != 0 and int(day) <= (_DAYS[int(month) - 1] if month != "02" else 28 + leap)


_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DATE = r"(?P<year>-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,20})?|24:00:00(?:\.0{1,20})?)"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_CLOCK = r"(?=[0-9])(?:[0-9]{1,9}H)?(?:[0-9]{1,9}M)?(?:[0-9]{1,9}(?:\.[0-9]{1,20})?S)?"
_DURATION = rf"-?P(?=[0-9T])(?:[0-9]{{1,9}}Y)?(?:[0-9]{{1,9}}M)?(?:[0-9]{{1,9}}D)?(?:T(?:{_CLOCK}))?"


def normalized(text: str) -> str:
    """White space facet `replace`."""
    return text.replace("\t", " ").replace("\n", " ").replace("\r", " ")


_BOOLEANS: Mapping[str, bool] = MappingProxyType({"true": True, "false": False, "1": True, "0": False})
_SPECIAL: Mapping[str, float] = MappingProxyType({"INF": math.inf, "-INF": -math.inf, "NaN": math.nan})
_INTEGERS = (
    "integer nonNegativeInteger positiveInteger nonPositiveInteger negativeInteger byte short int long "
    "unsignedByte unsignedShort unsignedInt unsignedLong"
)
READERS: Mapping[str, Parse] = MappingProxyType(
    {
        "string": string,
        "normalizedString": normalized,
        "token": collapse,
        "language": collapse,
        "NMTOKEN": collapse,
        "NCName": name,
        "ID": name,
        "IDREF": name,
        "QName": qualified,
        "dateTime": _moment(f"{_DATE}T{_TIME}{_ZONE}", "a date and time"),
        "date": _moment(f"{_DATE}{_ZONE}", "a date"),
        "time": _moment(f"{_TIME}{_ZONE}", "a time of day"),
        "duration": _moment(_DURATION, "a duration"),
        "boolean": boolean,
        "decimal": decimal,
        "float": floating,
        "double": floating,
        "hexBinary": hexadecimal,
        "base64Binary": base64,
        "anyURI": uri,
        **dict.fromkeys(_INTEGERS.split(), integer),
    }
)
"""The reader of each built-in type; a model that names another stops the compilation of its plan."""


CHECKED = frozenset(
    (
        *("normalizedString", "token", "language", "NMTOKEN", "NCName", "ID", "IDREF", "QName"),
        *("anyURI", "base64Binary", "dateTime", "date", "time", "duration"),
    )
)
"""Built-in types of strings whose spelling a Python string does not ensure."""


def text(value: object) -> str:
    """The spelling of a value: booleans as words, decimals without exponent, strings as they are."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return _float_text(value)
    raise TypeError(f"{type(value).__name__} has no spelling in XML")


def _float_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return repr(value)


def illegal(value: str) -> bool:
    """Whether XML 1.0 has no way to write one of the characters."""
    return _ILLEGAL.search(value) is not None
