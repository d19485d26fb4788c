"""Who a certificate speaks for: LFDI, SFDI, and the PIN that a registration is confirmed with.

IEEE 2030.5-2018 clause 6.3: the LFDI is the leftmost 160 bits of the SHA-256 of the DER certificate, the
SFDI its leftmost 36 bits in decimal with a check digit that makes the sum of all digits a multiple of ten. A
PIN ends in the same kind of digit. Nothing here reads what stands inside a certificate.
"""

from __future__ import annotations

from hashlib import sha256

LFDI_DIGITS = 40
SFDI_HEX = 9
PIN_DIGITS = 6
TEN = 10


def lfdi(der: bytes) -> str:
    """The LFDI of a certificate: 40 hexadecimal digits, upper case."""
    return sha256(der).hexdigest()[:LFDI_DIGITS].upper()


def lfdi_ok(text: str) -> bool:
    """Whether a text is an LFDI as we write it."""
    return len(text) == LFDI_DIGITS and not text.strip("0123456789ABCDEF")


def sfdi(lfdi: str) -> int:
    """The SFDI that belongs to an LFDI."""
    return checked(int(lfdi[:SFDI_HEX], 16))


def digit(number: int) -> int:
    """The digit to put after a number so that the sum of all digits is a multiple of ten."""
    return -sum(map(int, str(number))) % TEN


def checked(number: int) -> int:
    """A number with its check digit at the end."""
    return number * TEN + digit(number)


def sum_ok(number: int) -> bool:
    """Whether the digits of an SFDI or a PIN add up to a multiple of ten."""
    return number >= 0 and sum(map(int, str(number))) % TEN == 0


def pin(text: str) -> int:
    """The PIN that a person wrote, with its check digit (six digits) or without (five)."""
    if not (text.isascii() and text.isdigit() and len(text) in (PIN_DIGITS - 1, PIN_DIGITS)):
        raise ValueError(f"a PIN has five digits, or six with its check digit: {text!r}")
    number = int(text) if len(text) == PIN_DIGITS else checked(int(text))
    if not sum_ok(number):
        raise ValueError(f"the last digit of this PIN should be {digit(number // TEN)}: {text!r}")
    return number


def pin_text(number: int) -> str:
    """A PIN as it is shown: six digits."""
    return f"{number:0{PIN_DIGITS}}"
