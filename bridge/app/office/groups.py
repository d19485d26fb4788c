"""Groups: made, changed, moved and removed, and who is in them.

All of it is done by `bridge.sep2.groups`; here it is asked for in forms and shown in forms. What a group's
devices see of it follows at once, since nothing of that is stored.
"""

from __future__ import annotations

from typing import Any

from bridge.app.office import found, outage
from bridge.app.office.call import Call, Reply
from bridge.app.office.cursor import Place, behind, paged, sliced
from bridge.sdk.forms.groups import (
    Assignment,
    Branch,
    Group,
    GroupChange,
    GroupNew,
    GroupQuery,
    Member,
    MemberQuery,
    Move,
    Removal,
    Tree,
)
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import groups, ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work


def _href(call: Call) -> str:
    return f"{ours.GROUPS}/{call.number('group')}"


async def one(work: Work, href: str) -> Group:
    """A group as it is shown."""
    return await form(work, await found.thing(work.shelf, href, "Group"))


async def form(work: Work, row: Row) -> Group:
    """A group's row as it is shown."""
    said = ours.read(row)
    assignment = said.get("fsa")
    return Group(
        version=found.edition(row),
        id=ours.number(row.href),
        href=row.href,
        name=said.get("name") or "",
        description=said.get("description") or "",
        level=said.get("level") or "other",
        parent=ours.number(row.grp) if row.grp else None,
        fsa=Assignment.model_construct(**assignment) if assignment else None,
        members=await work.shelf.count(f"{row.href}/member", Cut()),
        programmes=await work.shelf.count("/derp", Cut(grp=row.href)),
        outage=await outage.group(work.shelf, row.href),
    )


async def list_(call: Call, query: GroupQuery) -> Page[Group]:
    """The groups."""
    parent = None if query.parent is None else f"{ours.GROUPS}/{query.parent}"
    wanted = query.text.casefold()

    async def show(row: Row) -> Group | None:
        said = ours.read(row)
        words = f"{said.get('name') or ''} {said.get('description') or ''}".casefold()
        if query.level not in {None, said.get("level") or "other"} or wanted not in words:
            return None
        return await form(call.work, row)

    plain = query.level is None and not wanted
    return await paged(call.work.shelf, ours.GROUPS, Cut(grp=parent), query, show, counted=plain)


def _fields(said: GroupNew | GroupChange) -> dict[str, Any]:
    """The fields of a group that a form sets."""
    fields = said.model_dump(exclude_unset=True, exclude={"parent"})
    if fields.get("fsa"):
        fields["fsa"] = {name: value for name, value in fields["fsa"].items() if value is not None}
    return {name: value for name, value in fields.items() if value is not None or name != "name"}


async def create(call: Call, said: GroupNew) -> Reply:
    """Make a group."""
    shelf = call.work.shelf
    parent = "" if said.parent is None else await found.group(shelf, said.parent, "/parent")
    row = await groups.make(call.work, _fields(said), parent)
    return found.shown(one, row.href, location=f"/groups/{ours.number(row.href)}")


async def tree(call: Call) -> Tree:
    """The whole topology."""
    shelf = call.work.shelf
    rows = [row async for _, row in behind(shelf, ours.GROUPS, Cut(), Place())]
    known = {row.href for row in rows}
    below: dict[str, list[Row]] = {}
    for row in rows:
        below.setdefault(row.grp if row.grp in known else "", []).append(row)

    async def branch(row: Row) -> Branch:
        lower = [await branch(each) for each in below.get(row.href, ())]
        return Branch(group=await form(call.work, row), below=tuple(lower))

    return Tree(roots=tuple([await branch(row) for row in below.get("", ())]))


async def show(call: Call) -> Group:
    """One group."""
    return await one(call.work, _href(call))


async def update(call: Call, said: GroupChange) -> Reply:
    """Change a group."""
    await groups.change(call.work, _href(call), _fields(said))
    return found.shown(one, _href(call))


async def delete(call: Call, query: Removal) -> None:
    """Remove a group."""
    await groups.remove(call.work, _href(call), deep=query.deep)


async def move(call: Call, said: Move) -> Reply:
    """Hang a group elsewhere."""
    shelf = call.work.shelf
    parent = "" if said.parent is None else await found.group(shelf, said.parent, "/parent")
    await groups.move(call.work, _href(call), parent)
    return found.shown(one, _href(call))


def member(row: Row) -> Member:
    """A membership as it is shown."""
    device = ours.number(row.href)
    return Member(device=device, href=f"/edev/{device}", lfdi=row.owner, group=ours.number(row.grp))


async def members(call: Call, query: MemberQuery) -> Page[Member]:
    """The devices in a group."""
    shelf, href = call.work.shelf, _href(call)
    await groups.group(shelf, href)

    async def show(row: Row) -> Member:
        return member(row)

    if not query.deep:
        return await paged(shelf, f"{href}/member", Cut(), query, show)
    places = [href, *(row.href for row in await groups.below(shelf, href))]
    rows = [row for place in places for row in await shelf.grouped("Member", place)]
    once = {row.owner: row for row in reversed(rows)}
    return sliced([member(row) for row in reversed(once.values())], query)


async def join(call: Call) -> Reply:
    """Make a device a member."""
    device = await found.device(call.work.shelf, call.path["device"])
    row = await groups.join(call.work, _href(call), device)
    return Reply(member(row))


async def leave(call: Call) -> None:
    """End a membership."""
    device = await found.device(call.work.shelf, call.path["device"])
    await groups.leave(call.work, _href(call), device)
