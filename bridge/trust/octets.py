"""Bytes as base64url text and back, as RFC 7515 wants them: no padding, and one spelling only.

Python's own decoder skips what is no base64 and ignores bits left over at the end, so two texts could stand
for the same bytes. What is decoded here encodes to the very same text again. It knows no message.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from hashlib import sha256

FROM = bytes.maketrans(b"+/", b"-_")
TO = bytes.maketrans(b"-_+/=\n", b"+/!!!!")
"""To the letters of plain base64; what is itself one of those, or may be skipped, to one that is none."""
PADS = (b"", b"===", b"==", b"=")
"""By length modulo four; one character over is never right, and fails."""


def encode(octets: bytes) -> bytes:
    """Bytes as base64url without padding."""
    return b2a_base64(octets, newline=False).rstrip(b"=").translate(FROM)


def decode(text: bytes) -> bytes:
    """The bytes of such a text; ValueError where it is not the one way to write them."""
    octets = a2b_base64(text.translate(TO) + PADS[len(text) % 4], strict_mode=True)
    over = len(octets) % 3
    if over and encode(octets[-over:]) != text[-over - 1 :]:
        raise ValueError("bits are left over")
    return octets


def digest(text: str) -> str:
    """SHA-256 of a text of ASCII, in base64url: what an answer binds its request by."""
    return encode(sha256(text.encode("ascii")).digest()).decode("ascii")
