"""Relays in a row: who speaks for which domains below us, and what goes up to the relay above us.

A relay that logs in here with its certificate may send in the name of its own domains, which are configured,
and gets what is for them. What is for any other domain goes up, where there is an above; what came from
there never goes back. It decides on no right: the table does, before this is asked.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.xmpp import reader
from bridge.xmpp.address import Address
from bridge.xmpp.ascent import Ascent
from bridge.xmpp.board import KEPT, Board
from bridge.xmpp.hooks import Identity
from bridge.xmpp.names import MESSAGE


@dataclass(slots=True)
class Levels:
    """The relays next to ours."""

    board: Board | None = None
    ascent: Ascent | None = None
    _relays: dict[str, str] = field(default_factory=dict)

    def take(self, below: Mapping[str, tuple[str, ...]]) -> None:
        """Know the relays below, each LFDI with the domains that it speaks for."""
        self._relays = {domain.lower(): lfdi for lfdi, domains in below.items() for domain in domains}

    def speaks(self, who: Identity, said: Address) -> bool:
        """Whether somebody may send in the name of another."""
        return bool(who.lfdi) and self._relays.get(said.domain, "").upper() == who.lfdi

    def elsewhere(self, who: Identity, to: Address, raw: bytes) -> bool:
        """Take a stanza for somebody of another domain, and say whether that was done."""
        board, now = self.board, time.time()
        if board is None or to.domain == board.domain:
            return False
        if lfdi := self._relays.get(to.domain):
            return lfdi.upper() != who.lfdi and self._down(board, f"{lfdi.lower()}@{board.domain}", raw, now)
        return bool(who.lfdi) and self.ascent is not None and self.ascent.pass_up(raw, now)

    def _down(self, board: Board, bare: str, raw: bytes, now: float) -> bool:
        """Hand a stanza to a relay below, or keep a message until it is there."""
        if (session := board.best(bare)) is not None:
            return not board.custody.deliver(session, raw, now)
        stanza = reader.read(raw)
        if stanza.name != MESSAGE or stanza.kind not in KEPT:
            return False
        return not board.custody.keep(bare, raw, now, now + board.limits.expiry)
