"""Events as a function of the clock: EventStatus is worked out whenever one is read and is stored nowhere.

IEEE 2030.5-2018 10.2.3 and EventStatus. An event is in its list until its latest effective end, cancelled and
superseded ones too, and gone from there afterwards; its row stays, so that a late response finds its subject.
What one event means for another is in `core.succession`: only within one list, that is within one programme.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from bridge.core import succession
from bridge.core.events import State
from bridge.sep2 import audience, canon, mrid, names, plain
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

EVENTS = ("DERControl", "EndDeviceControl", "TextMessage", "TimeTariffInterval", "FlowReservationResponse")
APART = frozenset({"TextMessage"})
"""Types whose events do not take each other's place."""
SIDE = frozenset({"rampTms", "DERControlBase_r2_3", "any", "anyAttribute"})
"""Fields of DERControlBase that are no control of their own."""
REPLY = "/rsps/1/rsp"
LATER = frozenset({"2023"})
"""Editions that have a word for a completed event, where it is gone in the others, and none for a superseded
one: that stays active, and whatever is said may be superseded."""
EVERY = 1_000_000_000
DEEP = 3
"""How often we look back for earlier events that bear on those found."""
_STATUS = re.compile(rb"<EventStatus>.*?</EventStatus>", re.DOTALL)
_REASON = re.compile(rb"<reason>.*?</reason>", re.DOTALL)


class Shown(NamedTuple):
    """An event, and what the others of its list mean for it."""

    row: Row
    life: succession.Life


def claim(row: Row) -> succession.Claim:
    """Give what an event asks for."""
    return _claim(row.href, row.type, row.body, row.profile)


@lru_cache(maxsize=8192)
def _claim(href: str, type_: str, body: bytes, profile: str) -> succession.Claim:
    made = canon.parsed(body, profile)
    return claimed(href, type_, made)


def claimed(href: str, type_: str, made: Any) -> succession.Claim:  # noqa: ANN401 - of any edition
    """Give what an event asks for, by its object."""
    start, end = made.interval.start, made.interval.start + made.interval.duration
    spread, longer = getattr(made, "randomizeStart", None) or 0, getattr(made, "randomizeDuration", None) or 0
    base = getattr(made, "DERControlBase", None)
    asks = {type_} if base is None else {name for name in type(base).model_fields if name not in SIDE}
    return succession.Claim(
        name=href,
        start=start,
        end=end,
        opens=start + min(spread, 0),
        closes=end + max(spread, 0) + max(longer, 0),
        made=made.creationTime,
        mark=int(made.mRID or "0", 16),
        asks=frozenset() if type_ in APART else _asked(base, asks),
        category=int(getattr(made, "deviceCategory", None) or "0", 16) or succession.EVERY,
        said=made.EventStatus.currentStatus,
        said_at=made.EventStatus.dateTime,
    )


def _asked(base: object, among: set[str]) -> frozenset[str]:
    return frozenset(among if base is None else (name for name in among if getattr(base, name) is not None))


# -------------------------------------------------------------------------------------------------- reading


async def scene(work: Work, parent: str) -> Mapping[str, Shown]:
    """Give the events of a list that are not over, with what bears on them; notes when that changes."""
    key = (parent, len(work.changes))
    if key not in work.memo:
        rows = await _around(work, parent)
        lives = succession.lives(audience.claimed(work, row, claim(row)) for row in rows)
        work.shelf.stale(succession.turn(lives.values(), work.now))
        work.memo[key] = {row.href: Shown(row, lives[row.href]) for row in rows}
    found: Mapping[str, Shown] = work.memo[key]
    return found


async def _around(work: Work, parent: str) -> tuple[Row, ...]:
    """Give the events that are not over, those that overlap with them, as this request leaves them."""
    early = work.now
    rows: tuple[Row, ...] = ()
    for _ in range(DEEP):
        rows = (await work.shelf.children(parent, Cut(limit=EVERY, ending=early))).rows
        first = min((row.at for row in rows), default=early)
        if first >= early:
            break
        early = first
    pending = {change.href: change.row for change in work.changes}
    kept = [row for row in rows if row.href not in pending]
    ours = [row for row in pending.values() if row is not None and row.parent == parent]
    every = sorted((*kept, *ours), key=lambda row: (row.rank, len(row.href), row.href))
    return await audience.meant(work, every)


async def running(work: Work, parent: str) -> tuple[Row, ...]:
    """Give the events of a list that are active now."""
    shown = (await scene(work, parent)).values()
    return tuple(each.row for each in shown if said(work, each.life).code is State.ACTIVE)


async def seen(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give an event as it reads now; none where it is over and the reader's edition has no word for that."""
    del spot
    if row is None:
        return None
    if not await audience.meant(work, (row,)):
        return None
    shown = (await scene(work, row.parent)).get(row.href)
    life = shown.life if shown else succession.Life(claim(row))
    if row.until and row.until <= work.now and not _later(work):
        return None
    return stamped(row, _state(said(work, life), later=_later(work)))


def said(work: Work, life: succession.Life) -> succession.Said:
    """Give the state of an event as the reader's edition has it."""
    return succession.said(life._replace(lost=None) if _later(work) else life, work.now)


def _later(work: Work) -> bool:
    return names.edition(work.caller.profile) in LATER


def _state(said: succession.Said, *, later: bool) -> dict[str, int]:
    """Give the fields of an EventStatus, in the order of the schema."""
    state = {"currentStatus": int(said.code), "dateTime": said.since}
    state["potentiallySuperseded"] = later or said.doubted is not None
    if said.doubted is not None and not later:
        state["potentiallySupersededTime"] = said.doubted
    return state


def stamped(row: Row, state: Mapping[str, int]) -> Row:
    """Give an event with its EventStatus; the record keeps the word of its source."""
    found = _STATUS.findall(row.body)
    if len(found) == 1:
        return row._replace(body=_STATUS.sub(lambda match: _status(state, match[0]), row.body))
    made = canon.obj(row)
    status = type(made.EventStatus)(**state, reason=made.EventStatus.reason)
    return row._replace(body=canon.amended_row(row, EventStatus=status))


def _status(state: Mapping[str, int], was: bytes) -> bytes:
    parts = "".join(f"<{name}>{_text(value)}</{name}>" for name, value in state.items())
    reason = _REASON.search(was)
    return b"<EventStatus>" + parts.encode() + (reason[0] if reason else b"") + b"</EventStatus>"


def _text(value: int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# -------------------------------------------------------------------------------------------------- writing


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """Take an event; it is changed by no later POST, only cancelled or superseded (10.2.3)."""
    row = await stored(work, spot, body)
    return Answer(201, location=row.href)


async def stored(work: Work, spot: Spot, body: Body) -> Row:
    """Store an event under a new address; Told 409 where its mRID is taken."""
    mark = mrid.mark(body.obj.mRID, work.policy)  # type: ignore[attr-defined]
    if await work.shelf.marked(body.type, mark):
        raise Told(409, f"there is a {body.type} {mark}")
    href = f"{spot.href}/{await work.shelf.fresh()}"
    fields = _settled(body.obj, mark)
    data = canon.amended(body, **fields)
    whole = body._replace(data=data, obj=body.obj.model_copy(update=fields))
    row = await plain.made(work, spot.href, whole, href)
    mine = claimed(href, body.type, whole.obj)
    record = await _record(work, spot, whole, href) if body.type == "DERControl" else b""
    return work.put(row._replace(at=mine.start, until=mine.closes, record=record))


def _settled(made: Any, mark: str) -> dict[str, object]:  # noqa: ANN401 - of any edition
    """Give what is set anew in an event: the mRID in upper case, and where to answer if that is wanted."""
    wanted = int(made.responseRequired or "0", 16) and not made.replyTo
    return {"mRID": mark, **({"replyTo": REPLY} if wanted else {})}


async def _record(work: Work, spot: Spot, body: Body, href: str) -> bytes:
    """Give the canonical control, which says its programme and the programme's rank as well."""
    programme = await work.shelf.get(spot.href.rpartition("/")[0])
    if programme is None:
        raise Told(404, "there is no such programme")
    about = canon.envelope(work, href, groups=(programme.grp,) if programme.grp else ())
    primacy = canon.obj(programme).primacy
    return canon.record(body.obj, body.profile, about, programme=programme.href, primacy=primacy)
