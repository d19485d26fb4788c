"""`derbridge life`: one control through the whole canonical path, each stage beside the others.

On a wide terminal the stages stand side by side, on a narrow one or in a pipe below one another. Then it
goes over the wire, and it ends by saying what came back equal, and what was lost on the way. Nothing is
invented for the show: `bridge.app.life` and `bridge.app.served` do it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bridge.app import life, screen, served, source, words
from bridge.app.life import Life
from bridge.app.source import Given
from bridge.mapping.points import Point
from models.der import messages

INDEX = re.compile(r"(?P<head>.*crvPts)\((?P<row>\d+)\)(?P<tail>.*)")
NARROW, WIDE, LEAST = 100, 150, 12


class Stage(NamedTuple):
    """One stage: what it is called, which floor makes it, and its lines or its pairs of path and value."""

    title: str
    floor: str
    lines: tuple[str, ...] = ()
    pairs: tuple[words.Line, ...] = ()


def run(control: Path | None, curves: Sequence[Path], settings: Path | None) -> int:
    """Show the life of a control; 1 when what comes back is not what went in."""
    given = [source.data(str(place)) for place in curves] if control else [life.example("curve.xml")]
    lived = life.live(_given(control, "control.xml"), given, _given(settings, "settings.xml"))
    shown = stages(lived)
    if screen.terminal():
        _beside(shown)
    else:
        _below(shown)
    screen.say("== 7. over the wire (a server on loopback, mutual TLS; what was sent and answered, cut)")
    for line in served.lines(served.run(lived)):
        screen.say(f"   {line}".rstrip())
    screen.say()
    for line in verdict(lived):
        screen.say(line)
    return 0 if lived.equal else 1


def _given(place: Path | None, name: str) -> Given:
    return life.example(name) if place is None else source.data(str(place))


def stages(lived: Life) -> tuple[Stage, ...]:
    """The six stages as lines or pairs."""
    points = folded(lived.translation.points)
    return (
        Stage("1. bytes", "transport", _document(lived.control.given.data)),
        Stage("2. wire object", lived.control.profile.package, pairs=tuple(words.lines(lived.control.wire))),
        Stage("3. canonical message", "bridge.mapping.sep2", pairs=tuple(_canonical(lived))),
        Stage("4. step", "bridge.core.step", tuple(_step(lived))),
        Stage(
            "5. object references and values",
            "bridge.mapping.iec61850",
            pairs=tuple(map(valued, points)),
        ),
        Stage("6. bytes again", "bridge.mapping", _document(lived.back)),
    )


def _document(data: bytes) -> tuple[str, ...]:
    return tuple(words.indented(data).splitlines())


def _canonical(lived: Life) -> Iterator[words.Line]:
    """The control, and the points of the curves that it refers to."""
    yield from words.lines(lived.message)
    for ref, curve in life.published(lived.curves).items():
        yield f"curve {ref}", f"of {curve.yOf}"
        yield from words.lines(curve.point, "point")


def valued(point: Point) -> words.Line:
    """A point as reference and value; a command, which is due later than the rest, says so."""
    return f"{point.ref} [{point.fc}]", words.scalar(point.value) + " at start" * (point.due == "start")


def folded(points: Sequence[Point]) -> list[Point]:
    """Points with each run of equal values in neighbouring rows of a curve as one line."""
    lines: list[tuple[Point, int, int]] = []
    for point in points:
        found = INDEX.fullmatch(point.ref)
        row = int(found["row"]) if found else -1
        ref = f"{found['head']}{{}}{found['tail']}" if found else point.ref
        plain = Point(ref, point.fc, point.value)
        if lines and row > 0 and lines[-1][0] == plain and lines[-1][2] == row - 1:
            lines[-1] = (plain, lines[-1][1], row)
        else:
            lines.append((plain, row, row))
    return [Point(ref.format(_span(*rows)), fc, value) for (ref, fc, value), *rows in lines]


def _span(first: int, last: int) -> str:
    return f"({first})" if first == last else f"({first}..{last})"


def _step(lived: Life) -> list[str]:
    """The plan that follows, and the messages that go out."""
    lines = [f"plan of unit {life.UNIT[:8]}... at {words.moment(life.NOW)}:"]
    for mode, spans in lived.plan.items():
        lines += [f"  {mode}: {words.moment(one.start)} to {words.moment(one.end)}" for one in spans]
    lines += ["", "messages that follow:"]
    return [*lines, *(f"  {said(message)}" for message in lived.out)]


def said(message: messages.Message) -> str:
    """A message in one line."""
    target = ", ".join(f"{one[:8]}..." for one in message.target.device) or "nobody"
    status = f" status {message.status}" if isinstance(message, messages.Outcome) else ""
    reason = f" ({message.reason})" if isinstance(message, messages.Outcome) and message.reason else ""
    return f"{type(message).__name__}{status} to {target}{reason}"


def verdict(lived: Life) -> list[str]:
    """What was equal, and what was lost."""
    equal = "equal" if lived.equal else "NOT EQUAL"
    lines = [f"way back: {equal} to what came in, as canonical XML ({len(lived.translation.points)} points)"]
    lost = [f"  {path}: {reason}" for path, reason in lived.translation.losses]
    lines += [f"carried beside the points, because IEC 61850 cannot say it: {len(lost) or 'nothing'}", *lost]
    return lines


def _below(shown: Sequence[Stage]) -> None:
    for stage in shown:
        screen.say(f"== {stage.title} ({stage.floor})")
        for line in (*stage.lines, *words.aligned(list(stage.pairs))):
            screen.say(f"   {line}".rstrip())
        screen.say()


def _beside(shown: Sequence[Stage]) -> None:
    """Panels in one, two or three columns, as the terminal is wide."""
    console = Console(highlight=False)
    columns = 1 + (console.width >= NARROW) + (console.width >= WIDE)
    grid = Table.grid(expand=True)
    for _ in range(columns):
        grid.add_column(ratio=1)
    panels = [
        Panel(_body(one), title=one.title, subtitle=one.floor, title_align="left", expand=True)
        for one in shown
    ]
    for start in range(0, len(panels), columns):
        grid.add_row(*panels[start : start + columns])
    console.print(grid)


def _body(stage: Stage) -> Text | Table:
    """The inside of a panel; what is too long is folded within its own column."""
    if not stage.pairs:
        return Text("\n".join(stage.lines), overflow="fold")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", min_width=LEAST)
    for path, value in stage.pairs:
        grid.add_row(Text(path), Text(value))
    return grid
