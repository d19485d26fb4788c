"""Commands of a 61850 client for tests: each goes the way of its control model, and has its end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from bridge.iec61850.command import SELECT, Target
from bridge.iec61850.operating import Operation, Outcome, Wish
from bridge.iec61850.shape import Type, Value, decode
from models.mms import names
from tests.app.endpoint import asks
from tests.app.endpoint.customer import Customer
from tests.app.endpoint.test_endpoint import results

ORIGIN = (3, b"operator")


@dataclass
class Operator:
    """One who commands a logical device."""

    customer: Customer
    domain: str
    types: Any
    number: int = 0
    heard: int = 0
    """How much of what the customer was told has been looked at."""
    running: dict[int, Operation] = field(default_factory=dict)

    async def read(self, item: str) -> Value:
        """The value of an item."""
        event = await self.customer.ask(asks.read(self.domain, item))
        (value,) = results(event)
        return decode(self.types[item], value)

    async def write(self, item: str, value: Value) -> Any:
        """Write a value: None, or the code that refuses it."""
        event = await self.customer.ask(asks.write(self.domain, item, self.types[item], value))
        (said,) = results(event)
        return None if isinstance(said, names.Null) else said

    async def operate(self, ref: str, value: Value, at: float | None = None) -> Operation:
        """Operate an object as its ctlModel says, up to the answer to Oper."""
        node, _, name = ref.partition(".")
        target = Target(self.domain, node, name)
        model = await self.read(target.leaf("CF", "ctlModel"))
        self.number = self.number % 255 + 1
        forms = self._forms(node, name)
        made = Operation(target, int(str(model)), forms, Wish(value, ORIGIN, self.number, at), 60.0)
        request = made.begin(time.time())
        while request is not None:
            request = await self._asked(made, request)
        return made

    async def _asked(self, made: Operation, request: Any) -> Any:
        if request.value is None:
            said = await self.read(request.item)
            return made.answered(said, time.time())
        event = await self.customer.ask(asks.write(self.domain, request.item, request.type, request.value))
        if event.what != "answered":
            return made.refused(time.time())
        (said,) = results(event)
        self.listen(made)
        return made.answered(None if isinstance(said, names.Null) else said, time.time())

    async def cancel(self, made: Operation) -> None:
        """Cancel it."""
        request = made.cancel(time.time())
        while request is not None:
            request = await self._asked(made, request)

    def _forms(self, node: str, name: str) -> dict[str, Type]:
        found = {each: f"{node}$CO${name}${each}" for each in ("SBO", "SBOw", "Oper", "Cancel")}
        return {each: self.types[item] for each, item in found.items() if item in self.types}

    def listen(self, made: Operation) -> None:
        """Take what was told."""
        for event in self.customer.told:
            if event.what == "reported":
                made.reported(event.content, time.time())

    async def outcome(self, made: Operation) -> Outcome:
        """Wait for its end."""
        while made.outcome is None:
            self.customer.came.clear()
            self.listen(made)
            if made.outcome is None:
                await asks.soon(self.customer.came.wait())
        return made.outcome


__all__ = ["ORIGIN", "SELECT", "Operator"]
