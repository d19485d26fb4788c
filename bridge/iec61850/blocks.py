"""What stands against a command: one row for each AddCause that follows from the image (7-2, 7-4).

The rows are read from the top and the first that holds is the answer; those that only the plant can know
(interlocking, process, trip) are asked after them. Which mode and which authority take which command follows
IEC 61850-7-4, annexes A and B, as far as they are public; docs/interpretations.md says how they are read.
Looks at an image, never changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from math import isfinite
from typing import NamedTuple

from bridge.iec61850.command import CATEGORIES, INTERLOCK, SYNCHROCHECK, Command
from bridge.iec61850.image import Image
from bridge.iec61850.plant import Plant
from bridge.iec61850.shape import Structure, Value
from models.mms.codes import AddCause

ON, BLOCKED, TEST, TEST_BLOCKED, OFF = 1, 2, 3, 4, 5
"""Values of Beh."""
TAKEN: Collection[tuple[int, bool]] = frozenset({(ON, False), (TEST, True), (TEST_BLOCKED, True)})
"""Modes with the Test of the commands they take; a blocked node would say yes and do nothing."""
FREE = frozenset({"Mod"})
"""Objects that are commanded in every mode, since they are the way out of one."""
BAY, STATION, REMOTE, UNSAID = {1, 4}, {2, 5}, {3, 6}, {0, 7}
"""Originator categories by level, each with its automatic form; maintenance has no level."""
AUTHORITY: Mapping[tuple[bool, bool | None], Collection[int]] = {
    (True, None): BAY,
    (True, False): BAY,
    (True, True): BAY,
    (False, True): STATION | UNSAID,
    (False, False): REMOTE | UNSAID,
    (False, None): BAY | STATION | REMOTE | UNSAID,
}
"""Who may command, by local (Loc or LocKey) and by station (LocSta; None where there is none)."""
ALARM = 3
"""Value of Health that takes no command."""
BAD, SWITCH = "11", {False: "01", True: "10"}
"""Positions of a switch."""


class Facts(NamedTuple):
    """What the rows ask: the command, and what the image says about its node and its object."""

    command: Command
    mode: int
    local: bool
    station: bool | None
    blocked: bool
    health: int
    status: Value | None
    bounds: tuple[tuple[float, float | None, float | None, float | None], ...]
    """Each figure of the value with least, most and step."""


def _strange(facts: Facts) -> bool:
    return facts.command.origin[0] not in CATEGORIES


def _moded(facts: Facts) -> bool:
    pair = facts.mode, facts.command.test
    return facts.command.target.object not in FREE and pair not in TAKEN


def _unentitled(facts: Facts) -> bool:
    """A command of the authority itself is free of it, or nobody could take it back."""
    own = facts.command.target.object == "LocSta"
    allowed = AUTHORITY[facts.local, None if own else facts.station]
    return facts.command.origin[0] not in allowed


def _commanded(facts: Facts) -> bool:
    return facts.blocked and facts.command.target.object != "CmdBlk"


def _misplaced(facts: Facts) -> bool:
    return facts.status == BAD or any(_beyond(*bound) for bound in facts.bounds)


def _beyond(figure: float, least: float | None, most: float | None, step: float | None) -> bool:
    if not isfinite(figure):
        return True
    low, high = least is not None and figure < least, most is not None and figure > most
    uneven = bool(step) and isinstance(figure, int) and bool((figure - (least or 0)) % (step or 1))
    return low or high or uneven


def _reached(facts: Facts) -> bool:
    value, status = facts.command.value, facts.status
    if facts.command.target.object in FREE:  # put on again, it takes what was set for it meanwhile
        return False
    if isinstance(status, str):
        return isinstance(value, bool) and status == SWITCH[value]
    return type(status) is type(value) and status == value


ROWS: tuple[tuple[AddCause, Callable[[Facts], bool]], ...] = (
    (AddCause.inconsistent_parameters, _strange),
    (AddCause.blocked_by_health, lambda facts: facts.health == ALARM),
    (AddCause.blocked_by_mode, _moded),
    (AddCause.blocked_by_switching_hierarchy, _unentitled),
    (AddCause.aborted_by_command, _commanded),
    (AddCause.invalid_position, _misplaced),
    (AddCause.position_reached, _reached),
)
CHECKS = (
    (INTERLOCK, AddCause.blocked_by_interlocking),
    (SYNCHROCHECK, AddCause.blocked_by_synchrocheck),
)
"""Bits of Check that ask the plant, and the cause where it finds something."""


def against(image: Image, plant: Plant, command: Command) -> AddCause | None:
    """Give the first cause that stands against a command: what the image says, then what the plant knows."""
    if command.target.domain not in image.domains:
        return AddCause.unknown
    facts = look(image, command)
    found = next((cause for cause, holds in ROWS if holds(facts)), None)
    if found is not None:
        return found
    asked = ((bit, cause) for bit, cause in CHECKS if command.check[bit : bit + 1] == "1")
    found = next((cause for bit, cause in asked if plant.hindered(command, bit)), None)
    return plant.judge(command) if found is None else found


def look(image: Image, command: Command) -> Facts:
    """Gather what the rows ask."""
    target = command.target
    leaves = image.domains[target.domain].leaves

    def state(name: str, *nodes: str) -> list[Value]:
        items = (f"{node}$ST${name}$stVal" for node in nodes)
        return [leaves[item] for item in items if item in leaves]

    node, device = target.node, "LLN0"
    station = state("LocSta", node, device)
    return Facts(
        command,
        _number(next(iter(state("Beh", node, device)), ON)),
        any(state("Loc", node, device) + state("LocKey", node, device)),
        bool(station[0]) if station else None,
        any(state("CmdBlk", node, device)),
        _number(next(iter(state("Health", node)), 0)),
        leaves.get(target.leaf("ST", "stVal")),
        tuple(_bounds(command, leaves)),
    )


def dry(image: Image, command: Command) -> bool:
    """Say whether a node that takes a command may not let it reach the process."""
    return look(image, command).mode == TEST_BLOCKED and command.target.object not in FREE


def _bounds(
    command: Command, leaves: Mapping[str, Value]
) -> Iterator[tuple[float, float | None, float | None, float | None]]:
    """Give the figures of a value, which is one or a structure of some, with their limits."""
    for name, figure in _figures(command):
        said = (leaves.get(command.target.leaf("CF", f"{limit}{name}")) for limit in _LIMITS)
        least, most, step = (one if isinstance(one, int | float) else None for one in said)
        if least is not None and most is not None and most <= least:  # nobody has set them
            least = most = None
        yield figure, least, most, step


_LIMITS = ("minVal", "maxVal", "stepSize")


def _figures(command: Command) -> Iterator[tuple[str, float]]:
    form, value = dict(command.form.fields)["ctlVal"], command.value
    if isinstance(form, Structure) and isinstance(value, tuple):
        parts = [(f"${name}", part) for (name, _), part in zip(form.fields, value, strict=True)]
    else:
        parts = [("", value)]
    for name, part in parts:
        if isinstance(part, int | float) and not isinstance(part, bool):
            yield name, part


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
