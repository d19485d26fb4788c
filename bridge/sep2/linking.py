"""The links of a resource, for the one who reads it: where each leads, and which are left out.

IEEE 2030.5-2018 4.4 and 5.6: a link that is shown leads somewhere, a list's says how many members it has.
What leads where stands in the tree's table; whether there is anything is asked of the doors, so a link never
says more than the resource behind it would. What a client writes into its links is not believed.
"""

from __future__ import annotations

from typing import Any

from bridge.mapping.table import Step, steps
from bridge.sep2 import doors, tree
from bridge.sep2.nodes import Link, Node
from bridge.sep2.shelf import Row
from bridge.sep2.tree import Spot
from bridge.sep2.work import Caller, Work
from models import kit

STRANGER = "stranger"


async def linked(work: Work, node: Node, row: Row, obj: kit.Model) -> kit.Model:
    """An object with the links that its reader may follow, and with no others."""
    update: dict[str, Any] = {}
    for link in node.links:
        name, *rest = link.path
        step = steps(type(obj)).get(name)
        if step is None:
            continue
        if _hidden(link, row, work.caller):
            update[name] = None
        elif not rest:
            update[name] = await _link(work, link, row, step, getattr(obj, name))
        elif getattr(obj, name) is not None:
            update[name] = await _inner(work, link, row, getattr(obj, name))
    return obj.model_copy(update=update) if update else obj


def _hidden(link: Link, row: Row, caller: Caller) -> bool:
    """Whether an EndDevice does not bear a link because of the aggregator that holds it or that it is."""
    if not row.grp:
        return False
    if row.grp == row.mark:
        return link.alone
    return link.own and caller.role == "aggregator"


async def _inner(work: Work, link: Link, row: Row, part: kit.Model) -> kit.Model:
    """A part of a resource, with the one link that is inside it."""
    name = link.path[1]
    found = await _link(work, link, row, steps(type(part))[name], getattr(part, name))
    return part.model_copy(update={name: found})


async def _link(work: Work, link: Link, row: Row, step: Step, said: Any) -> kit.Model | None:  # noqa: ANN401
    """One link, or none; one that the schema requires is always there."""
    href = link.leads(row.href) or getattr(said, "href", "")
    spot = tree.match(href)
    if spot is None:  # outside this server, or of a resource that is shown under another's address
        return said if link.to == "=" or step.required else None
    if not step.required and not await _there(work, link, spot):
        return None
    many = "all" in steps(step.type) and spot.node.lists
    return _made(step, href, await doors.count(work, spot) if many else None)


def _made(step: Step, href: str, count: int | None) -> kit.Model:
    made: kit.Model = step.type(href=href) if count is None else step.type(href=href, all=count)
    return made


async def _there(work: Work, link: Link, spot: Spot) -> bool:
    """Whether a link leads to something for this caller."""
    if link.when == "always":
        return True
    if not readable(work.caller, spot.node):
        return False
    if link.when == "some":
        return await doors.count(work, spot) > 0
    if spot.node.lists:
        return True
    open_ = link.when != "exists" and link.to != "=" and spot.node.modes["PUT"] == "M"
    return (open_ and writable(work.caller, spot.node)) or (await doors.found(work, spot) is not None)


def readable(caller: Caller, node: Node) -> bool:
    """Whether a caller of this role may read anything at such an address."""
    if node.read == "any" or caller.role == "operator":
        return True
    return node.read != "operator" and caller.role != STRANGER


def writable(caller: Caller, node: Node) -> bool:
    """Whether a caller of this role may write what it can read at such an address."""
    return caller.role == "operator" or (node.write != "operator" and caller.role != STRANGER)
