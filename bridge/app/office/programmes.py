"""DER programmes: made in a group, changed, removed; what they hold is in the files beside.

A programme is a DERProgram that hangs from a group (IEEE 2030.5-2018 10.10.4.2); devices of the group see it
at once. Whether its list of controls can be subscribed to is said by a row of the list itself.
"""

from __future__ import annotations

from typing import Any

from bridge.app.office import found, lists
from bridge.app.office.call import Call, Reply
from bridge.app.office.cursor import paged
from bridge.sdk.forms.grid import Programme, ProgrammeChange, ProgrammeNew, ProgrammeQuery
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import canon, draft, mrid, order, ours, plain, tree
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work

LIST = "/derp"
TYPE = "DERProgram"


async def one(work: Work, href: str) -> Programme:
    """A programme as it is shown."""
    return await form(work, await found.thing(work.shelf, href, TYPE))


async def form(work: Work, row: Row) -> Programme:
    """A programme's row as it is shown."""
    made, shelf = canon.obj(row), work.shelf
    own = await shelf.get(f"{row.href}/derc")
    return Programme(
        version=found.edition(row, own),
        id=ours.number(row.href),
        href=row.href,
        mrid=row.mark,
        description=made.description or "",
        primacy=made.primacy,
        group=ours.number(row.grp) if row.grp else None,
        subscribable=await lists.subscribable(work, f"{row.href}/derc") > 0,
        default=await shelf.get(f"{row.href}/dderc") is not None,
        controls=await shelf.count(f"{row.href}/derc", Cut(ending=work.now)),
        curves=await shelf.count(f"{row.href}/dc", Cut()),
    )


async def list_(call: Call, query: ProgrammeQuery) -> Page[Programme]:
    """The DER programmes."""
    group = None if query.group is None else f"{ours.GROUPS}/{query.group}"
    among = None
    if query.mrid is not None:
        among = tuple(row.href for row in await call.work.shelf.marked(TYPE, query.mrid))

    async def show(row: Row) -> Programme:
        return await form(call.work, row)

    return await paged(call.work.shelf, LIST, Cut(grp=group, among=among), query, show)


async def create(call: Call, said: ProgrammeNew) -> Reply:
    """Make a programme."""
    work = call.work
    group = await found.group(work.shelf, said.group, "/group")
    href = f"{LIST}/{await work.shelf.fresh()}"
    mark = said.mrid or mrid.kept(f"programme {href}", work.policy)
    await found.free(work.shelf, TYPE, mark)
    facts = {"mRID": mark, "description": said.description or None, "primacy": said.primacy}
    row = await plain.made(work, LIST, draft.body(TYPE, facts), href)
    found.amended(work, work.put(row), grp=group)
    if not said.subscribable:
        await lists.tell(work, f"{href}/derc", subscribable=0)
    return found.shown(one, href, location=f"/programmes/{ours.number(href)}")


async def show(call: Call) -> Programme:
    """One programme."""
    return await form(call.work, await found.programme(call))


async def update(call: Call, said: ProgrammeChange) -> Reply:
    """Change a programme."""
    work, row = call.work, await found.programme(call)
    given = said.model_dump(exclude_unset=True, include={"description", "primacy"})
    given = {name: value for name, value in given.items() if value is not None or name != "primacy"}
    fields: dict[str, Any] = {}
    if given:
        version = ((canon.obj(row).version or 0) + 1) % 65_536
        body = canon.amended_row(row, **given, version=version)
        made = canon.parsed(body, row.profile)
        fields = {"body": body, "rank": order.rank(tree.node(LIST), made)}
    if said.group is not None:
        fields["grp"] = await found.group(work.shelf, said.group, "/group")
    if fields:
        work.amend(row, **fields)
    if said.subscribable is not None:
        await lists.tell(work, f"{row.href}/derc", subscribable=int(said.subscribable))
    return found.shown(one, row.href)


async def delete(call: Call) -> None:
    """Remove a programme with all that it holds."""
    call.work.drop(await found.programme(call))
