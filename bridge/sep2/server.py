"""One request in, one answer out: the order in which the server's parts have their say.

Method, access, address, permission, then the door of the resource's type; at the end all changes in one
commit with the notifications that follow from them (IEEE 2030.5-2018 5.3 to 5.5, 6.4, 8.4). A batch that
meets another is run again from the start, so a handler never sees half of anything. Nothing is written on
the way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bridge.sep2 import access, bodies, call, doors, enrol, error, file, notify, pending, render, rules, tree
from bridge.sep2.shelf import Conflict, Row, Shelf, Who
from bridge.sep2.talk import Answer, Ask, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Caller, Policy, Trace, Work

TRIES = 5
FILE = "/file/{}"
OCTETS = "/content"
"""Below the address of a file, its octets."""
Met = Callable[[Caller], Awaitable[None]]
"""Told who asks before anything is done; may raise Told."""


async def welcome(caller: Caller) -> None:
    """Everybody may come in."""
    del caller


async def answer(ask: Ask, shelf: Shelf, policy: Policy, met: Met = welcome) -> Answer:
    """Answer a request; whatever was changed by it is durable when this returns."""
    told, profile = None, policy.profile
    for _ in range(TRIES):
        try:
            trace = Trace(shelf)
            caller = await rules.caller(ask, trace, policy)
            profile = caller.profile
            await met(caller)
            return await _once(await _work(Work(ask, caller, policy, trace), shelf), shelf)
        except Conflict:
            continue
        except access.Held as held:
            return await _held(ask, held, shelf, policy)
        except Told as said:
            told = said
            break
    no = told or Told(503, f"other writes came between, {TRIES} times")
    return _bare(ask, error.answer(no, profile=profile))


async def _work(work: Work, shelf: Shelf) -> Work:
    """Say what is worked with: an aggregator that comes for the first time gets its own EndDevice."""
    caller = work.caller
    if caller.role == "aggregator" and caller.granted and not caller.edev:
        await enrol.headed(work, caller.lfdi)
        await _commit(work, shelf)
        again = await rules.caller(work.ask, work.shelf, work.policy)
        return Work(work.ask, again, work.policy, work.shelf)
    return work


async def _held(ask: Ask, held: access.Held, shelf: Shelf, policy: Policy) -> Answer:
    """Keep a request until another subject has approved it."""
    trace = Trace(shelf)
    work = Work(ask, await rules.caller(ask, trace, policy), policy, trace)
    row = await pending.keep(work, held)
    await _commit(work, shelf)
    return Answer(202, reason=f"{held.reason}: {row.href}")


async def _once(work: Work, shelf: Shelf) -> Answer:
    done = await perform(work)
    if work.ask.method in rules.READS:
        return _bare(work.ask, done)
    await access.guard(work)
    await _commit(work, shelf)
    return done


async def perform(work: Work) -> Answer:
    """Do what is asked, without a commit."""
    ask = work.ask
    if ask.method not in tree.METHODS:
        raise Told(501, f"no method {ask.method[:20]!r}")
    if not work.caller.granted:
        access.withdrawn(work)
        raise Told(403, "access is withdrawn", close=True)
    spot, allowed = _place(ask.path)
    if ask.method not in allowed:
        raise Told(405, f"no {ask.method} at {spot.node.template}", allow=allowed)
    await rules.check(work, spot)
    if not await doors.standing(work, spot):
        raise Told(404, "what it stands below is not there")
    return await HANDLERS[ask.method](work, spot)


def _place(path: str) -> tuple[Spot, tuple[str, ...]]:
    """Say what a path leads to, with the methods that it has; a file's octets have no row in the tree."""
    spot = tree.match(path)
    if spot is not None:
        return spot, doors.allowed(spot.node)
    above = tree.match(path.removesuffix(OCTETS)) if path.endswith(OCTETS) else None
    if above is None or above.node.template != FILE:
        raise Told(404, "no such address")
    return above._replace(href=path), tuple(sorted(rules.READS))


async def _commit(work: Work, shelf: Shelf) -> None:
    if work.changes:
        parcels = await notify.parcels(work)
        await shelf.commit(work.changes, Who(work.caller.lfdi, "sep2", work.now), parcels)


def _bare(ask: Ask, made: Answer) -> Answer:
    """Leave the body off where it was not asked for."""
    return made._replace(body=b"") if ask.method == "HEAD" else made


async def _read(work: Work, spot: Spot) -> Answer:
    if spot.node.template == FILE and spot.href.endswith(OCTETS):
        return await file.content(work, spot)
    bodies.acceptable(work.ask.accept, work.policy.strict)
    if spot.node.lists:
        cut = call.cut(work.ask.query, spot.node)
        body = await render.listing(work, spot, await doors.members(work, spot, cut), cut)
    else:
        body = await render.resource(work, spot, await _there(work, spot))
    return Answer(200, body, topics=frozenset(work.shelf.topics), until=work.shelf.until)


async def _there(work: Work, spot: Spot) -> Row:
    row = await doors.found(work, spot)
    if row is None:
        raise Told(404, "nothing there")
    return row


async def _post(work: Work, spot: Spot) -> Answer:
    expect = spot.node.takes or tuple(sorted(spot.node.also))
    return await doors.post(work, spot, await _body(work, spot, expect))


async def _put(work: Work, spot: Spot) -> Answer:
    return await doors.put(work, spot, await _body(work, spot, (*sorted(spot.node.also), *spot.node.takes)))


async def _body(work: Work, spot: Spot, expect: tuple[str, ...]) -> Body:
    ask = work.ask
    body = bodies.read(ask.body, ask.media, work.caller, expect, work.policy.strict)
    await access.demand(work, spot, body.obj)
    return body


async def _delete(work: Work, spot: Spot) -> Answer:
    return await doors.delete(work, spot, await _there(work, spot))


HANDLERS: dict[str, Callable[[Work, Spot], Awaitable[Answer]]] = {
    "GET": _read,
    "HEAD": _read,
    "PUT": _put,
    "POST": _post,
    "DELETE": _delete,
}
