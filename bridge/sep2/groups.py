"""Groups: the topology and other sets of devices that programmes hang from (CSIP 2.1, 5.2.3).

A device is in the groups it is a member of and in all groups above those. A group is moved by one change of
one row, and every device below it follows. An aggregator reaches the groups of its devices; that is noted
when a device joins, so that its reading never asks device by device. Never speaks 2030.5 itself.
"""

from __future__ import annotations

from typing import Any

from bridge.sep2 import ours
from bridge.sep2.shelf import Change, Cut, Page, Row, Shelf
from bridge.sep2.talk import Told
from bridge.sep2.work import Trace, Work

DEEPEST = 32
"""Levels above a group that are followed; CORE-010 wants seven, UTIL-001 nine."""
EVERY = 1_000_000_000
HANGING = (
    *("DERProgram", "TariffProfile", "MessagingProgram", "DemandResponseProgram", "CustomerAccount"),
    *("Prepayment", "File", "ResponseSet", "UsagePoint"),
)
"""Types of what may hang from a group."""
BESIDE = ("Reach", "Outage", "OutageSum")
"""Types of what goes with a group and is no reason to keep it."""


async def chain(shelf: Shelf | Trace, href: str) -> tuple[Row, ...]:
    """Give a group and those above it, nearest first."""
    found: list[Row] = []
    while href and len(found) < DEEPEST:
        row = await shelf.get(href)
        if row is None:
            break
        found.append(row)
        href = row.grp
    return tuple(found)


async def groups(shelf: Shelf | Trace, lfdi: str) -> tuple[Row, ...]:
    """Give the groups of a device, or those an aggregator reaches, and those above; deepest first."""
    direct = [*await shelf.owned("Member", lfdi), *await shelf.owned("Reach", lfdi)]
    depth: dict[str, tuple[int, Row]] = {}
    for member in direct:
        line = await chain(shelf, member.grp)
        depth.update({row.href: (len(line) - at, row) for at, row in enumerate(line)})
    ranked = sorted(depth.values(), key=lambda each: (-each[0], ours.number(each[1].href)))
    return tuple(row for _, row in ranked)


async def programmes(shelf: Shelf | Trace, lfdi: str, type_: str = "DERProgram") -> tuple[Row, ...]:
    """Give what hangs from the groups of a client, of one type, in the order of rank."""
    found = [row for each in await groups(shelf, lfdi) for row in await shelf.grouped(type_, each.href)]
    return tuple(sorted(found, key=lambda row: (row.rank, len(row.href), row.href)))


async def hanging(shelf: Shelf | Trace, group: str) -> tuple[Row, ...]:
    """Give all that hangs from a group itself."""
    return tuple([row for type_ in HANGING for row in await shelf.grouped(type_, group)])


async def below(shelf: Shelf | Trace, group: str) -> tuple[Row, ...]:
    """Give the groups below a group, at any depth, those nearer to it first."""
    found: list[Row] = []
    wave = [group]
    while wave:
        rows = [row for href in wave for row in await shelf.grouped("Group", href)]
        found += rows
        wave = [row.href for row in rows]
    return tuple(found)


async def members(shelf: Shelf | Trace, group: str, *, deep: bool = True) -> tuple[str, ...]:
    """Give the LFDIs of the devices in a group, with those of the groups below it where `deep`."""
    places = [group, *([row.href for row in await below(shelf, group)] if deep else ())]
    found = [row.owner for place in places for row in await shelf.grouped("Member", place)]
    return tuple(dict.fromkeys(found))


async def group(shelf: Shelf | Trace, href: str) -> Row:
    """Give a group; Told where there is none."""
    row = await shelf.get(href)
    if row is None or row.type != "Group":
        raise Told(404, f"there is no group {href}")
    return row


async def listed(shelf: Shelf | Trace, cut: Cut) -> Page:
    """Give a page of all groups."""
    return await shelf.children(ours.GROUPS, cut)


async def make(work: Work, fields: dict[str, Any], parent: str = "") -> Row:
    """Make a group: its fields are name, description, level and fsa."""
    if parent:
        line = await chain(work.shelf, (await group(work.shelf, parent)).href)
        if len(line) >= DEEPEST:
            raise Told(400, f"groups are nested {DEEPEST} deep at most")
    href = f"{ours.GROUPS}/{await work.shelf.fresh()}"
    return work.put(Row(href, ours.GROUPS, "Group", ours.body(_sound(fields)), grp=parent))


async def change(work: Work, href: str, fields: dict[str, Any]) -> Row:
    """Set some fields of a group anew; its FSA's version goes up with the row's."""
    row = await group(work.shelf, href)
    return work.amend(row, body=ours.body(_sound({**ours.read(row), **fields})))


async def move(work: Work, href: str, parent: str) -> Row:
    """Hang a group, with all below it, from another; from none where `parent` is empty."""
    row = await group(work.shelf, href)
    line = await chain(work.shelf, (await group(work.shelf, parent)).href) if parent else ()
    if any(each.href == href for each in line):
        raise Told(409, f"{parent} is {href} itself or below it")
    await _held(work, line)
    return work.amend(row, grp=parent)


async def _held(work: Work, line: tuple[Row, ...]) -> None:
    """Touch the groups above, so that two moves at once cannot close a circle."""
    for row in line:
        work.put(row, row)


async def remove(work: Work, href: str, *, deep: bool = False) -> None:
    """Remove a group with its memberships; with the groups below and all that hangs from them if `deep`."""
    row = await group(work.shelf, href)
    lower = await below(work.shelf, href)
    gone = (row, *lower)
    hung = [each for one in gone for each in await hanging(work.shelf, one.href)]
    if (lower or hung) and not deep:
        raise Told(409, f"{href} is not empty: {len(lower)} groups below, {len(hung)} programmes")
    reaches = [row for one in gone for type_ in BESIDE for row in await work.shelf.grouped(type_, one.href)]
    for each in (*gone, *hung, *reaches):
        work.drop(each)


async def join(work: Work, href: str, device: Row) -> Row:
    """Make a device (its EndDevice) a member of a group; nothing new where it is one already."""
    place = await group(work.shelf, href)
    at = f"{place.href}/member/{ours.number(device.href)}"
    was = await work.shelf.get(at)
    if was:
        return was
    reach(work, place.href, device.grp)
    return work.put(Row(at, f"{place.href}/member", "Member", owner=device.mark, grp=place.href))


async def leave(work: Work, href: str, device: Row) -> None:
    """End a membership."""
    row = await work.shelf.get(f"{href}/member/{ours.number(device.href)}")
    if row is None:
        raise Told(404, f"{device.href} is no member of {href}")
    await left(work, row, device.grp)


async def left(work: Work, member: Row, aggregator: str) -> None:
    """Remove a membership, and what the aggregator reached by it alone."""
    work.drop(member)
    if not aggregator:
        return
    gone = {change.href for change in work.changes if change.row is None}
    held = {row.mark for row in await work.shelf.grouped("EndDevice", aggregator)}
    others = [row for row in await work.shelf.grouped("Member", member.grp) if row.owner in held]
    place = await work.shelf.get(_reached(aggregator, member.grp))
    if place and not any(row.href not in gone for row in others):
        work.drop(place)


def reach(work: Work, href: str, aggregator: str) -> None:
    """Note that an aggregator has a device in a group, written blindly.

    Nothing is expected of the row, so that devices that join at once do not hinder each other; a last one
    that leaves expects what it has seen, and so finds out when another joins meanwhile.
    """
    if aggregator:
        at = _reached(aggregator, href)
        work.changes.append(Change(at, Row(at, ours.REACHES, "Reach", owner=aggregator, grp=href)))


async def entrust(work: Work, device: Row, aggregator: str) -> Row:
    """Give a device to an aggregator, or to none: it sees the device and its groups from then on."""
    rows = await work.shelf.owned("Member", device.mark)
    for row in rows:
        await left(work, row, device.grp)
        work.changes[:] = [change for change in work.changes if change.href != row.href]
    for row in rows:
        reach(work, row.grp, aggregator)
    return work.put(device._replace(grp=aggregator), device)


def _reached(aggregator: str, group: str) -> str:
    return f"{ours.REACHES}/{aggregator}/{ours.number(group)}"


def _sound(fields: dict[str, Any]) -> dict[str, Any]:
    """Hold a group's fields to what they may be."""
    known = {"name", "description", "level", "fsa"}
    wrong = sorted(fields.keys() - known)
    if wrong:
        raise Told(400, f"a group has no {wrong[0]!r}; it has {', '.join(sorted(known))}")
    return fields
