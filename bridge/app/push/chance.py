"""What chance says: the nonces of challenges.

Apart from the rest, which is given what it needs; nothing is kept.
"""

from __future__ import annotations

from secrets import token_hex


def nonce() -> str:
    """Give a nonce: 128 bits, in upper case as marks of rows are."""
    return token_hex(16).upper()
