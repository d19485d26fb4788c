"""Lists that show each caller its own part: devices, and what hangs from the groups that a caller is in.

A plain device's EndDeviceList holds itself alone, an aggregator's its own entry and then its devices (CSIP
2.1, 5.2.1; CSIP-AUS 5.2), programmes are those of the caller's groups. An operator sees everything. A list
is read by what the caller has, never by going through what others have.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge.sep2 import groups
from bridge.sep2.shelf import Cut, Page, Row
from bridge.sep2.tree import Spot
from bridge.sep2.work import Work

OPEN = frozenset({"File", "ResponseSet"})
"""Types that every registered client may read where they hang from no group."""
NONE = Page((), 0)


def page(rows: Iterable[Row], cut: Cut) -> Page:
    """Give the part of some rows that a cut asks for."""
    ranked = sorted(rows, key=lambda row: (row.rank, len(row.href), row.href))
    found = [row for row in ranked if _fits(row, cut)]
    return Page(tuple(found[cut.start : cut.start + cut.limit]), len(found))


def _fits(row: Row, cut: Cut) -> bool:
    return (
        (cut.after is None or row.at > cut.after)
        and (cut.active is None or (row.at <= cut.active and (not row.until or cut.active < row.until)))
        and (cut.ending is None or not row.until or row.until > cut.ending)
    )


async def devices(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the EndDevices that the caller may see."""
    role, lfdi = work.caller.role, work.caller.lfdi
    if role == "operator":
        return await work.shelf.children(spot.href, cut)
    if role == "aggregator":
        return await work.shelf.children(spot.href, cut._replace(grp=lfdi))
    return page(await work.shelf.owned("EndDevice", lfdi), cut)


async def hanging(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give what hangs from the caller's groups, or is its own, or is open to all."""
    member = spot.node.member
    if work.caller.role == "operator":
        return await work.shelf.children(spot.href, cut)
    if work.caller.role == "stranger":
        return NONE
    found = {row.href: row for row in await groups.programmes(work.shelf, work.caller.lfdi, member)}
    for lfdi in await holding(work):
        found.update({row.href: row for row in await work.shelf.owned(member, lfdi)})
    if member in OPEN:
        found.update({row.href: row for row in await work.shelf.grouped(member, "") if not row.owner})
    return page(found.values(), cut)


async def holding(work: Work) -> tuple[str, ...]:
    """Give the LFDIs of the devices that the caller speaks for."""
    if work.caller.role != "aggregator":
        return (work.caller.lfdi,)
    return tuple(row.mark for row in await work.shelf.grouped("EndDevice", work.caller.lfdi))
