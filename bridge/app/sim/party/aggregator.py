"""The verb `sim aggregator`: a 61850 client at the relay, which prints what it is told and may command once.

It joins with its certificate, finds the devices that it is shown, has them report, and tells each report;
then it commands what was asked for, and tells each LastApplError, each CommandTermination and the end. It
leaves in order. The exit code says whether it was shown a device, and all of its commands were done.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from uuid import uuid4

from bridge.app import journal
from bridge.app.config import Log
from bridge.app.fault import Fault
from bridge.app.sim import asking, command, ending, way
from bridge.app.sim.aggregator import Aggregator
from bridge.app.sim.command import Wanted
from bridge.app.sim.ending import Tell
from bridge.app.sim.heard import Heard
from bridge.app.sim.inverter import fleet, identity
from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.joining import AWAY, joined
from bridge.app.sim.party.listening import Listening
from bridge.app.sim.way import Asked
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.termination import Ended
from bridge.ports import Order
from models.der import messages

SERVICES = ("FSCH", "FSCC", "LLN", "LPHD")
"""Nodes that say nothing of what a device can do."""


@dataclass(frozen=True, slots=True)
class Given:
    """What stands on the command line."""

    asked: Asked
    name: str = "aggregator"
    certificate: Path | None = None
    key: Path | None = None
    root: Sequence[Path] | None = None
    devices: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    schedule: bool = False
    after: float = 0.0
    lasts: float = 600.0
    cancel: float | None = None
    """Seconds after which what was commanded is ended."""
    reports: bool = True
    seconds: float = 0.0
    patience: float = 60.0
    as_json: bool = False


@dataclass(slots=True)
class Tale:
    """What has come of it."""

    tell: Tell
    shown: int = 0
    heard: dict[str, Heard] = field(default_factory=dict)
    gone: bool = False


def given(options: Mapping[str, Any]) -> Given:
    """Take the options of the command by their names."""
    known = {each.name for each in fields(Given)} & options.keys()
    said = {name: options[name] for name in known}
    return Given(
        **said, asked=way.asked(options), devices=tuple(options["device"] or ()),
        modes=tuple(options["mode"] or ()), reports=not options["quiet"],
    )  # fmt: skip


def run(given: Given) -> int:
    """Do it; give the exit code."""
    journal.begin(Log(level="error"))
    modes = asking.canonical(*asking.asked(given.modes)) if given.modes else None
    if given.after and not given.schedule:
        raise Fault("--after", "a command begins at once: what begins later is a --schedule")
    if given.cancel is not None and modes is None:
        raise Fault("--cancel", "nothing is commanded: say --mode")
    who, road = _who(given), way.find(given.asked)
    fresh = road.introduce((who,))
    tale = Tale(ending.teller(as_json=given.as_json))
    for each in fresh:
        tale.tell("new", name=each, why="the bridge reads its parties at SIGHUP")
    asyncio.run(ending.until_told(_run(given, (who, road), modes, tale), given.seconds))
    words = {domain: said.word for domain, said in tale.heard.items()}
    tale.tell("summary", devices=tale.shown, commands=words)
    done = all(word == "done" for word in words.values()) and bool(words) is (modes is not None)
    return 0 if tale.shown and done and not tale.gone else 1


def _who(given: Given) -> Identity:
    if given.certificate is not None and given.key is not None and given.root:
        return identity.read(given.certificate, given.key, *given.root)
    (found,) = fleet.whos(given.asked.folder, given.name, 1, "aggregator")
    return found


async def _run(
    given: Given, where: tuple[Identity, way.Way], modes: messages.Modes | None, tale: Tale
) -> None:
    who, road = where
    async with joined(road, who, time.time, given.patience) as hand:
        tale.tell("joined", lfdi=who.lfdi, bridge=road.address)
        hand.ended = lambda said: _ended(tale.tell, said)
        try:
            await _worked(given, hand, modes, tale)
        except AWAY as error:
            tale.gone = True
            tale.tell("gone", why=str(error) or type(error).__name__)


async def _worked(given: Given, hand: Aggregator, modes: messages.Modes | None, tale: Tale) -> None:
    """Look at the devices, have them report, and command them."""
    chosen = [one for one in await hand.devices() if _meant(one, given.devices)]
    listening = Listening(hand, tale.tell)
    hand.reported = listening.hear
    surveys: dict[str, Survey] = {}
    for domain in chosen:
        found, held = await hand.model(domain)
        nodes = sorted({item.partition("$")[0] for item in held.index.names})
        named = [one for one in nodes if not any(service in one for service in SERVICES)]
        tale.tell("device", name=domain, nodes=" ".join(named))
        tale.shown += 1
        if given.reports:
            await listening.begin(held)
        if modes is not None:
            surveys[domain] = await hand.survey(domain, found)
    try:
        if modes is not None:
            await _commanded(given, hand, modes, (surveys, tale))
        if modes is None or given.seconds:
            await hand.gone.wait()
            tale.gone = True
            tale.tell("gone", why="the bridge or the link has gone")
    finally:
        await listening.end()


def _meant(domain: str, patterns: Iterable[str]) -> bool:
    """Whether a device is among those that are named, by name or by the end of it."""
    listed = [each.upper() for each in patterns]
    name = domain.upper()
    return not listed or any(fnmatchcase(name, each) or name.endswith(each) for each in listed)


async def _commanded(
    given: Given, hand: Aggregator, modes: messages.Modes, with_: tuple[dict[str, Survey], Tale]
) -> None:
    """Command all of them at once, and end it where that is wanted."""
    surveys, tale = with_
    wanted = Wanted(uuid4().hex.upper(), modes, time.time() + given.after, given.lasts)
    orders = {domain: command.order(hand, wanted, number) for number, domain in enumerate(surveys)}

    async def one(domain: str, order: Order, *, ends: bool) -> None:
        do = command.leave if ends else command.take
        said = await do(hand, order, surveys[domain], scheduled=given.schedule)
        if not ends or said.word != "done":
            tale.heard[domain] = said
        cause = {} if said.cause is None else {"cause": said.cause}
        tale.tell("ended" if ends else "outcome", device=domain, word=said.word, **cause, why=said.why)

    await asyncio.gather(*(one(domain, order, ends=False) for domain, order in orders.items()))
    if given.cancel is not None:
        await asyncio.sleep(given.cancel)
        good = {domain: order for domain, order in orders.items() if tale.heard[domain].word == "done"}
        await asyncio.gather(*(one(domain, order, ends=True) for domain, order in good.items()))


def _ended(tell: Tell, said: Ended) -> None:
    """Tell LastApplError, or CommandTermination."""
    cause = {} if said.failed is None else {"cause": int(said.failed.cause), "why": said.failed.cause.name}
    name = "CommandTermination" if said.over else "LastApplError"
    tell(name, object=said.reference, good=said.failed is None, **cause)
