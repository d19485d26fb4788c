"""Which way each mode can be brought to a unit: by schedules, directly, or not at all.

A mode is a row of mappings/der-iec61850.toml: its objects must be there and take what they are told. Ahead of
its time it goes only by schedules (FSCH, FSCC of IEC 61850-7-4): what is a setting beside them, a curve or a
base of a percentage, would change what is in force now. An object with one schedule alone is told at the
time: the next control could not wait beside the one that runs. Reads nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from bridge.iec61850.carrying.survey import Arbiter, Survey, described
from bridge.iec61850.roster import SCHEDULED
from bridge.iec61850.shape import Structure
from bridge.mapping.bases import Bases
from bridge.mapping.modes import how
from bridge.mapping.nodes import COMMANDED, EQUIPMENT, Row, place, read
from bridge.ports import ENTRY, Reach

SWITCH = "CSWI1"
SETTLED = frozenset({"droop", "reference"})
"""Codecs that write settings beside the command, as every curve does."""
WITH = frozenset({"quad", "over", "under", "low", "ref"})
"""Further objects of a row that its mode cannot do without."""
PLAIN = re.compile("[0-9]*")
"""What may follow the name of an object that repeats."""
AHEAD = 2
"""Schedules of an object that let one wait while another runs."""
RAMP = "rampTms"
"""A property of whatever is told with it."""


class Way(NamedTuple):
    """How a mode goes to a unit: `slots` are the fewest schedules of any of its objects."""

    mode: str
    able: bool
    slots: int = 0
    lacks: str = ""


def reach(survey: Survey, bases: Bases) -> Reach:
    """What a unit can be made to do."""
    own = suited(survey, bases)
    found = [_way(survey, own, row) for row in read().rows["Modes"] if row.canonical != RAMP]
    able = frozenset(each.mode for each in found if each.able)
    ahead = frozenset(each.mode for each in found if each.able and each.slots >= AHEAD)
    beside = {ENTRY} if any(_entry(survey, bases)) else set()
    return Reach(ahead, (able - ahead) | beside)


def _entry(survey: Survey, bases: Bases) -> Iterator[bool]:
    """Whether each object of what a default says beside its modes is there."""
    for row in read().rows["GridEntry"]:
        node, _, name = named(bases, row.iec61850).partition(".")
        yield f"{node}$SP${name}" in survey.types


def suited(survey: Survey, bases: Bases) -> Bases:
    """The bases of a unit, with what it says itself: name, switch, signs, nominal frequency."""
    frames = {tabled(bases, node): frame for node, frame in survey.frames().items()}
    return replace(
        bases,
        ld=survey.domain,
        switch=survey.has(bases.names.get(SWITCH, SWITCH)),
        frames={**frames, **bases.frames},
        hertz=bases.hertz or survey.hertz(),
    )


def way(survey: Survey, bases: Bases, row: Row) -> Way:
    """How one mode goes."""
    return _way(survey, suited(survey, bases), row)


def _way(survey: Survey, bases: Bases, row: Row) -> Way:
    refs = tuple(objects(row, bases))
    lacks = next((ref for ref in refs if not _there(survey, bases, ref)), "") or _site(survey, bases, row)
    if lacks:
        return Way(row.canonical, able=False, lacks=named(bases, lacks))
    return Way(row.canonical, able=True, slots=_slots(survey, bases, row, refs))


def named(bases: Bases, ref: str) -> str:
    """A reference of the table under the unit's own names."""
    node, dot, rest = ref.partition(".")
    return f"{bases.names.get(node, node)}{dot}{rest}"


def tabled(bases: Bases, node: str) -> str:
    """The table's name of a unit's node."""
    return next((ours for ours, theirs in bases.names.items() if theirs == node), node)


def arbiter(survey: Survey, entity: str, cdc: str) -> Arbiter | None:
    """The arbiter of an object of a class, else a free one whose schedules can hold its value."""
    return next((each for each in (*_own(survey, entity), *_free(survey, cdc))), None)


def _own(survey: Survey, entity: str) -> Iterator[Arbiter]:
    return (each for each in survey.arbiters if each.entity == entity)


def _free(survey: Survey, cdc: str) -> Iterator[Arbiter]:
    for each in survey.arbiters:
        if not each.entity and all(value_of(survey, schedule, cdc) for schedule in each.schedules):
            yield each


def value_of(survey: Survey, schedule: str, cdc: str) -> str | None:
    """The item that holds a schedule's first value for an object of a class; None where it has none."""
    held = SCHEDULED.get(cdc)
    if held is None:
        return None
    name, tail = held[0].rstrip("0123456789"), "setMag$f" if cdc == "APC" else "setVal"
    return first(survey, schedule, name, tail)


def first(survey: Survey, schedule: str, name: str, tail: str) -> str | None:
    """The first instance of a repeated object of a schedule: `StrTm1`, `StrTm01` or plain `StrTm`."""
    held = survey.types.get(f"{schedule}$SP")
    named = (each for each, _ in held.fields) if isinstance(held, Structure) else ()
    numbers = (each.removeprefix(name) for each in named if each.startswith(name))
    items = {
        int(each or 0): f"{schedule}$SP${name}{each}${tail}" for each in numbers if PLAIN.fullmatch(each)
    }
    return next((items[each] for each in sorted(items) if items[each] in survey.types), None)


def objects(row: Row, bases: Bases) -> Iterator[str]:
    """The objects of the table that a mode cannot do without."""
    if row.how == "connect":
        yield row.iec61850 if bases.switch else row.also["without"]
        return
    if row.iec61850:
        yield row.iec61850
    yield from (ref for name, ref in row.also.items() if name in WITH)


def _there(survey: Survey, bases: Bases, ref: str) -> bool:
    """Whether an object of the table takes what it is told: by a control of its own, or as a setting."""
    node, _, name = named(bases, ref).partition(".")
    if place(ref).cdc not in COMMANDED:
        return f"{node}$SP${name}" in survey.types
    return survey.model(survey.target(f"{node}.{name}")) > 0


def _site(survey: Survey, bases: Bases, row: Row) -> str:
    """The connection point of a mode that regulates another one than the unit's own, where it has none."""
    return "" if row.ecp in ("", "DECP1") or survey.has(named(bases, row.ecp)) else row.ecp


def _slots(survey: Survey, bases: Bases, row: Row, refs: tuple[str, ...]) -> int:
    """The fewest schedules that any object of a mode has; none where it cannot go by schedules."""
    if row.kind >= 0 or how(row) in SETTLED:
        return 0
    found: list[Arbiter] = []
    for ref in (*refs, *_switched(survey, bases, refs)):
        cdc, entity = place(ref).cdc, named(bases, ref)
        held = next(
            (each for each in (*_own(survey, entity), *_free(survey, cdc)) if each not in found), None
        )
        if held is None:
            return 0
        found.append(held)
    return min((_counted(survey, each) for each in found), default=0)


def _counted(survey: Survey, each: Arbiter) -> int:
    """How many schedules an arbiter has; a single one only counts where it can bear whose it is."""
    count = len(each.schedules)
    return count if count >= AHEAD or described(survey, each.schedules[0]) else 0


def _switched(survey: Survey, bases: Bases, refs: tuple[str, ...]) -> Iterator[str]:
    """Mod of each node that has to be switched on with the schedule, since it is off."""
    for node in dict.fromkeys(ref.partition(".")[0] for ref in refs):
        mode = named(bases, f"{node}.Mod")
        if place(node).node in EQUIPMENT or survey.on(mode.partition(".")[0]):
            continue
        if survey.model(survey.target(mode)):
            yield f"{node}.Mod"
