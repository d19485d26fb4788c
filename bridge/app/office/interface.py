"""Versions of interfaces: what an operator announces of them, who uses them, what those were told.

Kept by `bridge.sep2.interfaces`; what the configuration announces is changed there alone. What this worker
has counted is written before users are shown.
"""

from __future__ import annotations

from contextlib import suppress

from bridge.app.doorway import CONFIGURED
from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.app.office.cursor import paged, whole
from bridge.core import lifecycle
from bridge.core.lifecycle import TABLE, Life
from bridge.sdk.forms.interface import (
    Deprecation,
    Interface,
    Retirement,
    Told,
    ToldQuery,
    User,
    UserQuery,
)
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import interfaces, ours
from bridge.sep2.shelf import Conflict, Cut, Row
from bridge.sep2.work import Work
from models.der import messages


async def one(work: Work, name: str) -> Interface:
    """A version as it is shown."""
    row, known = await work.shelf.get(interfaces.href(name)), TABLE[name]
    life, uses = interfaces.read(row), await interfaces.uses(work.shelf, name)
    return Interface(
        version=found.edition(row) if row else "0", name=name, kind=known.kind, about=known.about,
        state=life.stage(work.now), deprecated=life.deprecated or None, sunset=life.sunset or None,
        successor=life.successor or known.successor, to=life.to, link=life.link, reason=life.reason,
        by=interfaces.by(row) if row else "", users=len(uses),
        last=max((each.last for each in uses), default=None),
    )  # fmt: skip


def _name(call: Call) -> str:
    name = call.path["interface"]
    if name not in TABLE:
        raise Wrong(404, f"there is no interface {name}; there are {', '.join(TABLE)}")
    return name


async def list_(call: Call) -> Page[Interface]:
    """The versions."""
    await _counted(call)
    return whole([await one(call.work, name) for name in TABLE])


async def show(call: Call) -> Interface:
    """One version."""
    await _counted(call)
    return await one(call.work, _name(call))


async def _counted(call: Call) -> None:
    """Have written what was counted; what meets another's writing is written later."""
    with suppress(Conflict):
        await call.context.census.write(whole=True)


# ------------------------------------------------------------------------------------------ announcements


async def deprecate(call: Call, said: Deprecation) -> Reply:
    """Announce that a version is deprecated."""
    name, was = _name(call), await _open(call)
    at = call.work.now if said.at is None else said.at
    return await _declared(call, name, _said(name, was, said)._replace(deprecated=at))


async def retire(call: Call, said: Retirement) -> Reply:
    """Announce from when on a version is served no more."""
    name, was = _name(call), await _open(call)
    at = call.work.now if said.at is None else said.at
    life = _said(name, was, said)
    return await _declared(
        call, name, life._replace(deprecated=was.deprecated or min(call.work.now, at), sunset=at)
    )


async def _open(call: Call) -> Life:
    """Give what was announced; Wrong (409) where the configuration did."""
    row = await call.work.shelf.get(interfaces.href(_name(call)))
    if row is not None and interfaces.by(row) == CONFIGURED:
        raise Wrong(409, "the configuration announces this; change it there")
    return interfaces.read(row)


def _said(name: str, was: Life, said: Deprecation) -> Life:
    """Give what is announced now over what was: a usual successor is served at its usual place."""
    known = TABLE[name]
    successor = said.successor or was.successor or known.successor
    usual = known.to if successor == known.successor else ""
    kept = was.to if successor == was.successor else ""
    return was._replace(
        successor=successor, to=said.to or kept or usual,
        link=was.link if said.link is None else said.link,
        reason=was.reason if said.reason is None else said.reason,
    )  # fmt: skip


async def _declared(call: Call, name: str, life: Life) -> Reply:
    await _counted(call)
    if fault := lifecycle.wrong(name, life, await interfaces.lives(call.work.shelf)):
        raise wrong(f"/{fault[0]}", fault[1])
    await interfaces.declare(call.work, name, life)
    return found.shown(one, name)


async def restore(call: Call) -> Reply:
    """Take back what was announced."""
    name = _name(call)
    await _open(call)
    await interfaces.restore(call.work, name)
    return found.shown(one, name)


# -------------------------------------------------------------------------------------------------- users


async def users(call: Call, query: UserQuery) -> Page[User]:
    """Who uses a version."""
    name, shelf = _name(call), call.work.shelf
    await _counted(call)

    async def show_(row: Row) -> User:
        said = interfaces.use(row)
        device = next(iter(await shelf.marked("EndDevice", said.lfdi)), None)
        number = ours.number(device.href) if device else None
        return User(lfdi=said.lfdi, device=number, times=said.times, first=said.first, last=said.last)

    after = None if query.since is None else query.since - 1
    return await paged(shelf, f"{ours.USES}/{name}", Cut(after=after), query, show_)


async def notices(call: Call, query: ToldQuery) -> Page[Told]:
    """What its users were told."""

    async def show_(row: Row) -> Told:
        said = messages.Notice.model_validate_json(row.record)
        lfdis = said.target.device
        return Told(at=row.at, mrid=said.mRID or "", text=said.text, users=len(lfdis), lfdis=lfdis)

    return await paged(call.work.shelf, ours.NOTICES, Cut(grp=interfaces.href(_name(call))), query, show_)
