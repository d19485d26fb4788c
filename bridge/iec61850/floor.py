"""What the services of a server work on: its picture, its neighbours, its rights, its ear for notes.

One is made with the server and handed to each service. A neighbour that is not there has no objects: its
blocks cannot be written, its services are not listed. Never decides for a peer what `allowed` has not said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bridge.iec61850.hooks import Access, Blocks, Clear, Controls, Party, Services, Written
from bridge.iec61850.image import DataSet, Image, constraint
from bridge.iec61850.peer import Peer
from bridge.iec61850.sealing import anything
from bridge.iec61850.shape import Value


class Note(NamedTuple):
    """Something for the log: who, what happened in one word, and the reason."""

    peer: Peer
    what: str
    why: str


class Identity(NamedTuple):
    """What a server says of itself."""

    vendor: str = "derbridge"
    model: str = "derbridge"
    revision: str = "0"


OURS = Identity()
Defined = Callable[[str, str, DataSet | None], None]
"""Told when a client defines a data set of a domain, or deletes one (None): domain, name, data set."""
Journals = Callable[[str], tuple[str, ...]]
"""The journals of a domain."""


def nobody(_peer: Peer, _service: str, _reference: str, _value: Value | None) -> bool:
    """Allow nothing."""
    return False


def unheard(_note: Note) -> None:
    """Let a note go."""


@dataclass(frozen=True, slots=True)
class Floor:
    """All that services are given."""

    image: Image
    allowed: Access = nobody
    written: Written | None = None
    reports: Blocks | None = None
    logs: Blocks | None = None
    controls: Controls | None = None
    journals: Journals | None = None
    services: Services | None = None
    defined: Defined | None = None
    note: Callable[[Note], None] = unheard
    identity: Identity = OURS
    clear: Clear = anything
    parties: tuple[Party, ...] = ()

    def may(self, peer: Peer, service: str, reference: str, value: Value | None = None) -> bool:
        """Whether a peer may have a service on a reference; a refusal is noted."""
        fine = self.allowed(peer, service, reference, value)
        if not fine:
            self.note(Note(peer, "denied", f"{service} {reference}".rstrip()))
        return fine

    def covered(self, peer: Peer, service: str, *, sealed: bool) -> bool:
        """Whether a service came as it has to: sealed, or in clear where that will do; a refusal is noted."""
        fine = sealed or self.clear(peer, service)
        if not fine:
            self.note(Note(peer, "denied", f"{service} in clear"))
        return fine

    def blocks(self, item: str) -> Blocks | None:
        """Whoever owns the control blocks that an item is of."""
        return {"RP": self.reports, "BR": self.reports, "LG": self.logs}.get(constraint(item))

    def leaf(self, peer: Peer, domain: str, item: str) -> Value:
        """The value of one leaf as this peer may see it."""
        owner = self.blocks(item)
        return self.image.domains[domain].leaves[item] if owner is None else owner.read(peer, domain, item)

    def acting(self) -> tuple[Party, ...]:
        """Whoever acts by itself."""
        known = (self.reports, self.controls, self.logs, *self.parties)
        return tuple(dict.fromkeys(party for party in known if party is not None))
