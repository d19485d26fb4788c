"""One report control block at work: its attributes, whose it is, what it gathers, what waits to be sent.

The attributes are leaves of the logical device and nowhere else, so that a read shows them as they are. What
follows from them is decided by the tables beside this file and by those who call it; a block asks nobody.
"""

from __future__ import annotations

from typing import cast

from bridge.iec61850.image import Domain, constraint
from bridge.iec61850.peer import Peer
from bridge.iec61850.rcb import fields
from bridge.iec61850.rcb.attributes import OWNER
from bridge.iec61850.rcb.gathering import Gathering
from bridge.iec61850.rcb.line import Queue, Shelf
from bridge.iec61850.rcb.members import Members
from bridge.iec61850.rcb.states import NEXT, REPORTING, Event, State
from bridge.iec61850.shape import Value


class Block:
    """A block of a logical device; `item` is as in `LLN0$BR$brcbStatus01`."""

    def __init__(self, domain: Domain, item: str) -> None:
        self.domain = domain
        self.item = item
        self.name = f"{domain.name}/{item}"
        self.kind = constraint(item)
        self.configured: dict[str, Value] = {}
        """Its settings before any client wrote to them."""
        self.state = State.FREE
        self.owner: Peer | None = None
        self.preset = ""
        """The client that the configuration has reserved it for."""
        self.expires: float | None = None
        """When the reservation of a client that is gone ends."""
        self.members: Members | None = None
        self.gathering = Gathering()
        self.periodic: float | None = None
        """When the next integrity report is due."""
        self.line: Queue | Shelf = Queue()
        self.again: float | None = None
        """When to try again, since what is kept could not be read."""
        self.resume: tuple[Peer, bytes] | None = None
        """After which entry its client wants to go on."""

    def __getitem__(self, attribute: str) -> Value:
        return self.domain.leaves[f"{self.item}${attribute}"]

    def __setitem__(self, attribute: str, value: Value) -> None:
        self.domain.leaves[f"{self.item}${attribute}"] = value

    def text(self, attribute: str) -> str:
        """An attribute that is a string or a bit string."""
        return cast("str", self[attribute])

    def whole(self, attribute: str) -> int:
        """An attribute that is a number."""
        return cast("int", self[attribute])

    @property
    def reporting(self) -> bool:
        """Whether it is enabled."""
        return self.state in REPORTING

    @property
    def awake(self) -> bool:
        """Whether it takes note of what happens: a buffered one always does."""
        return self.members is not None and (self.kind == "BR" or self.reporting)

    @property
    def triggers(self) -> frozenset[str]:
        """What it makes reports for."""
        return fields.names(self.text("TrgOps"), fields.TRIGGERS)

    @property
    def deadline(self) -> float | None:
        """When something is due by itself."""
        return min(
            (
                at
                for at in (self.gathering.deadline, self.periodic, self.expires, self.again)
                if at is not None
            ),
            default=None,
        )

    def foreign(self, peer: Peer) -> bool:
        """Whether it is kept for another client than this one."""
        if self.preset and self.preset not in {peer.jid, peer.jid.partition("/")[0], peer.lfdi}:
            return True
        if self.state is State.WAITING:
            return self.owner is not None and self.owner.jid != peer.jid
        return self.owner is not None and self.owner != peer

    def move(self, event: Event, peer: Peer | None = None) -> None:
        """Go to the next state; `peer` is the client that makes it so."""
        after = NEXT[self.kind].get((self.state, event), self.state)
        if after is State.FREE:
            self.owner = None
        elif peer is not None:
            self.owner = peer
        if after is not State.WAITING:
            self.expires = None
        self.state = after
        self._shown()

    def _shown(self) -> None:
        """Show it in the attributes."""
        self["RptEna"] = self.reporting
        self["Owner"] = self.owner.jid.encode()[:OWNER] if self.owner else self.preset.encode()[:OWNER]
        if self.kind == "RP":
            self["Resv"] = self.state is not State.FREE
        elif self.state is State.FREE:
            self["ResvTms"] = 0
