"""A bridge that may be killed at any point: a town in a process of its own, told by its parent what to do.

    python -m tests.app.pump.rider                 lines on standard input: `start URL SOCKET`, `reap PID`

It forks for each start, so that a start costs no imports. The fork connects to the socket, where its parent
is the operator, the clock and all units; JSON lines go both ways. `{"do": ...}` is answered once it is done
and the pump is idle; `{"carry": ...}` is for a unit, and waits for its answer.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import redirect_stdout, suppress
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any

from bridge.core import primacy
from bridge.ports import Heard, Order, Present, Reach
from bridge.sep2 import canon, ours
from bridge.sep2.shelf import Conflict, Cut
from bridge.sep2.talk import Told
from bridge.transports.store import opening
from models.der import messages
from tests.app.pump import town as towns
from tests.app.pump.town import AHEAD, DIRECT, NOW, UNITS, Town

REACHES = {UNITS[0]: AHEAD, UNITS[1]: DIRECT, UNITS[2]: AHEAD}
Line = dict[str, Any]


class Wire:
    """A carrier whose units are at the other end of a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._waiting: dict[str, asyncio.Future[None]] = {}

    def reach(self, unit: str) -> Reach | None:
        return REACHES.get(unit)

    async def carry(self, order: Order) -> tuple[messages.Outcome, ...]:
        name = f"{order.unit}/{order.number}"
        done = self._waiting[name] = asyncio.get_running_loop().create_future()
        said = {
            "unit": order.unit, "number": order.number, "kind": order.kind.value,
            "key": primacy.key(order.record), "modes": sorted(order.modes),
            "start": str(order.start), "end": str(order.end), "type": type(order.record).__name__,
        }  # fmt: skip
        self.send({"carry": said})
        await done
        return ()

    def listen(self, heard: Heard) -> None:
        del heard

    def there(self, present: Present) -> None:
        del present

    def send(self, line: Line) -> None:
        self._writer.write(json.dumps(line).encode() + b"\n")

    async def read(self, town: Town) -> None:
        """Do what is asked, and give units' answers to whoever waits for them."""
        doing: set[asyncio.Task[None]] = set()
        async for text in self._reader:
            line = json.loads(text)
            if "did" in line:
                self._waiting.pop(line["did"]).set_result(None)
            else:
                doing.add(asyncio.create_task(self._do(town, line["do"])))

    async def _do(self, town: Town, step: Sequence[Any]) -> None:
        what, *more = step
        with suppress(Told):  # what was done before the kill is not done again
            await DO[what](town, *more)
        await town.quiet()
        self.send({"done": await said(town)})


async def control(town: Town, mark: str, start: int, length: int, primacy_: int) -> None:
    """Make a control in the programme of a rank."""
    town.programme = f"/derp/{await ranked(town, primacy_)}"
    await town.control(mark, start, length)


async def cancel(town: Town, mark: str) -> None:
    """Cancel a control."""
    (row,) = await town.store.marked("DERControl", mark * 16)
    await town.cancel(row.href)


async def at(town: Town, moment: int) -> None:
    """Let the clock be there."""
    town.moment = Decimal(NOW + moment)


async def ranked(town: Town, primacy_: int) -> int:
    """The number of the programme of a rank."""
    rows = (await town.store.children("/derp", Cut(limit=10))).rows
    return next(ours.number(row.href) for row in rows if canon.obj(row).primacy == primacy_)


DO: dict[str, Callable[..., Awaitable[None]]] = {"control": control, "cancel": cancel, "at": at}
MARKS = ("0A", "0B", "0C", "0D")


async def said(town: Town) -> dict[str, list[int]]:
    """All statuses, by unit and control."""
    return {f"{unit[-1]} {mark}": await town.said(mark, unit) for unit in UNITS for mark in MARKS}


async def ride(url: str, socket: str, moment: str) -> None:
    """Be a bridge until killed."""
    reader, writer = await asyncio.open_unix_connection(socket)
    wire = Wire(reader, writer)
    async with opening.open(url) as store:
        town = towns.make(store, wire, Decimal(moment))
        async with towns.running(town, settled=False):
            wire.send({"up": os.getpid()})
            await wire.read(town)


async def warm() -> None:
    """Load all that a bridge needs, before it is forked."""
    with TemporaryDirectory() as folder:
        async with (
            opening.open(f"sqlite:///{folder}/warm.db") as store,
            towns.lived(store, AHEAD) as town,
        ):
            await town.control("0A", 1)
            await town.quiet()


def main() -> None:
    """Fork for each start."""
    with redirect_stdout(sys.stderr):
        asyncio.run(warm())
    gc.freeze()
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "start":
            pid = os.fork()
            if pid == 0:
                with suppress(Conflict, ConnectionError):
                    asyncio.run(ride(*rest))
                os._exit(0)
        else:
            os.waitpid(int(rest[0]), 0)
            sys.stdout.write(f"gone {rest[0]}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
