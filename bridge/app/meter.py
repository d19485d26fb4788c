"""What `/metrics` tells, summed over all workers: requests, connections, pages, notifications, rounds.

Workers share their figures through files in a folder that PROMETHEUS_MULTIPROC_DIR names; it must be set
before this file is imported. What is counted elsewhere without ceremony, as answers from kept pages, is
taken over once a second. Counts nothing by certificate or address: labels are few and known.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

MEDIA = CONTENT_TYPE_LATEST
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE"})
SPANS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
GAUGES: Mapping[Literal["livesum", "livemostrecent"], Mapping[str, str]] = {
    "livesum": {
        "connections": "Open TLS connections.",
        "pages": "Answers kept.",
        "page_bytes": "Bytes of the answers kept.",
        "outbox": "Notifications that wait to be sent.",
        "facilities": "Units behind the relay that are there.",
    },
    "livemostrecent": {
        "revocation_age_seconds": "Seconds since what is known of revoked certificates was last known to be "
        "current; -1 where nothing is known.",
    },
}
"""Figures by how those of several workers become one."""
TALLIES = {
    "kept": "Answers given from kept pages, without asking the store.",
    "removed": "Rows that retention removed.",
    "rounds": "Rounds of the keeper.",
    "decisions_lost": "Refusals that the decision log had no room for while nothing could be written.",
}


COUNTED = (
    ("notifications", "Notifications by what became of them.", "outcome"),
    ("facility", "What units behind the relay told: reports that came, what was taken of them.", "what"),
    ("orders", "Orders to units, by what became of each try.", "outcome"),
    ("pushes", "Notices to endpoints, by what became of each try.", "outcome"),
)
"""Counters with one label: name, what it counts, the label."""


class Meter:
    """The figures of one worker."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "derbridge_requests", "Requests answered.", ("door", "method", "status"), registry=registry
        )
        self.seconds = Histogram(
            "derbridge_request_seconds",
            "Seconds from the whole request to its answer, kept pages left out.",
            ("door",),
            buckets=SPANS,
            registry=registry,
        )
        self.notices, self.facility, self.orders, self.pushes = (
            Counter(f"derbridge_{name}", text, (label,), registry=registry) for name, text, label in COUNTED
        )
        self.decisions = Counter("derbridge_decisions", "Decisions.", ("allowed", "hop"), registry=registry)
        self.gauges = {
            name: Gauge(f"derbridge_{name}", text, registry=registry, multiprocess_mode=mode)
            for mode, gauges in GAUGES.items()
            for name, text in gauges.items()
        }
        self.tallies = {
            name: Counter(f"derbridge_{name}", text, registry=registry) for name, text in TALLIES.items()
        }
        self._seen: dict[str, int] = {}
        self._kinds: dict[tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}

    def answered(self, door: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        kind = door, method if method in METHODS else "other", status
        found = self._kinds.get(kind)
        if found is None:
            counted = self.requests.labels(door, kind[1], str(status))
            found = self._kinds[kind] = counted.inc, self.seconds.labels(door).observe
        found[0]()
        found[1](seconds)

    def decided(self, hop: str, *, allowed: bool) -> None:
        """Count a decision on access."""
        self.decisions.labels("yes" if allowed else "no", hop).inc()

    def show(self, gauges: Mapping[str, float]) -> None:
        """Take figures over as they are now."""
        for name, value in gauges.items():
            self.gauges[name].set(value)

    def tally(self, name: str, total: int) -> None:
        """Take over a figure that only grows, from whoever counts it."""
        self.tallies[name].inc(total - self._seen.get(name, 0))
        self._seen[name] = total

    @contextmanager
    def timed(self, observe: Callable[[float], None]) -> Iterator[None]:
        """Tell someone how long it took."""
        began = perf_counter()
        try:
            yield
        finally:
            observe(perf_counter() - began)

    def text(self) -> bytes:
        """The figures of all workers, as Prometheus reads them."""
        if not os.environ.get(FOLDER):
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def dead(pid: int) -> None:
    """Take the gauges of a worker that ended out of the sum."""
    if os.environ.get(FOLDER):
        mark_process_dead(pid)  # type: ignore[no-untyped-call]
