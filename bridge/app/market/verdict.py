"""What became of a price or a text at a unit, from its Outcome: one table of statuses.

IEEE 2030.5-2018 table 27 has the statuses: 1 received, 11 confirmed by a person, 10 and 252 to 254 refused; a
unit that speaks IEC 61850 says the same in the Outcome by which it answers. Reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from models.der import messages

RECEIVED, CONFIRMED = 1, 11
WORDS: Mapping[int, str] = {
    RECEIVED: "delivered",
    CONFIRMED: "confirmed",
    **dict.fromkeys((10, 252, 253, 254), "failed"),
}
GOOD = frozenset({"delivered", "confirmed"})
LONGEST = 192


class Verdict(NamedTuple):
    """What became of it."""

    word: str
    """One of result.RANKS."""
    reason: str = ""
    status: int | None = None
    """What is said of it as a response of 2030.5; nothing where the unit has said nothing."""


def answered(outcome: messages.Outcome) -> Verdict:
    """Give what an answer says."""
    status = RECEIVED if outcome.status is None else outcome.status
    word = WORDS.get(status, "failed")
    reason = "" if word in GOOD else outcome.reason or f"the unit says {status}"
    return Verdict(word, reason[:LONGEST], status)


def failed(reason: str) -> Verdict:
    """Give that it is not told, and why."""
    return Verdict("failed", reason[:LONGEST])
