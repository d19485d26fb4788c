"""Drawings of the demonstration as SVG: what an inverter did, and which control holds which mode when.

Plain functions from values to text, without a script and without a font of their own, so that the page needs
nothing from elsewhere. Every text is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from bridge.app.demo.board import Hold, Moment

WIDTH, LEFT, ROW, FOOT = 900, 130, 26, 22
HEIGHT = 150
SPARK = (150, 34)
TICKS = 6


class Scale(NamedTuple):
    """From a moment to a place from the left, and from a figure to one from the top."""

    first: float
    last: float
    low: float
    high: float
    width: float
    height: float
    left: float = 0.0

    def x(self, at: float) -> float:
        """Where a moment is."""
        part = (min(max(at, self.first), self.last) - self.first) / max(self.last - self.first, 1e-9)
        return round(self.left + part * (self.width - self.left), 1)

    def y(self, figure: float) -> float:
        """Where a figure is."""
        return round(self.height - (figure - self.low) / max(self.high - self.low, 1e-9) * self.height, 1)


def svg(width: float, height: float, inside: Iterable[str], title: str) -> str:
    """A drawing."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" '
        f'aria-label="{escape(title)}">{"".join(inside)}</svg>'
    )


def line(points: Sequence[tuple[float, float]], name: str) -> str:
    """A line through points."""
    told = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline class="{name}" points="{told}"/>' if points else ""


def text(x: float, y: float, said: str, name: str = "", anchor: str = "start") -> str:
    """A text."""
    return f'<text x="{x:g}" y="{y:g}" class="{name}" text-anchor="{anchor}">{escape(said)}</text>'


def spark(moments: Sequence[Moment], watts: float) -> str:
    """Active power in the last minutes, small."""
    if not moments:
        return svg(*SPARK, (), "no figures yet")
    scale = Scale(
        moments[0].at, moments[-1].at, min(0.0, -watts * any(one.w < 0 for one in moments)), watts, *SPARK
    )
    points = [(scale.x(one.at), scale.y(one.w)) for one in moments]
    zero = scale.y(0.0)
    axis = f'<line class="axis" x1="0" y1="{zero:g}" x2="{SPARK[0]}" y2="{zero:g}"/>'
    return svg(*SPARK, (axis, line(points, "w")), "active power")


def history(moments: Sequence[Moment], watts: float, began: float) -> str:
    """Active and reactive power since the beginning."""
    if not moments:
        return svg(WIDTH, HEIGHT + FOOT, (), "no figures yet")
    most = max(watts, *(abs(one.w) for one in moments), *(abs(one.var) for one in moments))
    low = -most if any(min(one.w, one.var) < 0 for one in moments) else 0.0
    scale = Scale(moments[0].at, moments[-1].at, low, most, WIDTH, HEIGHT, LEFT)
    rows = [figure for figure in (most, 0.0, low) if figure or low or figure == 0.0]
    inside = [part for figure in dict.fromkeys(rows) for part in _level(scale, figure)]
    inside += [
        line([(scale.x(one.at), scale.y(getattr(one, name))) for one in moments], name)
        for name in ("w", "var")
    ]
    return svg(WIDTH, HEIGHT + FOOT, (*inside, *_hours(scale, began, HEIGHT)), "active and reactive power")


def _level(scale: Scale, figure: float) -> Iterable[str]:
    y = scale.y(figure)
    yield f'<line class="axis" x1="{LEFT}" y1="{y:g}" x2="{WIDTH}" y2="{y:g}"/>'
    yield text(LEFT - 8, min(max(y + 4, 11), HEIGHT), f"{figure:,.0f} W, var", "label", "end")


def _hours(scale: Scale, began: float, y: float) -> Iterable[str]:
    """Seconds since the beginning, below a drawing."""
    for tick in range(TICKS + 1):
        at = scale.first + (scale.last - scale.first) * tick / TICKS
        anchor = "end" if tick == TICKS else "middle" if tick else "start"
        yield text(scale.x(at), y + 16, f"{at - began:+.0f} s", "label", anchor)


def timeline(holds: Sequence[Hold], now: float, began: float, span: tuple[float, float]) -> str:
    """A row for each mode, a bar for whoever holds it; a default is pale, and `now` a line."""
    modes = list(dict.fromkeys(hold.mode for hold in holds))
    height = max(len(modes), 1) * ROW
    scale = Scale(*span, 0.0, 1.0, WIDTH, height, LEFT)
    inside = [text(LEFT - 8, place * ROW + 17, mode, "label", "end") for place, mode in enumerate(modes)]
    inside += [_bar(scale, hold, modes.index(hold.mode) * ROW) for hold in holds if _inside(hold, span)]
    if span[0] <= now <= span[1]:
        x = scale.x(now)
        inside.append(f'<line class="now" x1="{x:g}" y1="0" x2="{x:g}" y2="{height}"/>')
    return svg(WIDTH, height + FOOT, (*inside, *_hours(scale, began, height)), "who holds which mode")


def _inside(hold: Hold, span: tuple[float, float]) -> bool:
    return hold.end > span[0] and hold.start < span[1]


def _bar(scale: Scale, hold: Hold, top: float) -> str:
    left, wide = scale.x(hold.start), max(scale.x(hold.end) - scale.x(hold.start), 1)
    kind = "default" if hold.default else "control"
    said = f"{hold.mode} {hold.text} ({hold.source})"
    return (
        f'<g class="bar {kind}"><title>{escape(said)}</title>'
        f'<rect x="{left:g}" y="{top + 3:g}" width="{wide:g}" height="{ROW - 6}" rx="3"/>'
        f'<svg x="{left:g}" y="{top:g}" width="{wide:g}" height="{ROW}">{text(6, 17, hold.text)}</svg></g>'
    )
