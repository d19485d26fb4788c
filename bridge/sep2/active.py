"""Lists by the clock: the active members of a list, and the members of a list of events that are not over.

IEEE 2030.5-2018 10.2.3: an active list holds the events of its sibling list whose status is active; for what
has a window and no status (supply interruptions, billing periods) the window decides. Never stores anything.
"""

from __future__ import annotations

from bridge.sep2 import audience, events, windows
from bridge.sep2.shelf import Cut, Page, Row
from bridge.sep2.tree import Spot
from bridge.sep2.work import Work

BESIDE = {
    "actderc": "derc",
    "actedc": "edc",
    "acttxt": "txt",
    "acttti": "tti",
    "actsi": "si",
    "actbp": "bp",
    "actcr": "cr",
    "acttar": "tar",
    "actpro": "pro",
}
"""The last part of an active list's address, and that of the list whose members it shows."""


async def listed(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the members of an active list, or of a list of events."""
    above, _, last = spot.href.rpartition("/")
    if last in BESIDE:
        return await _active(work, spot, f"{above}/{BESIDE[last]}", cut)
    if spot.node.member not in events.EVENTS:
        return await work.shelf.children(spot.href, cut)
    shown = await events.scene(work, spot.href)
    if spot.node.member in audience.EVENTS and work.caller.role != "operator":
        return windows.page((each.row for each in shown.values()), cut._replace(ending=work.now))
    return await work.shelf.children(spot.href, cut._replace(ending=work.now))


async def _active(work: Work, spot: Spot, parent: str, cut: Cut) -> Page:
    if spot.node.member in events.EVENTS:
        rows = await events.running(work, parent)
    else:
        rows = await _open(work, parent)
    found = [row for row in rows if cut.after is None or row.at > cut.after]
    return Page(tuple(found[cut.start : cut.start + cut.limit]), len(found))


async def _open(work: Work, parent: str) -> tuple[Row, ...]:
    """Give the members whose window holds this moment; notes when the next one opens or closes."""
    rows = (await work.shelf.children(parent, Cut(limit=events.EVERY, ending=work.now))).rows
    moments = [moment for row in rows for moment in (row.at, row.until) if moment > work.now]
    work.shelf.stale(min(moments, default=None))
    return tuple(row for row in rows if row.at <= work.now)
