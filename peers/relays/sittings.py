"""Cases of the bridge as a 61850 server behind a relay, and what each ought to show, at every relay the same.

Client, inverter and bridge are real, and so is all between them. Each case has an association of its own;
the last one ends the client's access, so it stays the last.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple

from bridge.iec61850 import discovery, received
from bridge.iec61850.shape import Value
from bridge.transports.ending import Refused
from bridge.transports.link import Link
from bridge.transports.post import Denied, Ears
from bridge.transports.stream import Door
from bridge.trust import folder, identity
from peers.relays.place import Place
from tests.app.endpoint import asks
from tests.app.endpoint.customer import Customer, ders
from tests.app.endpoint.inverter import Inverter
from tests.app.endpoint.operator import Operator
from tests.served import Served

HOME = "/edev/1/der/1"
CAPABILITY = asks.CAPABILITY.replace("00100000", "07F400FC")
RATING = "DGEN1$SP$WMaxRtg$setMag$f"
BLOCK = "LLN0$BR$brcbStates01"
OPERATING, AVAILABLE = 7, 3


@dataclass
class Sitting:
    """A relay, a bridge behind it, and what was found of its device."""

    place: Place
    site: Served
    shut: Callable[[], None]
    """Have the bridge know that `site` is revoked; the relay is not told."""
    types: dict[str, Any] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The logical device of the inverter."""
        return f"derbridgeD{self.site.client('inverter').lfdi}"

    def files(self, name: str) -> folder.Client:
        """A client's certificate and key."""
        pki = self.place.pki
        pem, key = pki.client(name)
        lfdi = identity.lfdi(ders(pem)[0])
        return folder.Client(name, pem, key, lfdi, identity.sfdi(lfdi), pki.operator)

    @asynccontextmanager
    async def client(self, name: str) -> AsyncIterator[Customer]:
        """Somebody with a session at the relay."""
        pki, place = self.place.pki, self.place
        ours = self.files("bridge")
        root = pki.path / "root.pem"
        root.write_bytes(pki.roots)
        made = Customer(self.files(name), place.address("bridge"), ours.lfdi, ours.certificate, root)
        door = Door(place.address(name), "127.0.0.1", place.server.direct, direct=True)
        async with Link(door, partial(place.context, name), Ears(made.heard)) as link:
            made.link = link
            link.greet(made.bridge)
            yield made

    @asynccontextmanager
    async def associated(self) -> AsyncIterator[Operator]:
        """The aggregator with an association."""
        async with self.client("site") as one:
            await begun(one)
            yield Operator(one, self.domain, self.types)


async def begun(one: Customer) -> None:
    """Have an association, once the endpoint has logged in."""
    while [event.what for event in await one.open()] != ["opened"]:  # noqa: ASYNC110 - the endpoint tells nobody that it has logged in
        await asyncio.sleep(0.1)


# -------------------------------------------------------------------- what the aggregator has


async def browsed(sitting: Sitting) -> str:
    """What is there, by name list and types."""
    async with sitting.client("site") as one:
        await begun(one)
        found = (await one.talk(discovery.server())).domains
    sitting.types.update(found[sitting.domain].index.types)
    return "its device" if list(found) == [sitting.domain] else str(list(found))


async def read(sitting: Sitting) -> str:
    """A rating that the inverter has told."""
    async with sitting.associated() as one:
        return str(await one.read(RATING))


async def reported(sitting: Sitting) -> str:
    """A change that the inverter tells, in a report of a buffered block; a later one after its EntryID."""
    seen: list[received.Received] = []
    for state in (OPERATING, AVAILABLE):
        await told(sitting, state)
        async with sitting.associated() as one:
            if seen:
                await written(one, "EntryID", seen[-1].EntryID or b"")
            await written(one, "RptEna", value=True)
            await one.customer.until(1)
            seen += [received.read(each.content.informationReport) for each in one.customer.told]
    numbers = [int.from_bytes(each.EntryID or b"", "big") for each in seen]
    return f"{len(numbers)} entries in order" if numbers == [1, 2] else str(numbers)


async def told(sitting: Sitting, state: int) -> None:
    """Have the inverter say how it stands."""
    body = asks.status(state, int(time.time()))
    reply = await sitting.site.client("inverter").put(f"{HOME}/ders", body)
    agree(reply.status == HTTPStatus.NO_CONTENT, str(reply))


async def written(one: Operator, attribute: str, value: Value) -> None:
    """Set an attribute of the block."""
    said = await one.write(f"{BLOCK}${attribute}", value)
    agree(said is None, f"{attribute}: {said!r}")


async def commanded(sitting: Sitting, about: str, value: float, statuses: tuple[int, ...]) -> str:
    """A command: what the inverter polls, and what the client hears of it once the inverter has spoken."""
    inverter = Inverter(sitting.site.client("inverter"))
    async with sitting.associated() as one:
        made = await one.operate(about, (value,))
        (control,) = [each for each in await inverter.poll() if each.description == about]
        await inverter.respond(control, *statuses)
        end = await one.outcome(made)
    cause = f", {end.cause.name}" if end.cause is not None else ""
    return f"{', '.join(control.modes)}: {end.result.value}{cause}"


# -------------------------------------------------------------------- who has nothing


async def stranger(sitting: Sitting, name: str) -> str:
    """What somebody has from the bridge that it knows nothing of, or nothing good."""
    try:
        async with sitting.client(name) as one:
            one.client.open(time.time())
            await one.say(one.client.out.popleft())
    except (Refused, Denied):
        return "nothing"
    return "an association"


async def shut_out(sitting: Sitting) -> str:
    """What becomes of an association whose client is revoked, where nobody tells the relay."""
    async with sitting.associated() as one:
        sitting.shut()
        while (event := await one.customer.ask(asks.read(one.domain, RATING))).what == "answered":
            pass
    return str(event.content)


def agree(so: bool, told: str) -> None:  # noqa: FBT001 - a condition is its only figure
    """Tell what is wrong."""
    if not so:
        raise AssertionError(told)


class Case(NamedTuple):
    """A case: its name, what it does, what it ought to show."""

    name: str
    run: Callable[[Sitting], Awaitable[str]]
    shows: str


CASES = (
    Case("associate and browse", browsed, "its device"),
    Case("read", read, "5000.0"),
    Case("report, and go on after it", reported, "2 entries in order"),
    Case(
        "a limit that is carried out",
        partial(commanded, about="DWMX1.WMaxSptPct", value=50.0, statuses=(1, 2)),
        "opModMaxLimW: done",
    ),
    Case(
        "a limit that is not",
        partial(commanded, about="DWGC2.WSpt", value=1000.0, statuses=(252,)),
        "opModTargetW: failed, not_supported",
    ),
    Case("a client whose certificate is not here", partial(stranger, name="ems"), "nothing"),
    Case("a revoked client", partial(stranger, name="revoked"), "nothing"),
    Case("revoked while associated", shut_out, "forbidden"),
)
