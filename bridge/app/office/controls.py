"""Controls: made, listed, cancelled, replaced.

A control's document is made and ended by `bridge.sep2.dispatch`, like one that a head-end posts; an event is
never edited (IEEE 2030.5-2018 10.2.3). Its state is worked out from the clock and the other controls of its
programme whenever it is shown.
"""

from __future__ import annotations

from typing import Any

from bridge.app.office import found, modes
from bridge.app.office.call import Call, Reply, wrong
from bridge.app.office.cursor import nested, paged
from bridge.core.events import State
from bridge.sdk.forms.grid import Cancel, Clear, Cleared, Control, ControlNew, ControlQuery, Status
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import canon, dispatch, groups, ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work

TYPE = "DERControl"
STATES = {
    State.SCHEDULED: "scheduled",
    State.ACTIVE: "active",
    State.CANCELLED: "cancelled",
    State.CANCELLED_RANDOMISED: "cancelled",
    State.SUPERSEDED: "superseded",
    State.COMPLETED: "ended",
}


async def one(work: Work, href: str) -> Control:
    """A control as it is shown."""
    return await form(work, await found.thing(work.shelf, href, TYPE))


async def form(work: Work, row: Row) -> Control:
    """A control's row as it is shown."""
    said, made = await dispatch.state(work, row), canon.obj(row)
    status = Status(
        code=int(said.code),
        at=said.since,
        superseded=said.doubted is not None,
        reason=made.EventStatus.reason or "",
    )
    return Control(
        version=found.edition(row),
        id=ours.number(row.href),
        href=row.href,
        programme=int(row.href.split("/")[2]),
        mrid=row.mark,
        description=made.description or "",
        state=STATES[said.code],
        status=status,
        created=made.creationTime,
        start=made.interval.start,
        duration=made.interval.duration,
        randomize_start=made.randomizeStart,
        randomize_duration=made.randomizeDuration,
        response_required=int(made.responseRequired or "0", 16),
        device_category=made.deviceCategory,
        modes=modes.modes(canon.control(row.record).modes),
        profile=row.profile,
    )


async def _lists(row: Row) -> tuple[str, ...]:
    return (f"{row.href}/derc",)


async def list_(call: Call, query: ControlQuery) -> Page[Control]:
    """The controls."""
    work = call.work
    ending = work.now if query.state in {"scheduled", "active"} else query.since
    among = None
    if query.mrid is not None:
        among = tuple(row.href for row in await work.shelf.marked(TYPE, query.mrid))
    cut = Cut(ending=ending)

    async def show(row: Row) -> Control | None:
        if among is not None and row.href not in among:
            return None
        control = await form(work, row)
        early = query.until is None or control.start < query.until
        late = query.since is None or control.start + control.duration > query.since
        return control if query.state in {None, control.state} and early and late else None

    if query.programme is not None:
        return await paged(
            work.shelf, f"/derp/{query.programme}/derc", cut, query, show, counted=query.state is None
        )
    seen = None
    if query.device is not None:
        owner = await found.owner(work.shelf, query.device)
        seen = tuple(row.href for row in await groups.programmes(work.shelf, owner))
    return await nested(work.shelf, ("/derp", Cut(among=seen)), _lists, query, show, cut=cut)


async def _facts(work: Work, said: ControlNew) -> dict[str, Any]:
    """What a form says, as the fields of a document."""
    if said.start is not None and said.offset is not None:
        raise wrong("/offset", "start or offset, not both")
    wanted = said.modes.model_dump(exclude_none=True)
    if not wanted.keys() - {"rampTms"}:
        raise wrong("/modes", "a control demands something")
    await _curves(work, said)
    start = said.start if said.start is not None else work.now + (said.offset or 0)
    if start + said.duration <= work.now:
        raise wrong("/duration", "this is over already")
    if said.mrid is not None:
        await found.free(work.shelf, TYPE, said.mrid)
    facts = {
        **modes.facts(said.modes),
        "mRID": said.mrid,
        "description": said.description or None,
        "start": start,
        "duration": said.duration,
        "randomizeStart": said.randomize_start,
        "randomizeDuration": said.randomize_duration,
        "responseRequired": f"{said.response_required:02X}",
        "deviceCategory": said.device_category,
    }
    return {name: value for name, value in facts.items() if value is not None}


async def _curves(work: Work, said: ControlNew) -> None:
    """Refuse a curve that is not there."""
    for name, value in said.modes.model_dump(exclude_none=True).items():
        if isinstance(value, str):
            row = await work.shelf.get(value)
            if row is None or row.type != "DERCurve":
                raise wrong(f"/modes/{name}", f"there is no curve {value}", 409)


async def create(call: Call, said: ControlNew) -> Reply:
    """Make a control."""
    programme = await found.programme(call)
    row = await dispatch.create(call.work, programme, await _facts(call.work, said))
    return _made(row)


def _made(row: Row) -> Reply:
    place = f"/programmes/{row.href.split('/')[2]}/controls/{ours.number(row.href)}"
    return found.shown(one, row.href, location=place)


async def _row(call: Call) -> Row:
    href = f"/derp/{call.number('programme')}/derc/{call.number('control')}"
    return await found.thing(call.work.shelf, href, TYPE)


async def show(call: Call) -> Control:
    """One control."""
    return await form(call.work, await _row(call))


async def cancel(call: Call, said: Cancel) -> Reply:
    """Cancel a control."""
    row = await _row(call)
    await dispatch.cancel(call.work, row, randomised=said.randomly, reason=said.reason or None)
    return found.shown(one, row.href)


async def replace(call: Call, said: ControlNew) -> Reply:
    """Put another control in the place of one."""
    row = await _row(call)
    facts = await _facts(call.work, said)
    return _made(await dispatch.replace(call.work, row, facts))


async def delete(call: Call) -> None:
    """Take a control away."""
    call.work.drop(await _row(call))


async def clear(call: Call, said: Clear) -> Cleared:
    """Cancel all controls that are not over, or the one that was made last."""
    work, shelf = call.work, call.work.shelf
    if said.programme is not None:
        await found.thing(shelf, f"/derp/{said.programme}", "DERProgram")
        parents = [f"/derp/{said.programme}"]
    else:
        programmes = await shelf.children("/derp", Cut(limit=groups.EVERY))
        parents = [row.href for row in programmes.rows]
    rows = [
        row
        for parent in parents
        for row in (await shelf.children(f"{parent}/derc", Cut(limit=groups.EVERY, ending=work.now))).rows
        if (await dispatch.state(work, row)).code not in dispatch.OVER
    ]
    if said.which == "latest":
        rows = sorted(rows, key=lambda row: (canon.obj(row).creationTime, ours.number(row.href)))[-1:]
    for row in rows:
        await dispatch.cancel(work, row, randomised=said.randomly, reason=said.reason or None)
    return Cleared(controls=tuple(row.href for row in rows))
