"""What a unit of an adapter tells, brought into the store as the device's own word.

By the door that units behind the relay use (`bridge.app.facility.voice`), so access, checks, notifications
and the archive are those of every device. A reading goes in when it has left its dead band, a status at each
change and from time to time. What is not taken is in the log once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

import structlog

from bridge.app.facility import mirrored
from bridge.app.facility.band import beyond
from bridge.app.facility.mirrored import Figure
from bridge.app.facility.moved import moved
from bridge.app.facility.telemetry import AGAIN, TOLD
from bridge.app.facility.voice import Unheard, Voice, kept
from models import kit
from models.der import messages

REFRESH = 300.0
"""Seconds after which a status is told again that has not changed."""
ONE = Decimal(1)
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True)
class Word:
    """Of one unit."""

    voice: Voice
    clock: Callable[[], float]
    counted: Callable[[str, int], None] = lambda _what, _count: None
    _told: dict[str, tuple[kit.Model, float]] = field(default_factory=dict)
    _figures: dict[str, Figure] = field(default_factory=dict)
    _apart: set[tuple[str, str]] = field(default_factory=set)

    async def take(self, said: Iterable[messages.Message]) -> None:
        """Bring messages into the store, as far as they are worth it."""
        for one in said:
            if isinstance(one, messages.Reading):
                await self._read(one)
            else:
                await self._record(one)

    async def _read(self, record: messages.Reading) -> None:
        made = mirrored.figures(record, partial(self.voice.series, site=False), self.clock())
        fresh = [each for each in made if self._fresh(each)]
        if fresh:
            documents = [each.document for each in fresh]
            await self._heard(self.voice.read(documents, site=False), "readings", len(fresh))

    def _fresh(self, figure: Figure) -> bool:
        """Whether a figure is worth telling, and if so it is told from here on."""
        was = self._figures.get(figure.series)
        same = was is not None and was.flags == figure.flags
        if was is not None and same and not beyond(figure.unit, was.value, figure.value, ONE):
            return False
        self._figures[figure.series] = figure
        return True

    async def _record(self, record: Any) -> None:  # noqa: ANN401 - of one of three classes
        kind, now = type(record).__name__, self.clock()
        for part, document in TOLD[kind]:
            said = kept(record, part) if part else record
            if said is None:
                continue
            was, at = self._told.get(document, (None, 0.0))
            due = kind == AGAIN and now - at >= REFRESH
            if was is not None and not due and not moved(was, said, ONE):
                continue
            self._told[document] = said, now
            if kind == "Setting":
                said = said.model_copy(update={"updated": Decimal(int(now))})
            await self._heard(self.voice.put(said, document, again=kind == AGAIN), "documents", 1)

    async def _heard(self, saying: Awaitable[object], what: str, count: int) -> None:
        try:
            await saying
        except Unheard as why:
            if (what, str(why)) not in self._apart:
                self._apart.add((what, str(why)))
                LOG.warning(
                    "not taken", part="adapter", lfdi=self.voice.lfdi, what=what, reason=str(why)[:200]
                )
        else:
            self.counted(what, count)
