"""Making a unit known to a bridge, as its operator: registered, in its group, found where it speaks.

By the administration API alone. A unit that is known already becomes a member, and comes under the aggregator
that is named. Nothing of a story is here.
"""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple

from bridge.app.fault import Fault
from bridge.sdk.client import Client
from bridge.sdk.forms import facility, fleet
from bridge.sdk.forms.kinds import Profile
from bridge.sdk.sending import Refused

TAKEN = 409
LABEL = 32
PATIENCE = 90.0
"""Seconds that units have to come and tell what they are."""
PAUSE = 0.2


class Newcomer(NamedTuple):
    """A unit as its operator sees it."""

    name: str
    lfdi: str
    address: str = ""
    """Where it speaks at the relay; nothing for one that comes by itself, over 2030.5."""
    holder: str = ""
    """LFDI of the aggregator that holds it."""
    profile: Profile | None = None
    """Edition that it is written to in; the server's own when not given."""


async def enter(site: Client, unit: Newcomer, *groups: int) -> bool:
    """Make one known; gives whether the bridge did not yet know where it speaks."""
    lfdi = unit.lfdi.upper()
    form = fleet.DeviceNew(
        lfdi=lfdi, name=unit.name[:LABEL], groups=groups, aggregator=unit.holder or None, profile=unit.profile
    )
    try:
        await site.devices.create(form)
    except Refused as error:
        if error.problem.status != TAKEN:
            raise
        await _joined(site, unit, lfdi, groups)
    if not unit.address or await _speaks(site, lfdi, unit.address):
        return False
    await site.facility.add(lfdi, facility.FacilitySet(address=unit.address))
    return True


async def _joined(site: Client, unit: Newcomer, lfdi: str, groups: tuple[int, ...]) -> None:
    """Have a unit that is known be a member, and held by whoever is to hold it."""
    async for device in site.devices.list(fleet.DeviceQuery(lfdi=lfdi)):
        for group in groups:
            await site.groups.join(group, device.id)
        if unit.holder:
            await site.devices.update(device.id, fleet.DeviceChange(aggregator=unit.holder))


async def _speaks(site: Client, lfdi: str, address: str) -> bool:
    """Whether the bridge looks for a unit at an address already."""
    rows = [one async for one in site.facility.list() if one.lfdi.upper() == lfdi]
    return any(one.address == address for one in rows)


async def aggregator(site: Client, lfdi: str) -> None:
    """Let an aggregator in."""
    try:
        await site.access.create(fleet.AccessNew(lfdi=lfdi.upper(), role="aggregator"))
    except Refused as error:
        if error.problem.status != TAKEN:
            raise


async def known(site: Client, unit: Newcomer, patience: float = PATIENCE) -> float:
    """Wait until a unit has told what it can do and how it stands; gives the seconds."""
    began = time.monotonic()
    while not await _told(site, unit):
        if time.monotonic() - began > patience:
            why = await _why(site, unit)
            raise Fault(unit.name, f"has not told what it is within {patience:.0f} s{why}")
        await asyncio.sleep(PAUSE)
    return time.monotonic() - began


async def _told(site: Client, unit: Newcomer) -> bool:
    ders = await site.devices.ders(unit.lfdi.upper())
    return bool(ders and ders[0].capability and ders[0].status)


async def _why(site: Client, unit: Newcomer) -> str:
    if not unit.address:
        return ""
    found = await site.facility.show(unit.lfdi.upper())
    return f": {found.why}" if found.why else ""
