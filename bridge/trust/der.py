"""The few shapes of DER that no library gives us: what is put into certificates by hand, and read back.

X.690 clauses 8 and 10: definite lengths in their shortest form, integers in two's complement, object
identifiers in base 128. Reading is strict: what could have been written shorter, or has bytes left over, is
refused with ValueError.
"""

from __future__ import annotations

from cryptography.x509 import ObjectIdentifier

INTEGER, OCTETS, OID, ENUMERATED, TEXT, SEQUENCE = 0x02, 0x04, 0x06, 0x0A, 0x0C, 0x30
SHORT = 0x80
"""From here on a length has bytes of its own; in an arc, the bit that says that more follows."""
LOW = 0x7F
LONGEST = 4
"""Bytes that a length may have."""


def tlv(tag: int, value: bytes) -> bytes:
    """Put tag and length before a value."""
    if len(value) < SHORT:
        return bytes((tag, len(value))) + value
    size = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes((tag, SHORT | len(size))) + size + value


def parts(data: bytes) -> tuple[tuple[int, bytes], ...]:
    """Take apart what stands one after the other: tags and values."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        start, size = _length(data, at)
        if len(data) < start + size:
            raise ValueError("a value is cut off")
        found.append((data[at], data[start : start + size]))
        at = start + size
    return tuple(found)


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Where the value starts whose tag stands here, and how long it is."""
    if len(data) < at + 2:
        raise ValueError("a value has no length")
    first, start = data[at + 1], at + 2
    if first < SHORT:
        return start, first
    count = first & LOW
    size = int.from_bytes(data[start : start + count], "big")
    if not 0 < count <= LONGEST or size < SHORT or not data[start]:
        raise ValueError("a length is not in its shortest form")
    return start + count, size


def inside(data: bytes, tag: int) -> bytes:
    """Give the value of the one thing that is there, which must have this tag."""
    found = parts(data)
    if len(found) != 1 or found[0][0] != tag:
        raise ValueError(f"one value of tag {tag:#04x} is expected")
    return found[0][1]


def integer(number: int, tag: int = INTEGER) -> bytes:
    """Write a whole number."""
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return tlv(tag, number.to_bytes(size, "big", signed=True))


def number(value: bytes) -> int:
    """Read the value of a whole number."""
    found = int.from_bytes(value, "big", signed=True)
    if integer(found) != tlv(INTEGER, value):
        raise ValueError("a number is not in its shortest form")
    return found


def oid(name: ObjectIdentifier) -> bytes:
    """Write an object identifier."""
    first, second, *rest = map(int, name.dotted_string.split("."))
    return tlv(OID, b"".join(_arc(one) for one in (first * 40 + second, *rest)))


def named(value: bytes) -> ObjectIdentifier:
    """Read the value of an object identifier."""
    arcs = [0]
    for index, byte in enumerate(value):
        arcs[-1] = arcs[-1] << 7 | byte & LOW
        if not byte & SHORT and index < len(value) - 1:
            arcs.append(0)
    top = min(arcs[0] // 40, 2)
    found = ObjectIdentifier(".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:]))))
    if oid(found) != tlv(OID, value):
        raise ValueError("an object identifier is not in its shortest form")
    return found


def _arc(one: int) -> bytes:
    groups = [one & LOW]
    while one := one >> 7:
        groups.append(one & LOW | SHORT)
    return bytes(reversed(groups))
