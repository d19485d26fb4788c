"""The page of limits names every cap with the figure that the code has.

A cap that is added, renamed or changed without its row fails here. The page is read as text; nothing is
generated.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from bridge.mapping.guard import Caps

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
ROW = re.compile(r"^\| `(\w+)` \|.*\| ([0-9,]+) \|$", re.MULTILINE)


def test_each_cap_stands_with_its_figure() -> None:
    rows = {name: int(figure.replace(",", "")) for name, figure in ROW.findall(PAGE.read_text("utf-8"))}
    assert rows == asdict(Caps())
