"""The session with one unit: an association that is opened again whenever it can be, and what the unit has.

Nothing here knows what is said over it: conversations are driven, reports are handed on. A unit that is away
is asked for again, later each time, with some chance in it so that not all come at once; its presence, a new
session of ours and a change of its row shorten the wait. One unit's trouble ends with its session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import structlog

from bridge.app.facility.edition import Edition
from bridge.app.facility.ground import Ground
from bridge.app.facility.line import Away, Line
from bridge.app.facility.model import Strange
from bridge.app.facility.unit import Unit
from bridge.iec61850.discovery import Conversation, Excess, Found
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.shape import Mismatch, OutOfRange
from bridge.transports.post import Incoming
from models.mms import pdu

__all__ = ["Away", "Session"]

T = TypeVar("T")
DOUBLINGS = 16
"""After so many failures the wait grows no more, whatever it is."""
LOG = structlog.get_logger("derbridge")


class Session:
    """The session with one unit."""

    def __init__(self, unit: Unit, ground: Ground, changed: Callable[[str, bool], None]) -> None:
        """`changed` is told whether the unit is there, each time that changes."""
        self.unit, self.found = unit, Found()
        self.device = ""
        """Name of the unit's logical device."""
        self.differences: tuple[str, ...] = ()
        """Where what it has is not what its file says."""
        self.there, self.why = False, "not asked yet"
        """Whether there is an association and its model is known; and why not."""
        self.excused: Callable[[str], None] = lambda _lfdi: None
        """Told when a unit that was away could not be reached for another reason than before."""
        self._ground, self._changed, self._excuse = ground, changed, ""
        self._edition: Edition | None = None
        """Of which it is taken to be, where its type was not asked for."""
        self._line: Line | None = None
        self._listeners: list[Callable[[pdu.Unconfirmed_PDU], None]] = []
        self._wake = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------------------------ what others may do

    async def converse(self, talk: Conversation[T]) -> T:
        """Drive a conversation to its end.

        A refusal of the unit is thrown into it; `Away` is raised where the unit cannot be reached or is lost,
        and then nobody knows what became of the last request.
        """
        if self._line is None:
            talk.close()
            raise Away(self.why)
        return await self._line.converse(talk)

    def reports(self, listener: Callable[[pdu.Unconfirmed_PDU], None]) -> Callable[[], None]:
        """Have each report told to a listener, until what this gives is called."""
        self._listeners.append(listener)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    # ------------------------------------------------------------------------------------- what the link says

    async def hear(self, said: Incoming) -> None:
        """Take what the unit tells unasked; what is of no association goes by."""
        if self._line is not None:
            await self._line.hear(said)

    def presence(self, *, there: bool) -> None:
        """Take that the unit has come, or gone."""
        if there:
            self._wake.set()
        elif self._line is not None:
            self._line.lose("it has gone")

    def lose(self, why: str) -> None:
        """Take that the association is over; it is asked for again at once."""
        if self._line is not None:
            self._line.lose(why)
        self._wake.set()

    # ------------------------------------------------------------------------------------------------- living

    def doubt(self, what: str) -> None:
        """Take that the unit is not made as others of its edition: it is begun anew, and browsed."""
        if self._edition is None:
            return
        LOG.warning("not of its edition", part="facility", lfdi=self.unit.lfdi, what=what[:200])
        self._ground.catalogue.doubt(self.unit, self._edition)
        self.lose(f"it is not made as others of its edition: {what}"[:200])

    def start(self) -> None:
        """Live from now on."""
        self._life = asyncio.create_task(self._live())

    async def close(self) -> None:
        """Conclude, and end."""
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)

    async def _live(self) -> None:
        failures = 0
        while True:
            self._wake.clear()
            lived = await self._once()
            failures = 0 if lived else failures + 1
            await self._pause(failures)

    async def _once(self) -> bool:
        """Have one association from beginning to end: whether it came to be of use."""
        self._line = line = Line(self._ground, self.unit, self._report)
        self._ground.endpoint.greet(self.unit.address, anew=True)  # no block is held for one that crashed
        try:
            await self._begin(line)
            self._turn(there=True, why="")
            self.why = await line.lost
        except (Away, Refusal, Excess, Strange, Mismatch, OutOfRange) as error:
            self.why = str(error) or type(error).__name__
        except asyncio.CancelledError:
            self.why = "closed"
            raise
        except Exception as error:
            self.why = type(error).__name__
            LOG.exception("a session broke", part="facility", lfdi=self.unit.lfdi)
        finally:
            lived = self.there
            self._turn(there=False, why=self.why)
            self._line = None
            await line.close()
            self._ground.endpoint.part(self.unit.address)
        return lived

    async def _begin(self, line: Line) -> None:
        """Open the association, and find out what the unit has."""
        await line.open()
        peer = self._ground.endpoint.house.known(self.unit.lfdi)
        issuer = peer.serials[0].issuer if peer.serials else b""
        found = await self._ground.catalogue.model(self.unit, issuer, self.converse)
        self.found, self.device, self.differences, self._edition = found
        line.strange = self.doubt if self._edition else None
        for each in self.differences:
            LOG.warning("not as its file says", part="facility", lfdi=self.unit.lfdi, what=each)

    def _turn(self, *, there: bool, why: str) -> None:
        if there is not self.there:
            self.there, self.why = there, why
            self._changed(self.unit.lfdi, there)
        elif why != self._excuse:
            LOG.info("unit not reached", part="facility", lfdi=self.unit.lfdi, reason=why[:200])
            self.excused(self.unit.lfdi)
        self._excuse = why

    async def _pause(self, failures: int) -> None:
        """Wait before the next attempt; being woken spares what is beyond the shortest wait."""
        shortest, longest = self._ground.patience.shortest, self._ground.patience.longest
        wait = min(longest, shortest * 2 ** min(failures, DOUBLINGS)) * (0.5 + self._ground.chance() / 2)
        await asyncio.sleep(min(wait, shortest))
        with suppress(TimeoutError):
            async with asyncio.timeout(max(wait - shortest, 0)):
                await self._wake.wait()

    def _report(self, unit: pdu.Unconfirmed_PDU) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(unit)
            except Exception:
                LOG.exception("a report was not dealt with", part="facility", lfdi=self.unit.lfdi)
