"""The one table of behaviour: what each type, or one address of it, does by itself beyond being stored.

A row names functions of the function sets' modules; where it names none, `plain` and the store do. An
address of the tree goes before its type, since the same type is served at several (`/derp` and
`/edev/{}/fsa/{}/derp`). The table is built when first asked for, so that the modules may know each other.
Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache

from bridge.sep2 import (
    active,
    connection,
    curves,
    der,
    enrol,
    events,
    file,
    flow,
    log,
    metering,
    mirror,
    plain,
    power,
    response,
    sets,
    subscription,
    tree,
    virtual,
    windows,
)
from bridge.sep2.nodes import Node
from bridge.sep2.shelf import Cut, Page, Row
from bridge.sep2.talk import Answer
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

Post = Callable[[Work, Spot, Body], Awaitable[Answer]]
Put = Callable[[Work, Spot, Body, Row | None], Awaitable[Answer]]
Delete = Callable[[Work, Spot, Row], Awaitable[Answer]]
View = Callable[[Work, Spot, Row | None], Awaitable[Row | None]]
Members = Callable[[Work, Spot, Cut], Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class Door:
    """What a type does by itself; see the contract of each in `plain`."""

    post: Post | None = None
    put: Put | None = None
    delete: Delete | None = None
    view: View | None = None
    """The row as it reads now, from the stored one or from none."""
    members: Members | None = None


@cache
def table() -> Mapping[str, Door]:
    """The table."""
    return {**_ends(), **_devices(), **_ders(), **_meters(), **_events()}


def _ends() -> dict[str, Door]:
    """The server itself, and what hangs from groups."""
    hanging = Door(members=windows.hanging)
    return {
        "DeviceCapability": Door(view=virtual.capability),
        "SelfDevice": Door(view=virtual.itself),
        "/sdev/di": Door(view=virtual.information),
        "/sdev/dstat": Door(view=virtual.standing),
        "Time": Door(view=virtual.time),
        **{f"/{name}": hanging for name in ("derp", "dr", "tp", "msg", "bill", "ppy", "brs")},
        **{f"/edev/{{}}/fsa/{{}}/{name}": Door(post=sets.hung, members=sets.assigned) for name in sets.LISTS},
        "FunctionSetAssignmentsList": Door(members=sets.members),
        "FunctionSetAssignments": Door(view=sets.view),
        "/file": Door(post=file.posted, members=file.listed),
        "File": Door(put=file.replaced, delete=file.removed, view=file.seen),
    }


def _devices() -> dict[str, Door]:
    """An EndDevice and what it tells of itself, its DER apart."""
    return {
        "EndDeviceList": Door(post=enrol.posted, members=windows.devices),
        "EndDevice": Door(put=enrol.replaced, delete=enrol.removed),
        "Registration": Door(put=enrol.pinned, view=enrol.registration),
        "/edev/{}/ps": Door(view=power.status),
        "ConnectionPoint": Door(post=connection.posted, put=connection.replaced, view=connection.view),
        "SubscriptionList": Door(post=subscription.posted),
        "Subscription": Door(put=subscription.replaced, delete=subscription.removed),
        "LogEventList": Door(post=log.posted),
        "LogEvent": Door(put=log.replaced),
        "FileStatus": Door(put=file.reported),
        "FlowReservationRequestList": Door(post=flow.requested),
        "FlowReservationRequest": Door(put=flow.changed, delete=flow.withdrawn),
    }


def _ders() -> dict[str, Door]:
    """The DER of a device, the programmes above it."""
    told = Door(put=der.told)
    types = ("DERCapability", "DERSettings", "DERStatus", "DERAvailability", "CurrentDERControls")
    return {
        **dict.fromkeys(types, told),
        "DERAvailability": Door(put=der.told, view=power.available),
        "DERList": Door(members=der.ders),
        "DER": Door(put=der.replaced, delete=der.removed, view=der.seen),
        "/edev/{}/der/{}/derp": Door(members=der.programmes),
        "/edev/{}/der/{}/cdp": Door(view=der.current),
        "/edev/{}/der/{}/upt": Door(view=der.metered),
        "DefaultDERControl": Door(put=curves.defaulted),
        "DERCurveList": Door(post=curves.posted),
    }


def _meters() -> dict[str, Door]:
    """Mirrors, and what is read of them."""
    return {
        "/mup": Door(post=mirror.posted, members=mirror.members),
        "/mup/{}": Door(post=mirror.taken, put=mirror.replaced, delete=mirror.removed),
        "/mup/{}/mr": Door(post=mirror.taken),
        "/mup/{}/mr/{}": Door(put=mirror.retold, delete=mirror.dropped),
        "/upt": Door(members=metering.points),
        "/upt/{}/mr/{}/r": Door(view=metering.latest),
    }


def _events() -> dict[str, Door]:
    """Events and their lists, what becomes of them, and lists by the clock."""
    clocked = Door(post=events.posted, members=active.listed)
    open_ = Door(members=active.listed)
    return {
        **{name: Door(view=events.seen) for name in events.EVENTS},
        **{f"{name}List": clocked for name in events.EVENTS},
        "FlowReservationResponseList": Door(post=flow.answered, members=active.listed),
        **{node.template: open_ for node in tree.nodes().values() if _last(node) in active.BESIDE},
        "/rsps": Door(members=response.sets),
        "ResponseSet": Door(view=response.responses),
        "ResponseList": Door(post=response.posted, members=response.listed),
        **{name: Door(view=response.seen) for name in ("Response", *response.SUBJECTS)},
    }


def _last(node: Node) -> str:
    return node.template.rpartition("/")[2]


NOWHERE = Door()
CLOSED: Mapping[str, frozenset[str]] = {
    "/sdev": frozenset({"PUT"}),
    "/tm": frozenset({"PUT"}),
    "/edev/{}/fsa": frozenset({"POST"}),
    "/edev/{}/fsa/{}": frozenset({"DELETE"}),
    "/edev/{}/der/{}/derp": frozenset({"POST"}),
    "/edev/{}/der/{}/cdp": frozenset({"DELETE"}),
    "/edev/{}/der/{}/upt": frozenset({"DELETE"}),
}
"""Optional and discouraged methods that this server does not have."""


def door(node: Node) -> Door:
    """What an address does by itself."""
    return table().get(node.template) or table().get(node.type) or NOWHERE


def allowed(node: Node) -> tuple[str, ...]:
    """The methods that an address has, as `Allow` says them."""
    return _allowed(node.template)


@cache
def _allowed(template: str) -> tuple[str, ...]:
    closed = CLOSED.get(template, frozenset())
    return tuple(method for method in tree.node(template).allowed if method not in closed)


async def members(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give members of a list as this caller sees it."""
    found = door(spot.node).members
    return await (found(work, spot, cut) if found else work.shelf.children(spot.href, cut))


async def count(work: Work, spot: Spot) -> int:
    """Give how many members a list has for this caller."""
    if door(spot.node).members is None:
        return await work.shelf.count(spot.href, Cut())
    return (await members(work, spot, Cut(limit=0))).total


async def view(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give a row as it reads now."""
    found = door(spot.node).view
    return await found(work, spot, row) if found else row


async def found(work: Work, spot: Spot) -> Row | None:
    """Give what stands at an address, stored or not."""
    return await view(work, spot, await work.shelf.get(spot.href))


async def standing(work: Work, spot: Spot) -> bool:
    """Whether all that an address stands below is there; lists always are."""
    above = tree.match(spot.href.rpartition("/")[0])
    while above and above.node.lists:
        above = tree.match(above.href.rpartition("/")[0])
    return above is None or await found(work, above) is not None


async def post(work: Work, spot: Spot, body: Body) -> Answer:
    """Let an address take what is posted to it."""
    return await (door(spot.node).post or plain.posted)(work, spot, body)


async def put(work: Work, spot: Spot, body: Body) -> Answer:
    """Let an address take what is put in its place."""
    row = await work.shelf.get(spot.href)
    return await (door(spot.node).put or plain.replaced)(work, spot, body, row)


async def delete(work: Work, spot: Spot, row: Row) -> Answer:
    """Let what stands at an address be removed."""
    return await (door(spot.node).delete or plain.removed)(work, spot, row)


DOORS: Mapping[str, Door]


def __getattr__(name: str) -> Mapping[str, Door]:
    """`DOORS`: the table, built when first asked for."""
    if name == "DOORS":
        return table()
    raise AttributeError(name)
