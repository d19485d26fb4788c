"""How much of what a client may take of the relay's listener, and for how long.

Times in seconds, sizes in bytes. What a session may have is in `bridge.xmpp.hooks.Limits`; here is what a
connection may. Figures only; who holds them to it is relay.py, clear.py and berth.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Defaults that suit sites that stay connected for months."""

    login: float = 20.0
    """From the connection to a session."""
    idle: float = 300.0
    """Of silence, before a client is asked whether it is there."""
    answer: float = 60.0
    """For it to say anything at all then."""
    stall: float = 30.0
    """For a client to take what it was sent, once it does not keep up."""
    linger: float = 2.0
    """For a client to close, once we did."""
    hold: float = 0.25
    """How long a sender waits for a recipient that does not keep up; then others come first."""
    full: int = 262_144
    """Unsent bytes from which a client does not keep up."""
    choked: int = 4_194_304
    """Unsent bytes from which it gets nothing more, and who sends to it is told."""
    rate: float = 8_388_608.0
    """Bytes a second that a client may send for long; 0 for no bound."""
    burst: float = 16_777_216.0
    """Bytes that it may send at once."""
    address: int = 1_000
    """Connections from one IPv4 address or IPv6 network of 64 bits: many share one behind a gateway."""
    connections: int = 20_000
    """Connections in all."""
