"""Devices: registered out of band, changed, removed, and what each has said of its DER.

A device is its EndDevice with its permit, registration, connection point and memberships; all of it is done
by `bridge.sep2.enrol` and its neighbours, in one commit. Here it is asked for in forms and shown in forms.
"""

from __future__ import annotations

from typing import Any

from bridge.app.office import controls, found, outage, programmes
from bridge.app.office.call import Call, Reply, wrong
from bridge.app.office.cursor import paged, whole
from bridge.app.office.profile import changed, enrolled
from bridge.sdk.forms import grid
from bridge.sdk.forms.fleet import Der, Device, DeviceChange, DeviceNew, DeviceQuery, Facet, Membership
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import canon, der, enrol, events, groups, ours, tree
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work

FACETS = {"capability": "dercap", "settings": "derg", "status": "ders", "availability": "dera"}


async def one(work: Work, href: str) -> Device:
    """A device as it is shown."""
    return await form(work, await found.thing(work.shelf, href, "EndDevice"))


async def form(work: Work, row: Row) -> Device:
    """An EndDevice's row as a device is shown."""
    shelf = work.shelf
    allowed, said = await found.said(shelf, row.mark)
    members = await shelf.owned("Member", row.mark)
    registration, point = await shelf.get(f"{row.href}/rg"), await shelf.get(f"{row.href}/cp")
    made, registered = canon.obj(row), canon.obj(registration) if registration else None
    return Device(
        version=found.edition(row, allowed, registration, point, *members),
        id=ours.number(row.href),
        href=row.href,
        lfdi=row.mark,
        sfdi=made.sFDI,
        name=said.name,
        role="aggregator" if row.grp == row.mark else "device",
        granted=said.granted,
        profile=said.profile,
        aggregator=row.grp if row.grp not in {"", row.mark} else None,
        groups=tuple(sorted(ours.number(each.grp) for each in members)),
        connection_point=(canon.obj(point).connectionPointId or None) if point else None,
        device_category=made.deviceCategory,
        enabled=made.enabled is not False,
        post_rate=made.postRate,
        pin=registered.pIN if registered else None,
        registered=registered.dateTimeRegistered if registered else None,
        changed=row.changed,
        ders=(await der.ders(work, tree.spot(f"{row.href}/der"), Cut(limit=0))).total,
        outage=await outage.state(shelf, row.mark),
    )


async def list_(call: Call, query: DeviceQuery) -> Page[Device]:
    """The registered devices."""
    shelf, text = call.work.shelf, query.text.casefold()
    among: set[str] | None = None
    if query.group is not None:
        href = f"{ours.GROUPS}/{query.group}"
        places = [href, *(row.href for row in await groups.below(shelf, href))]
        rows = [row for place in places for row in await shelf.grouped("Member", place)]
        among = {f"{enrol.LIST}/{ours.number(row.href)}" for row in rows}
    if query.lfdi is not None:
        known = {row.href for row in await shelf.marked("EndDevice", query.lfdi)}
        among = known if among is None else among & known
    cut = Cut(grp=query.aggregator, among=None if among is None else tuple(sorted(among)))

    async def show(row: Row) -> Device | None:
        device = await form(call.work, row)
        words = f"{device.name} {device.lfdi} {device.connection_point or ''}".casefold()
        wanted = query.sfdi in {None, device.sfdi} and query.enabled in {None, device.enabled}
        return device if wanted and text in words else None

    plain = query.sfdi is None and query.enabled is None and not text
    return await paged(shelf, enrol.LIST, cut, query, show, counted=plain)


async def create(call: Call, said: DeviceNew) -> Reply:
    """Register a device out of band."""
    row = await enrolled(call.work, said)
    return found.shown(one, row.href, location=f"/devices/{ours.number(row.href)}")


async def show(call: Call) -> Device:
    """One device."""
    return await form(call.work, await found.device(call.work.shelf, call.path["device"]))


async def update(call: Call, said: DeviceChange) -> Reply:
    """Change a device."""
    row = await found.device(call.work.shelf, call.path["device"])
    if {"aggregator", "groups"} <= said.model_fields_set:
        raise wrong("/groups", "change the aggregator and the groups one after the other")
    await changed(call.work, row, said)
    if said.groups is not None:
        await _regroup(call.work, row, said.groups)
    return found.shown(one, row.href)


async def delete(call: Call) -> None:
    """Remove a device."""
    row = await found.device(call.work.shelf, call.path["device"])
    await enrol.removed(call.work, tree.spot(row.href), row)


async def groups_(call: Call, said: Membership) -> Reply:
    """Say which groups a device is a member of."""
    row = await found.device(call.work.shelf, call.path["device"])
    await _regroup(call.work, row, said.groups)
    return found.shown(one, row.href)


async def _regroup(work: Work, row: Row, numbers: tuple[int, ...]) -> None:
    wanted = await found.groups(work.shelf, numbers)
    was = {member.grp for member in await work.shelf.owned("Member", row.mark)}
    for href in was - {*wanted}:
        await groups.leave(work, href, row)
    for href in wanted:
        if href not in was:
            await groups.join(work, href, row)


async def ders(call: Call) -> Page[Der]:
    """What the DER of a device have said of themselves."""
    row = await found.device(call.work.shelf, call.path["device"])
    rows = (await der.ders(call.work, tree.spot(f"{row.href}/der"), Cut(limit=groups.EVERY))).rows
    return whole([await _der(call.work, each.href) for each in rows])


async def der_(call: Call) -> Der:
    """What one DER has said of itself."""
    row = await found.device(call.work.shelf, call.path["device"])
    href = f"{row.href}/der/{call.number('der')}"
    rows = (await der.ders(call.work, tree.spot(f"{row.href}/der"), Cut(limit=groups.EVERY))).rows
    if href not in {each.href for each in rows}:
        raise wrong("", f"there is no {href}", 404)
    return await _der(call.work, href)


async def _der(work: Work, href: str) -> Der:
    facets = {name: await work.shelf.get(f"{href}/{part}") for name, part in FACETS.items()}
    shown: dict[str, Any] = {name: facet(row) for name, row in facets.items() if row}
    return Der(id=ours.number(href), href=href, **shown)


def facet(row: Row) -> Facet:
    """A document as it was written and as the bridge understands it."""
    return Facet(
        href=row.href,
        changed=row.changed,
        profile=row.profile,
        document=canon.obj(row).model_dump(mode="json", exclude_none=True),
        record=found.record(row) or {},
    )


async def programmes_(call: Call) -> Page[grid.Programme]:
    """The programmes that a device sees."""
    row = await found.device(call.work.shelf, call.path["device"])
    rows = await groups.programmes(call.work.shelf, row.mark)
    return whole([await programmes.form(call.work, each) for each in rows])


async def controls_(call: Call) -> Page[grid.Control]:
    """The controls that a device sees, not yet over."""
    row = await found.device(call.work.shelf, call.path["device"])
    shown: list[grid.Control] = []
    for each in await groups.programmes(call.work.shelf, row.mark):
        scene = await events.scene(call.work, f"{each.href}/derc")
        rows = [one.row for one in scene.values() if not one.row.until or one.row.until > call.work.now]
        shown += [await controls.form(call.work, control) for control in rows]
    return whole(shown)
