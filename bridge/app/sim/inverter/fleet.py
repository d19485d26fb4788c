"""Many simulated inverters in one process: their certificates, their units, one listener for all of them.

Each has a connection and a machine of its own, or an aggregator speaks for all. They begin one after the
other, so that a server meets them as it would after an outage that has been thought about. Certificates that
are missing are issued from the folder's own authority. Ends when told to, and says what was done.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bridge.app.fault import Fault
from bridge.app.sim.inverter import identity
from bridge.app.sim.inverter.driven import Driven
from bridge.app.sim.inverter.faults import Faults
from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.inverter.inverter import Inverter, Member
from bridge.app.sim.inverter.listener import listening
from bridge.app.sim.physics.grid import Build
from bridge.app.sim.physics.light import Light
from bridge.app.sim.unit import Plate, Unit
from bridge.sep2.client.plant import Options
from bridge.trust import issue
from bridge.trust.folder import Folder

Make = Callable[[int, Callable[[], float]], Unit]
"""Makes the unit of a number, which reads a clock."""


@dataclass(slots=True)
class Tale:
    """What happened, by kind; each line goes to whoever listens."""

    tell: Callable[[str, dict[str, Any]], None] = lambda _name, _said: None
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, who: str) -> Callable[..., None]:
        """Give the ear of one inverter."""

        def heard(event: str, **said: Any) -> None:  # noqa: ANN401 - whatever is said
            self.counts[event] += 1
            if event == "event":
                self.counts[f"status {said['status']}"] += 1
            self.tell(event, {"inverter": who, **said})

        return heard


@dataclass(frozen=True, slots=True)
class Wish:
    """Which inverters, and at which server."""

    server: str
    whos: tuple[Identity, ...]
    """Certificates: one for each inverter, or the aggregator's."""
    make: Make
    now: Callable[[], float]
    options: Options = field(default_factory=Options)
    faults: Faults = Faults()  # noqa: RUF009 - a tuple, which nobody changes
    held: tuple[str, ...] = ()
    """LFDIs of the devices that an aggregator speaks for."""
    pin: int | None = None
    notify: tuple[str, int] | None = None
    """Host and port of the listener for notifications; none where they poll."""
    ear: Identity | None = None
    """Certificate of that listener; the first inverter's if none is given."""
    ramp: float = 0.02
    """Seconds between the beginnings of two."""
    named: bool = True


def whos(pki: Path, name: str, count: int, role: str = "device") -> tuple[Identity, ...]:
    """Give so many clients of a folder of certificates, issued where they are not there yet."""
    if not (pki / "roots").is_dir():
        raise Fault(str(pki), "is no folder of certificates as derbridge init or pki makes one")
    folder = Folder(pki)
    names = [f"{name}-{number:04}" for number in range(1, count + 1)] if count > 1 else [name]
    try:
        files = [folder.client(each, role) for each in names]
    except (OSError, ValueError) as error:
        raise Fault(str(pki), f"gives no certificate for {name}: {error}") from error
    return tuple(identity.read(each.certificate, each.key, each.root) for each in files)


def ear(pki: Path, host: str) -> Identity:
    """Give the certificate of a listener that bears its host's name, as many share it."""
    folder, name = Folder(pki), f"notify-{host.replace(':', '-')}"
    try:
        if not (pki / "clients" / f"{name}.pem").exists():
            folder.add(name, issue.server(folder.issuer(folder.lowest("serca")), (host,)))
        files = folder.known(name)
    except (OSError, ValueError) as error:
        raise Fault(str(pki), f"gives no certificate for {host}: {error}") from error
    return identity.read(files.certificate, files.key, files.root)


def sunny(number: int, now: Callable[[], float]) -> Unit:
    """Make a unit of the light model under a steady sun."""
    del number
    return Driven(Light(Build(Plate(10_000.0, 11_000.0, 4_400.0))), now)


async def run(wish: Wish, tale: Tale, stop: asyncio.Event) -> None:
    """Run them until told to stop."""
    async with AsyncExitStack() as stack:
        listener = None
        if wish.notify is not None:
            listener = await stack.enter_async_context(listening(wish.ear or wish.whos[0], *wish.notify))
        made = [_inverter(wish, number, tale) for number in range(len(wish.whos))]
        if listener is not None:
            for each in made:
                name = each.identity.lfdi
                listener.takers[name] = each.notified
                each.client.desk.options = replace(wish.options, notify=listener.url(name))
        tasks = [asyncio.create_task(_begun(each, at * wish.ramp)) for at, each in enumerate(made)]
        ended = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((*tasks, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, ended):
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
    for found in results:
        if isinstance(found, Exception):
            raise found


def _inverter(wish: Wish, number: int, tale: Tale) -> Inverter:
    who = wish.whos[number]
    unit: Unit | Sequence[Member] = wish.make(number, wish.now)
    if wish.held:
        unit = [
            Member(wish.make(at, wish.now), lfdi, wish.pin, wish.faults) for at, lfdi in enumerate(wish.held)
        ]
    return Inverter(
        unit, wish.now, who, wish.server, wish.options,
        faults=wish.faults, pin=wish.pin, named=wish.named, note=tale.note(who.lfdi[:8]),
    )  # fmt: skip


async def _begun(inverter: Inverter, after: float) -> None:
    await inverter.sleep(after)
    await inverter.run()


def line(name: str, said: dict[str, Any], *, as_json: bool) -> str:
    """Give one line of the tale."""
    if as_json:
        return json.dumps({"event": name, **said}, default=str)
    rest = " ".join(f"{key}={value}" for key, value in said.items() if key not in {"inverter", "lfdi"})
    return f"{said.get('lfdi', said['inverter'])[:8]} {name} {rest}"
