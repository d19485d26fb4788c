"""Requests forwarded by a proxy that has ended TLS in our place: whose they are, by a chain it passes on.

RFC 9440: Client-Cert has the client's certificate, Client-Cert-Chain those above it. The proxy is known by
its own certificate on the connection, and believed in one thing: that its client has proved to hold the key.
The chain is verified here as in a handshake, and asked about at each request. Off unless proxies are named.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections import Counter
from typing import TYPE_CHECKING

from bridge.transports import path, tls
from bridge.transports.faults import Fault
from bridge.transports.line import Line
from bridge.trust.terms import MOST

if TYPE_CHECKING:
    from bridge.sep2.talk import Peer
    from bridge.transports.heads import Head
    from bridge.transports.limits import Limits
    from bridge.transports.line import House
    from bridge.transports.tls import Guard, Seen
    from bridge.transports.wire import Wire

BINARY = re.compile(r":((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?):")
"""A byte sequence of RFC 8941."""
REMEMBERED = 4_096
"""Chains whose verdict is kept while we trust the same roots."""
Shown = tuple[str, str]
"""Both fields as they were sent."""


class Proxies:
    """The proxies of one listener."""

    def __init__(self, guard: Guard, lfdis: frozenset[str], limits: Limits) -> None:
        self.lfdis = lfdis
        self._guard, self._limits = guard, limits
        self._known: dict[tuple[int, Shown], Seen] = {}
        self._busy: Counter[str] = Counter()

    def peer(self, shown: Shown | None, now: float) -> Peer:
        """Say whose a request is; Fault where that is not proved."""
        if shown is None:
            raise Fault(403, "the proxy forwards no certificate", soft=True)
        try:
            seen = self._seen(shown)
            self._guard.admit(seen.peer)
        except (ValueError, path.Unverified, tls.Refused) as fault:
            raise Fault(403, f"the certificate that is forwarded is refused: {fault}", soft=True) from fault
        if now >= seen.ends:
            raise Fault(403, "the certificate that is forwarded has ended", soft=True)
        return seen.peer

    def enter(self, lfdi: str) -> None:
        """Count a request in; Fault where as many of that client's are being answered as it may have."""
        if self._busy[lfdi] >= self._limits.peer:
            raise Fault(503, "too many of one peer", soft=True)
        self._busy[lfdi] += 1

    def leave(self, lfdi: str) -> None:
        """Count a request out."""
        self._busy[lfdi] -= 1
        if not self._busy[lfdi]:
            del self._busy[lfdi]

    def _seen(self, shown: Shown) -> Seen:
        """What a chain tells; one that passed is not verified again as long as we trust the same roots."""
        key = self._guard.edition, shown
        if (seen := self._known.get(key)) is None:
            found = path.verified(self._guard.context, chain(shown))
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            seen = self._known[key] = self._guard.known(found)
        return seen


class Forwarded(Line):
    """The requests of a proxy's connection, each of whichever client it is."""

    __slots__ = ("_proxies", "_whose")

    def __init__(self, house: House, wire: Wire, proxies: Proxies) -> None:
        super().__init__(house, wire)
        self._proxies = proxies
        self._whose: Peer | None = None

    @property
    def peer(self) -> Peer:
        """Whose request is being answered; the proxy's own name while that is not known."""
        return self._whose or self.wire.peer

    @property
    def by(self) -> str:
        """LFDI of the proxy."""
        return self.wire.peer.lfdi

    def answered(self, data: bytes, *, close: bool) -> None:
        """Send an answer, and go on with what came in meanwhile."""
        if self._whose is not None:
            self._proxies.leave(self._whose.lfdi)
            self._whose = None
        super().answered(data, close=close)

    def _vetted(self, head: Head, now: float) -> None:
        """Say whose a request is, and count it in."""
        whose = self._proxies.peer(head.shown, now)
        self._proxies.enter(whose.lfdi)
        self._whose = whose


class Direct(Line):
    """The requests of anybody else where there are proxies: what only a proxy may say is not passed over."""

    __slots__ = ()

    def _vetted(self, head: Head, now: float) -> None:
        """Refuse a certificate that is forwarded by nobody who may."""
        del now
        if head.shown is not None:
            raise Fault(400, "a certificate is forwarded, but not by a proxy")


def chain(shown: Shown) -> list[bytes]:
    """The certificates of both fields, leaf first; ValueError where they are not written as RFC 9440 says."""
    leaf, above = shown
    parts = [leaf, *re.split(r"[ \t]*,[ \t]*", above)] if above else [leaf]
    found = [BINARY.fullmatch(one) for one in parts]
    if len(parts) > MOST or not all(found):
        raise ValueError("it is not written as RFC 9440 says")
    return [b64decode(one[1], validate=True) for one in found if one]
