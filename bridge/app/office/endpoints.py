"""Endpoints: registered, challenged, activated, tested, suspended, retired by whoever administers them.

An administrator is scoped to its own organisation by the area of its role (docs/push.md); here is said what
each step needs. What the bridge does by itself, the challenge and the look at TLS, is in `bridge.app.push`;
it hears of every change here. An address that leads inwards is refused before it is kept.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.app.office.cursor import paged
from bridge.app.push import register, rows, signing
from bridge.app.push.chance import nonce
from bridge.app.push.rows import Endpoint
from bridge.core.push.interest import Interest
from bridge.core.push.states import Event, Impossible, Standing, State
from bridge.sdk.forms import push as forms
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work
from bridge.transports import exchange
from bridge.transports.calls import Forbidden
from bridge.transports.store import archive
from bridge.trust import identity

JID = re.compile(r"[!-.0-?A-~]{1,255}@[!-.0-?A-~]{1,255}/[!-~]{1,255}")
SEALED = frozenset({"xmpp", "https"})
"""Legs on which the recipient proves itself by a seal."""


async def one(work: Work, number: str) -> forms.Endpoint:
    """An endpoint as it is shown."""
    return await form(work, await found.thing(work.shelf, f"{ours.ENDPOINTS}/{int(number)}"))


async def form(work: Work, row: Row) -> forms.Endpoint:
    """An endpoint's row as it is shown."""
    said = rows.endpoint(row)
    counts = [
        await work.shelf.count(ours.LETTERS, Cut(grp=hangs(said.number)))
        for hangs in (rows.waiting, rows.buried)
    ]
    names = ("organisation", "leg", "address", "recipient", "identity", "name", "contact", "why", "since",
             "by", "tls")  # fmt: skip
    return forms.Endpoint(
        version=found.edition(row), id=said.number, state=said.state.value, ends=said.ends or None,
        kinds=said.interest.kinds, subjects=said.interest.subjects, waiting=counts[0], dead=counts[1],
        within=tuple(int(each.partition("/")[2]) for each in said.interest.groups),
        **{name: getattr(said, name) for name in names},
    )  # fmt: skip


async def list_(call: Call, query: forms.EndpointQuery) -> Page[forms.Endpoint]:
    """The endpoints."""

    async def show_(row: Row) -> forms.Endpoint | None:
        return await form(call.work, row) if query.state in {None, rows.endpoint(row).state.value} else None

    cut = Cut(owner=query.organisation)
    return await paged(call.work.shelf, ours.ENDPOINTS, cut, query, show_, counted=query.state is None)


async def create(call: Call, said: forms.EndpointNew) -> Reply:
    """Register an endpoint."""
    work = call.work
    fresh = Endpoint(
        await work.shelf.fresh(), said.organisation, said.leg, said.address, said.recipient or "",
        work.caller.lfdi, said.identity or "", said.certificate or "", name=said.name or "",
        contact=said.contact, since=work.now,
    )  # fmt: skip
    whole = await _sound(call, replace(fresh, interest=await _interest(work, fresh.interest, said)))
    work.put(rows.posted(whole))
    return found.shown(one, str(whole.number), location=f"/endpoints/{whole.number}")


async def _interest(
    work: Work, was: Interest, said: forms.EndpointNew | forms.EndpointChange
) -> Interest:  # fmt: skip
    """The filter that a form says; what it leaves out stays."""
    kinds = was.kinds if said.kinds is None else said.kinds
    subjects = was.subjects if said.subjects is None else tuple(each.upper() for each in said.subjects)
    groups = was.groups
    if said.within is not None:
        for at, number in enumerate(said.within):
            await found.group(work.shelf, number, f"/within/{at}")
        groups = tuple(f"group/{number}" for number in said.within)
    return Interest(kinds, subjects, groups)


async def _sound(call: Call, said: Endpoint) -> Endpoint:
    """Refuse what cannot be an endpoint of its organisation; complete what its certificate says."""
    _reachable(call, said)
    if said.leg in SEALED and not said.certificate:
        raise wrong("/certificate", f"over {said.leg} the recipient seals: its certificate is needed")
    holder = ""
    if said.certificate:
        found.certificate(said.certificate)
        holder = identity.lfdi(signing.chain(said.certificate)[0])
    if not (said.recipient or holder):
        raise wrong("/recipient", "an LFDI or a certificate is needed")
    if said.recipient and holder and said.recipient != holder:
        raise wrong("/recipient", f"the certificate's LFDI is {holder}")
    whole = replace(said, recipient=said.recipient or holder)
    row = await call.work.shelf.get(f"{ours.ACCOUNTS}/{whole.recipient}")
    if row is None or row.owner != whole.organisation or rows.account(row).state is Standing.retired:
        raise wrong("/recipient", f"{whole.recipient} is no account of {whole.organisation}", 409)
    return whole


def _reachable(call: Call, said: Endpoint) -> None:
    if said.leg == "xmpp":
        if not JID.fullmatch(said.address):
            raise wrong("/address", "an XMPP endpoint is user@domain/resource")
        return
    try:
        exchange.judged(said.address, call.terms.doors)
    except Forbidden as no:
        raise wrong("/address", str(no)) from no


async def show(call: Call) -> forms.Endpoint:
    """One endpoint."""
    return await one(call.work, call.path["endpoint"])


async def update(call: Call, said: forms.EndpointChange) -> Reply:
    """Change an endpoint, which is a draft after that."""
    row, was = await _was(call)
    given: dict[str, Any] = {
        name: getattr(said, name) for name in ("address", "certificate", "contact", "name", "recipient")
        if getattr(said, name) is not None
    }  # fmt: skip
    if "identity" in said.model_fields_set:
        given["identity"] = said.identity or ""
    if said.certificate is not None and said.recipient is None:
        given["recipient"] = ""
    given["interest"] = await _interest(call.work, was.interest, said)
    fresh = _turned(call, was, Event.change, **given, by=call.work.caller.lfdi, nonce="", ends=0, tls="")
    return _put(call, await _sound(call, fresh), row)


async def challenge(call: Call) -> Reply:
    """Have an endpoint prove that it is there, and whose it is."""
    row, was = await _was(call)
    return _put(call, _turned(call, was, Event.challenge, nonce=nonce(), ends=0, tls=""), row)


async def activate(call: Call) -> Reply:
    """Tell an endpoint of changes from now on."""
    row, was = await _was(call)
    _other(call, was.by)
    account = await call.work.shelf.get(f"{ours.ACCOUNTS}/{was.recipient}")
    if account is None or rows.account(account).state is not Standing.active:
        raise Wrong(409, f"the account {was.recipient} is not active")
    after = await archive.top(call.context.store.engine)
    return _put(call, _turned(call, was, Event.activate, after=after), row)


def _other(call: Call, by: str) -> None:
    """Refuse that one administrator does all of it, where two are wanted."""
    if call.terms.second and by == call.work.caller.lfdi:
        raise Wrong(403, "another administrator than the one who registered it has to activate it")


async def test(call: Call) -> Reply:
    """Tell an endpoint something to try it."""
    _, was = await _was(call)
    work = call.work
    if was.state is not State.active:
        raise Wrong(409, f"what is {was.state.value} is told nothing")
    body = ours.body({"endpoint": was.number, "at": work.now, "by": work.caller.lfdi})
    href = f"{ours.TESTS}/{await work.shelf.fresh()}"
    work.put(Row(href, ours.TESTS, "Test", body, owner=was.organisation))
    return found.shown(one, str(was.number))


async def suspend(call: Call, said: forms.Reason) -> Reply:
    """Keep what comes up for an endpoint, and tell it nothing."""
    row, was = await _was(call)
    why = said.why or f"by {call.work.caller.lfdi}"
    return _put(call, _turned(call, was, Event.suspend, why=why), row)


async def resume(call: Call) -> Reply:
    """Tell a suspended endpoint what it has missed, and go on."""
    row, was = await _was(call)
    return _put(call, _turned(call, was, Event.resume), row)


async def retire(call: Call) -> Reply:
    """Tell an endpoint nothing any more, for good; what was on its way to it goes."""
    row, was = await _was(call)
    for hangs in (rows.waiting(was.number), rows.buried(was.number)):
        for type_ in (rows.LETTER, rows.DEAD):
            for letter in await call.work.shelf.grouped(type_, hangs):
                call.work.drop(letter, deep=False)
    return _put(call, _turned(call, was, Event.retire, nonce=""), row)


async def _was(call: Call) -> tuple[Row, Endpoint]:
    row = await found.thing(call.work.shelf, f"{ours.ENDPOINTS}/{call.number('endpoint')}")
    return row, rows.endpoint(row)


def _turned(call: Call, was: Endpoint, event: Event, **fields: Any) -> Endpoint:  # noqa: ANN401 - of an Endpoint
    try:
        return register.turned(was, event, call.work.now, **fields)
    except Impossible as no:
        raise Wrong(409, str(no)) from no


def _put(call: Call, fresh: Endpoint, row: Row) -> Reply:
    call.work.put(rows.posted(fresh), row)
    return found.shown(one, str(fresh.number))
