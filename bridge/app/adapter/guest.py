"""An adapter at work: begun once, called within a time, left alone for a while where it keeps breaking.

What it raises beside Away and Unable is its own fault, counted by its breaker (`core.delivery`), told in the
log, and for the unit no more than that it is away. Each unit is called one thing after the other. Never lets
anything of an adapter's out but what the contract names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

import structlog

from bridge.app.adapter.plug import Plug
from bridge.app.adapter.room import Room
from bridge.core import delivery
from bridge.core.delivery import THERE, Habit, State, Target
from bridge.ports import Away, Order, Reach, Unable
from models.der import messages

T = TypeVar("T")
LONGEST = 200
LOG = structlog.get_logger("derbridge")
TOLD: tuple[type[messages.Message], ...] = (
    messages.Capability, messages.Setting, messages.Status, messages.Reading,
)  # fmt: skip


@dataclass(slots=True)
class Guest:
    """One adapter."""

    plug: Plug
    clock: Callable[[], Decimal]
    room: Room = field(init=False)
    why: str = ""
    """What was wrong last with itself; empty once it works again."""
    _target: Target = THERE
    _begun: bool = False
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _beginning: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """Give it its thread."""
        self.room = Room(self.plug.name)

    @property
    def state(self) -> State:
        """Its breaker."""
        return delivery.state(self._habit, self._target, self.clock())

    @property
    def _habit(self) -> Habit:
        return Habit(trip=self.plug.said.trip, rest=self.plug.said.rest)

    # ------------------------------------------------------------------------------------------- its contract

    async def meet(self, unit: str) -> Reach:
        """Open the conversation with a unit."""
        return _reach(await self._ask(unit, lambda: self.plug.adapter.meet(unit)))

    async def part(self, unit: str) -> None:
        """End it; nobody waits for what goes wrong with that."""
        with suppress(Away, Unable):
            await self._ask(unit, lambda: self.plug.adapter.part(unit))

    async def carry(self, order: Order) -> None:
        """Carry an order out; raises Away or Unable."""
        await self._ask(order.unit, lambda: self.plug.adapter.carry(order))
        self._well()

    async def tell(self, unit: str, head: Mapping[str, Any]) -> tuple[messages.Message, ...]:
        """Say what a unit says, all of it about that unit."""
        said = await self._ask(unit, lambda: self.plug.adapter.tell(unit, head))
        self._well()
        return tuple(one.model_copy(update=dict(head)) for one in said if isinstance(one, TOLD))

    async def end(self) -> None:
        """Let go of everything."""
        if self._begun:
            with suppress(Away, Unable):
                await self._do(self.plug.adapter.end)
        await self.room.close()

    async def health(self) -> str:
        """What is wrong with it: by our word, else by its own."""
        if self.why or not self._begun:
            return self.why

        async def asked() -> str:
            return str(self.plug.adapter.health)[:LONGEST]

        try:
            return await self._do(asked)
        except (Away, Unable) as error:
            return str(error)

    # ------------------------------------------------------------------------------------------------ calling

    async def _ask(self, unit: str, work: Callable[[], Awaitable[T]]) -> T:
        """Call it for a unit, when it is that unit's turn."""
        async with self._locks.setdefault(unit, asyncio.Lock()):
            await self._ready()
            return await self._do(work)

    async def _ready(self) -> None:
        async with self._beginning:
            if not self._begun:
                await self._do(self.plug.adapter.begin)
                self._begun = True

    async def _do(self, work: Callable[[], Awaitable[T]]) -> T:
        """Call it, where its breaker lets it; Away or Unable, and nothing else."""
        if self.state is State.open:
            raise Away(f"the adapter {self.plug.name} is left alone: {self.why}")
        try:
            return await self.room.do(work, self.plug.said.patience)
        except Unable:
            raise
        except (Away, TimeoutError) as error:
            raise Away(str(error) or "no answer in time") from error
        except Exception as error:
            self._fault(error)
            raise Away(f"the adapter {self.plug.name} broke: {self.why}") from error

    def _well(self) -> None:
        """Take that it has done something whole: to meet a unit, and to break then, is nothing."""
        self._target, self.why = THERE, ""

    def _fault(self, error: Exception) -> None:
        self._target = delivery.failed(self._habit, self._target, self.clock())
        self.why = repr(error)[:LONGEST]
        LOG.error(
            "adapter broke", part="adapter", name=self.plug.name, reason=self.why, breaker=self.state.value
        )


def _reach(said: object) -> Reach:
    """What a unit can be made to do, as far as that are modes there are; whoever says it does not bar."""
    known = frozenset(messages.Modes.model_fields) | {"entry"}
    if not isinstance(said, Reach):
        return Reach()
    return Reach(frozenset(said.scheduled) & known, frozenset(said.direct) & known)
