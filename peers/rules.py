"""The event rules of the core against a second, naive reading of them, on 5,000 programmes in time-lapse.

`tests/core/naive.py` asks at each second which event wins and what is told; `tests/core/lapse.py` compares.
A difference ends the run with the smallest programme that shows it. Judges the core, no wire.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.core.lapse import lapse
from tests.core.programmes import PROGRAMMES, Line

COUNT = 5_000


def run(count: str | int = 0) -> dict[str, Any]:
    """Compare on so many programmes, 5,000 when none is named, and give how much was compared."""
    most = int(count) or int(os.environ.get("DERBRIDGE_EXAMPLES") or COUNT)
    found: Counter[str] = Counter()

    @settings(max_examples=most, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(PROGRAMMES)
    def compare(programme: tuple[Line, ...]) -> None:
        found.update(programmes=1, lines=len(programme), comparisons=lapse(programme))

    compare()
    return {"ok": found["programmes"] >= most, "differences": 0, **found}


if __name__ == "__main__":
    json.dump(run(*sys.argv[1:]), sys.stdout, indent=2)
