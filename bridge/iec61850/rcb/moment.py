"""Moments as MMS writes them: binary time of six octets, from seconds since 1970 and back.

Milliseconds of the day in four octets, days since 1984 in two (ISO 9506-2, TimeOfDay). A moment outside those
days is taken to the nearest end. Never asks what time it is.
"""

from __future__ import annotations

START = 441_763_200
"""The first day of 1984, in seconds since 1970."""
DAY = 86_400_000
LAST = 2**16 * DAY - 1


def binary(at: float) -> bytes:
    """The octets of a moment."""
    days, rest = divmod(min(max(round((at - START) * 1000), 0), LAST), DAY)
    return rest.to_bytes(4, "big") + days.to_bytes(2, "big")


def seconds(octets: bytes) -> float:
    """The moment of six octets."""
    rest, days = int.from_bytes(octets[:4], "big"), int.from_bytes(octets[4:], "big")
    return START + (days * DAY + rest) / 1000
