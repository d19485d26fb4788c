"""Subscriptions: who is told of which resource's changes, and where (IEEE 2030.5-2018 8.6; CSIP 2.1, 5.3).

A client subscribes below its own EndDevice, to what it may read and what the server says may be subscribed
to. The same resource and the same notificationURI again is the same subscription, renewed. Here they are
kept; what they bring about is told by `notify`, and sent by the courier.
"""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

from bridge.sep2 import document, doors, order, plain, rules, target, tree, watch
from bridge.sep2.document import Thing
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Trace, Work

TYPE = "Subscription"
MOST = 100_000
"""Subscriptions of one client: enough for an aggregator, an end to what a fault can fill."""
XML = 0
VALUE = 0
"""The one attribute that a condition may be about: the value of a Reading."""
PLAIN, CONDITIONAL = 1, 2
"""What `subscribable` is made of."""


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """Take a subscription: a new one, or one that is there renewed."""
    edev = spot.href.rpartition("/")[0]
    if edev != work.caller.edev:
        raise Told(403, "a client subscribes below its own EndDevice")
    on = await _wanted(work, body.obj)
    mark = _mark(on, body.obj)
    was = await plain.sibling(work, spot.href, TYPE, mark)
    if was is None and await work.shelf.count(spot.href, Cut()) >= MOST:
        raise Told(400, f"a client has at most {MOST} subscriptions")
    href = was.href if was else f"{spot.href}/{await work.shelf.fresh()}"
    await _kept(work, Row(href, spot.href, TYPE, owner=work.caller.lfdi, mark=mark), body, on, was)
    return Answer(204 if was else 201, location=href)


async def replaced(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Put a subscription in the place of one that is there."""
    if row is None:
        raise Told(404, f"there is no {spot.href}")
    _own(work, row)
    on = await _wanted(work, body.obj)
    mark = _mark(on, body.obj)
    other = await plain.sibling(work, row.parent, TYPE, mark)
    if other is not None and other.href != row.href:
        raise Told(400, f"{other.href} is the same subscription")
    was = tree.match(row.grp)
    if was is None or was.node.type != on.node.type:
        await watch.end(work, row)
    await _kept(work, row._replace(mark=mark), body, on, row)
    return Answer(204)


async def removed(work: Work, spot: Spot, row: Row) -> Answer:
    """End a subscription; the client is told of it unless it asked for that itself."""
    del spot
    if work.caller.role != "operator":
        _own(work, row)
    await ended(work, row)
    return Answer(204)


async def ended(work: Work, row: Row) -> None:
    """Remove a subscription, and that it is watched for."""
    work.drop(row)
    await watch.end(work, row)


async def _kept(work: Work, row: Row, body: Body, on: Spot, was: Row | None) -> None:
    obj: Thing = body.obj
    told = obj.model_copy(update={"href": None, "subscribedResource": on.href})
    fresh = row._replace(
        body=document.written(told, TYPE, body.profile),
        profile=body.profile,
        grp=on.href,
        rank=order.rank(tree.node("/edev/{}/sub"), told),
        at=work.now,
    )
    work.put(fresh, was)
    await watch.begin(work, fresh, on)


def _own(work: Work, row: Row) -> None:
    if row.owner != work.caller.lfdi:
        raise Told(403, f"{row.href} is another client's")


def _mark(on: Spot, obj: Thing) -> str:
    """Give what a second subscription of the same would have as well."""
    return sha256(f"{on.href} {obj.notificationURI}".encode()).hexdigest().upper()


# ---------------------------------------------------------------------------------------------- what is asked


async def _wanted(work: Work, obj: Thing) -> Spot:
    """Give the place that a subscription is on; Told where it cannot be had as it is asked for."""
    target.target(obj.notificationURI, work.policy)
    if obj.encoding != XML:
        raise Told(400, "encoding 0 (XML) is the only one served")
    on = tree.match(_path(obj.subscribedResource))
    if on is None:
        raise Told(400, f"subscribedResource {obj.subscribedResource[:80]!r} is no resource of this server")
    view = looking(work, on)
    offered = await _offered(view, on)
    asked = CONDITIONAL if obj.Condition is not None else PLAIN
    if not offered & asked:
        kind = "with a condition" if asked == CONDITIONAL else "without a condition"
        raise Told(400, f"{on.node.type} {on.href} cannot be subscribed to {kind}")
    if obj.Condition is not None:
        _condition(obj.Condition)
    return on


def looking(work: Work, on: Spot) -> Work:
    """Give the work of the caller's reading a place, for the same answer as a GET of it would have."""
    ask = work.ask._replace(method="GET", path=on.href, query=(), body=b"", media="")
    return Work(ask, work.caller, work.policy, work.shelf)


async def _offered(view: Work, on: Spot) -> int:
    """Give what `subscribable` says of a place that the caller may read; Told where it may not."""
    await rules.check(view, on)
    there = await doors.standing(view, on) and (on.node.lists or await doors.found(view, on) is not None)
    if not there:
        raise Told(404, f"there is no {on.href}")
    return await subscribable(view.shelf, on)


async def subscribable(shelf: Trace, on: Spot) -> int:
    """Give what `subscribable` says of a place: the list's own row, or the table."""
    own = await shelf.get(on.href) if on.node.lists else None
    said = getattr(document.read(own), "subscribable", None) if own is not None and own.body else None
    return on.node.subscribable if said is None else int(said)


def _condition(condition: Thing) -> None:
    if condition.attributeIdentifier != VALUE:
        raise Told(400, "a condition is about attribute 0, the value of a Reading")
    if condition.lowerThreshold > condition.upperThreshold:
        raise Told(400, "the lower threshold is above the upper one")


def _path(text: str) -> str:
    """Give the path of an address that may be absolute; a query or fragment makes it no resource."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return "" if parts.query or parts.fragment else parts.path.rstrip("/")
