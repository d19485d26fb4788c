"""How many connections there are: in all, and from each network. Whoever is one too many is not let in.

What counts as a network is said in origin.py. It knows no protocol and closes nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.transports.limits import Limits


class Census:
    """The connections of one listener."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.networks: Counter[bytes] = Counter()
        self.count = 0

    def enter(self, network: bytes) -> str:
        """Count a connection in, or say why there is no room for it."""
        if self.count >= self._limits.connections:
            return "too many"
        if self.networks[network] >= self._limits.address:
            return "too many of one address"
        self.networks[network] += 1
        self.count += 1
        return ""

    def leave(self, network: bytes) -> None:
        """Count a connection out."""
        self.count -= 1
        self.networks[network] -= 1
        if not self.networks[network]:
            del self.networks[network]
