"""Mirror usage points: what clients keep here, how often they post, and removal of it all.

What is mirrored is read below `/upt` (IEEE 2030.5-2018 10.11); readings are asked for in `readings`. All
of it is done by `bridge.sep2.mirror`.
"""

from __future__ import annotations

from typing import Any

from bridge.app.office import found
from bridge.app.office.call import Call
from bridge.app.office.cursor import paged
from bridge.sdk.forms.kinds import Page
from bridge.sdk.forms.records import Empty, Emptying, Mirror, MirrorQuery, MirrorRate, Rated, Series
from bridge.sep2 import canon, groups, mirror, ours, tree
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work

NAMES = {
    "uom": "uom",
    "kind": "kind",
    "flow": "flowDirection",
    "phase": "phase",
    "qualifier": "dataQualifier",
    "interval": "intervalLength",
}
"""Fields of a ReadingType by what we call them."""


async def one(work: Work, href: str) -> Mirror:
    """A mirror usage point as it is shown."""
    return await form(work, await found.thing(work.shelf, href, mirror.TYPE))


async def form(work: Work, row: Row) -> Mirror:
    """A mirror usage point's row as it is shown."""
    made = canon.obj(row)
    rows = (await work.shelf.children(f"{row.href}/mr", Cut(limit=groups.EVERY))).rows
    return Mirror(
        id=ours.number(row.href),
        href=row.href,
        mrid=row.mark,
        description=made.description or "",
        device=row.owner,
        client=row.grp,
        roles=made.roleFlags or "",
        category=made.serviceCategoryKind or 0,
        post_rate=made.postRate,
        changed=row.changed,
        series=tuple(series(each) for each in rows),
    )


def series(row: Row) -> Series:
    """What a meter reading of a mirror measures."""
    made = canon.obj(row)
    return Series(href=row.href, mrid=row.mark, description=made.description or "", **typed(made.ReadingType))


def typed(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a ReadingType of any edition
    """What a ReadingType says."""
    if kind is None:
        return {}
    said = {name: getattr(kind, field) for name, field in NAMES.items()}
    return {**said, "multiplier": kind.powerOfTenMultiplier or 0}


async def _cut(work: Work, query: MirrorQuery | Empty) -> Cut:
    owner = None if query.device is None else await found.owner(work.shelf, query.device)
    return Cut(owner=owner, grp=query.client)


async def list_(call: Call, query: MirrorQuery) -> Page[Mirror]:
    """The mirror usage points."""
    cut = await _cut(call.work, query)
    if query.mrid is not None:
        rows = await call.work.shelf.marked(mirror.TYPE, query.mrid)
        among = [row for row in rows if cut.owner in {None, row.owner} and cut.grp in {None, row.grp}]
        cut = Cut(among=tuple(row.href for row in among))

    async def show_(row: Row) -> Mirror:
        return await form(call.work, row)

    return await paged(call.work.shelf, mirror.PLACE, cut, query, show_)


async def _all(work: Work, said: Empty) -> tuple[Row, ...]:
    cut = (await _cut(work, said))._replace(limit=groups.EVERY)
    return (await work.shelf.children(mirror.PLACE, cut)).rows


async def empty(call: Call, said: Empty) -> Emptying:
    """Remove mirror usage points with their readings."""
    rows = await _all(call.work, said)
    for row in rows:
        await mirror.removed(call.work, tree.spot(row.href), row)
    return Emptying(removed=len(rows))


async def rate(call: Call, said: MirrorRate) -> Rated:
    """Say how often the clients of mirrors are to post."""
    rows = await _all(call.work, said)
    for row in rows:
        await mirror.rated(call.work, row, said.seconds)
    return Rated(rated=len(rows))


def _href(call: Call) -> str:
    return f"{mirror.PLACE}/{call.number('mirror')}"


async def show(call: Call) -> Mirror:
    """One mirror usage point."""
    return await one(call.work, _href(call))


async def delete(call: Call) -> None:
    """Remove a mirror usage point with its readings."""
    row = await found.thing(call.work.shelf, _href(call), mirror.TYPE)
    await mirror.removed(call.work, tree.spot(row.href), row)
