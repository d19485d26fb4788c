"""Where a connection comes from: what connections are counted by before anybody is known.

An IPv4 address, or a network of IPv6, since whoever has one address there has 2**64. Nothing is looked up,
and no name is resolved.
"""

from __future__ import annotations

import socket


def network(name: tuple[str, ...] | None) -> bytes:
    """Give the address or network of a peer's name, as a socket gives it."""
    if not name:
        return b""  # gone already
    family, size = (socket.AF_INET6, 8) if ":" in name[0] else (socket.AF_INET, 4)
    return socket.inet_pton(family, name[0].partition("%")[0])[:size]
