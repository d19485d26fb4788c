"""The status of events as rows: EventStatus is a function of the clock, so somebody has to look at the clock.

One row below `/-/phase` for each event that is not over, with what it is now and when it may be something
else next; the rows stand in the order of those moments. Put anew, a row is an entry of the archive like any
other, and so is told (IEEE 2030.5-2018 10.2.3). Nothing is committed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bridge.core import succession
from bridge.core.events import State
from bridge.core.succession import Life
from bridge.sep2 import events, ours
from bridge.sep2.shelf import Change, Cut, Row
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Caller, Policy, Trace, Work

TURN, OVER = "Phase", "PhaseOver"
"""Types of rows: an event that is followed, and one that is followed no more."""
LISTS = {"DERProgram": "derc", "DemandResponseProgram": "edc"}
"""Lists of events, by what they are below."""
MOST = 64
"""Events that are looked at for one moment."""


class Now(NamedTuple):
    """What an event is at a moment, since when, and when it may be something else; 0 for never."""

    status: State
    since: int
    next: int


async def lists(shelf: Trace) -> tuple[str, ...]:
    """Give all lists of events there are."""
    found = [(row.href, name) for type_, name in LISTS.items() for row in await shelf.owned(type_, "")]
    return tuple(f"{href}/{name}" for href, name in found)


async def due(shelf: Trace, now: int) -> frozenset[str]:
    """Give the lists of the events whose moment has come."""
    rows = (await shelf.children(ours.PHASES, Cut(limit=MOST))).rows
    return frozenset(row.grp for row in rows if row.type == TURN and 0 < row.at <= now)


async def changes(shelf: Trace, policy: Policy, parents: Iterable[str], now: int) -> list[Change]:
    """Give what is to be put in place for the events of some lists."""
    found: list[Change] = []
    for parent in sorted(set(parents)):
        work = Work(Ask("GET", parent, Peer("", 0), now), Caller("", 0, "operator"), policy, shelf)
        shown = await events.scene(work, parent)
        seen = set()
        for each in shown.values():
            seen.add(each.row.mark)
            was = await shelf.get(f"{ours.PHASES}/{each.row.mark}")
            found += _changed(each.row, _now(each.life, now), was)
        for row in await shelf.grouped(TURN, parent):
            if row.mark not in seen:
                found += await _ended(shelf, row, now)
    return found


def _now(life: Life, now: int) -> Now:
    said = succession.said(life, now)
    over = said.code not in {State.SCHEDULED, State.ACTIVE}
    return Now(said.code, said.since, 0 if over else succession.turn((life,), now) or 0)


async def _ended(shelf: Trace, row: Row, now: int) -> list[Change]:
    """An event that is not in its list any more: over by the clock, or removed."""
    there = await shelf.get(ours.read(row)["href"])
    if there is None:
        return _changed(row, Now(State.CANCELLED, now, 0), row)
    return _changed(there, _now(Life(events.claim(there)), now), row)


def _changed(event: Row, is_: Now, was: Row | None) -> list[Change]:
    """The row of an event, unless it stands there already; one that is over and was never told has none."""
    said = ours.read(was)
    href = said["href"] if was is not None and event is was else event.href
    body = ours.body({"href": href, "status": int(is_.status), "since": is_.since})
    if was is None and not is_.next:
        return []
    same = was is not None and (said["status"], said["since"]) == (int(is_.status), is_.since)
    if same and was is not None and was.at == is_.next:
        return []
    row = Row(
        f"{ours.PHASES}/{event.mark}", ours.PHASES, TURN if is_.next else OVER, body, mark=event.mark,
        grp=href.rpartition("/")[0], rank=f"{is_.next:020d}" if is_.next else "9" * 20, at=is_.next,
    )  # fmt: skip
    return [Change(row.href, row, expect=was.version if was else 0)]
