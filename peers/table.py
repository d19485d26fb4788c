"""The peers, one row each. To add one, write a function and name it in a row; nothing else is needed.

The function takes the row's arguments and returns a dictionary: `ok` (bool, required) and the figures to
be reported under any other key, as plain JSON values. An exception counts as not ok, and its text is
reported. A peer which this machine lacks raises `Missing` with what is missing: it is named as missing,
and fails the run under `--strict`.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple


class Missing(Exception):
    """What the peer needs is not on this machine."""


class Peer(NamedTuple):
    """A peer's name, and the function that runs it; the module is imported only when the peer runs."""

    name: str
    module: str
    function: str
    arguments: tuple[str, ...] = ()
    beside: bool = False
    """Whether it mostly waits, so that it runs beside the others."""


def share(count: int) -> int:
    """The part of a long run's count that DERBRIDGE_EXAMPLES asks for, out of 1,000."""
    return max(1, count * int(os.environ.get("DERBRIDGE_EXAMPLES") or 1000) // 1000)


PEERS = (
    Peer("nsd", "peers.nsd", "run"),
    Peer("roundtrip", "peers.roundtrip", "run"),
    Peer("rules", "peers.rules", "run"),
    Peer("points", "peers.points", "run"),
    Peer("verdicts", "peers.verdicts", "run"),
    Peer("openapi", "peers.openapi", "run"),
    Peer("wsse", "peers.wsse", "run"),
    Peer("soap", "peers.soap", "run"),
    Peer("tariff", "peers.tariff", "run"),
    Peer("market", "peers.market", "run", ("10000",)),
    Peer("scl", "peers.scl", "run"),
    Peer("physics", "peers.physics", "run"),
    Peer("sslyze", "peers.sslyze", "run"),
    Peer("store", "peers.store", "run"),
    Peer("relays", "peers.relays.run", "run"),
    Peer("clients", "peers.relays.clients", "run"),
    Peer("served", "peers.relays.served", "run", beside=True),
    Peer("crash", "peers.crash", "run", ("100",)),
    Peer("killed", "peers.killed", "run", ("50",)),
    Peer("pump", "peers.pump", "run", ("100",)),
    Peer("scenario", "peers.scenario", "run", ("200",), beside=True),
    Peer("cactus", "peers.cactus", "run", beside=True),
    Peer("adapter", "peers.adapter", "run", beside=True),
    Peer("browser", "peers.browser", "run", beside=True),
    Peer("py20305", "peers.py20305", "run", beside=True),
    Peer("wheel311", "peers.wheel", "alone", ("3.11",)),
    Peer("wheel312", "peers.wheel", "alone", ("3.12",)),
    Peer("wheel313", "peers.wheel", "alone", ("3.13",)),
)

if __name__ == "__main__":
    sys.stdout.write(" ".join(peer.name for peer in PEERS if peer.name not in sys.argv[1:]) + "\n")
