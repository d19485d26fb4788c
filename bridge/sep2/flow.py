"""Flow reservations: a device asks for energy in a window, the utility answers with an event of its own.

IEEE 2030.5-2018 10.9. A request is posted, changed and cancelled by the device; answers come from operators
and name the request they answer. When a request is cancelled or removed, the answers to it that are not over
are cancelled in the same commit. An answer is read by the clock like any event.
"""

from __future__ import annotations

from typing import Any

from bridge.sep2 import canon, dispatch, events, plain
from bridge.sep2.draft import Facts
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

REQUESTED, CANCELLED = 0, 1
"""Values of requestStatus."""


async def requested(work: Work, spot: Spot, body: Body) -> Answer:
    """Take a request; one whose mRID is in the list is changed."""
    _sound(body.obj)
    was = await plain.sibling(work, spot.href, body.type, plain.marked(work, body.obj))
    if was is None and body.obj.RequestStatus.requestStatus != REQUESTED:  # type: ignore[attr-defined]
        raise Told(400, "a request begins with requestStatus 0")
    answer = await plain.posted(work, spot, body)
    if was:
        await _followed(work, was, body.obj)
    return answer


async def changed(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Change or cancel a request; its mRID stays."""
    if row is None:
        raise Told(404, f"there is no request {spot.href}")
    _sound(body.obj)
    if plain.marked(work, body.obj) != row.mark:
        raise Told(400, f"the mRID of {spot.href} is {row.mark}")
    await _followed(work, row, body.obj)
    return await plain.replaced(work, spot, body, row)


async def withdrawn(work: Work, spot: Spot, row: Row) -> Answer:
    """Remove a request, and cancel what was answered to it."""
    await _cancelled(work, row)
    return await plain.removed(work, spot, row)


async def answered(work: Work, spot: Spot, body: Body) -> Answer:
    """Take an operator's answer to a request."""
    await _subject(work, spot.href, body.obj)
    return await events.posted(work, spot, body)


async def grant(work: Work, device: Row, facts: Facts) -> Row:
    """Answer a request of a device from plain facts: subject, window, energyAvailable, powerAvailable."""
    row = await dispatch.create(work, device, facts, "FlowReservationResponse")
    await _subject(work, row.parent, canon.obj(row))
    return row


async def _subject(work: Work, list_: str, said: Any) -> Row:  # noqa: ANN401 - of any edition
    """Give the request that an answer names; Told 400 where the device has none, or has cancelled it."""
    requests = f"{list_.rpartition('/')[0]}/frq"
    row = await plain.sibling(work, requests, "FlowReservationRequest", said.subject.upper())
    if row is None:
        raise Told(400, f"{requests} has no request {said.subject}")
    if canon.obj(row).RequestStatus.requestStatus == CANCELLED:
        raise Told(400, f"request {said.subject} is cancelled")
    return row


def _sound(said: Any) -> None:  # noqa: ANN401 - of any edition
    if said.RequestStatus.requestStatus not in {REQUESTED, CANCELLED}:
        raise Told(400, f"requestStatus {said.RequestStatus.requestStatus} is reserved")


async def _followed(work: Work, was: Row, said: Any) -> None:  # noqa: ANN401 - of any edition
    """Let a cancelled request take its answers along; one that was cancelled is not asked for again."""
    before = canon.obj(was).RequestStatus.requestStatus
    if before == CANCELLED and said.RequestStatus.requestStatus != CANCELLED:
        raise Told(400, f"{was.href} is cancelled; a new request has a new mRID")
    if said.RequestStatus.requestStatus == CANCELLED:
        await _cancelled(work, was)


async def _cancelled(work: Work, request: Row) -> None:
    """Cancel the answers to a request that are not over."""
    answers = f"{request.parent.rpartition('/')[0]}/frp"
    for row in (await work.shelf.children(answers, Cut(limit=events.EVERY, ending=work.now))).rows:
        over = (await dispatch.state(work, row)).code in dispatch.OVER
        if canon.obj(row).subject.upper() == request.mark and not over:
            await dispatch.cancel(work, row, reason="the request was withdrawn")
