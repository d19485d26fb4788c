"""A request for many meters as it is kept: what is said, to whom, by whom, with the row that holds it whole.

It is the same whichever door it came by. A request is written once and never changed; how far it has got is
in a small row beside it. Addresses are kept in the order in which they were sent. Nothing is decided here.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from bridge.sep2 import ours
from bridge.sep2.shelf import Row
from models.der import messages

Word: TypeAlias = messages.Price | messages.Notice
KINDS: dict[str, type[Word]] = {"Price": messages.Price, "Notice": messages.Notice}
TYPE, STATE, KEY = "Request", "RequestState", "RequestKey"
ENDLESS = 0xFFFF_FFFF
"""Duration of what holds until it is changed: the longest there is."""
SHORT = 16
"""Digits of a digest in a name."""


class Address(NamedTuple):
    """One meter, or one device where an operator names it itself."""

    esiid: str = ""
    serial: str = ""
    mac: str = ""
    device: str = ""
    """LFDI."""


class Asked(NamedTuple):
    """What somebody asks for."""

    entity: str
    """Who asks."""
    id: str
    """Its own name for the request; none where it gave none."""
    message: Word
    to: tuple[Address, ...]
    digest: str
    """Of all that was said, but for what the sender calls it."""
    block: str
    """Of what is to be told, without to whom."""
    urgency: str = "M"
    callback: str = ""
    cancels: bool = False
    endless: bool = False
    lost: tuple[str, ...] = ()
    """What goes no further than this record, with the reason."""

    @property
    def audience(self) -> str:
        """A digest of the addresses."""
        return digest(self.to)


def digest(*parts: object) -> str:
    """Give a digest of anything JSON can say."""
    return sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def number(word: Word) -> int:
    """Give the number that its source gave a price or a text."""
    found = word.issuerEvent if isinstance(word, messages.Price) else word.number
    return found or 0


def row(asked: Asked, at: int, name: str, href: str) -> Row:
    """Give the row that holds a request whole."""
    said = {
        **{key: value for key, value in asked._asdict().items() if key != "message"},
        "id": name,
        "kind": type(asked.message).__name__,
        "to": [list(one) for one in asked.to],
    }
    record = asked.message.model_dump_json(exclude_none=True).encode()
    return Row(href, ours.REQUESTS, TYPE, ours.body(said), mark="", rank=f"{at:012d}", at=at, record=record)


def read(held: Row) -> Asked:
    """Give the request that a row holds."""
    said = ours.read(held)
    word = KINDS[said.pop("kind")].model_validate_json(held.record)
    said["to"] = tuple(Address(*one) for one in said["to"])
    return Asked(**{**said, "message": word, "lost": tuple(said["lost"])})
