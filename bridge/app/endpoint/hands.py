"""Carries out what was ordered, in the order of its taking, and tells whoever waits.

What came with a request is done before the request is answered. Where the store will not have it, a command
that waits for its end is told so, and anything else makes the request fail: settings are taken back from
the image. What time or a loss orders is done by itself, and tried again while the store is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import structlog

from bridge.app.endpoint import settings
from bridge.app.endpoint.deeds import Deeds
from bridge.app.endpoint.orders import Begin, End, Order, Settle
from bridge.app.endpoint.watch import Watch
from bridge.app.endpoint.works import Works
from bridge.iec61850 import phases, signs
from bridge.iec61850.command import Command
from bridge.iec61850.image import Image
from bridge.sep2.talk import Told
from bridge.transports.post import Denied
from bridge.transports.store.fault import Unavailable
from models.mms.codes import AddCause

AGAIN = 1.0
"""Seconds before something is tried again by itself."""
CAUSES: Mapping[int, AddCause] = MappingProxyType(
    {403: AddCause.no_access_authority, 404: AddCause.no_access_authority, 503: AddCause.unknown}
)
"""Causes of what the store refuses; anything else is a matter of its values."""
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True, repr=False)
class Hands:
    """What does it."""

    deeds: Deeds
    works: Works
    watch: Watch
    image: Image
    clock: Callable[[], float]
    primacy: int
    stirred: Callable[[], None] = lambda: None
    _orders: list[Order] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def take(self, order: Order) -> None:
        """Take an order; what nobody has called for by the end of the turn is done by itself."""
        self._orders.append(order)
        asyncio.get_running_loop().call_soon(self._left)

    def taken(self) -> list[Order]:
        """Give what was ordered, to be done now."""
        found, self._orders = self._orders, []
        return found

    def _left(self) -> None:
        if orders := self.taken():
            task = asyncio.ensure_future(self._alone(orders))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _alone(self, orders: list[Order]) -> None:
        """Do what no request waits for."""
        for order in orders:
            while True:
                try:
                    await self._do(order)
                except Unavailable:
                    await asyncio.sleep(AGAIN)
                    continue
                except Told as told:
                    LOG.warning("not done", part="iec61850", reason=str(told))
                break

    async def close(self) -> None:
        """Do no more by itself."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def carry(self, orders: list[Order]) -> None:
        """Do what came with a request; Denied where that cannot be told in the answer."""
        for order in orders:
            try:
                await self._do(order)
            except (Told, Unavailable) as error:
                cause = CAUSES.get(error.status, AddCause.inconsistent_parameters) if isinstance(
                    error, Told
                ) else AddCause.unknown  # fmt: skip
                self._undone(order)
                self.works.undone(order, cause, str(error))
                waits = order.command if self._waits(order.command) else None
                if waits is not None:
                    self.works.ended(waits, cause)
                if isinstance(error, Unavailable):
                    raise
                if waits is None:
                    raise Denied("not-acceptable", str(error)) from error
        self.stirred()

    def _waits(self, command: Command | None) -> bool:
        """Whether a command's client is told of its end."""
        return command is not None and (
            command.at is not None or signs.kind(self.image, command.target) in phases.ENHANCED
        )

    def _undone(self, order: Order) -> None:
        """Take settings back that were not kept."""
        found = self.works.device(order.home.identity) if isinstance(order, Settle) else None
        if isinstance(order, Settle) and found is not None:
            self.image.update(found.name, order.before, self.clock())

    async def _do(self, order: Order) -> None:
        match order:
            case Begin(asked, home, about, control, command):
                row = await self.deeds.begin(asked, home, about, control)
                self.watch.add(row, home.identity, command if self._waits(command) else None)
            case End(asked, hrefs, reason, command):
                await self.deeds.end(asked, hrefs, reason)
                self._done(command)
            case Settle(asked, home, values, _, default, command):
                await self.deeds.settle(asked, home, settings.kept(values), default, self.primacy)
                if command is not None:
                    self.watch.again(home.identity)
                self._done(command)

    def _done(self, command: Command | None) -> None:
        if command is not None and self._waits(command):
            self.works.ended(command, None)
