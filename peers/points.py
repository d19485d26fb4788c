"""Records to IEC 61850 points and back, many examples of each kind, and 2030.5 objects by way of the points.

The strategies are those of the tests; the figures say how many came back equal, how many were refused as they
must be, and how many 2030.5 objects have no point at all. A difference ends the run with the smallest record.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings

from bridge.mapping.iec61850 import coverage
from tests.mapping import fitting
from tests.mapping.rounds import KINDS, Wire, alone, there_and_back, wild, wires


def run(examples: int | None = None) -> dict[str, Any]:
    """Run every round trip with so many examples of each kind, and return the figures."""
    count = examples or int(os.environ.get("DERBRIDGE_EXAMPLES", "1000"))
    figures: Counter[str] = Counter()
    for kind in KINDS:
        _many(count, fitting.record(kind), partial(_fit, figures))
        _many(count, fitting.anything(kind), partial(_wild, figures))
    for case in wires():
        _many(count, case.strategy(), partial(_wire, case, figures))
    covered = coverage()
    return {
        "ok": covered["sound"], "examples": count, "kinds": len(KINDS), "wires": len(wires()), **figures,
        **{name: covered[name] for name in ("rows", "leaves", "carried", "lost", "percent")},
    }  # fmt: skip


def _many(count: int, strategy: Any, check: Callable[[Any], None]) -> None:  # noqa: ANN401 - any strategy
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def each(record: Any) -> None:  # noqa: ANN401 - any record
        check(record)

    each()


def _fit(figures: Counter[str], record: Any) -> None:  # noqa: ANN401 - any record
    there_and_back(record, fitting.BASES)
    if type(record).__name__ in ("Control", "Default", "Capability", "Setting", "Status", "Curve"):
        alone(record, fitting.BASES)
    figures["equal"] += 1


def _wild(figures: Counter[str], record: Any) -> None:  # noqa: ANN401 - any record
    figures["equal" if wild(record, fitting.BASES) else "refused"] += 1


def _wire(case: Wire, figures: Counter[str], record: Any) -> None:  # noqa: ANN401 - any record
    figures["wire_equal" if case.check(record, fitting.BASES) else "wire_without_points"] += 1
