"""The relay's part of `/metrics`: sessions, stanzas, bytes, what was refused and why, what waits.

What the board and the listener count without ceremony is taken over once a second. Labels are few and known:
conditions of RFC 6120 and reasons of ours, never an address or a certificate.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter, Gauge

from bridge.app.meter import Meter
from bridge.xmpp.hooks import Figures

TALLIES = {
    "logins": "Logins.",
    "resumed": "Sessions that were resumed (XEP-0198).",
    "stanzas": "Stanzas taken from clients.",
    "routed": "Stanzas passed on, or kept for somebody.",
    "octets": "Bytes of these.",
    "held": "Messages kept for somebody who was not there.",
    "expired": "Messages that nobody came for in time.",
}
"""Plain numbers of the board that only grow."""
REASONS = {
    "refused": "Stanzas answered with an error, by its condition.",
    "broken": "Streams ended with an error, by its condition.",
    "rejected": "Logins refused, by the condition.",
}
"""Numbers of the board by reason."""
GAUGES = {
    "sessions": "Sessions, those that wait to be resumed among them.",
    "connections": "Open connections.",
    "queue": "Stanzas that wait for somebody, or are not confirmed.",
    "queue_bytes": "Bytes of these.",
}


class Shown:
    """The relay's figures of one worker."""

    def __init__(self, meter: Meter) -> None:
        made = meter.registry
        self._tallies = {
            name: Counter(f"derbridge_relay_{name}", text, registry=made) for name, text in TALLIES.items()
        }
        self._reasons = {
            name: Counter(f"derbridge_relay_{name}", text, ("reason",), registry=made)
            for name, text in REASONS.items()
        }
        self._notices = Counter("derbridge_relay_notices", "Notices of revocation sent.", registry=made)
        self._gauges = {
            name: Gauge(f"derbridge_relay_{name}", text, registry=made, multiprocess_mode="livesum")
            for name, text in GAUGES.items()
        }
        self._seen: dict[tuple[str, str], int] = {}

    def show(self, figures: Figures, notices: int, now: Mapping[str, int]) -> None:
        """Take everything over as it is at this moment."""
        for name, counter in self._tallies.items():
            self._grow(counter, (name, ""), getattr(figures, name))
        for name, counter in self._reasons.items():
            for reason, count in getattr(figures, name).items():
                self._grow(counter.labels(reason), (name, reason), count)
        self._grow(self._notices, ("notices", ""), notices)
        for name, value in now.items():
            self._gauges[name].set(value)

    def _grow(self, counter: Counter, key: tuple[str, str], total: int) -> None:
        if more := total - self._seen.get(key, 0):
            counter.inc(more)
            self._seen[key] = total
