"""What an operator does with programmes: make a control, cancel it, put another in its place.

Defaults and curves as well. The administration API calls these with an operator's Work; the documents are
stored by the same functions as those that come in over IEEE 2030.5 (10.10.4, event rules of 10.2.3). An event
is never edited: it is cancelled, or superseded by a newer one. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from bridge.core import succession
from bridge.core.events import State
from bridge.sep2 import canon, curves, draft, events, mrid, plain, tree
from bridge.sep2.draft import Facts
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Told
from bridge.sep2.work import Work
from models.der import messages

LISTS: Mapping[str, str] = MappingProxyType(
    {
        "DERControl": "derc",
        "EndDeviceControl": "edc",
        "TextMessage": "txt",
        "TimeTariffInterval": "tti",
        "FlowReservationResponse": "frp",
    }
)
"""The list of each type of event, below what it belongs to."""
ASKED = "03"
"""Received, and each specific answer: what a control asks for unless the operator says otherwise."""
OVER = frozenset({State.CANCELLED, State.CANCELLED_RANDOMISED, State.COMPLETED})


async def create(work: Work, programme: Row, facts: Facts, type_: str = "DERControl") -> Row:
    """Make an event of a programme (or rate component, or device); it starts now where nothing is said."""
    spot = tree.spot(f"{programme.href}/{LISTS[type_]}")
    said = _filled(work, facts, await work.shelf.fresh())
    if "creationTime" not in facts:
        said["creationTime"] = await _newest(work, spot.href, said)
    return await events.stored(work, spot, draft.body(type_, said))


async def _newest(work: Work, parent: str, said: Facts) -> int:
    """Give a creation time after that of every event it overlaps with: so all clients agree who is newer."""
    end = said["start"] + said.get("duration", 0)
    claims = [shown.life.claim for shown in (await events.scene(work, parent)).values()]
    rivals = (one.made + 1 for one in claims if one.start < end and said["start"] < one.end)
    return max((work.now, *rivals))


def _filled(work: Work, facts: Facts, number: int) -> dict[str, Any]:
    """Give the facts of an event with what is the same for all."""
    status = {"currentStatus": 0, "dateTime": work.now, "potentiallySuperseded": False}
    said = {
        "mRID": mrid.kept(f"event {number}", work.policy),
        "creationTime": work.now,
        "EventStatus": status,
        "start": work.now,
        "responseRequired": ASKED,
        **facts,
    }
    return (
        said | ({"replyTo": events.REPLY} if int(said["responseRequired"] or "0", 16) else {}) | dict(facts)
    )


async def cancel(work: Work, row: Row, *, randomised: bool = False, reason: str | None = None) -> Row:
    """Cancel an event, in the order of their spread where wanted; Told 409 where it is over."""
    code = (await state(work, row)).code
    if code in OVER:
        raise Told(409, f"{row.href} is {code.name.lower()}")
    made = canon.obj(row)
    if randomised and not hasattr(made, "randomizeStart"):
        raise Told(400, f"a {row.type} has no random spread")
    status = int(State.CANCELLED_RANDOMISED if randomised else State.CANCELLED)
    kept = {"currentStatus": status, "dateTime": work.now, "potentiallySuperseded": False, "reason": reason}
    fields = {"EventStatus": type(made.EventStatus)(**kept)}
    record = _ended(row, status, work.now, reason) if row.record else b""
    return work.amend(row, body=canon.amended_row(row, **fields), record=record)


def _ended(row: Row, status: int, now: int, reason: str | None) -> bytes:
    said = messages.EventState(
        currentStatus=status, at=Decimal(now), potentiallySuperseded=False, reason=reason
    )
    return canon.control(row.record).model_copy(update={"status": said}).model_dump_json().encode()


async def state(work: Work, row: Row) -> succession.Said:
    """Give the state of an event at this moment."""
    shown = (await events.scene(work, row.parent)).get(row.href)
    return succession.said(shown.life if shown else succession.Life(events.claim(row)), work.now)


async def clear(
    work: Work, programme: Row, type_: str = "DERControl", *, reason: str | None = None
) -> list[Row]:
    """Cancel every event of a programme that is not over."""
    parent = f"{programme.href}/{LISTS[type_]}"
    rows = (await work.shelf.children(parent, Cut(limit=events.EVERY, ending=work.now))).rows
    return [
        await cancel(work, row, reason=reason) for row in rows if (await state(work, row)).code not in OVER
    ]


async def replace(work: Work, row: Row, facts: Facts) -> Row:
    """Put a new event in the place of one: superseded where that leaves no gap, cancelled otherwise."""
    if (await state(work, row)).code in OVER:
        raise Told(409, f"{row.href} is over")
    parent = row.parent.rpartition("/")[0]
    above = await work.shelf.get(parent)
    if above is None:
        raise Told(404, f"{parent} is gone")
    fresh = await create(work, above, _merged(work, row, facts), row.type)
    if not _covers(events.claim(fresh), events.claim(row), work.now):
        await cancel(work, row, reason="replaced")
    return fresh


def _merged(work: Work, row: Row, facts: Facts) -> dict[str, Any]:
    """Give what an event says with some of it set anew: its modes are all new where any is given."""
    said = canon.obj(row).model_dump(
        exclude_none=True, exclude={"href", "mRID", "EventStatus", "creationTime"}
    )
    base = said.pop("DERControlBase", {})
    interval = said.pop("interval")
    fresh = any(name.startswith("opMod") for name in facts)
    start = max(interval["start"], work.now)
    span = {"start": start, "duration": interval["start"] + interval["duration"] - start}
    return {**said, **span, **({} if fresh else base), **facts}


def _covers(new: succession.Claim, old: succession.Claim, now: int) -> bool:
    """Whether a new event supersedes an old one before the old one does anything more."""
    within = new.start < old.end and old.start < new.end and new.opens <= max(old.opens, now)
    return within and new.asks >= old.asks and not old.category & ~new.category


async def default(work: Work, programme: Row, facts: Facts) -> Row:
    """Set the default control of a programme; its mRID stays, its version goes up."""
    href = f"{programme.href}/dderc"
    was = await work.shelf.get(href)
    old = canon.obj(was) if was else None
    made = old.mRID if old else mrid.kept(f"default {href}", work.policy)
    said = {"mRID": made, "version": (old.version or 0) + 1 if old else 0, **facts}
    if "DERControlBase" not in said and not any(name.startswith("opMod") for name in said):
        said["DERControlBase"] = {}
    row = await curves.ruled(work, href, draft.body("DefaultDERControl", said))
    return work.put(row, was)


async def lay(work: Work, href: str, type_: str, facts: Facts, *, grp: str | None = None) -> Row:
    """Put any document at an address from plain facts, where the standard has no method that would."""
    spot = tree.match(href)
    if spot is None or type_ not in spot.node.also or spot.node.lists:
        raise Told(400, f"no {type_} stands at {href}")
    was = await work.shelf.get(href)
    row = await plain.made(work, spot.href.rpartition("/")[0], draft.body(type_, facts), href)
    kept = (was.grp if was else "") if grp is None else grp
    return work.put(row._replace(grp=kept), was)


async def curve(work: Work, programme: Row, facts: Facts, was: Row | None = None) -> Row:
    """Make a curve of a programme, or set one anew in its place."""
    href = was.href if was else f"{programme.href}/dc/{await work.shelf.fresh()}"
    old = canon.obj(was) if was else None
    made = old.mRID if old else mrid.kept(f"curve {href}", work.policy)
    plain = {"creationTime": work.now, "xMultiplier": 0, "yMultiplier": 0, "yRefType": 0}
    version = {"version": (old.version or 0) + 1} if old else {}
    row = await curves.drawn(work, href, draft.body("DERCurve", {**plain, "mRID": made, **version, **facts}))
    return work.put(row._replace(grp=was.grp) if was else row, was)
