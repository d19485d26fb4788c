"""Output of every command: rich tables on a terminal, aligned plain text in a pipe, JSON for programs.

A pipe gets no box, no colour and no cut-off cell, so that grep, cut and less see whole values. Nothing here
decides what is shown; commands hand over columns and rows. Remarks go to standard error, so that output can
be piped on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bridge.app.fault import Gone

Row = Sequence[str]
GAP = "  "


def terminal() -> bool:
    """Whether a person is looking at standard output."""
    return sys.stdout.isatty()


def say(text: str = "") -> None:
    """Print one line, letter for letter."""
    try:
        sys.stdout.write(text + "\n")
    except OSError as error:
        raise Gone from error


def warn(text: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(text + "\n")


def record(value: object) -> None:
    """Print one JSON document."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def plain(columns: Row, rows: Sequence[Row]) -> Iterator[str]:
    """Align cells to the widest of each column; the last column is never padded."""
    lines = [columns, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        yield GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def table(columns: Row, rows: Iterable[Row], title: str = "") -> None:
    """Print a table: framed on a terminal, plain in a pipe."""
    body = [tuple(row) for row in rows]
    if terminal():
        framed(columns, body, title)
        return
    if title:
        say(f"# {title}")
    for line in plain(columns, body):
        say(line)
    say()


def framed(columns: Row, rows: Sequence[Row], title: str = "") -> None:
    """Print a table with rich, folding long cells instead of cutting them."""
    heading = Text(title, style="bold") if title else None
    grid = Table(title=heading, box=box.SIMPLE_HEAD, title_justify="left")
    for column in columns:
        grid.add_column(Text(column), overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(grid)
