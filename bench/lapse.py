"""10,000 units through a control and a stronger one in time-lapse: a real store and pump, a clock that jumps.

What is played, and what is right, stands in tests/app/pump/lapse.py; an outcome that is not right ends the
run. Beside it stands the same with a hundred units: the time of a unit in the one over that in the other
says whether anything grows with the size of the group.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.quiet import quiet
from tests.app.pump.lapse import LAST, SAID, lapsed

FEW, MANY = 100, 10_000
GROWTH = 2.0
"""How many times as long a unit among many should take at most as one among few."""


def measure(many: int = MANY) -> dict[str, Any]:
    """Figures by the number of units."""
    quiet()
    _played(2)  # what is made once for all is no unit's
    figures = {str(count): _played(count) for count in (FEW, many)}
    few, most = figures.values()
    return {"runs": figures, "growth": most["processor"] / most["units"] / (few["processor"] / few["units"])}


def _played(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        began, own = time.perf_counter(), time.process_time()
        found = asyncio.run(lapsed(Path(name), count))
        took, spent = time.perf_counter() - began, time.process_time() - own
    if not found.right(count):
        raise RuntimeError(f"not all are right: {found}")
    said = count * sum(map(len, SAID.values()))
    return {"units": count, "seconds": took, "processor": spent, "orders": found.orders, "outcomes": said}


def told(figures: Mapping[str, Any]) -> str:
    """The figures in some lines."""
    lines = [
        f"time-lapse: {row['units']} units, two controls, {LAST} s of theirs in {row['seconds']:.1f} s "
        f"({row['processor']:.1f} s of processor): {row['orders']} orders, {row['outcomes']} outcomes, "
        f"all right; {row['outcomes'] / row['seconds']:.0f} outcomes a second"
        for row in figures["runs"].values()
    ]
    return "\n".join(
        (*lines, f"a unit among many: {figures['growth']:.2f} x one among few (goal {GROWTH:.0f})")
    )
