"""An explanation put together: the unit's picture, the reasons of the core, what was told and answered.

The same picture that orders are made from is asked (`bridge.app.pump.scene`), so that what is explained is
what is done. A unit that comes for its controls by itself is explained by the responses that it posted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from bridge.app.agreement import standing
from bridge.app.office import modes
from bridge.app.office.call import Wrong
from bridge.app.office.records import MEANINGS
from bridge.app.pump import rows
from bridge.app.pump.scene import Scene, held, scene
from bridge.core import drawing, primacy, timeline
from bridge.core.case import Event, Said, subject
from bridge.core.reasons import Reason, Verdict, View, asks, chain
from bridge.core.told import Told
from bridge.sdk.forms.orders import Answer, Candidate, Explanation
from bridge.sep2 import canon, groups, ours, response
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Trace, Work
from models.der import messages

Way = Literal["no", "on its way", "dead", "yes"]


def moment(at: Decimal) -> int | None:
    """A moment in whole seconds; none for always and never."""
    return int(at) if at.is_finite() else None


async def explained(work: Work, unit: str, name: str, at: int) -> Explanation:
    """Explain a mode of a unit."""
    mode, shelf = named(name), work.shelf
    found = await scene(shelf, unit, work.now)
    if found is None:
        raise Wrong(404, f"there is no device {unit}")
    row = await shelf.get(f"{ours.TOLD}/{unit}")
    state = rows.told(row) if row else None
    wanted = [one for one in found.records if asks(one, mode)]
    replies = {primacy.key(one): await answers(shelf, unit, one) for one in wanted}
    said = state.said if state else _said(wanted, replies)
    view = View(found.picture(said, Decimal(work.now)), unit, mode, Decimal(at), said)
    reasons = chain(view, await _strangers(shelf, found, at))
    spans = view.picture.plans.get(unit, {}).get(mode, ())
    span = timeline.at(spans, view.at)
    letters = (await shelf.children(ours.ORDERS, Cut(limit=groups.EVERY, owner=unit))).rows
    ways = Ways(mode, state, [rows.letter(each) for each in letters])
    return Explanation(
        device=unit,
        mode=mode,
        at=at,
        holder=next((_mark(one.record) for one in reasons if one.verdict is Verdict.holds), None),
        until=moment(span.end) if span else None,
        carried=state is not None,
        adapter=await standing.told(shelf, unit, work.now),
        candidates=tuple(_candidate(one, found, mode, ways, replies) for one in reasons),
        drawing=_drawn({mode: spans}, view.at) if spans else (),
    )


def _drawn(plan: timeline.Plan, at: Decimal) -> tuple[str, ...]:
    return drawing.draw(plan, *drawing.around(plan, at), now=at, tell=_clock)


def _clock(at: Decimal) -> str:
    return f"{datetime.fromtimestamp(int(at), UTC):%H:%M:%S}"


def named(name: str) -> str:
    """The canonical name of a mode, given that or its name in DERControlBase."""
    table = modes.table("Modes")
    found = table[name].canonical if name in table else name
    if found is None or found not in messages.Modes.model_fields or found in timeline.SIDE:
        raise Wrong(404, f"there is no mode {name}")
    return found


async def answers(shelf: Trace, unit: str, record: Event) -> tuple[Answer, ...]:
    """What was said of a record for a unit, the oldest first."""
    types = (*sorted(response.RECORDED), "Response")
    every = [row for type_ in types for row in await shelf.grouped(type_, primacy.key(record))]
    mine = sorted(
        (row for row in every if row.owner == unit and canon.obj(row).status is not None),
        key=lambda row: (row.at, len(row.href), row.href),
    )
    return tuple(_answer(row) for row in mine)


def _answer(row: Row) -> Answer:
    made: Any = canon.obj(row)
    more = json.loads(row.record) if row.record else {}
    return Answer(
        status=made.status,
        meaning=MEANINGS.get(made.status, ""),
        at=row.at,
        cause=more.get("addCause"),
        reason=more.get("reason") or "",
    )


def _said(records: Iterable[Event], replies: dict[str, tuple[Answer, ...]]) -> Said:
    return {subject(one): tuple(each.status for each in replies[primacy.key(one)]) for one in records}


async def _strangers(shelf: Trace, found: Scene, at: int) -> list[Event]:
    """Records that run at a moment and are meant for others."""
    mine = set(found.homes)
    every = (await shelf.children("/derp", Cut(limit=groups.EVERY))).rows
    pairs = [pair for each in every for pair in await held(shelf, each, at)]
    return [
        one
        for _, one in pairs
        if primacy.key(one) not in mine
        and not primacy.withdrawn(one)
        and timeline.window(one)[0] <= at < timeline.window(one)[1]
    ]


class Ways:
    """How far a unit was told of records, for one mode."""

    def __init__(self, mode: str, state: Told | None, letters: Iterable[rows.Letter]) -> None:
        self._marks = {one.key for one in state.marks if one.mode == mode} if state else set()
        self._letters = {
            primacy.key(one.order.record): one.dead for one in letters if mode in one.order.modes
        }

    def way(self, record: Event) -> Way:
        """How far it is."""
        key = primacy.key(record)
        if key in self._letters:
            return "dead" if self._letters[key] else "on its way"
        return "yes" if key in self._marks else "no"


def _candidate(
    one: Reason, found: Scene, mode: str, ways: Ways, replies: dict[str, tuple[Answer, ...]]
) -> Candidate:
    record = one.record
    start, end = timeline.window(record)
    value = record.modes.model_dump(mode="json", include={mode}, exclude_none=True)[mode]
    return Candidate(
        record=_mark(record),
        kind="control" if isinstance(record, messages.Control) else "default",
        href=found.homes.get(primacy.key(record), record.programme or ""),
        verdict=one.verdict.value,
        why=one.why,
        value=json.dumps(value),
        primacy=record.primacy,
        created=int(primacy.made(record)),
        start=moment(start),
        end=moment(end),
        party=record.origin.party,
        door=record.origin.door.value,
        correlation=record.correlation or "",
        told=ways.way(record),
        answers=replies.get(primacy.key(record), ()),
    )


def _mark(record: Event) -> str:
    return record.mRID or primacy.key(record)
