"""The extension of IEC 62351-8 as it is written into an operator's certificate, and told by `pki show`.

A sequence of entries, each with roles, area, revision, and perhaps a definition and an operation. It is never
critical, since no TLS library knows it, and stands in certificates of finite life only: a role in one without
end could never be withdrawn. Whether a claim is believed is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from bridge.trust import der
from bridge.trust.credential import Claim
from bridge.trust.extension import read
from bridge.trust.terms import ROLE_EXTENSIONS, ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable


def extension(claims: Iterable[Claim]) -> x509.UnrecognizedExtension:
    """Make the extension."""
    entries = b"".join(map(_entry, claims))
    return x509.UnrecognizedExtension(ROLE_EXTENSIONS[0], der.tlv(der.SEQUENCE, entries))


def claims(one: x509.Certificate) -> tuple[Claim, ...]:
    """Read what a certificate claims; ValueError where the extension is there and cannot be read."""
    found = (each.value for each in one.extensions if each.oid in ROLE_EXTENSIONS)
    values = (each.value for each in found if isinstance(each, x509.UnrecognizedExtension))
    return tuple(claim for value in values for claim in _said(value))


def _said(value: bytes) -> tuple[Claim, ...]:
    """Read an extension that somebody meant to say something with."""
    if said := read(value):
        return said
    raise ValueError("the extension of IEC 62351-8 has no entry")


def number(text: str) -> int:
    """The number of a role that is given by name, or as a number itself (negative ones are private)."""
    try:
        return ROLES[text.upper()] if text.upper() in ROLES else int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no role: one of {', '.join(ROLES)}, or a number") from None


def name(number: int) -> str:
    """What a role is called."""
    return next((name for name, own in ROLES.items() if own == number), str(number))


def _entry(claim: Claim) -> bytes:
    if not claim.roles:
        raise ValueError("an entry names one role at least")
    inside = (
        der.tlv(der.SEQUENCE, b"".join(map(der.integer, claim.roles))),
        der.tlv(der.TEXT, claim.area.encode()),
        der.integer(claim.revision),
        der.tlv(der.TEXT, claim.definition.encode()) if claim.definition else b"",
        der.integer(claim.operation, der.ENUMERATED) if claim.operation is not None else b"",
    )
    return der.tlv(der.SEQUENCE, b"".join(inside))
