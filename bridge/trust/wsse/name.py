"""Names of issuers as other stacks spell them, read into a form that can be compared.

RFC 2253, and what is seen in signed envelopes beside it: blanks after commas, types in lower case, `E=`,
`S=`, `emailAddress=`, OIDs with or without `OID.`, quotes, semicolons, values as DER in hexadecimal digits.
Values are compared without regard to case and runs of blanks (RFC 5280 7.1). Strings are never compared.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

Name = tuple[frozenset[tuple[str, str]], ...]
"""Relative names as a certificate has them, the country first: sets of type and value."""
LONGEST = 1_024
_DC = "0.9.2342.19200300.100.1"
_X500 = {
    "CN": 3, "SN": 4, "SURNAME": 4, "SERIALNUMBER": 5, "C": 6, "L": 7, "ST": 8, "S": 8, "SP": 8, "STREET": 9,
    "O": 10, "OU": 11, "T": 12, "TITLE": 12, "DESCRIPTION": 13, "BUSINESSCATEGORY": 15, "POSTALCODE": 17,
    "NAME": 41, "GIVENNAME": 42, "GN": 42, "G": 42, "INITIALS": 43, "GENERATION": 44,
    "GENERATIONQUALIFIER": 44, "DNQ": 46, "DNQUALIFIER": 46, "PSEUDONYM": 65, "ORGANIZATIONIDENTIFIER": 97,
}  # fmt: skip
_EMAIL = dict.fromkeys(("E", "EMAIL", "EMAILADDRESS"), "1.2.840.113549.1.9.1")
TYPES = {
    **{word: f"2.5.4.{number}" for word, number in _X500.items()},
    **_EMAIL,
    "DC": f"{_DC}.25",
    "UID": f"{_DC}.1",
    "USERID": f"{_DC}.1",
}
"""Type by keyword, in capitals."""
_PAIR = re.compile(
    r"""\s*+(?:(?P<word>[A-Za-z][A-Za-z0-9-]*+)|(?:[Oo][Ii][Dd]\.)?(?P<oid>\d++(?:\.\d++)++))\s*+=\s*+"""
    r"""(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"\s*+|\#(?P<hex>(?:[0-9A-Fa-f]{2})++)\s*+|(?P<plain>(?!\#)(?:[^,;+"\\]|\\.)*+))"""
    r"""(?P<end>[,;+]|\Z)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"((?:\\[0-9A-Fa-f]{2})++)|\\(.)", re.DOTALL)
_CODECS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1A: "ascii", 0x1C: "utf-32-be"}
_STRINGS = {**_CODECS, 0x1E: "utf-16-be"}
"""Encoding by the tag of a string type of ASN.1."""
_SHORT, _OCTETS = 0x80, 2


def read(text: str) -> Name:
    """The name that a text spells, its last part first; ValueError if it spells none."""
    if len(text) > LONGEST:
        raise ValueError("a name is too long")
    parts: list[frozenset[tuple[str, str]]] = []
    pairs: set[tuple[str, str]] = set()
    at, end = 0, ","
    while end:
        found = _PAIR.match(text, at)
        if found is None:
            raise ValueError("not a name as RFC 2253 spells it")
        pairs.add((_type(found), fold(_value(found))))
        at, end = found.end(), found["end"]
        if end != "+":
            parts.append(frozenset(pairs))
            pairs = set()
    return tuple(reversed(parts))


def of(name: x509.Name) -> Name:
    """The name that a certificate has."""
    return tuple(
        frozenset((each.oid.dotted_string, fold(_text(each.value))) for each in part) for part in name.rdns
    )


def fold(value: str) -> str:
    """A value without what is not compared."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.hex()


def _type(found: re.Match[str]) -> str:
    if found["oid"]:
        return found["oid"]
    if (word := found["word"].upper()) not in TYPES:
        raise ValueError("a name has a type that is not known")
    return TYPES[word]


def _value(found: re.Match[str]) -> str:
    if found["hex"]:
        return _encoded(bytes.fromhex(found["hex"]))
    return _ESCAPE.sub(_plain, found["quoted"] if found["quoted"] is not None else found["plain"])


def _plain(found: re.Match[str]) -> str:
    """What an escape stands for: octets of UTF-8, or the character itself."""
    return bytes.fromhex(found[1].replace("\\", "")).decode() if found[1] else found[2]


def _encoded(der: bytes) -> str:
    """The text of a string in DER."""
    if len(der) < _OCTETS or der[0] not in _STRINGS:
        raise ValueError("a value of a name is no string")
    more = der[1] & ~_SHORT if der[1] & _SHORT else 0
    start = _OCTETS + more
    length = int.from_bytes(der[_OCTETS:start], "big") if more else der[1]
    if len(der) != start + length:
        raise ValueError("a value of a name has another length than it says")
    return der[start:].decode(_STRINGS[der[0]])
