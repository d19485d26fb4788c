"""The role extension of IEC 62351-8 in a certificate, read strictly: every octet as DER has it, or no claim.

It stands under two identifiers, an older and a newer one. Others use the older one for a text of their own;
that is no claim. A certificate that never ends makes none, since a role has to be able to end. Whether a
claim is believed is decided in `bridge.sep2.assign`.

    SEQUENCE OF SEQUENCE { roles SEQUENCE OF INTEGER, area UTF8String, revision INTEGER,
                           definition UTF8String OPTIONAL, operation ENUMERATED OPTIONAL }
"""

from __future__ import annotations

from cryptography import x509

from bridge.trust import der
from bridge.trust.credential import Claim
from bridge.trust.terms import NEVER, ROLE_EXTENSIONS

MOST = 4 + 0xFFFF
"""Octets at most: no length in it has more than two octets of its own."""
ROLES, WIDE = 64, 8
"""Roles in one entry, and octets of a number, at most."""
Part = tuple[int, bytes]


class Malformed(ValueError):
    """Not DER, or not this extension."""


def claims(certificate: x509.Certificate) -> tuple[Claim, ...]:
    """Give the roles that a certificate claims; none where it never ends, or where it is not read in full."""
    if certificate.not_valid_after_utc >= NEVER:
        return ()
    found = [one for one in certificate.extensions if one.oid in ROLE_EXTENSIONS]
    if len(found) != 1 or not isinstance(found[0].value, x509.UnrecognizedExtension):
        return ()
    try:
        return read(found[0].value.value)
    except Malformed:
        return ()


def read(data: bytes) -> tuple[Claim, ...]:
    """Read the value of the extension; Malformed where one octet is not as it has to be."""
    if len(data) > MOST:
        raise Malformed("it is too long")
    try:
        entries = der.parts(der.inside(data, der.SEQUENCE))
        return tuple(_claim(der.parts(_of(entry, der.SEQUENCE))) for entry in entries)
    except ValueError as error:
        raise Malformed(str(error)) from error


def _claim(parts: tuple[Part, ...]) -> Claim:
    if len(parts) < len(("roles", "area", "revision")):
        raise Malformed("an entry has roles, area and revision")
    roles, area, revision, *rest = parts
    numbers = tuple(_number(_of(one, der.INTEGER)) for one in der.parts(_of(roles, der.SEQUENCE)))
    if not 0 < len(numbers) <= ROLES:
        raise Malformed("an entry has 1 to 64 roles")
    definition = _of(rest.pop(0), der.TEXT).decode() if rest and rest[0][0] == der.TEXT else ""
    operation = _number(_of(rest.pop(0), der.ENUMERATED)) if rest else None
    if rest:
        raise Malformed("there is more in an entry than it can have")
    return Claim(
        numbers, _of(area, der.TEXT).decode(), _number(_of(revision, der.INTEGER)), definition, operation
    )


def _of(part: Part, tag: int) -> bytes:
    if part[0] != tag:
        raise Malformed(f"tag {part[0]:#x} where {tag:#x} is expected")
    return part[1]


def _number(content: bytes) -> int:
    """Give a number in the fewest octets that say it."""
    if not 0 < len(content) <= WIDE:
        raise Malformed("a number has 1 to 8 octets")
    return der.number(content)
