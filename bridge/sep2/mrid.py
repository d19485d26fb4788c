"""mRIDs: how one reads, which private enterprise number ends it, and how we make our own.

IEEE 2030.5-2018 10.2.1.2: at most 128 bits, whose last 32 are the maker's private enterprise number. Whether
those eight characters are the number in hexadecimal or its decimal digits is read differently in the field;
the policy says which. Never guesses a number, never asks for time or chance.
"""

from __future__ import annotations

import hashlib

from bridge.sep2.talk import Told
from bridge.sep2.work import Policy

DIGITS = 32
_PEN = 8
_STRICT = "pen"
"""Name of the switch that refuses mRIDs of clients which end in no private enterprise number."""


def mark(text: str, policy: Policy) -> str:
    """Give a client's mRID in upper case; Told where it cannot be one."""
    if not text or len(text) % 2 or len(text) > DIGITS:
        raise Told(400, f"mRID {text[:40]!r} is not 1 to 16 whole bytes")
    upper = text.upper()
    if _STRICT in policy.strict and not pen(upper, decimal=policy.pen_decimal):
        raise Told(400, f"mRID {upper} does not end in a private enterprise number")
    return upper


def pen(text: str, *, decimal: bool) -> int | None:
    """Give the private enterprise number at the end of an mRID; None where there is none."""
    tail = text[-_PEN:]
    if len(tail) < _PEN or (decimal and not tail.isdecimal()):
        return None
    return int(tail) if decimal else int(tail, 16)


def made(seed: str, policy: Policy) -> str:
    """Give an mRID of ours, the same for the same seed."""
    head = hashlib.sha256(seed.encode()).hexdigest()[: DIGITS - _PEN].upper()
    return head + (f"{policy.pen:08d}" if policy.pen_decimal else f"{policy.pen:08X}")


def kept(seed: str, policy: Policy) -> str:
    """Give one for what is stored with it: no other server with our number makes the same."""
    return made(f"{policy.lfdi} {seed}", policy)
