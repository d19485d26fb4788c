"""What a group of units is together: sums of their ratings, settings and measurements, with quality and time.

IEC 61850-7-420 for a group as for one unit, where a figure adds up: powers and energies do, voltages and
power factors do not. A sum says by its quality, or its text, whether everybody is in it. Last values are
summed, however old; nobody's figure is made up. Puts nothing into a picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from bridge.iec61850.device import LOST, Device
from bridge.iec61850.draft import Draft
from bridge.iec61850.first import GOOD, INVALID, UNTOLD
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import NAN, quality

ADDING = frozenset({38, 61, 63, 71, 72, 73})
"""SIUnit of what adds up: watts, volt-amperes, vars, and their hours."""
NODES = frozenset({"DGEN1", "DSTO1", "MMXU1"})
VALUES = frozenset({"mag$f", "setMag$f"})
QUESTIONABLE = quality("questionable")
DOUBT = "01"
"""How a quality begins that is invalid."""
DRAFTS = 128


class Figure(NamedTuple):
    """The items of a figure: its value, and its quality and time, or for a setting its text."""

    value: str
    quality: str = ""
    time: str = ""
    text: str = ""


@lru_cache(maxsize=DRAFTS)
def figures(drawn: Draft) -> tuple[Figure, ...]:
    """The figures of a group's device that are sums."""
    return tuple(_figures(drawn))


def _figures(drawn: Draft) -> Iterator[Figure]:
    for item in drawn.kinds:
        node, fc, rest = item.split("$", 2)
        do, _, tail = rest.partition("$")
        if node not in NODES or tail not in VALUES:
            continue
        if drawn.first.get(f"{node}$CF${do}$units$SIUnit") not in ADDING:
            continue
        head = f"{node}${fc}${do}$"
        yield Figure(item, f"{head}q", f"{head}t") if fc == "MX" else Figure(item, text=f"{node}$DC${do}$d")


def total(group: Device, members: Sequence[Device]) -> dict[str, Value]:
    """The values of a group's sums that differ from what it shows."""
    found: dict[str, Value] = {}
    for figure in figures(group.draft):
        found |= _measured(figure, members) if figure.quality else _set(figure, members)
    leaves = group.domain.leaves
    return {item: value for item, value in found.items() if item in leaves and not _same(leaves[item], value)}


def _same(one: Value, other: Value) -> bool:
    return one == other or (_nothing(one) and _nothing(other))


def _nothing(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _set(figure: Figure, members: Sequence[Device]) -> dict[str, Value]:
    """A rating or setting: of those who have told it, and how many these are where it is not everybody."""
    told = [value for value in _values(figure.value, members) if not _nothing(value)]
    missing = len(members) - len(told)
    text = UNTOLD if not told else f"of {len(told)} of {len(members)} units" if missing else ""
    return {figure.value: math.fsum(told) if told else NAN, figure.text: text}


def _values(item: str, members: Iterable[Device]) -> Iterator[float]:
    return (cast("float", each.domain.leaves.get(item, NAN)) for each in members)


def _measured(figure: Figure, members: Sequence[Device]) -> dict[str, Value]:
    """A measurement: the last values of all who ever told one; good where that of each who has it is."""
    told: list[float] = []
    states: list[Value] = []
    times: list[bytes] = []
    for each in members:
        leaves = each.domain.leaves
        if figure.quality not in leaves:
            continue
        state = leaves[figure.quality]
        states.append(state)
        if not str(state).startswith(DOUBT) or _kept(each, figure.quality):
            told.append(cast("float", leaves[figure.value]))
            times.append(cast("bytes", leaves[figure.time]))
    if not told:
        return {figure.quality: INVALID}
    state = GOOD if all(each == GOOD for each in states) else _doubted(states)
    return {figure.value: math.fsum(told), figure.quality: state, figure.time: max(times)}


def _kept(member: Device, item: str) -> bool:
    """Whether a unit that is lost had told a value before."""
    held = member.held.get(item)
    return member.domain.leaves[item] == LOST and held is not None and not str(held).startswith(DOUBT)


def _doubted(states: Iterable[Value]) -> Value:
    return LOST if all(each == LOST for each in states) else QUESTIONABLE
