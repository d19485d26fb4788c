"""What clients have told and what was done: responses, log events, subscriptions, the outbox, the archive.

Each is asked for by device and time, in pages; a subscription may be ended, and its client is told
(IEEE 2030.5-2018 8.6). Nothing here is made by an operator.
"""

from __future__ import annotations

from bridge.app.office import found, vault
from bridge.app.office.call import Call
from bridge.app.office.cursor import chained, nested, paged
from bridge.sdk.forms.kinds import Page
from bridge.sdk.forms.records import (
    ArchiveQuery,
    Entry,
    LogEvent,
    Response,
    ResponseQuery,
    Subscription,
    SubscriptionQuery,
    Waiting,
    WaitingQuery,
    Window,
)
from bridge.sep2 import canon, doors, enrol, groups, ours, response, tree
from bridge.sep2.shelf import Cut, Row

MEANINGS = {
    1: "received",
    2: "started",
    3: "completed",
    4: "opted out",
    5: "opted in",
    6: "cancelled",
    7: "superseded",
    8: "partially completed, opted out",
    9: "partially completed, opted in",
    10: "completed, no participation",
    11: "acknowledged",
    12: "cannot be displayed",
    13: "aborted for another server",
    14: "aborted for another programme",
    252: "rejected: not applicable",
    253: "rejected: invalid",
    254: "rejected: expired",
}
"""Response.status (IEEE 2030.5-2018 Table 27)."""


async def _owner(call: Call, device: str | None) -> str | None:
    return None if device is None else await found.owner(call.work.shelf, device)


def _within(query: Window, at: int) -> bool:
    return (query.since is None or at >= query.since) and (query.until is None or at < query.until)


async def responses_list(call: Call, query: ResponseQuery) -> Page[Response]:
    """Responses."""
    shelf = call.work.shelf
    sets = [row.href for row in (await shelf.children("/rsps", Cut(limit=groups.EVERY))).rows]
    cut = Cut(owner=await _owner(call, query.device), grp=query.subject)

    async def show(row: Row) -> Response | None:
        made = canon.obj(row)
        wanted = query.status in {None, made.status} and _within(query, row.changed)
        return _response(row) if wanted else None

    places = dict.fromkeys((response.FIRST, *sets))
    return await chained(shelf, [f"{href}/rsp" for href in places], query, show, cut=cut)


def _response(row: Row) -> Response:
    made = canon.obj(row)
    return Response(
        href=row.href,
        type=row.type,
        device=row.owner,
        subject=row.grp,
        status=made.status,
        meaning=MEANINGS.get(made.status, ""),
        created=made.createdDateTime,
        received=row.changed,
    )


async def logs_list(call: Call, query: Window) -> Page[LogEvent]:
    """Log events."""
    shelf = call.work.shelf

    async def show(row: Row) -> LogEvent | None:
        return _event(row) if _within(query, canon.obj(row).createdDateTime) else None

    async def lists(row: Row) -> tuple[str, ...]:
        return (f"{row.href}/lel",)

    if query.device is not None:
        device = await found.device(shelf, query.device)
        return await paged(shelf, f"{device.href}/lel", Cut(), query, show, counted=False)
    return await nested(shelf, (enrol.LIST, Cut()), lists, query, show)


def _event(row: Row) -> LogEvent:
    made = canon.obj(row)
    return LogEvent(
        href=row.href,
        device=row.owner,
        created=made.createdDateTime,
        function_set=made.functionSet,
        code=made.logEventCode,
        event=made.logEventID,
        pen=made.logEventPEN,
        profile=made.profileID,
        details=made.details or "",
        extended=made.extendedData,
    )


async def subscriptions_list(call: Call, query: SubscriptionQuery) -> Page[Subscription]:
    """Subscriptions."""
    busy = await vault.busy(call.context.store)

    async def lists(row: Row) -> tuple[str, ...]:
        return (f"{row.href}/sub",)

    async def show(row: Row) -> Subscription:
        return _subscription(row, waiting=row.href in busy)

    return await nested(call.work.shelf, (enrol.LIST, Cut(owner=query.client)), lists, query, show)


def _subscription(row: Row, *, waiting: bool) -> Subscription:
    made = canon.obj(row)
    return Subscription(
        id=ours.number(row.href),
        href=row.href,
        client=row.owner,
        resource=made.subscribedResource,
        url=made.notificationURI,
        encoding=made.encoding,
        level=made.level or "",
        limit=made.limit,
        changed=row.changed,
        waiting=waiting,
    )


async def subscriptions_delete(call: Call) -> None:
    """End a subscription."""
    device = await found.device(call.work.shelf, call.path["device"])
    href = f"{device.href}/sub/{call.number('subscription')}"
    row = await found.thing(call.work.shelf, href, "Subscription")
    await doors.delete(call.work, tree.spot(href), row)


async def outbox_list(call: Call, query: WaitingQuery) -> Page[Waiting]:
    """Notifications that are on their way."""
    return await vault.waiting(call.context.store, query)


async def archive_list(call: Call, query: ArchiveQuery) -> Page[Entry]:
    """Changes."""
    return await vault.history(call.context.store, query)
