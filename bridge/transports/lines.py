"""The hall of those that speak IEEE 2030.5: what all their requests share, and what is remembered of them.

Devices say the same again and again, so a head that passed is not judged anew, and the bytes of a plain
request say what it asks for. It holds no request; who is connected is the hall's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.transports import heads
from bridge.transports.forwarded import Direct, Forwarded, Proxies
from bridge.transports.hall import Hall
from bridge.transports.line import Line, Noting, Plain

if TYPE_CHECKING:
    from bridge.transports.heads import Head
    from bridge.transports.limits import Limits
    from bridge.transports.office import Office
    from bridge.transports.tls import Guard
    from bridge.transports.wire import Wire

SPELLINGS, SPELLING = 4096, 1024
"""How many spellings of plain requests, and of heads, are remembered, and how long one is at most."""


class Lines(Hall):
    """The house of lines."""

    def __init__(
        self, guard: Guard, office: Office, limits: Limits, proxies: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(guard, limits, self._line)
        self._proxies = Proxies(guard, proxies, limits)
        self.pages = office.pages
        self.dates = office.dates
        self.now = office.now
        self.serve = office.serve
        self.mark = office.mark
        self.plain: dict[bytes, Plain] = {}
        self.noting: Noting | None = None
        self.office = office
        self._heads: dict[bytes, Head] = {}

    def learn(self, raw: bytes, plain: Plain) -> None:
        """Remember what the bytes of a plain request ask for."""
        if len(raw) <= SPELLING:
            if len(self.plain) >= SPELLINGS:
                self.plain.clear()
            self.plain[raw] = plain

    def judge(self, data: bytes) -> Head:
        """Judge a head; the verdict on one that passes is remembered, as devices say the same again."""
        if (head := self._heads.get(data)) is not None:
            return head
        head = heads.judge(data, self.limits)
        if len(data) <= SPELLING and head.fault is None and not head.mark:
            if len(self._heads) >= SPELLINGS:
                self._heads.clear()
            self._heads[data] = head
        return head

    async def stop(self, grace: float) -> None:
        """End idle connections now, the others after their answers, and what is left after the grace."""
        self.office.stopping = True
        await super().stop(grace)
        await self.office.close()

    def _line(self, wire: Wire) -> Line:
        """A line for a client, or for a proxy that forwards those of others."""
        if not self._proxies.lfdis:
            return Line(self, wire)
        if wire.peer.lfdi in self._proxies.lfdis:
            return Forwarded(self, wire, self._proxies)
        return Direct(self, wire)
