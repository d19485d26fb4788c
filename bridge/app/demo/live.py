"""The demonstration in a terminal: the fleet, the story and what was heard, drawn anew twice a second.

Only where a person looks on; a pipe gets a line for each thing that is said. Reads the board alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bridge.app.demo.board import Board, Tile

COLUMNS = ("inverter", "speaks", "link", "W", "var", "V", "charge", "doing")
LINES = 14
MARKS = {"waiting": " ", "running": ">", "passed": "+", "failed": "!"}
STYLES = {"waiting": "dim", "running": "bold", "passed": "green", "failed": "bold red"}
LINKS = {"up": "green", "down": "yellow", "revoked": "red"}


def drawn(board: Board, where: str = "") -> Group:
    """All of it, as rich draws it."""
    title = f"derbridge {board.now - board.began:6.1f} s   grid {board.grid[0]:.3f} pu {board.grid[1]:.2f} Hz"
    return Group(
        Panel(_fleet(board.tiles.values()), title=title, subtitle=where, title_align="left"),
        _story(board),
        Panel(_heard(board), title="heard", title_align="left"),
    )


def _fleet(tiles: Iterable[Tile]) -> Table:
    table = Table(expand=True, box=None, pad_edge=False)
    for name in COLUMNS:
        right = name in {"W", "var", "V", "charge"}
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "doing")
    for tile in tiles:
        table.add_row(
            tile.name,
            tile.protocol,
            Text(tile.link, style=LINKS.get(tile.link, "")),
            f"{tile.now.w:,.0f}",
            f"{tile.now.var:,.0f}",
            f"{tile.now.v:.1f}",
            "" if tile.soc is None else f"{tile.soc:.0f} %",
            Text(tile.doing or "-", overflow="ellipsis"),
        )
    return table


def _story(board: Board) -> Table:
    table = Table.grid(padding=(0, 1))
    for chapter in board.chapters.values():
        took = f"{chapter.seconds:.1f} s" if chapter.seconds else ""
        style = STYLES[chapter.state]
        table.add_row(Text(MARKS[chapter.state], style), Text(chapter.title, style), Text(took, "dim"))
        for wrong in chapter.wrong:
            table.add_row("", Text(wrong, "red"), "")
    return table


def _heard(board: Board) -> Text:
    lines = [*board.said][-LINES:]
    told = Text(overflow="ellipsis", no_wrap=True)
    for one in lines:
        told.append(f"{one.at - board.began:+7.1f} ", "dim").append(f"{one.who:<12} ", "cyan")
        told.append(f"{one.text}\n")
    return told
