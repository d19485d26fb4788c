"""Reports of devices as an aggregator hears them: blocks taken into use, values told, blocks given back.

A block that is free is taken for each data set, a buffered one first. Qualities and times go without saying.
At the end blocks are switched off and their reservation given up, so that nothing is kept for who has gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from bridge.app.facility import blocks, line, speech
from bridge.app.facility.blocks import Enabled
from bridge.app.facility.ear import Ear
from bridge.app.sim.aggregator import Aggregator
from bridge.app.sim.ending import Tell
from bridge.iec61850.discovery import Conversation
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.image import Domain
from bridge.iec61850.shape import Value
from models.mms import pdu

TOGETHER = 64
UNSAID = ("$q", "$t")
"""Ends of leaves that stand beside every value."""
SPARE: Mapping[str, Value] = {"BR": 0, "RP": False}
RESERVED: Mapping[str, str] = {"BR": "ResvTms", "RP": "Resv"}


@dataclass(slots=True)
class Listening:
    """One aggregator's reports."""

    hand: Aggregator
    tell: Tell
    _ears: list[tuple[Domain, Ear]] = field(default_factory=list)

    async def begin(self, domain: Domain) -> None:
        """Have a device report."""
        ear = Ear(self.hand.lfdi, lambda what, why: self.tell("unread", what=what, why=why))
        self._ears.append((domain, ear))
        taken = await self.hand.converse(blocks.enabled(domain, lambda _item: True, {}))
        ear.listen(taken)
        self.tell("reporting", device=domain.name, blocks=" ".join(one.path for one in taken))
        self._told(domain, ear)

    def hear(self, report: pdu.Unconfirmed_PDU) -> None:
        """Take a report, and tell it where its block is known."""
        for domain, ear in self._ears:
            ear.hear(report)
            if ear.blocks:
                self._told(domain, ear)

    def _told(self, domain: Domain, ear: Ear) -> None:
        for one in ear.some(TOGETHER):
            values = {item: value for item, value in one.leaves.items() if _said(item, value)}
            if values:
                self.tell("report", device=domain.name, values=values)

    async def end(self) -> None:
        """Give the blocks back, as far as the bridge can still be reached."""
        with suppress(line.Away, Refusal):
            for domain, ear in self._ears:
                for block in ear.blocks.values():
                    await self.hand.converse(_given(domain, block))


def _given(domain: Domain, block: Enabled) -> Conversation[None]:
    yield from speech.put(domain.name, domain.index, f"{block.path}$RptEna", False)
    spare = f"{block.path}${RESERVED[block.kind]}"
    if spare in domain.index.types:
        yield from speech.put(domain.name, domain.index, spare, SPARE[block.kind])


def _said(item: str, value: Value) -> bool:
    """Whether a leaf is worth a word: no quality, no time, no octets, no figure that is none."""
    return not item.endswith(UNSAID) and not isinstance(value, bytes) and value == value  # noqa: PLR0124 - a figure that is none differs from itself
