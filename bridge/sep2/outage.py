"""Outages as rows: what operators said, how each unit stands by that and by its own status, every change.

How a unit stands is worked out in the commit that changes it: a DERStatus, an operator's entry, or an edge
of one by the clock (bridge/app/warden.py). Each change is a canonical Status of its own (docs/outage.md).
The rule itself is in `bridge.core.outage`; nothing here commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bridge.core import outage
from bridge.core.outage import Entry, Report, Standing
from bridge.sep2 import canon, events, groups, ours, place, standing
from bridge.sep2.shelf import Row, Shelf
from bridge.sep2.standing import ENTRY, TURN, Held, entry, held, href
from bridge.sep2.work import Trace, Work
from models.der import messages

# ------------------------------------------------------------------------------------------------ reading


async def entries(shelf: Trace, lfdi: str) -> tuple[Row, ...]:
    """Give what operators said of a unit: of itself, and of the groups that it is in."""
    own = await shelf.owned(ENTRY, lfdi)
    line = [row for each in await groups.groups(shelf, lfdi) for row in await shelf.grouped(ENTRY, each.href)]
    return (*own, *line)


async def concerned(shelf: Shelf | Trace, row: Row) -> tuple[str, ...]:
    """Give the units that an entry is about."""
    return (row.owner,) if row.owner else await groups.members(shelf, row.grp)


async def rated(shelf: Shelf | Trace, lfdi: str) -> dict[str, Decimal]:
    """Give what each DER of a unit can do, in W, by number, as far as it has said."""
    found: dict[str, Decimal] = {}
    for type_, kind in tuple(place.RATED.items())[::-1]:
        for row in await shelf.owned(type_, lfdi):
            watts = kind.model_validate_json(row.record).ratings.WMax if row.record else None
            if watts is not None:
                found[_der(row.href)] = abs(watts.value)
    return found


def _der(at: str) -> str:
    """Give the number of the DER that a document belongs to."""
    return at.split("/")[4]


# ------------------------------------------------------------------------------------------------- judging


async def heard(work: Work, row: Row) -> None:
    """Take what a DER's status says, where that is news."""
    if not row.owner:
        return
    was = held(await work.shelf.get(href(row.owner)))
    report = await _judged(work, row)
    if was.reports.get(_der(row.href), Report()) != report:
        await settle(work, row.owner, {_der(row.href): report})


async def _judged(work: Work, row: Row) -> Report:
    said = messages.Status.model_validate_json(row.record).operation if row.record else None
    if said is None:
        return Report()
    found = outage.reported(said, frozenset())
    if found.state is None:
        return found
    near = await work.shelf.get(f"{row.parent}/dera")
    avail = messages.Status.model_validate_json(near.record).availability if near and near.record else None
    left = avail.statWAvail.value if avail and avail.statWAvail else None
    return outage.reported(said, await _asked(work, row.owner), left)


async def _asked(work: Work, lfdi: str) -> frozenset[str]:
    """Give the modes that a unit is asked for now, by controls that run and by defaults."""
    found: set[str] = set()
    for programme in await groups.programmes(work.shelf, lfdi):
        for row in await events.running(work, f"{programme.href}/derc"):
            found |= _modes(canon.control(row.record).modes)
        default = await work.shelf.get(f"{programme.href}/dderc")
        if default and default.record:
            found |= _modes(messages.Default.model_validate_json(default.record).modes)
    return frozenset(found)


def _modes(modes: messages.Modes) -> set[str]:
    return {name for name in type(modes).model_fields if getattr(modes, name) is not None}


async def settle(work: Work, lfdi: str, fresh: Mapping[str, Report] | None = None) -> Standing:
    """Work out how a unit stands; where that is other than before, add it and its change to the work."""
    at = href(lfdi)
    row = await work.shelf.get(at)
    was = held(row)
    now = await judged(work, lfdi, was, fresh)
    if row is None and now.standing.state is None and not any(each.state for each in now.reports.values()):
        return now.standing
    if not _same(was.standing, now.standing):
        since = now.standing._replace(since=work.now, source=now.standing.source or was.standing.source)
        await _turned(work, lfdi, since, now.rated)
        now = now._replace(standing=since)
    elif now.reports == was.reports and now.rated == was.rated:
        return was.standing
    else:
        now = now._replace(standing=was.standing)
    work.put(standing.kept(work, lfdi, now), row)
    return now.standing


async def judged(work: Work, lfdi: str, was: Held, fresh: Mapping[str, Report] | None = None) -> Held:
    """Give how a unit stands now, by entries as this work leaves them, and by its reports."""
    gone = {change.href: change.row for change in work.changes}
    rows = [gone.get(row.href, row) for row in await entries(work.shelf, lfdi)]
    lines = {lfdi, *(each.href for each in await groups.groups(work.shelf, lfdi))}
    known = {row.href for row in rows if row}
    rows += [
        row for row in gone.values()
        if row and row.type == ENTRY and row.href not in known and {row.owner, row.grp} & lines
    ]  # fmt: skip
    rates, reports = await rated(work.shelf, lfdi), {**was.reports, **(fresh or {})}
    ders = sorted({*rates, *reports} or {"1"})
    report = outage.whole((reports.get(der, Report()), rates.get(der)) for der in ders)
    could = sum(rates.values(), Decimal(0)) if rates.keys() >= set(ders) else None
    found = outage.standing([entry(row) for row in rows if row], report, could, work.now)
    return Held(found, reports, could)


def _same(was: Standing, now: Standing) -> bool:
    """Whether nobody need be told: all but since when it is so, and whose entry it is."""
    return was._replace(since=0, entry="") == now._replace(since=0, entry="")


# ------------------------------------------------------------------------------------------------ writing


async def _turned(work: Work, lfdi: str, now: Standing, rate: Decimal | None) -> None:
    """Add a change to the history."""
    at = f"{ours.TURNS}/{await work.shelf.fresh()}"
    record = standing.status(work, at, now, rate, devices=(lfdi,))
    work.put(Row(at, ours.TURNS, TURN, b"{}", owner=lfdi, at=now.since, record=record))


async def declare(work: Work, said: Entry, *, lfdi: str = "", group: str = "") -> Row:
    """Keep what an operator says of a unit or a group; who stands otherwise for it is added."""
    at = f"{ours.OUTAGES}/{await work.shelf.fresh()}"
    return await amend(work, said._replace(name=at), Row(at, ours.OUTAGES, ENTRY, owner=lfdi, grp=group))


async def amend(work: Work, said: Entry, row: Row) -> Row:
    """Put an entry in place of its earlier edition, or in its place for the first time."""
    made = standing.spelled(work, said, row)
    work.put(made, row if row.version else None)
    for lfdi in await concerned(work.shelf, made):
        await settle(work, lfdi)
    return made


# ------------------------------------------------------------------------------------------------- groups


async def of(shelf: Shelf | Trace, group: str) -> outage.Sum:
    """Give how the units of a group stand together, by how each of them was left."""
    parts: list[tuple[Standing | Report, Decimal | None]] = []
    for lfdi in await groups.members(shelf, group):
        rates = await rated(shelf, lfdi)
        could = sum(rates.values(), Decimal(0)) if rates else None
        parts.append((held(await shelf.get(href(lfdi))).standing, could))
    return outage.together(parts)
