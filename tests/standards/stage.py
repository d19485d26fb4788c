"""Events played against the clock: what is scheduled, and what clients see until it is over.

A play is a table of programmes, defaults and cues; it runs on the real server with the real clock, all plays
of a table side by side. What is seen is kept as acts: what changed from one look to the next. A look that a
turn of events fell into is dropped, so that a slow machine shows fewer looks but never false ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.served import Served
from tests.standards.grid import Device, Programme, Utility, now
from tests.standards.judged import Party, parsed, text

PAUSE = 0.35
STATES = {"0": "scheduled", "1": "active", "2": "cancelled", "4": "superseded"}
CONNECT = {"opModConnect": True}
LIMIT = {"opModMaxLimW": 50}


class Cue(NamedTuple):
    """An event: of which programme, from when to when (seconds from the beginning), and when it is made."""

    name: str
    programme: str
    start: int
    end: int
    modes: Mapping[str, Any] = LIMIT
    made: int = 0


class Play(NamedTuple):
    """What is played."""

    programmes: Mapping[str, int]
    """Their primacies."""
    cues: tuple[Cue, ...] = ()
    defaults: tuple[str, ...] = ()
    end: int = 2


class Act(NamedTuple):
    """What clients see for a while."""

    states: Mapping[str, str]
    """EventStatus of the events that are listed; `?` where it may be superseded."""
    rules: Mapping[str, str]
    """The programme that rules each device, if any."""


@dataclass
class Cast:
    """Who plays: the programmes by name, the devices that are looked at, and who looks."""

    utility: Utility
    programmes: dict[str, Programme]
    devices: dict[str, Device]
    viewer: Party
    controls: dict[str, dict[str, Any]] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    news: list[Any] = field(default_factory=list)
    """Notifications that came."""


async def play(cast: Cast, script: Play) -> Cast:
    """Play it to its end."""
    for name in script.defaults:
        await cast.programmes[name].default(opModMaxLimW=100 - cast.programmes[name].primacy)
    begin = now() + 2
    turns = {begin + moment for cue in script.cues for moment in (cue.start, cue.end)}
    due = sorted(script.cues, key=lambda cue: cue.made)
    async with cast.viewer:
        while (moment := now()) < begin + script.end:
            while due and (due[0].made == 0 or begin + due[0].made <= moment):
                cue = due.pop(0)
                cast.controls[cue.name] = await cast.programmes[cue.programme].control(
                    cue.end - cue.start,
                    start=begin + cue.start,
                    modes=dict(cue.modes),
                    description=cue.name,
                    response_required=3,
                )
            early = await _clock(cast.viewer)
            act, running = await look(cast)
            late = await _clock(cast.viewer)
            if not any(early < turn <= late for turn in turns):
                assert running == {name for name, state in act.states.items() if state.startswith("active")}
                cast.acts += [act] if cast.acts[-1:] != [act] else []
            await asyncio.sleep(PAUSE)
    assert not due
    return cast


async def _clock(party: Party) -> int:
    return int(text(await party.read("/tm"), "currentTime") or 0)


async def look(cast: Cast) -> tuple[Act, set[str]]:
    """See what there is, and what the lists of active events have."""
    states: dict[str, str] = {}
    running: set[str] = set()
    for programme in cast.programmes.values():
        every = await cast.viewer.read(f"{programme.controls}?l=255")
        active = await cast.viewer.read(f"{programme.href}/actderc?l=255")
        states |= {text(each, "description") or "": _state(each) for each in every}
        running |= {text(each, "description") or "" for each in active}
    names = {programme.href: name for name, programme in cast.programmes.items()}
    rules = {}
    for name, device in cast.devices.items():
        reply = await cast.viewer.get(f"{device.href}/der/1/cdp")
        rules[name] = names[parsed(reply.body).get("href", "")] if reply.status == 200 else ""
    return Act(states, rules), running


def _state(event: Any) -> str:
    doubted = text(event, "EventStatus", "potentiallySuperseded") == "true"
    return STATES[text(event, "EventStatus", "currentStatus") or ""] + ("?" if doubted else "")


async def single(utility: Utility, script: Play) -> Cast:
    """A device with programmes of its own."""
    group = await utility.group("service point")
    device = await utility.device(group)
    rows = script.programmes.items()
    programmes = {name: await utility.programme(group, primacy) for name, primacy in rows}
    return await play(Cast(utility, programmes, {"D": device}, device.party), script)


def staged(site: Served, plays: Mapping[str, Play]) -> dict[str, Cast | BaseException]:
    """Play all of a table at once, each with a device of its own."""

    async def run() -> list[Cast | BaseException]:
        casts = (single(Utility(site, name), script) for name, script in plays.items())
        return await asyncio.gather(*casts, return_exceptions=True)

    return dict(zip(plays, asyncio.run(run()), strict=True))


def seen(casts: Mapping[str, Cast | BaseException], name: str) -> Cast:
    """What came of a play; what went wrong in it goes wrong here."""
    found = casts[name]
    if isinstance(found, BaseException):
        raise found
    return found


def acts(*rows: tuple[str, str]) -> list[Act]:
    """Acts with one device, in short: `A active, B scheduled` and the programme that rules it."""
    return [Act(states(said), {"D": rules}) for said, rules in rows]


def states(said: str) -> dict[str, str]:
    """What events say, in short."""
    pairs = [part.split() for part in said.split(",") if part.strip()]
    return {name: state for name, state in pairs}  # noqa: C416 - lists of two are no pairs to mypy
