"""Resources that nobody stores: DeviceCapability, Time, and the server's own SelfDevice.

IEEE 2030.5-2018 10.1, 10.4 (Time); they are written when they are read, from the policy and the clock of
the request, and their links are put in like any other's. Time is stale with the next second. Nothing here
asks a clock of its own.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from bridge.sep2 import document, season
from bridge.sep2.shelf import Row
from bridge.sep2.tree import Spot
from bridge.sep2.work import Work
from bridge.trust import identity

PROFILE = "2018"
_OPERATING = 2
_MAINS = 1
_STALE = 900


async def capability(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the entry to everything."""
    del work, row
    return _row(spot, "DeviceCapability")


async def time(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the time of the request, and how the zone of the policy counts it.

    Local time is said where every reading of it agrees: with no daylight saving ahead, or while it is on.
    """
    del row
    now = season.of(work.policy.zone, work.now)
    work.shelf.stale(work.now + 1)
    on = not now.saved or now.start <= work.now < now.end
    return _row(
        spot,
        "Time",
        currentTime=work.now,
        dstEndTime=now.end,
        dstOffset=now.saved,
        dstStartTime=now.start,
        localTime=work.now + now.offset + now.saved if on else None,
        quality=work.policy.quality,
        tzOffset=now.offset,
    )


async def itself(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the server as a device, where it knows its own certificate."""
    lfdi = work.policy.lfdi
    return row or (_row(spot, "SelfDevice", lFDI=lfdi, sFDI=identity.sfdi(lfdi)) if lfdi else None)


async def information(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give what the server says of its make, unless the operator said it otherwise."""
    if row or not work.policy.lfdi:
        return row
    return _row(
        spot,
        "DeviceInformation",
        lFDI=work.policy.lfdi,
        mfDate=0,
        mfHwVer="-",
        mfID=work.policy.pen,
        mfModel="derbridge",
        mfSerNum=work.policy.lfdi[:8],
        primaryPower=_MAINS,
        secondaryPower=0,
        swActTime=0,
        swVer=version("derbridge")[:32],
    )


async def standing(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the server's own status: it answers, so it operates."""
    if row or not work.policy.lfdi:
        return row
    work.shelf.stale(work.now + _STALE)
    return _row(spot, "DeviceStatus", changedTime=work.now, opState=_OPERATING)


def _row(spot: Spot, type_: str, **fields: Any) -> Row:  # noqa: ANN401 - the fields of the type
    made = document.made(PROFILE, type_, **fields)
    parent = spot.href.rpartition("/")[0]
    return Row(spot.href, parent, type_, document.written(made, type_, PROFILE), PROFILE)
