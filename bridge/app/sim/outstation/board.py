"""What a simulated unit shows its customer: the prices and texts that it was told, and which of them hold.

The same again changes nothing. What is told with a duration of 0 takes away what bears its mRID. Of two
prices for the same time that of the lower primacy holds, of equal ones the larger number; what was told
stands until its window is over. Plain: no link, no seal, no clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from models.der import messages

Word = messages.Price | messages.Notice
RECEIVED, LATE = 1, 254


def _nobody(_event: str, **_said: object) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Board:
    """Of one unit."""

    words: dict[str, Word] = field(default_factory=dict)
    """By mRID, in the order in which they came."""
    note: Callable[..., None] = _nobody
    """Told what has changed."""
    _shown: Word | None = None

    def take(self, word: Word, now: Decimal) -> int:
        """Take what was told, and give the status that is answered."""
        mark, was = word.mRID or word.id, self.words.get(word.mRID or word.id)
        if not word.duration:
            if self.words.pop(mark, None) is not None:
                self.note("taken back", mrid=mark)
        elif word.start + word.duration <= now:
            return LATE
        elif was is None or _said(was) != _said(word):
            self.words[mark] = word
            self.note(type(word).__name__.lower(), mrid=mark, **told(word))
        self.look(now)
        return RECEIVED

    def price(self, now: Decimal) -> messages.Price | None:
        """Give the price that holds."""
        return min(self._in_force(messages.Price, now), key=_rank, default=None)

    def text(self, now: Decimal) -> messages.Notice | None:
        """Give the text that came last, of those that hold."""
        return next(reversed(list(self._in_force(messages.Notice, now))), None)

    def look(self, now: Decimal) -> None:
        """Let go of what is over, and say so where another price holds than before."""
        self.words = {mark: one for mark, one in self.words.items() if one.start + one.duration > now}
        held = self.price(now)
        if held != self._shown:
            self._shown = held
            self.note("price now", **(told(held) if held else {"price": None}))

    def _in_force(self, kind: type[Any], now: Decimal) -> Iterator[Any]:
        for one in self.words.values():
            if isinstance(one, kind) and one.start <= now < one.start + one.duration:
                yield one


def _said(word: Word) -> dict[str, Any]:
    """What counts of it: told again, it was sealed at another moment, and is the same."""
    return word.model_dump(exclude={"issued", "correlation"})


def _rank(one: messages.Price) -> tuple[int, int, str]:
    return (one.primacy or 0, -(one.issuerEvent or 0), one.mRID or "")


def told(word: Word) -> dict[str, Any]:
    """What is said of it in a line."""
    said = {"start": int(word.start), "duration": int(word.duration)}
    if isinstance(word, messages.Notice):
        return {"text": word.text, "priority": word.priority, "confirm": bool(word.confirm), **said}
    more = {"generation": word.generation, "label": word.rateCode, "tier": word.touTier}
    figures = {"price": word.price, "currency": word.currency, **more, "number": word.issuerEvent}
    return {**{name: _plain(each) for name, each in figures.items() if each is not None}, **said}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
