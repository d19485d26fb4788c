"""What an aggregator hears of a command in the end, as one word with its cause and the bridge's reason.

Done: CommandTermination came, or a schedule stands. Refused: LastApplError and a negative answer. Failed:
CommandTermination with an error. Nothing: no answer in time. A value, and nothing else.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Word = Literal["done", "refused", "failed", "nothing"]


class Heard(NamedTuple):
    """What an aggregator heard of an order."""

    word: Word
    cause: int | None = None
    """AddCause of IEC 61850-7-2, where it was told."""
    why: str = ""

    def __str__(self) -> str:
        """In one line."""
        cause = "" if self.cause is None else f" with cause {self.cause}"
        return f"{self.word}{cause}" + (f": {self.why}" if self.why else "")
