"""Requests that wait for another subject's approval: listed, approved, rejected.

What is approved is decided anew with the roles that its sender has then, done as it was sent, and committed
with the approval in one batch, whichever door it came in by. Who sent it may not approve it.
"""

from __future__ import annotations

from base64 import b64decode

from bridge.app.office import asking, reading, routes
from bridge.app.office.call import Call, Reply, Wrong
from bridge.app.office.cursor import paged
from bridge.sdk.forms.access import Pending, PendingQuery, Settled
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import access, ours, rules, server
from bridge.sep2 import pending as held
from bridge.sep2.pending import Waiting
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work


def form(row: Row) -> Pending:
    """A request as it is shown."""
    said = ours.read(row)
    names = ("lfdi", "method", "path", "function", "action", "rule", "devices", "at")
    return Pending(
        id=ours.number(row.href),
        door=said["hop"],
        power=None if said["power"] is None else float(said["power"]),
        until=row.until,
        body=b64decode(said["body"]).decode("utf-8", "replace")[:65_536],
        **{name: said[name] for name in names},
    )


async def pending(call: Call, query: PendingQuery) -> Page[Pending]:
    """Requests that wait."""

    async def show(row: Row) -> Pending | None:
        return form(row)

    return await paged(call.work.shelf, ours.PENDING, Cut(ending=call.work.now), query, show)


async def approve(call: Call) -> Settled:
    """Approve a request, and do it."""
    row = await held.one(call.work.shelf, call.number("pending"), call.work.now)
    if row.owner == call.work.caller.lfdi:
        raise Wrong(403, "another subject has to approve")
    call.work.drop(row)
    waiting = held.read(row, call.work.now)
    caller = await rules.caller(waiting.ask, call.work.shelf, call.work.policy)
    if not caller.granted:
        raise Wrong(403, "the access of its sender is withdrawn")
    work = Work(waiting.ask, caller, call.work.policy, call.work.shelf, approved=True)
    status, location = await (_posted(work) if waiting.hop == "sep2" else _asked(call, work, waiting))
    await access.guard(work)
    call.work.changes += work.changes
    call.work.memo[access.GUARDED] = {change.href for change in work.changes}
    return Settled(id=ours.number(row.href), approved=True, status=status, location=location)


async def _posted(work: Work) -> tuple[int, str]:
    """Do a request of IEEE 2030.5."""
    done = await server.perform(work)
    return done.status, done.location


async def _asked(call: Call, work: Work, waiting: Waiting) -> tuple[int, str]:
    """Do an operation of this API."""
    ask = waiting.ask
    row, path = routes.rows(ask.path)[ask.method]
    said = reading.form(row, ask.body) if row.takes and ask.media not in row.raw else None
    query = row.query.model_validate_strings(dict(ask.query), strict=False) if row.query else None
    inner = Call(row, work, call.context, path, query, ask.body, ask.media, ask.accept, call.terms)
    await asking.ask(inner, said)
    made = await routes.functions()[row.name](inner, *inner.given(said))
    reply = made if isinstance(made, Reply) else Reply(made)
    return reply.status or row.status, reply.location


async def reject(call: Call) -> Settled:
    """Drop a request."""
    row = await held.one(call.work.shelf, call.number("pending"), call.work.now)
    call.work.drop(row)
    return Settled(id=ours.number(row.href), approved=False)
