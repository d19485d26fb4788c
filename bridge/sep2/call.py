"""The query of a request to a list: which of its members are asked for.

IEEE 2030.5-2018 clause 4.6 and CORE-004 of the CSIP tests: `s` start, `l` limit, `a` after. Without `l` one
member is given. The first of two wins, what is unknown is ignored, what is no number is an error. Never asks
the store.
"""

from __future__ import annotations

import re

from bridge.sep2.nodes import Node
from bridge.sep2.shelf import Cut
from bridge.sep2.talk import Told

MOST = 1000
"""Members in one answer, however many are asked for; `results` says how many there are."""
FARTHEST = 2**31 - 1
LATEST = 2**63 - 1
_COUNT = re.compile(r"[0-9]+")
_MOMENT = re.compile(r"-?[0-9]+")


def cut(query: tuple[tuple[str, str], ...], node: Node) -> Cut:
    """The cut that a query asks for; Told 400 where it is no query."""
    if not node.lists:
        return Cut()
    said = dict(reversed(query))
    after = _figure("a", said["a"], _MOMENT, LATEST) if node.timed and "a" in said else None
    start = _figure("s", said["s"], _COUNT, FARTHEST) if "s" in said else 0
    return Cut(start, _limit(said.get("l")), after)


def _limit(text: str | None) -> int:
    """How many; some clients say `all` in words."""
    if text is None:
        return 1
    return MOST if text == "all" else _figure("l", text, _COUNT, MOST)


def _figure(name: str, text: str, pattern: re.Pattern[str], most: int) -> int:
    """A number as it was sent, however big, held to what a store can ask for."""
    if not pattern.fullmatch(text):
        raise Told(400, f"the query parameter {name} is {text[:20]!r}, which is no number")
    digits = text.lstrip("-").lstrip("0")
    figure = int(digits or "0") if len(digits) <= len(str(most)) else most
    return -min(figure, most) if text.startswith("-") else min(figure, most)
