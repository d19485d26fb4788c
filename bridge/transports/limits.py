"""How much of what a client may take of the listener, and for how long.

Deadlines are in seconds, sizes in bytes. A client over a limit gets the status that HTTP has for it (RFC
9110: 408, 413, 414, 431) and is let go. Figures only; who holds them to it is line.py and wire.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults that suit inverters and aggregators that poll."""

    first: float = 10.0
    """From the connection to the end of the handshake and of the first head."""
    head: float = 10.0
    """From the first byte of a head to its last."""
    body: float = 10.0
    """For a body of any size; a longer one earns time at `rate`."""
    rate: int = 500
    """Least bytes a second of a body."""
    idle: float = 900.0
    """Between two requests: a device that polls each five minutes keeps its connection."""
    stall: float = 30.0
    """For a client to take what it was sent, once it does not keep up."""
    linger: float = 2.0
    """For a client to take the last answer and close, once we did."""
    line: int = 8_190
    """A request line; as much as the parser underneath takes."""
    whole: int = 16_384
    """A head, request line included."""
    fields: int = 100
    """Header fields."""
    content: int = 1_048_576
    """A body, decoded."""
    ahead: int = 65_536
    """What is read of further requests while one is being answered."""
    peer: int = 64
    """Connections of one LFDI: beyond them the one that was idle longest is closed."""
    address: int = 4_000
    """Connections from one IPv4 address or IPv6 network of 64 bits: many share one behind a gateway."""
    connections: int = 20_000
    """Connections in all."""
