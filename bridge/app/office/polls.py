"""Rates: how often clients are to ask (pollRate) and to post (postRate), by type, for one list, by default.

A list's own word goes before that of its type, the operator's before the configuration's, that before the
table's (IEEE 2030.5-2018 4.5). All of it holds from the next answer on.
"""

from __future__ import annotations

from functools import cache

from bridge.app.office import found, lists
from bridge.app.office.call import Call, Reply, Wrong
from bridge.app.office.cursor import sliced, whole
from bridge.sdk.forms.house import ListSet, OwnQuery, Poll, PollQuery, PollSet, PostRate
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import canon, ours, tree
from bridge.sep2.shelf import Row
from bridge.sep2.work import Work

POST = "MirrorUsagePoint"
"""The type whose rate is a postRate."""


@cache
def rates() -> dict[str, int]:
    """The types that have a pollRate, with the table's own."""
    return {node.type: node.poll for node in reversed(tuple(tree.nodes().values())) if node.poll is not None}


def _place(type_: str) -> str:
    return f"{ours.POLLS}/{type_}"


async def one(work: Work, type_: str) -> Poll:
    """The rate of a type."""
    if type_ not in rates():
        raise Wrong(404, f"{type_} has no pollRate")
    row = await work.shelf.get(_place(type_))
    said = ours.read(row).get("seconds")
    configured = work.policy.polls.get(type_)
    return Poll(
        version=found.edition(row) if row else "0",
        type=type_,
        seconds=said or configured or rates()[type_],
        source="type" if said else "configuration" if configured else "table",
    )


async def list_(call: Call) -> Page[Poll]:
    """The rates of all types."""
    return whole([await one(call.work, type_) for type_ in sorted(rates())])


async def _set(work: Work, type_: str, seconds: int) -> None:
    was = await work.shelf.get(_place(type_))
    work.put(Row(_place(type_), ours.POLLS, "Poll", ours.body({"seconds": seconds})), was)


async def _reset(work: Work, type_: str) -> None:
    was = await work.shelf.get(_place(type_))
    if was is None:
        raise Wrong(404, f"{type_} follows the configuration already")
    work.drop(was)


def _type(call: Call) -> str:
    type_ = call.path["kind"]
    if type_ not in rates():
        raise Wrong(404, f"{type_} has no pollRate")
    return type_


async def set_(call: Call, said: PollSet) -> Reply:
    """Say how often a type is to be asked for."""
    await _set(call.work, _type(call), said.seconds)
    return found.shown(one, _type(call))


async def reset(call: Call) -> None:
    """Follow the configuration again."""
    await _reset(call.work, _type(call))


async def _own(work: Work, href: str) -> Poll:
    """The rate of one list."""
    node, row = lists.spot(href).node, await lists.own(work, href)
    made = canon.obj(row) if row else None
    return Poll(
        version=found.edition(row) if row else "0",
        type=node.type,
        href=href,
        seconds=getattr(made, "pollRate", None),
        source="list",
        subscribable=getattr(made, "subscribable", None),
    )


async def own(call: Call, query: OwnQuery) -> Page[Poll]:
    """The lists that have a rate of their own."""
    types = sorted({node.type for node in tree.nodes().values() if node.lists})
    rows = [row for type_ in types for row in await call.work.shelf.grouped(type_, lists.OWN)]
    return sliced([await _own(call.work, row.href) for row in rows], query)


async def list_set(call: Call, said: ListSet) -> Reply:
    """Give one list a rate, or subscriptions, of its own."""
    await lists.tell(call.work, said.href, seconds=said.seconds, subscribable=said.subscribable)
    return found.shown(_own, said.href)


async def list_reset(call: Call, query: PollQuery) -> None:
    """Let a list follow its type again."""
    row = await lists.own(call.work, query.href)
    if row is None:
        raise Wrong(404, f"{query.href} has nothing of its own")
    call.work.drop(row, deep=False)


async def _post(work: Work, _: str) -> PostRate:
    row = await work.shelf.get(_place(POST))
    said = ours.read(row).get("seconds")
    return PostRate(
        version=found.edition(row) if row else "0",
        seconds=said or work.policy.post_rate,
        source="operator" if said else "configuration",
    )


async def post_rate(call: Call) -> PostRate:
    """What mirror usage points get that name no rate."""
    return await _post(call.work, "")


async def post_rate_set(call: Call, said: PollSet) -> Reply:
    """Say what mirror usage points get that name no rate."""
    await _set(call.work, POST, said.seconds)
    return found.shown(_post, "")


async def post_rate_reset(call: Call) -> None:
    """Follow the configuration again."""
    await _reset(call.work, POST)
