"""Tells who is connected to the relay of each revocation: a sealed notice from the relay's own address.

Companies that only connect outwards learn of it in the second in which it happens, and go by the seal, not by
the connection. Who logs in later is told the last one, and sees by its edition whether something was missed.
What a notice says, and how it is read, is in `bridge.trust.notice`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bridge.app.roll import Notice
from bridge.trust import notice as wire
from bridge.trust.notice import Sealer
from bridge.trust.revoked import Change

NAMESPACE = "urn:derbridge:revocation"
AT_ONCE = 200
"""Sessions that are told in one turn; others come in between."""


class Teller(Protocol):
    """The relay, as far as it is needed here."""

    @property
    def domain(self) -> str:
        """Its address."""
        ...

    def listening(self) -> list[str]:
        """Give the full addresses of those who are to be told."""
        ...

    def tell(self, to: str, raw: bytes) -> None:
        """Send a message of the relay's own."""
        ...


@dataclass(slots=True)
class Herald:
    """Who tells."""

    teller: Teller
    sealer: Sealer
    now: Callable[[], int]
    chance: Callable[[int], bytes]
    last: Change = field(default_factory=lambda: Change(0, 0))
    told: int = 0
    """Notices sent."""

    async def hear(self, notice: Notice) -> None:
        """Tell everybody of a change."""
        self.last = Change(notice.edition, notice.since, notice.added, notice.removed, notice.told)
        text = self._sealed()
        for count, to in enumerate(self.teller.listening(), 1):
            self._tell(to, text)
            if not count % AT_ONCE:
                await asyncio.sleep(0)

    def greet(self, to: str) -> None:
        """Tell somebody who has just come what the last change was."""
        if self.last.edition:
            self._tell(to, self._sealed())

    def _sealed(self) -> str:
        return wire.sealed(self.last, self.sealer, self.now(), self.chance(16))

    def _tell(self, to: str, text: str) -> None:
        self.told += 1
        self.teller.tell(to, stanza(self.teller.domain, to, text, self.last.edition))


def stanza(domain: str, to: str, text: str, edition: int) -> bytes:
    """The message that carries a notice."""
    head = f"<message from={_quoted(domain)} to={_quoted(to)} id='edition-{edition}' type='headline'>"
    return f"{head}<notice xmlns='{NAMESPACE}'>{text}</notice></message>".encode()


def _quoted(address: str) -> str:
    """An address as the value of an attribute."""
    for sign, name in (("&", "amp"), ("<", "lt"), ('"', "quot"), ("'", "apos")):
        address = address.replace(sign, f"&{name};")
    return f"'{address}'"
