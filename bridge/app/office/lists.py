"""What one list says of itself over its type: pollRate and subscribable, kept as a row at its own address.

The row is the list's element without members (IEEE 2030.5-2018 4.5); which of the two attributes a type has
is the schema's to say. Nothing here is an operation.
"""

from __future__ import annotations

from typing import Any

from bridge.app.office.call import Wrong, wrong
from bridge.sep2 import canon, document, doors, names, tree
from bridge.sep2.shelf import HIDDEN, Row
from bridge.sep2.tree import Spot
from bridge.sep2.work import Work

PROFILE = "2018"
OWN = f"{HIDDEN}list"
"""What the rows of lists hang from, so that they are found together."""
NAMES = {"seconds": "pollRate", "subscribable": "subscribable"}


def spot(href: str) -> Spot:
    """The list at an address."""
    found = tree.match(href)
    if found is None or not found.node.lists:
        raise wrong("/href", f"{href} is no list")
    return found


async def own(work: Work, href: str) -> Row | None:
    """The row of a list's own, if it has one."""
    row = await work.shelf.get(href)
    return row if row and row.type == spot(href).node.type else None


async def tell(work: Work, href: str, **given: int | None) -> None:
    """Let a list say something of itself; what is none is left to its type again."""
    place, was = spot(href), await own(work, href)
    if was is None and not pending(work, href) and not await doors.standing(work, place):
        raise wrong("/href", f"what {href} stands below is not there", 409)
    profile = PROFILE if names.named(names.edition(PROFILE), place.node.type) else "2023"
    cls = names.named(names.edition(profile), place.node.type)
    if cls is None:
        raise Wrong(422, f"{place.node.type} is of no edition")
    for name, value in given.items():
        if value is not None and NAMES.get(name, name) not in cls.model_fields:
            raise wrong(f"/{name}", f"{place.node.type} has no {NAMES.get(name, name)}")
    said = {**_said(was), **{NAMES.get(name, name): value for name, value in given.items()}}
    kept = {name: value for name, value in said.items() if value is not None}
    if not kept:
        if was:
            work.drop(was, deep=False)
        return
    made = document.made(profile, place.node.type, all=0, results=0, **kept)
    body = document.written(made, place.node.type, profile)
    above = href.rpartition("/")[0] or "/"
    work.put(Row(href, above, place.node.type, body, profile, await _owner(work, href), OWN), was)


def pending(work: Work, href: str) -> bool:
    """Whether what a list stands below is made by this very request."""
    above = href.rpartition("/")[0]
    return any(change.href == above and change.row for change in work.changes)


def _said(row: Row | None) -> dict[str, Any]:
    """What a list's own row says."""
    made = canon.obj(row) if row else None
    return {name: getattr(made, name, None) for name in NAMES.values()} if row else {}


async def _owner(work: Work, href: str) -> str:
    top = await work.shelf.get("/".join(href.split("/")[:3]))
    return top.owner if top else ""


async def subscribable(work: Work, href: str) -> int:
    """What a list says of subscriptions."""
    said = _said(await own(work, href)).get("subscribable")
    return spot(href).node.subscribable if said is None else int(said)


async def rate(work: Work, href: str) -> int | None:
    """The pollRate that a list has of its own."""
    return _said(await own(work, href)).get("pollRate")
