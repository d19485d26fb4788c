"""Where something is, as far as access asks: which device it belongs to, which groups it is in or holds.

What stands below a device belongs to it, what stands below a programme is where the programme hangs. Devices
and their power are looked up only where a rule asks for them. Read from rows; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from bridge.core.access.target import EVERYTHING, Place, Target
from bridge.sep2 import groups, ours
from bridge.sep2.shelf import HIDDEN, Row
from bridge.sep2.work import Trace
from models.der import messages

Wants = frozenset[str]
RATED: Mapping[str, type[messages.Setting | messages.Capability]] = {
    "DERSettings": messages.Setting,
    "DERCapability": messages.Capability,
}
"""What a device says of its power, what is set before what it is built for."""


def root(href: str) -> str:
    """Give the address that decides on all below it: `/edev/3` for `/edev/3/der/1`."""
    return "/".join(href.split("/")[: 4 if href.startswith(HIDDEN) else 3])


async def target(shelf: Trace, hrefs: Iterable[str], wants: Wants) -> Target:
    """Give where some addresses are; everything where one of them is nowhere in particular."""
    found = [await _at(shelf, href, wants) for href in hrefs]
    places = tuple(one for one in found if one is not None)
    return Target(places) if places and len(places) == len(found) else EVERYTHING


async def _at(shelf: Trace, href: str, wants: Wants) -> Place | None:
    """Give where an address is; an organisation is where all is that it has, row or no row."""
    if href.startswith(f"{ours.ORGANISATIONS}/"):
        return await _device(shelf, href.rpartition("/")[2])
    return await _place(shelf, await shelf.get(root(href)), wants)


async def rows(shelf: Trace, some: Iterable[Row], wants: Wants) -> Target:
    """Give where some rows are or are to be."""
    found = []
    for row in some:
        top: Row | None = row if row.href == root(row.href) else await shelf.get(root(row.href)) or row
        if top is row and row.type == "Group":  # where it is to hang, whatever is stored
            top = await shelf.get(row.grp) if row.grp else None
        found.append(await _place(shelf, top, wants))
    places = tuple(one for one in found if one is not None)
    return Target(places) if places and len(places) == len(found) else EVERYTHING


async def _place(shelf: Trace, row: Row | None, wants: Wants) -> Place | None:
    if row is None:
        return None
    if row.type == "Group":
        return await _group(shelf, row.href, wants)
    if row.grp.startswith(HIDDEN):
        return await _group(shelf, row.grp, wants)
    lfdi = row.mark if row.type == "EndDevice" else row.owner
    return await _device(shelf, lfdi) if lfdi else None


async def _device(shelf: Trace, lfdi: str) -> Place:
    line = [
        _named(row.href)
        for member in await shelf.owned("Member", lfdi)
        for row in await groups.chain(shelf, member.grp)
    ]
    return Place(((lfdi, await _holder(shelf, lfdi)),), frozenset(line))


async def _group(shelf: Trace, href: str, wants: Wants) -> Place:
    rows = await groups.chain(shelf, href)
    if rows and rows[0].owner:  # of one device alone: it is where the device is
        return await _device(shelf, rows[0].owner)
    line = [row.href for row in rows]
    below = [row.href for row in await groups.below(shelf, href)]
    devices: tuple[tuple[str, str], ...] = ()
    if "devices" in wants:
        members = await groups.members(shelf, href)
        devices = tuple([(lfdi, await _holder(shelf, lfdi)) for lfdi in members])
    return Place(devices, frozenset(map(_named, line)), frozenset(map(_named, below)))


async def _holder(shelf: Trace, lfdi: str) -> str:
    row = next(iter(await shelf.marked("EndDevice", lfdi)), None)
    return row.grp if row else ""


def _named(href: str) -> str:
    """Give a group as an area names it."""
    return f"group/{ours.number(href)}"


def touched(target: Target) -> tuple[str, ...]:
    """Give the devices that a target has in it."""
    return tuple(dict.fromkeys(lfdi for place in target.places for lfdi, _ in place.devices))


async def power(shelf: Trace, devices: Iterable[str]) -> Decimal | None:
    """Give what some devices can do together, in W; None where one of them has not said."""
    total = Decimal(0)
    for lfdi in devices:
        one = await _rated(shelf, lfdi)
        if one is None:
            return None
        total += one
    return total


async def _rated(shelf: Trace, lfdi: str) -> Decimal | None:
    """Give what the DERs of a device can do together."""
    said: dict[str, Decimal] = {}
    for type_, kind in RATED.items():
        for row in await shelf.owned(type_, lfdi):
            found = kind.model_validate_json(row.record).ratings.WMax if row.record else None
            if found is not None:
                said.setdefault(row.parent, abs(found.value))
    return sum(said.values(), Decimal(0)) if said else None
