"""Whether a unit is served by a protocol now: which agreement stands, or why none does.

Everybody who is affected has to be a party to it as things are now: the operator, and the aggregator that
holds the unit, or the unit itself where none does. So a unit that changed hands is served no more until its
new owner agrees. Reads rows; decides by `bridge.core.agreement` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bridge.app.agreement import paper
from bridge.app.agreement.paper import OPERATOR, Paper
from bridge.app.facility import unit as facility
from bridge.core import agreement
from bridge.core.agreement import NEVER, State
from bridge.sep2 import groups, ours, permit
from bridge.sep2.shelf import Cut, Row, Shelf
from bridge.sep2.work import Trace

NOTHING = "there is no agreement"
ENDED: Mapping[State, str] = {
    State.refused: "was refused",
    State.withdrawn: "was withdrawn",
    State.expired: "has expired",
    State.superseded: "was superseded",
}


class Standing(NamedTuple):
    """How it stands with a unit."""

    number: int = 0
    """Of the agreement that stands; 0 where none does."""
    why: str = ""
    """Why none does."""
    until: int = NEVER
    """When the clock alone may change that."""


def affected(device: Row) -> frozenset[str]:
    """Give everybody whom it concerns how a device is spoken with."""
    return frozenset({OPERATOR, device.grp or device.mark})


async def papers(shelf: Shelf | Trace, protocol: str) -> tuple[Paper, ...]:
    """Give all agreements on a protocol, the oldest first."""
    found = await shelf.children(ours.AGREEMENTS, Cut(limit=groups.EVERY, grp=protocol))
    return tuple(map(paper.read, found.rows))


async def standing(shelf: Shelf | Trace, protocol: str, unit: str, now: int) -> Standing:
    """Say how it stands with a unit."""
    device = next(iter(await shelf.marked("EndDevice", unit)), None)
    if device is None:
        return Standing(why="it is not registered")
    said = await permit.of(shelf, unit)
    if said is not None and not said.granted:
        return Standing(why="its access is withdrawn")
    if await shelf.get(facility.href(unit)) is not None:
        return Standing(why="it is served by IEC 61850 (derbridge facility)")
    mine = [one for one in await papers(shelf, protocol) if unit in one.units]
    return _judged(mine, affected(device), now)


def _judged(mine: Iterable[Paper], parties: frozenset[str], now: int) -> Standing:
    """Take the newest that stands; else say what is wrong with the newest."""
    found = sorted(mine, key=lambda one: one.number, reverse=True)
    edges = [edge for one in found if (edge := agreement.edge(one.agreement, now)) != NEVER]
    until = min(edges, default=NEVER)
    for one in found:
        if agreement.stands(one.agreement, now) and parties <= set(one.parties):
            return Standing(one.number, until=until)
    return Standing(why=_why(found[0], parties, now) if found else NOTHING, until=until)


def _why(one: Paper, parties: frozenset[str], now: int) -> str:
    """Say why an agreement does not stand."""
    state, missing = agreement.state(one.agreement, now), sorted(one.agreement.missing)
    if state is State.offered:
        return f"agreement {one.number} waits for {', '.join(missing)}"
    if state is State.active and one.start > now:
        return f"agreement {one.number} has not begun"
    if state is State.active:
        return f"agreement {one.number} lacks {', '.join(sorted(parties - set(one.parties)))}"
    return f"agreement {one.number} {ENDED[state]}"


async def told(shelf: Shelf | Trace, unit: str, now: int) -> str:
    """Say by which adapter a unit is reached, and by which agreement; nothing where it has no adapter."""
    for row in (await shelf.children(ours.ADAPTERS, Cut(limit=groups.EVERY))).rows:
        shown = ours.read(row)
        if any(each["lfdi"] == unit for each in shown["units"]):
            found = await standing(shelf, shown["name"], unit, now)
            served = f"agreement {found.number}" if found.number else f"no agreement: {found.why}"
            return f"{shown['name']}, {served}"
    return ""
