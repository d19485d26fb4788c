"""A plan as text: a row for each mode, a column for each stretch of time, a letter for each control.

Pure: how a moment is told is an argument. The lines below the drawing name the letters.

    maxLimW  ===AAAAAABBBBBBBBBBB==============================
    connect  ...AAAAAA.....................CCCCCCCCCC..........
             1000      1020      1040      1060      1080
                            ^ now

A column shows who holds the greater part of it, `+` where more than two hold some of it; `=` and `~` are
defaults, `.` is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, pairwise
from string import ascii_letters

from bridge.core import timeline
from bridge.core.timeline import Span

CONTROLS = ascii_letters[26:] + ascii_letters[:26]
DEFAULTS = "=~"
NOTHING, MANY, REST = ".", "+", "*"
BUSY = 3
"""Holders of one column that are too many to show one of them."""
NEAR = Decimal(43_200)
"""Seconds before and after a moment within which edges are worth showing."""
ALONE = Decimal(60)
"""Seconds on either side of a moment that has no edge near."""
TICK = 10
"""Columns from one time on the scale to the next."""

Tell = Callable[[Decimal], str]


def draw(
    plan: timeline.Plan,
    since: Decimal,
    until: Decimal,
    *,
    width: int = 60,
    now: Decimal | None = None,
    tell: Tell = str,
) -> tuple[str, ...]:
    """Give the lines of a drawing of a plan between two moments; ValueError where there is none to draw."""
    if until <= since or width < 1:
        raise ValueError("a drawing needs some time, and a column at least")
    edges = [since + (until - since) * column / width for column in range(width + 1)]
    seen = {mode: _seen(row, since, until) for mode, row in plan.items()}
    letters = _letters(list(chain.from_iterable(seen.values())))
    margin = max(map(len, plan), default=0) + 2
    rows = [mode.ljust(margin) + _bars(row, edges, letters) for mode, row in seen.items()]
    scale = " " * margin + _scale(edges, tell)
    return (*rows, scale, *_marked(margin, edges, now), *_legend(seen, letters, tell))


def around(plan: timeline.Plan, moment: Decimal) -> tuple[Decimal, Decimal]:
    """Give a stretch of time that shows a moment and each edge of a plan that is near, with some margin."""
    edges = {edge for row in plan.values() for span in row for edge in (span.start, span.end)}
    shown = [moment, *(edge for edge in edges if edge.is_finite() and abs(edge - moment) <= NEAR)]
    margin = (max(shown) - min(shown)) / TICK or ALONE
    return min(shown) - margin, max(shown) + margin


def _seen(row: Sequence[Span], since: Decimal, until: Decimal) -> tuple[Span, ...]:
    return tuple(span for span in row if span.start < until and since < span.end)


def _letters(spans: Sequence[Span]) -> Mapping[str, str]:
    """A letter for each control and a mark for each default, in the order in which they first begin."""
    found: dict[str, str] = {}
    for marks, default in ((CONTROLS, False), (DEFAULTS, True)):
        held = sorted((span for span in spans if span.default is default), key=lambda span: span.start)
        names = list(dict.fromkeys(span.source for span in held))
        found |= {name: marks[place] if place < len(marks) else REST for place, name in enumerate(names)}
    return found


def _bars(row: Sequence[Span], edges: Sequence[Decimal], letters: Mapping[str, str]) -> str:
    return "".join(_bar(row, left, right, letters) for left, right in pairwise(edges))


def _bar(row: Sequence[Span], left: Decimal, right: Decimal, letters: Mapping[str, str]) -> str:
    """Give the mark of one column."""
    held = [(min(span.end, right) - max(span.start, left), span) for span in _seen(row, left, right)]
    if len(held) >= BUSY:
        return MANY
    longest, span = max(held, key=lambda pair: pair[0], default=(Decimal(0), None))
    empty = right - left - sum(length for length, _ in held)
    return NOTHING if span is None or longest < empty else letters[span.source]


def _scale(edges: Sequence[Decimal], tell: Tell) -> str:
    """Give times under the columns at which they are, as many as find room."""
    line = ""
    for column in range(0, len(edges) - 1, TICK):
        if not line or len(line) < column:
            line = line.ljust(column) + tell(edges[column])
    return line


def _marked(margin: int, edges: Sequence[Decimal], now: Decimal | None) -> Iterator[str]:
    if now is not None and edges[0] <= now < edges[-1]:
        column = sum(1 for edge in edges if edge <= now) - 1
        yield " " * (margin + column) + "^ now"


def _legend(seen: Mapping[str, Sequence[Span]], letters: Mapping[str, str], tell: Tell) -> Iterator[str]:
    """Name each letter once, with the times at which it holds what."""
    for name, letter in letters.items():
        held = [(mode, span) for mode, row in seen.items() for span in row if span.source == name]
        kind = " default" if held[0][1].default else ""
        times = ", ".join(f"{mode} {_times(span, tell)}" for mode, span in held)
        yield f"{letter}  {name}{kind}: {times}"


def _times(span: Span, tell: Tell) -> str:
    start = "" if span.start == timeline.ALWAYS else f"from {tell(span.start)}"
    end = "" if span.end == timeline.NEVER else f"to {tell(span.end)}"
    return " ".join(part for part in (start, end) if part) or "always"
