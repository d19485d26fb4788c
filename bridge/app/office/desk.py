"""One request of the administration API, from its forms to its answer: access, idempotency, edition, commit.

The rules of access decide, unless the row is for any. All changes of a request, its notifications and its
idempotency key are one commit; where two meet, the later is run again. If-Match and If-None-Match are held
against the edition of what the request is about (RFC 9110, 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from aiohttp import web
from pydantic import BaseModel

from bridge.app.office import asking, reading, repeat, routes, waiting
from bridge.app.office.call import Call, Context, Reply, Terms, Wrong
from bridge.app.office.repeat import Known, Ticket
from bridge.app.office.routes import Found
from bridge.sdk.operation import MEDIA, ROOT, Operation
from bridge.sep2 import access, notify, ours, pending, rules
from bridge.sep2.shelf import Conflict, Who
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Trace, Work
from bridge.transports.marks import MARK
from bridge.transports.store.ledger import Key

TRIES = 5
DOOR = "admin"


async def serve(
    request: web.Request, context: Context, found: Found, peer: Peer, terms: Terms
) -> web.Response:
    """Do what a row says, and answer."""
    row = found.operation
    asked = tuple(request.query.items())
    name = request.get(MARK, "")
    ask = Ask(row.method, row.place(**found.path), peer, context.now(), asked, correlation=name)
    await _admitted(context, row, found.path, ask)
    accept = reading.accepted(
        request.headers.get("Accept", ""), (*((MEDIA,) if row.gives or not row.serves else ()), *row.serves)
    )
    data = await reading.body(request, row)
    media = reading.media(request)
    query = reading.query(request, row)
    form = reading.form(row, data) if row.takes and media not in row.raw else None
    ask = ask._replace(body=data, media=media, accept=accept)
    for _ in range(TRIES):
        work = await work_(context, ask)
        wanted = asking.own(work, row, query)
        call = Call(row, work, context, found.path, wanted, data, media, accept, terms)
        try:
            return await _done(request, call, form)
        except Conflict:
            continue
        except access.Held as held:
            return await _held(context, ask, held)
    raise Wrong(409, f"other writes came between {TRIES} times; try again")


async def _admitted(context: Context, row: Operation, path: Mapping[str, str], ask: Ask) -> None:
    """Refuse who may do nothing of the kind, or whose access is withdrawn."""
    work = await work_(context, ask)
    if not work.caller.granted:
        access.withdrawn(work, DOOR)
        raise Wrong(403, "access is withdrawn", headers={"Connection": "close"})
    if row.role != "any":
        await asking.admitted(work, row, path)


async def work_(context: Context, ask: Ask) -> Work:
    """A request on its way."""
    trace = Trace(context.shelf)
    return Work(ask, await rules.caller(ask, trace, context.policy), context.policy, trace)


async def _held(context: Context, ask: Ask, held: access.Held) -> web.Response:
    """Keep a request until another subject has approved it."""
    work = await work_(context, ask)
    row = await pending.keep(work, held)
    await context.store.commit(work.changes, Who(work.caller.lfdi, DOOR, work.now))
    data = waiting.form(row).model_dump_json().encode()
    place = f"/access/pending/{ours.number(row.href)}"
    return _sent(Known(202, data, MEDIA, {"Location": ROOT + place}), {})


async def _done(request: web.Request, call: Call, form: BaseModel | None) -> web.Response:
    """Do it once, or say again what was answered before."""
    if call.operation.role != "any":
        await asking.ask(call, form)
    ticket, store = _ticket(request, call), call.context.store
    if ticket and (before := await repeat.known(store, ticket, call.work.now)):
        return _sent(before, {"Idempotency-Replayed": "true"})
    await _unchanged(request, call)
    reply = _reply(await routes.functions()[call.operation.name](call, *call.given(form)))
    await access.guard(call.work)
    await _commit(call, ticket, reply)
    if reply.after is not None:
        reply = replace(reply, form=await reply.after(await work_(call.context, call.work.ask)))
    if reply.form is not None:
        reply = replace(reply, form=asking.veiled(call.work, reply.form))
    answer = _answer(call, reply)
    if ticket:
        await store.remember(ticket.place, repeat.value(ticket, answer), ticket.until)
    return _conditional(request, call, answer)


def _ticket(request: web.Request, call: Call) -> Ticket | None:
    """The idempotency key of a request that changes something, and what the request is."""
    if call.operation.safe or repeat.HEADER not in request.headers:
        return None
    asked = repeat.digest(request.method, request.raw_path, call.media, call.data)
    until = call.work.now + call.terms.kept
    return repeat.ticket(request.headers[repeat.HEADER], call.work.caller.lfdi, asked, until)


def _reply(result: BaseModel | Reply | None) -> Reply:
    return result if isinstance(result, Reply) else Reply(result)


async def _commit(call: Call, ticket: Ticket | None, reply: Reply) -> None:
    """Make all of it durable, with the notifications that follow from it and with its key."""
    work, store = call.work, call.context.store
    keys = (
        [Key(ticket.place, repeat.value(ticket, repeat.begun(_headers(reply))), ticket.until)]
        if ticket
        else []
    )
    if work.changes or keys:
        parcels = await notify.parcels(work)
        await store.commit(work.changes, Who(work.caller.lfdi, DOOR, work.now), parcels, keys=keys)


async def _unchanged(request: web.Request, call: Call) -> None:
    """Refuse (412) where what is there is not what the caller has seen."""
    match, none = (reading.tags(request, name) for name in ("If-Match", "If-None-Match"))
    if call.operation.safe or (match is None and none is None):
        return
    tag = await _tag(call, routes.current(Found(call.operation, call.path)))
    if match is not None and not (tag and {"*", tag} & {*match}):
        raise Wrong(412, f"it is at {tag}" if tag else "there is none")
    if none is not None and tag and {"*", tag} & {*none}:
        raise Wrong(412, f"it is at {tag}")


async def _tag(call: Call, seen: Found) -> str:
    """The edition of what a request is about; nothing where it is not there."""
    row = seen.operation
    look = Call(row, call.work, call.context, call.path, row.query() if row.query else None, accept=MEDIA)
    try:
        shown = _reply(await routes.functions()[row.name](look, *look.given(None))).form
    except Wrong as no:
        if no.status == web.HTTPNotFound.status_code:
            return ""
        raise
    return f'"{getattr(shown, "version", "")}"'


def _answer(call: Call, reply: Reply) -> Known:
    """The reply as bytes and headers."""
    row = call.operation
    headers = _headers(reply)
    if reply.form is None and not reply.media:
        return Known(reply.status or (204 if row.gives is None else row.status), b"", "", headers)
    data = reply.form.model_dump_json().encode() if reply.form is not None else reply.data
    version = getattr(reply.form, "version", "")
    if version:
        headers["ETag"] = f'"{version}"'
    elif row.safe:
        headers["ETag"] = f'W/"{sha256(data).hexdigest()[:20]}"'
    return Known(reply.status or row.status, data, reply.media or MEDIA, headers)


def _headers(reply: Reply) -> dict[str, str]:
    return {**reply.headers, **({"Location": ROOT + reply.location} if reply.location else {})}


def _conditional(request: web.Request, call: Call, answer: Known) -> web.Response:
    """304 where the caller has it already."""
    none = reading.tags(request, "If-None-Match")
    tag = answer.headers.get("ETag", "")
    if call.operation.safe and none is not None and tag:
        plain = {each.removeprefix("W/") for each in none}
        if {"*", tag.removeprefix("W/")} & plain:
            return web.Response(status=304, headers={"ETag": tag})
    return _sent(answer, {})


def _sent(answer: Known, more: dict[str, str]) -> web.Response:
    headers = {**answer.headers, **more, "Cache-Control": "no-store"}
    if not answer.media:
        return web.Response(status=answer.status, headers=headers)
    return web.Response(status=answer.status, body=answer.data, content_type=answer.media, headers=headers)
