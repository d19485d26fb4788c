"""What POST, PUT and DELETE do where a function set says nothing else: documents are stored as accepted.

A POST makes a member of the list under a new number, 201 with its Location; one whose mRID a member has
already takes that one's place, 204 with the Location of it (IEEE 2030.5-2018 5.5.2, 10.2.1.2). A PUT
answers 204, or 201 where nothing was there. A DELETE takes all that stands below. Nothing here knows a
function set.
"""

from __future__ import annotations

from bridge.sep2 import mrid, order, tree
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Answer
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work
from models import kit


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """Make a member of a list, or put it in the place of the one of the same mRID."""
    was = await sibling(work, spot.href, body.type, marked(work, body.obj))
    href = was.href if was else f"{spot.href}/{await work.shelf.fresh()}"
    fresh = await made(work, spot.href, body, href)
    work.put(fresh._replace(owner=was.owner, grp=was.grp) if was else fresh, was)
    return Answer(204 if was else 201, location=href)


async def replaced(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Put a document in the place of what is there; what it hangs from and whose it is stay as they were."""
    parent = row.parent if row else spot.href.rpartition("/")[0]
    fresh = await made(work, parent, body, spot.href)
    work.put(fresh._replace(owner=row.owner, grp=row.grp) if row else fresh, row)
    return Answer(204) if row else Answer(201, location=spot.href)


async def removed(work: Work, spot: Spot, row: Row) -> Answer:
    """Remove a resource with all that stands below it."""
    del spot
    work.drop(row)
    return Answer(204)


async def made(work: Work, parent: str, body: Body, href: str) -> Row:
    """Give the row of a document, with its place, its time and its owner; it is not put anywhere yet."""
    spot = tree.match(parent)
    at, until = order.time(body.obj)
    return Row(
        href,
        parent,
        body.type,
        body.data,
        body.profile,
        owner=await owner(work, href),
        mark=marked(work, body.obj),
        rank=order.rank(spot.node, body.obj) if spot else "",
        at=at,
        until=until,
    )


def marked(work: Work, obj: kit.Model) -> str:
    """Give the mRID of an object as it is kept, empty where it has none."""
    text = getattr(obj, "mRID", None)
    return "" if text is None else mrid.mark(text, work.policy)


async def sibling(work: Work, parent: str, type_: str, mark: str) -> Row | None:
    """Give the member of a list that has an mRID already."""
    if not mark:
        return None
    return next((row for row in await work.shelf.marked(type_, mark) if row.parent == parent), None)


async def owner(work: Work, href: str) -> str:
    """Give whose subtree an address is in: that of an EndDevice, or what its top resource says."""
    top = await work.shelf.get("/".join(href.split("/")[:3]))
    return top.owner if top else ""
