"""What the demonstration shows: page, terminal and report read one board, and escape each text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncIterator
from io import StringIO

import pytest
from aiohttp.test_utils import TestClient, TestServer
from lxml import etree
from rich.console import Console

from bridge.app.demo import live, page, report, sketch
from bridge.app.demo.board import Board, Chapter, Hold, Mapped, Moment, Tile

BEGAN = 1_000.0
NASTY = "<script>alert('x')</script>"


@pytest.fixture
def board() -> Board:
    made = Board(BEGAN, now=BEGAN + 60)
    pv = made.tiles["pv-1"] = Tile("pv-1", "AB" * 20, "2030.5", "photovoltaic", 10_000.0, "up", doing=NASTY)
    made.tiles["storage"] = Tile("storage", "CD" * 20, "61850", "storage", 5_000.0, "revoked", soc=41.6)
    pv.moments.extend(
        Moment(BEGAN + at, 9_500.0 if at < 30 else 5_000.0, -100.0, 240.0, 60.0) for at in range(60)
    )
    pv.holds = (
        Hold("maxLimW", -math.inf, BEGAN + 30, "100 %", "D0", default=True),
        Hold("maxLimW", BEGAN + 30, BEGAN + 90, f"50 % {NASTY}", "7D3A"),
    )
    made.chapters["limit"] = Chapter("limit", "A limit", "failed", 2.5, [("pv-1", NASTY)], ["it was late"])
    made.say(BEGAN + 5, "head-end", f"posts {NASTY} to pv-1")
    made.mapped = Mapped(
        "7D3A", "head-end", ("<DERControl/>",), (("modes.maxLimW", "50 %"),), (("DWMX1", "50"),)
    )
    return made


@pytest.fixture
async def client(board: Board) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    async with TestClient(TestServer(page.application(board))) as found:
        yield found


PAGES = {
    "/": ("pv-1", "5,000 <small>W", "42 % charged", "A limit", "revoked"),
    "/device/pv-1": ("AB" * 20, "10,000 W", "maxLimW", "head-end"),
    "/control": ("&lt;DERControl/&gt;", "modes.maxLimW", "DWMX1"),
    "/story": ("it was late", "failed, 2.5 s"),
}


@pytest.mark.parametrize("path", PAGES)
async def test_page_shows_what_is_on_the_board(client: TestClient, path: str) -> None:  # type: ignore[type-arg]
    answer = await client.get(path)
    text = await answer.text()
    assert answer.status == 200
    for part in PAGES[path]:
        assert part in text
    assert NASTY not in text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_inside_alone_is_what_the_script_asks_for(client: TestClient) -> None:  # type: ignore[type-arg]
    whole = await (await client.get("/device/pv-1")).text()
    inside = await (await client.get("/device/pv-1", headers={"X-Part": "main"})).text()
    assert "<html" in whole
    assert "<html" not in inside
    assert inside.strip() in whole


async def test_nobody_is_not_found_and_files_come_as_what_they_are(client: TestClient) -> None:  # type: ignore[type-arg]
    assert (await client.get("/device/nobody")).status == 404
    assert (await client.post("/")).status == 405
    for name, media in page.FILES.items():
        assert (await client.get(f"/{name}")).content_type == media


async def test_page_fetches_nothing_from_elsewhere(client: TestClient) -> None:  # type: ignore[type-arg]
    for path in (*PAGES, "/style.css", "/live.js"):
        text = await (await client.get(path)).text()
        assert not re.search(r"https?://|//[a-z]+\.", text.replace("// Puts", ""))


async def test_report_is_json_without_infinity(client: TestClient, board: Board) -> None:  # type: ignore[type-arg]
    said = json.loads(await (await client.get("/board.json")).text(), parse_constant=pytest.fail)
    assert said == report.board(board)
    assert said["passed"] is False
    assert said["fleet"][0]["holds"][0]["start"] is None
    board.chapters["limit"].state = "passed"
    assert report.passed(board)


def test_a_story_without_chapters_has_not_passed() -> None:
    assert not report.passed(Board(BEGAN))


def test_drawings_are_well_formed_and_stay_inside(board: Board) -> None:
    tile = board.tiles["pv-1"]
    span = page.span(board, tile)
    drawn = (
        sketch.spark(tuple(tile.moments), tile.watts),
        sketch.history(tuple(tile.moments), tile.watts, BEGAN),
        sketch.timeline(tile.holds, board.now, BEGAN, span),
    )
    for each in drawn:
        root = etree.fromstring(each)
        for rect in root.iter("rect"):
            assert 0 <= float(rect.get("x", "-1")) + float(rect.get("width", "-1")) <= sketch.WIDTH + 1
        assert not list(root.iter("script"))
    assert span == (BEGAN + 30, BEGAN + 120)


def test_drawings_of_nothing_are_drawings() -> None:
    for each in (sketch.spark((), 1.0), sketch.history((), 1.0, 0.0), sketch.timeline((), 0, 0, (0, 1))):
        assert etree.fromstring(each).tag == "svg"


def test_terminal_shows_the_same(board: Board) -> None:
    console = Console(width=140, record=True, file=StringIO())
    console.print(live.drawn(board, "http://127.0.0.1:1/"))
    text = console.export_text()
    for part in ("pv-1", "5,000", "42 %", "A limit", "it was late", "head-end", "http://127.0.0.1:1/"):
        assert part in text
