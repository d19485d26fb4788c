"""Roles that are assigned: one row for each LFDI, with area, time and a revision counted up at each change.

A row replaces whatever a certificate claims, and what an operators' root gives, also when it is empty: so a
role that is taken away stays away (IEC 62351-8; device certificates never expire, so roles are kept here and
not in them). Claims are believed below an operators' root alone. Nothing here commits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from bridge.core.access import roles
from bridge.core.access.roles import Grant, Role
from bridge.sep2 import ours
from bridge.sep2.permit import Permit, checked
from bridge.sep2.shelf import Cut, Row, Shelf
from bridge.sep2.talk import Peer, Told
from bridge.sep2.work import Access, Trace, Work
from bridge.trust.credential import Claim

TYPE = "Roles"
DEVICE = (Grant(Role.DEVICE, source="permit"),)
AGGREGATOR = (Grant(Role.AGGREGATOR, source="permit"), *DEVICE)
STRANGER = (Grant(Role.STRANGER),)
DEFINITIONS = frozenset({"", "IEC62351-8", "IEC 62351-8"})
"""Names of the definition of roles that we know."""
EVERY = 1_000_000


class Assigned(NamedTuple):
    """What a row says."""

    grants: tuple[Grant, ...] = ()
    revision: int = 0


def href(lfdi: str) -> str:
    """Give the address of what is assigned to an LFDI."""
    return f"{ours.ROLES}/{lfdi}"


async def of(shelf: Shelf | Trace, lfdi: str) -> Assigned | None:
    """Give what is assigned to somebody; None where nothing ever was."""
    row = await shelf.get(href(lfdi))
    return read(row) if row else None


def read(row: Row) -> Assigned:
    """Give what a row says."""
    return _read(row.body)


@lru_cache(maxsize=4096)
def _read(body: bytes) -> Assigned:
    said = ours.read(Row("", "", "", body))
    grants = tuple(
        Grant(Role[one["role"]], one["area"], "assignment", one["since"], one["until"])
        for one in said["roles"]
    )
    return Assigned(grants, said["revision"])


def _said(told: Assigned) -> bytes:
    rows: list[dict[str, Any]] = [
        {"role": roles.named(one.role), "area": one.area, "since": one.since, "until": one.until}
        for one in told.grants
    ]
    return ours.body({"roles": rows, "revision": told.revision})


# -------------------------------------------------------------------------------------------- who has what


async def staff(work: Trace, peer: Peer, known: Permit, access: Access, now: int) -> Assigned:
    """Give the roles of staff that somebody has: what was assigned, else what the certificate says."""
    row = await of(work, peer.lfdi)
    if row is not None:
        work.stale(roles.turn(row.grants, now))
        grants = tuple(one for one in row.grants if one.holds(now))
        return Assigned(roles.separated(grants) if access.separation else grants, row.revision)
    rooted = "operator" in peer.roles
    if peer.claims and rooted:
        grants = claimed(peer.claims)
        return Assigned(roles.separated(grants) if access.separation else grants)
    if not rooted and known.role != "operator":
        return Assigned()
    return Assigned(await bootstrap(work, access, "certificate" if rooted else "permit", now))


async def bootstrap(shelf: Shelf | Trace, access: Access, source: str, now: int) -> tuple[Grant, ...]:
    """Give what an operator is, of whom nothing was said: all, or what separation of duties leaves."""
    if not access.separation:
        return BOOTSTRAPS[source]
    taken = await held(shelf, Role.SECADM, now)
    return tuple(Grant(role, source=source) for role in ((Role.VIEWER,) if taken else roles.FIRST))


BOOTSTRAPS = {
    source: tuple(Grant(role, source=source) for role in roles.BOOTSTRAP)
    for source in ("certificate", "permit")
}


async def held(shelf: Shelf | Trace, role: int, now: int, besides: str = "") -> bool:
    """Whether somebody is assigned a role that is in force, one LFDI left aside."""
    rows = (await shelf.children(ours.ROLES, Cut(limit=EVERY))).rows
    found = (one for row in rows if row.mark != besides for one in read(row).grants)
    return any(one.role == role and one.holds(now) for one in found)


def claimed(claims: tuple[Claim, ...]) -> tuple[Grant, ...]:
    """Give the roles of a certificate's claims; what we cannot read in full gives none."""
    return tuple(
        Grant(role, "" if one.area == "*" else one.area, "certificate")
        for one in claims
        if one.definition in DEFINITIONS and one.operation is None
        if one.area == "*" or (one.area and roles.area_ok(one.area))
        for role in one.roles
        if 0 <= role <= Role.RBACMNT
    )


# ------------------------------------------------------------------------------------------------- changes


async def give(work: Work, lfdi: str, grant: Grant, begin: tuple[Grant, ...] = ()) -> Row:
    """Assign a role; the same role in the same area is assigned anew."""
    mark = checked(lfdi)
    row, was = await _was(work, mark, begin)
    kept = tuple(one for one in was.grants if (one.role, one.area) != (grant.role, grant.area))
    return _put(work, mark, row, was, (*kept, grant._replace(source="assignment")))


async def take(
    work: Work, lfdi: str, role: int, area: str | None = None, begin: tuple[Grant, ...] = ()
) -> Row:
    """Take a role away, everywhere or in one area; Told 404 where there is none."""
    mark = checked(lfdi)
    row, was = await _was(work, mark, begin)
    kept = tuple(one for one in was.grants if one.role != role or area not in {None, one.area})
    if len(kept) == len(was.grants):
        raise Told(404, f"{mark} is no {roles.named(role)}{f' in {area}' if area else ''}")
    return _put(work, mark, row, was, kept)


async def _was(work: Work, mark: str, begin: tuple[Grant, ...]) -> tuple[Row | None, Assigned]:
    row = await work.shelf.get(href(mark))
    return row, read(row) if row else Assigned(begin)


def _put(work: Work, mark: str, row: Row | None, was: Assigned, grants: tuple[Grant, ...]) -> Row:
    if work.policy.access.separation and {one.role for one in grants} >= roles.PAIR:
        raise Told(409, "duties are separated: nobody is OPERATOR and SECADM")
    body = _said(Assigned(grants, was.revision + 1))
    return work.put(Row(href(mark), ours.ROLES, TYPE, body, mark=mark, owner=mark), row)
