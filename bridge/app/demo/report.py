"""The demonstration as JSON: what each party saw, chapter by chapter, and the last figures of the fleet.

For programs: the names of the fields are stable. Infinity, which JSON lacks, is null.
"""

from __future__ import annotations

import math
from typing import Any

from bridge.app.demo.board import Board, Chapter, Hold, Tile


def board(of: Board) -> dict[str, Any]:
    """All of it."""
    return {
        "seconds": round(of.now - of.began, 3),
        "passed": passed(of),
        "grid": {"v": of.grid[0], "hz": of.grid[1]},
        "chapters": [chapter(one) for one in of.chapters.values()],
        "fleet": [tile(one) for one in of.tiles.values()],
        "control": {
            "mrid": of.mapped.mrid,
            "from": of.mapped.whence,
            "points": [{"ref": ref, "value": value} for ref, value in of.mapped.points],
        },
        "said": [{"at": round(one.at - of.began, 3), "who": one.who, "text": one.text} for one in of.said],
    }


def passed(of: Board) -> bool:
    """Whether every chapter came out as it should."""
    return bool(of.chapters) and all(one.state == "passed" for one in of.chapters.values())


def chapter(of: Chapter) -> dict[str, Any]:
    """One part of the story."""
    return {
        "name": of.name,
        "title": of.title,
        "state": of.state,
        "seconds": round(of.seconds, 3),
        "seen": [{"who": who, "what": what} for who, what in of.seen],
        "took": {what: round(seconds, 3) for what, seconds in of.took.items()},
        "wrong": of.wrong,
    }


def tile(of: Tile) -> dict[str, Any]:
    """One inverter."""
    return {
        "name": of.name,
        "lfdi": of.lfdi,
        "protocol": of.protocol,
        "kind": of.kind,
        "link": of.link,
        "w": round(of.now.w, 1),
        "var": round(of.now.var, 1),
        "soc": of.soc,
        "doing": of.doing,
        "holds": [hold(one) for one in of.holds],
    }


def hold(of: Hold) -> dict[str, Any]:
    """A bar of the timeline."""
    start, end = (None if math.isinf(one) else one for one in (of.start, of.end))
    said = {"mode": of.mode, "text": of.text, "source": of.source, "default": of.default}
    return {**said, "start": start, "end": end}
