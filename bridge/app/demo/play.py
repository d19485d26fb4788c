"""`derbridge demo`: found the town, bring the cast on, tell the story, show it as it goes.

On a terminal the fleet is drawn live, in a pipe each thing said is a line; `--json` gives the report alone. A
page on loopback shows the same until it ends. Without `--once` everybody stays after the story. Exit code 1
where anything came out otherwise than it should.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import uvloop
from aiohttp import web
from rich.console import Console
from rich.live import Live

from bridge.app import chores, journal, screen
from bridge.app.config import Log
from bridge.app.demo import live, page, report, story
from bridge.app.demo.board import Board, Chapter
from bridge.app.demo.scene import PARTIES, scene
from bridge.app.demo.town import HOST, town

TWICE = 2


class Wish(NamedTuple):
    """How it is to be shown."""

    once: bool
    """Whether it ends with the story."""
    as_json: bool
    port: int
    """Of the page; 0 is any that is free."""


def run(wish: Wish) -> int:
    """Play it."""
    journal.begin(Log(level="error"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nobody of the cast is left behind
    with suppress(KeyboardInterrupt):
        return uvloop.run(_run(wish))
    return int(wish.once)


async def _run(wish: Wish) -> int:
    board = Board(time.time())
    async with (
        town(PARTIES) as place,
        scene(place, board) as made,
        _page(board, wish.port) as where,
        _shown(board, where, wish),
    ):
        await story.tell(made)
        if not wish.once:
            await asyncio.Event().wait()
    if wish.as_json:
        screen.record(report.board(board))
    else:
        for chapter in board.chapters.values():
            _told(chapter)
    return 0 if report.passed(board) else 1


@asynccontextmanager
async def _page(board: Board, port: int) -> AsyncIterator[str]:
    """The page, as long as the context lasts; gives its address."""
    runner = web.AppRunner(page.application(board), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        found = runner.addresses[0][1]
        yield f"http://{HOST}:{found}/"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _shown(board: Board, where: str, wish: Wish) -> AsyncIterator[None]:
    """Show the board as it goes: drawn, in lines, or not at all."""
    if wish.as_json:
        yield
        return
    if not screen.terminal():
        screen.say(f"page {where}")
        telling = asyncio.create_task(_lines(board))
        yield
        await chores.cancelled(telling)
        return
    with Live(live.drawn(board, where), console=Console(highlight=False), auto_refresh=False) as shown:
        drawing = asyncio.create_task(_drawn(board, where, shown))
        yield
        await chores.cancelled(drawing)
        shown.update(live.drawn(board, where), refresh=True)


async def _drawn(board: Board, where: str, shown: Live) -> None:
    while True:
        shown.update(live.drawn(board, where), refresh=True)
        await asyncio.sleep(1 / TWICE)


async def _lines(board: Board) -> None:
    """A line for each thing that is said."""
    last = 0.0
    while True:
        for one in [each for each in board.said if each.at > last]:
            last = one.at
            screen.say(f"{one.at - board.began:+7.1f} {one.who:<12} {one.text}")
        await asyncio.sleep(1 / TWICE)


def _told(chapter: Chapter) -> None:
    """A chapter with what each party saw of it."""
    screen.say(f"{chapter.state:<7} {chapter.title} ({chapter.seconds:.1f} s)")
    for who, what in chapter.seen:
        screen.say(f"        {who:<12} {what}")
    for wrong in chapter.wrong:
        screen.say(f"        WRONG        {wrong}")
