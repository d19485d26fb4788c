"""Reports of a unit on their way in: kept in their order, read by the types of their data set, made whole.

IEC 61850-7-2 reports. What is no report of a block that is ours, or not as its types say, is named and left
aside. Where some are missing, or more come than can wait, everything is to be asked for. Stores nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from bridge.app.facility.blocks import Enabled
from bridge.iec61850 import image, received, termination
from bridge.iec61850.received import Malformed, Received
from bridge.iec61850.shape import Value
from models.mms import pdu
from models.mms.codes import DataAccessError

WAITING = 10_000
"""Reports that may wait: as many as a block of ours keeps."""
LOG = structlog.get_logger("derbridge")


class Told(NamedTuple):
    """A whole report: the block, the entry of a buffered one, and values by leaf."""

    path: str
    entry: bytes
    leaves: dict[str, Value]


@dataclass(slots=True)
class Ear:
    """Of one association."""

    lfdi: str
    left: Callable[[str, str], None]
    """Told what was not taken, and why."""
    doubt: Callable[[str], None] = lambda _what: None
    """Told of a report that is not as its data set's types say."""
    blocks: dict[str, Enabled] = field(default_factory=dict)
    """By RptID."""
    came: asyncio.Event = field(default_factory=asyncio.Event)
    overrun: bool = False
    """Whether reports are missing."""
    _queue: deque[pdu.Unconfirmed_PDU] = field(default_factory=deque)

    def listen(self, blocks: Iterable[Enabled]) -> None:
        """Take the reports of some blocks, also those that came before this was known."""
        self.blocks = {each.name: each for each in blocks}

    def hear(self, unit: pdu.Unconfirmed_PDU) -> None:
        """Take a report; what is about a control is none of ours."""
        if termination.read(unit) is not None:
            return
        if len(self._queue) >= WAITING:
            self.overrun = True
            return
        self._queue.append(unit)
        self.came.set()

    def some(self, most: int) -> list[Told]:
        """The next reports that are whole; nothing where none waits."""
        found: list[Told] = []
        while self._queue and len(found) < most:
            told = self._whole(self._queue.popleft())
            if told is not None:
                found.append(told)
        return found

    def _whole(self, unit: pdu.Unconfirmed_PDU) -> Told | None:
        """A report that is whole; None, and a word, for others."""
        try:
            block = self.blocks.get(received.read(unit.informationReport).RptID)
            part = received.read(unit.informationReport, block.types) if block else None
        except Malformed as error:
            self.left("report", str(error))
            self.doubt(f"report: {error}")
            return None
        whole = block.reception.take(part) if block and part else None
        if whole is None or block is None:
            return None
        self._lacking(block, whole)
        entry = whole.EntryID if block.kind == "BR" else None
        return Told(block.path, entry or b"", self._leaves(block, whole))

    def _leaves(self, block: Enabled, whole: Received) -> dict[str, Value]:
        leaves: dict[str, Value] = {}
        for each in whole.items:
            item = block.members[each.place]
            if isinstance(each.value, DataAccessError):
                self.left(item, each.value.name)
            else:
                leaves |= dict(image.scattered(block.types[each.place], item, each.value))
        return leaves

    def _lacking(self, block: Enabled, whole: Received) -> None:
        """Have everything asked for where reports are missing."""
        if whole.missed or whole.BufOvfl:
            self.overrun = True
            LOG.warning(
                "reports missed", part="facility", lfdi=self.lfdi, block=block.path, missed=whole.missed,
                overflow=bool(whole.BufOvfl),
            )  # fmt: skip
