"""Accounts: who picks up in the name of an organisation; registered, activated, suspended, retired.

An account is an LFDI that belongs to one organisation. Its standing is asked for at each pick-up, so what is
said here holds from the next request on. Who is a device or an aggregator of another organisation cannot be
an account of this one.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.app.office.cursor import paged
from bridge.app.push import rows
from bridge.app.push.rows import Account
from bridge.core.push import states
from bridge.core.push.states import ACCOUNT, Deed, Impossible, Standing
from bridge.sdk.forms import push as forms
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work


async def one(work: Work, lfdi: str) -> forms.Account:
    """An account as it is shown."""
    return form(await found.thing(work.shelf, f"{ours.ACCOUNTS}/{lfdi.upper()}"))


def form(row: Row) -> forms.Account:
    """An account's row as it is shown."""
    said = rows.account(row)
    names = ("lfdi", "organisation", "name", "contact", "since", "by")
    shown = {name: getattr(said, name) for name in names}
    return forms.Account(version=found.edition(row), state=said.state.value, **shown)


async def list_(call: Call, query: forms.AccountQuery) -> Page[forms.Account]:
    """The accounts."""

    async def show_(row: Row) -> forms.Account | None:
        return form(row)

    return await paged(call.work.shelf, ours.ACCOUNTS, Cut(owner=query.organisation), query, show_)


async def create(call: Call, said: forms.AccountNew) -> Reply:
    """Register an account; where two administrators are wanted, it is proposed until another activates it."""
    work, lfdi = call.work, found.named(said.party, said.certificate)
    if await work.shelf.get(f"{ours.ACCOUNTS}/{lfdi}") is not None:
        raise Wrong(409, f"{lfdi} is an account already")
    await _theirs(work, lfdi, said.organisation)
    state = Standing.proposed if call.terms.second else Standing.active
    fresh = Account(
        lfdi, said.organisation, work.caller.lfdi, said.name or "", said.contact, state, work.now
    )  # fmt: skip
    work.put(rows.kept(fresh))
    return found.shown(one, lfdi, location=f"/accounts/{lfdi}")


async def _theirs(work: Work, lfdi: str, organisation: str) -> None:
    """Refuse somebody who is known as another organisation's."""
    device = next(iter(await work.shelf.marked("EndDevice", lfdi)), None)
    if device is not None and organisation not in {device.mark, device.grp}:
        raise wrong("/party", f"{lfdi} is a device that {organisation} does not hold", 409)


async def show(call: Call) -> forms.Account:
    """One account."""
    return await one(call.work, call.path["account"])


async def activate(call: Call) -> Reply:
    """Let an account pick up."""
    return await _done(call, Deed.activate)


async def suspend(call: Call) -> Reply:
    """Let an account pick up nothing for a while."""
    return await _done(call, Deed.suspend)


async def resume(call: Call) -> Reply:
    """Let a suspended account pick up again."""
    return await _done(call, Deed.resume)


async def retire(call: Call) -> Reply:
    """Let an account pick up nothing any more, for good."""
    return await _done(call, Deed.retire)


async def _done(call: Call, deed: Deed) -> Reply:
    row = await found.thing(call.work.shelf, f"{ours.ACCOUNTS}/{call.path['account'].upper()}")
    was = rows.account(row)
    if deed is Deed.activate and call.terms.second and was.by == call.work.caller.lfdi:
        raise Wrong(403, "another administrator than the one who registered it has to activate it")
    try:
        state = states.step(ACCOUNT, was.state, deed)
    except Impossible as no:
        raise Wrong(409, str(no)) from no
    call.work.put(rows.kept(replace(was, state=state, since=call.work.now)), row)
    return found.shown(one, was.lfdi)
