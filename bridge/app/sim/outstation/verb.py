"""The verb `sim outstation`: simulated 61850 units behind a relay, their tale to standard output, a summary.

What cannot be used is a Fault before anything is begun. They log in, measure and follow until they are told
to stop. With `enrol` the operator registers them first. The exit code is 1 where the bridge looked at none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from bridge.app import chores, contact, journal
from bridge.app.config import Log
from bridge.app.fault import Fault
from bridge.app.sim import ending, enrol, script, way
from bridge.app.sim.ending import Tell
from bridge.app.sim.enrol import Newcomer
from bridge.app.sim.inverter import faults, fleet
from bridge.app.sim.inverter.faults import Faults
from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.outstation.plant import Plant, plant
from bridge.app.sim.way import Asked, Way
from bridge.sdk.client import Client
from bridge.sdk.forms.modes import Modes
from bridge.sdk.sending import Refused, Unanswered

LOOK = 0.25


@dataclass(frozen=True, slots=True)
class Given:
    """What stands on the command line."""

    asked: Asked
    name: str = "unit"
    count: int = 1
    follows: tuple[str, ...] = ()
    faults: Faults = Faults()  # noqa: RUF009 - a tuple, which nobody changes
    confirm: float | None = None
    """Seconds after which a person confirms a text that asks for it."""
    seconds: float = 0.0
    operator: Mapping[str, str] | None = None
    """How to reach the administration API, where they are to be registered."""
    as_json: bool = False


def given(options: Mapping[str, Any]) -> Given:
    """Take the options of the command by their names."""
    wrong = faults.said(options["silence"], options["refuse"], options["bad_readings"], options["drift"])
    return Given(
        way.asked(options), options["name"], options["count"], tuple(options["follows"] or ()), wrong,
        options["confirm"], options["seconds"], contact.given(options) if options["enrol"] else None,
        options["as_json"],
    )  # fmt: skip


def run(given: Given) -> int:
    """Do it; give the exit code."""
    journal.begin(Log(level="error"))
    for each in given.follows:
        if each not in Modes.model_fields:
            raise Fault("--follows", f"there is no mode {each}")
    road = way.find(given.asked)
    whos = fleet.whos(given.asked.folder, given.name, given.count)
    tell = ending.teller(as_json=given.as_json)
    for each in road.introduce(whos):
        tell("new", name=each, why="the bridge reads its parties at SIGHUP")
    seen: set[str] = set()
    asyncio.run(ending.until_told(_run(given, road, whos, (tell, seen)), given.seconds))
    tell("summary", units=len(whos), looked_at=len(seen))
    return 0 if seen else 1


async def _run(given: Given, road: Way, whos: tuple[Identity, ...], told: tuple[Tell, set[str]]) -> None:
    tell, _ = told
    if given.operator is not None:
        await _enrolled(given, road, whos)
    begin = time.time()
    modes = script.named(given.follows)
    async with AsyncExitStack() as stack:
        tasks: list[asyncio.Task[None]] = []
        for number, who in enumerate(whos):
            made = await stack.enter_async_context(
                plant(
                    road.papers(who), fleet.sunny(number, time.time), road.door(who), given.faults,
                    (time.time, lambda: time.time() - begin), modes=modes,
                )
            )  # fmt: skip
            made.note = partial(_said, tell, who.certificate.stem)
            made.confirms = given.confirm
            tell("unit", name=who.certificate.stem, lfdi=who.lfdi, address=road.door(who).address)
            tasks += [asyncio.create_task(made.run()), asyncio.create_task(_watched(made, who, told))]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                await chores.cancelled(task)


def _said(tell: Tell, name: str, event: str, **said: object) -> None:
    said.pop("modes", None)
    tell(event, name=name, **said)


async def _watched(made: Plant, who: Identity, told: tuple[Tell, set[str]]) -> None:
    """Tell when the bridge has looked at a unit."""
    tell, seen = told
    while not (made.linked and made.minded):  # noqa: ASYNC110 - nothing tells that a block was enabled
        await asyncio.sleep(LOOK)
    seen.add(who.lfdi)
    tell("looked at", name=who.certificate.stem)


async def _enrolled(given: Given, road: Way, whos: tuple[Identity, ...]) -> None:
    """Have them registered, and looked for at the relay."""
    found = contact.find(given.operator or {})
    async with Client(found.url, found.context()) as site:
        try:
            for who in whos:
                await enrol.enter(site, Newcomer(who.certificate.stem, who.lfdi, road.door(who).address))
        except (Refused, Unanswered) as error:
            raise Fault(found.url, str(error)) from error
