"""The verb `sim headend`: an operator who posts something for a group and follows what each device answers.

A control, or a default, in a programme of the group, which is made if there is none at that primacy; what is
answered is told as it comes, and a table at the end. The exit code says whether every device has come as far
as was asked. What the server refuses is a Fault.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pydantic import ValidationError

from bridge.app import contact, screen
from bridge.app.fault import Fault
from bridge.app.sim import asking, ending
from bridge.app.sim.answers import Answer, answers, statuses
from bridge.app.sim.ending import Tell
from bridge.app.sim.operator import Operator
from bridge.app.sim.scene import Curve, Step
from bridge.sdk.client import Client
from bridge.sdk.forms import fleet, grid, groups
from bridge.sdk.sending import Refused, Unanswered

STAGES: Mapping[str, int] = {"received": 1, "started": 2, "completed": 3, "cancelled": 6}
"""Statuses that may be waited for."""
ENDS = frozenset({3, 6, 7, 10, 13, 14, 251, 252, 253, 254})
"""Statuses after which nothing comes."""
PAUSE = 0.5
NAME = "posted"
Bar = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Given:
    """What stands on the command line."""

    group: str
    modes: tuple[str, ...]
    primacy: int = 1
    default: bool = False
    after: float = 0.0
    lasts: float = 600.0
    spread: int = 0
    cancel: float | None = None
    """Seconds after which it is cancelled."""
    until: str = "started"
    patience: float = 300.0
    operator: Mapping[str, str] = field(default_factory=dict)
    as_json: bool = False


@dataclass(slots=True)
class Posted:
    """What was posted, and what has been answered."""

    devices: Mapping[str, str]
    """Names by LFDI."""
    wanted: int
    at: float = 0.0
    said: dict[str, tuple[Answer, ...]] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many need not be waited for any more."""
        return sum(self.reached(lfdi) or self.over(lfdi) for lfdi in self.devices)

    def reached(self, lfdi: str) -> bool:
        """Whether a device has come so far."""
        return any(one.status == self.wanted for one in self.said.get(lfdi, ()))

    def over(self, lfdi: str) -> bool:
        """Whether nothing comes of a device any more."""
        return any(one.status in ENDS for one in self.said.get(lfdi, ()))


def given(options: Mapping[str, Any]) -> Given:
    """Take the options of the command by their names."""
    known = {each.name for each in fields(Given)} & options.keys()
    said = {name: options[name] for name in known}
    return Given(**said, modes=tuple(options["mode"] or ()), operator=contact.given(options))


def run(given: Given) -> int:
    """Do it; give the exit code."""
    step, curves = _step(given)
    tell = ending.teller(as_json=given.as_json)
    wanted = STAGES["cancelled" if given.cancel is not None else given.until]
    posted = Posted({}, wanted)
    asyncio.run(ending.until_told(_run(given, step, curves, (posted, tell)), 0))
    return 0 if _shown(given, posted, tell) else 1


def _step(given: Given) -> tuple[Step, dict[str, Curve]]:
    """What is asked for, as a story has it."""
    if given.until not in STAGES:
        raise Fault("--until", f"{given.until!r} is none of {', '.join(STAGES)}")
    if given.default and given.cancel is not None:
        raise Fault("--cancel", "a default is not cancelled: another one takes its place")
    modes, curves = asking.asked(given.modes)
    asking.canonical(modes, curves)
    said: dict[str, Any] = {"at": 0, "name": NAME, "group": NAME, "primacy": given.primacy}
    if not given.default:
        said |= {"after": given.after, "lasts": given.lasts, "spread": given.spread}
    try:
        made = Step.model_validate({**said, "do": "default" if given.default else "control", "modes": modes})
    except ValidationError as error:
        first = error.errors()[0]
        where = f"--{first['loc'][0]}" if first["loc"] else asking.OPTION
        raise Fault(where, first["msg"].removeprefix("Value error, ")) from error
    return made, curves


async def _run(given: Given, step: Step, curves: dict[str, Curve], told: tuple[Posted, Tell]) -> None:
    """Post it, and follow it to its end."""
    posted, tell = told
    found = contact.find(given.operator)
    async with Client(found.url, found.context()) as site:
        try:
            group = await _group(site, given.group)
            posted.devices = await _devices(site, group)
            operator = Operator(site, curves, {NAME: group.id}, await _programmes(site, group.id))
            await operator.do(step)
            posted.at = time.time()
            programme = operator.programmes[NAME, given.primacy]
            head = {"group": group.name, "programme": programme.id, "devices": len(posted.devices)}
            if given.default:
                tell("set", default=programme.mrid, **head)
                return
            tell("posted", control=operator.controls[NAME].mrid, **head)
            with ending.bar(group.name, len(posted.devices)) as bar:
                await _followed(given, operator, told, bar)
        except (Refused, Unanswered) as error:
            raise Fault(found.url, str(error)) from error


async def _group(site: Client, said: str) -> groups.Group:
    """The group of a number or a name."""
    found = [one async for one in site.groups.list() if said in {str(one.id), one.name}]
    if len(found) != 1:
        raise Fault("--group", f"{len(found) or 'no'} groups are called {said}: say the number of one")
    return found[0]


async def _devices(site: Client, group: groups.Group) -> dict[str, str]:
    rows = [one async for one in site.devices.list(fleet.DeviceQuery(group=group.id))]
    if not rows:
        raise Fault("--group", f"no device is in group {group.name}")
    return {one.lfdi.upper(): one.name or one.lfdi[:8] for one in rows}


async def _programmes(site: Client, group: int) -> dict[tuple[str, int], grid.Programme]:
    """The programmes that a group has, by primacy; of two of one primacy the first."""
    rows = [one async for one in site.programmes.list(grid.ProgrammeQuery(group=group))]
    return {(NAME, one.primacy): one for one in reversed(rows)}


async def _followed(given: Given, operator: Operator, told: tuple[Posted, Tell], bar: Bar) -> None:
    """Tell what is answered, until all have come as far as is wanted, or patience is over."""
    posted, tell = told
    control, cancelled = operator.controls[NAME], False
    while posted.done < len(posted.devices) or not (cancelled or given.cancel is None):
        age = time.time() - posted.at
        if age > given.patience:
            break
        if given.cancel is not None and age >= given.cancel and not cancelled:
            await operator.do(Step(at=0, do="cancel", name=NAME))
            cancelled = True
            tell("cancelled", after=round(age, 1))
        _told(posted, await answers(operator.site, (control.mrid,)), tell)
        bar(posted.done)
        await asyncio.sleep(PAUSE)


def _told(posted: Posted, found: Mapping[str, tuple[Answer, ...]], tell: Tell) -> None:
    """Tell what is new."""
    for lfdi, name in posted.devices.items():
        said, before = found.get(lfdi, ()), len(posted.said.get(lfdi, ()))
        for one in said[before:]:
            took = round(max(one.received - posted.at, 0.0), 1)
            tell("answer", device=name, status=one.status, word=one.word, after=took)
        posted.said[lfdi] = said


def _shown(given: Given, posted: Posted, tell: Tell) -> bool:
    """Show what has come of it; give whether that is what was wanted."""
    if given.default:
        return posted.at > 0
    said = {name: posted.said.get(lfdi, ()) for lfdi, name in posted.devices.items()}
    reached = {name: posted.reached(lfdi) for lfdi, name in posted.devices.items()}
    passed = bool(reached) and all(reached.values())
    if given.as_json:
        rows = {name: statuses(each) for name, each in said.items()}
        tell("summary", passed=passed, wanted=posted.wanted, responses=rows)
        return passed
    wanted = next(word for word, status in STAGES.items() if status == posted.wanted)
    cells = [
        ("yes" if reached[name] else "NO", name, ", ".join(one.word for one in each))
        for name, each in said.items()
    ]
    screen.table((wanted, "device", "answered"), cells)
    screen.say(f"{sum(reached.values())} of {len(reached)} devices: {wanted}")
    return passed
