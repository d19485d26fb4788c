"""Who a caller is, what it may see and what it may do.

Identity is the LFDI of the certificate (IEEE 2030.5-2018 6.3, 6.11; CSIP 2.1, 5.2.1); what that identity
stands for is in the store: its EndDevice, its permit, the devices it holds, the groups these are in. The
tree's table says for each resource which of `any`, `member`, `owner`, `operator` may read or write it. What
a caller may not see does not exist for it (404); what it sees and may not change is forbidden (403). Last,
and for operators alone, the rules of `access` decide.
"""

from __future__ import annotations

from bridge.sep2 import access, assign, doors, groups, permit
from bridge.sep2.shelf import HIDDEN, Row
from bridge.sep2.talk import Ask, Told
from bridge.sep2.tree import Spot, match
from bridge.sep2.work import Caller, Policy, Trace, Work

READS = frozenset({"GET", "HEAD"})


async def caller(ask: Ask, shelf: Trace, policy: Policy) -> Caller:
    """Say who asks, by certificate and by what is known of it; an aggregator has no role of staff."""
    lfdi = ask.peer.lfdi
    known = await permit.of(shelf, lfdi) or permit.Permit(role="")
    edev = next((row.href for row in await shelf.marked("EndDevice", lfdi)), "")
    given = await assign.staff(shelf, ask.peer, known, policy.access, ask.now)
    rooted = "operator" in ask.peer.roles
    grants = given.grants
    if known.role == "aggregator" and not rooted:
        role, grants = "aggregator", assign.AGGREGATOR
    elif rooted or known.role == "operator" or grants:
        role = "operator"
        grants = (*grants, *assign.DEVICE) if edev else grants
    else:
        role, grants = ("device", assign.DEVICE) if edev else ("stranger", assign.STRANGER)
    profile = known.profile or policy.profile
    return Caller(lfdi, ask.peer.sfdi, role, edev, profile, known.granted, grants, given.revision)


async def check(work: Work, spot: Spot) -> None:
    """Tell the caller no, unless it may do to this place what it asks."""
    if not work.caller.granted:
        raise Told(403, "access is withdrawn")
    if work.caller.role != "operator":
        await _seen(work, spot)
        if work.ask.method not in READS:
            try:
                await _write(work, spot)
            except Told:
                access.barred(work, spot)
                raise
    await access.ask(work, spot)


async def _seen(work: Work, spot: Spot) -> None:
    """Tell 404 where the place, or what it stands in, is not the caller's to see."""
    if spot.node.read == "operator":
        raise Told(404, "for operators only")
    if spot.node.read == "any" or _top(spot):
        return
    row = await _above(work, spot)
    if row is None or not await visible(work, row):
        raise Told(404, "nothing there for this caller")


async def _above(work: Work, spot: Spot) -> Row | None:
    """Give the resource that decides on a place."""
    top = match(root(spot.href))
    return await doors.found(work, top) if top else None


async def _write(work: Work, spot: Spot) -> None:
    """Tell 403 where the place may not be written by the caller, who may see it."""
    need = spot.node.write
    if need == "operator":
        raise Told(403, "operators only")
    if need == "owner" and work.caller.role == "stranger":
        raise Told(403, "registered devices only")
    if need == "owner" and spot.node.read == "member" and not _top(spot):
        row = await _above(work, spot)
        if row is None or not await _own(work, row):
            raise Told(403, "its owner only")


def root(href: str) -> str:
    """Give the address that decides on all below it: `/edev/3` for `/edev/3/der/1`."""
    return "/".join(href.split("/")[:3])


def _top(spot: Spot) -> bool:
    """Whether a place is below no resource that is someone's; the lists there are filtered themselves."""
    return spot.href.count("/") == 1


async def visible(work: Work, row: Row) -> bool:
    """Whether a resource is one of the caller's: its own, its devices', its groups', its own posting."""
    if work.caller.role == "operator" or await _own(work, row):
        return True
    return row.grp.startswith(HIDDEN) and await within(work, row.grp)


async def _own(work: Work, row: Row) -> bool:
    """Whether a resource belongs to the caller or to a device that it holds, or was posted by it."""
    if work.caller.lfdi in {row.owner, row.grp}:
        return True
    return bool(row.owner) and await holds(work, row.owner)


async def holds(work: Work, lfdi: str) -> bool:
    """Whether a device is the caller itself, or held by it."""
    if lfdi == work.caller.lfdi:
        return True
    if work.caller.role != "aggregator":
        return False
    return any(row.grp == work.caller.lfdi for row in await work.shelf.marked("EndDevice", lfdi))


async def within(work: Work, group: str) -> bool:
    """Whether the caller, or a device that it holds, is in a group."""
    if work.caller.role == "stranger":
        return False
    return any(row.href == group for row in await groups.groups(work.shelf, work.caller.lfdi))
