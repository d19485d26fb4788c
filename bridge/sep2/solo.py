"""A device's own programmes: one for each rank, in a group that has this device alone, made when needed.

What a client of another protocol commands one device stands there, as a DERControl that the device polls
like any other (IEEE 2030.5-2018 10.10.4). The group bears the device's LFDI, so that access takes it for
the device; it goes with the device. Whoever may see the device sees it. Decides nothing.
"""

from __future__ import annotations

from bridge.sep2 import canon, draft, groups, mrid, ours, plain
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Told
from bridge.sep2.work import Trace, Work

LIST, TYPE = "/derp", "DERProgram"
NAME, DESCRIPTION = "device {}", "Commands of IEC 61850"


async def group(shelf: Trace, lfdi: str) -> Row | None:
    """Give the group of a device alone."""
    return next((row for row in await shelf.owned("Group", lfdi) if row.owner == lfdi), None)


async def programme(shelf: Trace, lfdi: str, primacy: int) -> Row | None:
    """Give the device's own programme of a rank, if it was needed before."""
    home = await group(shelf, lfdi)
    rows = await shelf.grouped(TYPE, home.href) if home else ()
    return next((row for row in rows if canon.obj(row).primacy == primacy), None)


async def make(work: Work, lfdi: str, primacy: int) -> Row:
    """Make the programme, and the group where there is none; Told 404 for a device that is not there."""
    home = await group(work.shelf, lfdi) or await _alone(work, lfdi)
    href = f"{LIST}/{await work.shelf.fresh()}"
    facts = {
        "mRID": mrid.kept(f"programme {href}", work.policy),
        "description": DESCRIPTION,
        "primacy": primacy,
    }
    row = await plain.made(work, LIST, draft.body(TYPE, facts), href)
    return work.put(row._replace(grp=home.href))


async def _alone(work: Work, lfdi: str) -> Row:
    """Make the group, with its only member."""
    device = next(iter(await work.shelf.marked("EndDevice", lfdi)), None)
    if device is None:
        raise Told(404, f"there is no device {lfdi}")
    made = await groups.make(work, {"name": NAME.format(device.href.rpartition("/")[2])})
    work.changes.pop()
    home = work.put(made._replace(owner=lfdi, mark=lfdi))
    member = f"{home.href}/member/{ours.number(device.href)}"
    groups.reach(work, home.href, device.grp)
    work.put(Row(member, f"{home.href}/member", "Member", owner=lfdi, grp=home.href))
    return home
