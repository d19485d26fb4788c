"""The story with one inverter of each protocol: they come, and the aggregator's curve reaches both."""

from __future__ import annotations

import math
import time

from bridge.app.demo import report, story
from bridge.app.demo.board import Board, Hold
from bridge.app.demo.scene import AGGREGATOR, PARTIES, held, scene
from bridge.app.demo.town import town
from models.der import messages
from tests.iec61850.units import amount

NAMES = ("pv-1", "pv-4")
TOLD = ("gather", "curve")
ABSORBED = " of -2,640 var"


async def test_a_curve_of_the_aggregator_is_followed_by_the_physics_of_both_protocols() -> None:
    board = Board(time.time())
    parts = [part for part in story.PARTS if part.name in TOLD]
    parties = {name: PARTIES[name] for name in (*NAMES, AGGREGATOR)}
    async with town(parties) as place, scene(place, board, NAMES) as made:
        await story.tell(made, parts)
    said = report.board(board)
    assert said["passed"], [chapter["wrong"] for chapter in said["chapters"]]
    told = said["chapters"][1]
    assert [one["who"] for one in told["seen"] if one["what"].endswith(ABSORBED)] == list(NAMES)
    assert {f"{AGGREGATOR}: take", "pv-1: 6", "pv-4: 6"} <= told["took"].keys()
    assert {one["mode"] for tile in said["fleet"] for one in tile["holds"]} == {"maxLimW", "voltVar"}


def test_a_timeline_has_a_bar_for_each_value_and_ends_it_with_the_next() -> None:
    def limited(percent: int) -> messages.Modes:
        return messages.Modes(maxLimW=amount(percent, "%", "setMaxW"))

    bars = held((), limited(90), 10.0, "pv")
    assert bars == held(bars, limited(90), 15.0, "pv")
    bars = held(held(bars, limited(50), 20.0, "pv"), messages.Modes(), 30.0, "pv")
    assert bars == (
        Hold("maxLimW", 10.0, 20.0, "90 % of setMaxW", "pv", default=True),
        Hold("maxLimW", 20.0, 30.0, "50 % of setMaxW", "pv"),
    )
    assert all(math.isinf(one.end) for one in held((), limited(1), 1.0, "pv"))
