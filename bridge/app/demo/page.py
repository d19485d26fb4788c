"""The page of the demonstration: the fleet, one inverter, one control on both sides, the story; plain HTML.

Rendered here from the board at each request, on loopback alone and read only. A script of a few lines puts
the inside in anew each second; nothing is fetched from elsewhere, and the policy of the page forbids it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bridge.app.demo import report, sketch
from bridge.app.demo.board import Board, Said, Tile
from bridge.transports.reply import SERVER

FRAMES = {"": "house.html", "main": "part.html"}
"""What a page stands in: whole, or its inside alone."""
SHOWN = 40
AHEAD, BEHIND = 60.0, 30.0
"""Seconds of a timeline at least, before now and after it."""
FILES = {"style.css": "text/css", "live.js": "text/javascript"}
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Server": SERVER,
}


def environment() -> Environment:
    """The templates, which escape all that they are given."""
    return Environment(
        loader=PackageLoader("bridge.app.demo", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def application(board: Board) -> web.Application:
    """The pages of a board."""
    templates = environment()
    made = web.Application()
    show = partial(_page, templates, board)
    rows: dict[str, Callable[[web.Request], dict[str, object] | None]] = {
        "/": lambda _: {"said": _last(board)},
        "/device/{name}": partial(_device, board),
        "/control": lambda _: {"mapped": board.mapped},
        "/story": lambda _: {},
    }
    for path, given in rows.items():
        name = path.split("/")[1] or "fleet"
        made.router.add_get(path, partial(show, f"{name}.html", given))
    for name, media in FILES.items():
        made.router.add_get(f"/{name}", partial(_file, templates, name, media))
    made.router.add_get("/board.json", partial(_json, board))
    return made


async def _page(
    templates: Environment,
    board: Board,
    name: str,
    given: Callable[[web.Request], dict[str, object] | None],
    request: web.Request,
) -> web.Response:
    facts = given(request)
    if facts is None:
        raise web.HTTPNotFound(text="there is no such inverter", headers=HEADERS)
    frame = templates.get_template(FRAMES.get(request.headers.get("X-Part", ""), FRAMES[""]))
    body = templates.get_template(name).render(
        frame=frame,
        board=board,
        path=request.path,
        **drawings(board),
        **facts,
    )
    return web.Response(text=body, content_type="text/html", headers=HEADERS)


def drawings(board: Board) -> dict[str, Callable[[Tile], Markup]]:
    """What the templates draw, each escaped where it is made."""
    drawn: dict[str, Callable[[Tile], str]] = {
        "spark": lambda tile: sketch.spark(tuple(tile.moments), tile.watts),
        "history": lambda tile: sketch.history(tuple(tile.moments), tile.watts, board.began),
        "timeline": lambda tile: sketch.timeline(tile.holds, board.now, board.began, span(board, tile)),
    }
    return {name: partial(_marked, draw) for name, draw in drawn.items()}


def _marked(draw: Callable[[Tile], str], tile: Tile) -> Markup:
    return Markup(draw(tile))  # noqa: S704 - sketch escapes every text


def span(board: Board, tile: Tile) -> tuple[float, float]:
    """The window of a timeline: around now, and as far as its controls reach."""
    ends = [hold.end for hold in tile.holds if not math.isinf(hold.end)]
    starts = [hold.start for hold in tile.holds if not math.isinf(hold.start)]
    first = min([board.now - BEHIND, *starts])
    return max(first, board.began - BEHIND), max([board.now + AHEAD, *ends])


def _device(board: Board, request: web.Request) -> dict[str, object] | None:
    tile = board.tiles.get(request.match_info["name"])
    if tile is None:
        return None
    about = [one for one in board.said if one.who == tile.name or tile.name in one.text.split()]
    return {"tile": tile, "said": about[::-1][:SHOWN]}


def _last(board: Board) -> list[Said]:
    return [*board.said][::-1][:SHOWN]


async def _file(templates: Environment, name: str, media: str, _: web.Request) -> web.Response:
    source, *_rest = templates.loader.get_source(templates, name) if templates.loader else ("",)
    return web.Response(text=source, content_type=media, headers=HEADERS)


async def _json(board: Board, _: web.Request) -> web.Response:
    return web.Response(
        text=json.dumps(report.board(board)), content_type="application/json", headers=HEADERS
    )
