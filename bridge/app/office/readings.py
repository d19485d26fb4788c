"""Readings, asked for by device, time and what they measure; each series oldest first.

What was mirrored is filed as readings of usage points (IEEE 2030.5-2018 10.4); here their rows are read, set
by set, with what their ReadingType says of them. Nothing is added up or filled in.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.app.office import found, mirrors
from bridge.app.office.call import Call
from bridge.app.office.cursor import nested
from bridge.sdk.forms.kinds import Page
from bridge.sdk.forms.records import Reading, ReadingQuery
from bridge.sep2 import canon, groups
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work

Kinds = dict[str, dict[str, Any]]
"""What the ReadingTypes of series say, by the address of the series."""
ASKED = ("uom", "kind", "phase", "flow")


async def list_(call: Call, query: ReadingQuery) -> Page[Reading]:
    """Readings."""
    work = call.work
    owner = None if query.device is None else await found.owner(work.shelf, query.device)
    among = None if query.mirror is None else (f"/upt/{query.mirror}",)
    kinds: Kinds = {}

    async def sets(row: Row) -> list[str]:
        return await _sets(work, row, query, kinds)

    async def show(row: Row) -> Reading | None:
        early = query.until is None or row.at < query.until
        late = query.since is None or row.at >= query.since
        return form(row, kinds["/".join(row.href.split("/")[:5])]) if early and late else None

    return await nested(work.shelf, ("/upt", Cut(owner=owner, among=among)), sets, query, show)


async def _sets(work: Work, point: Row, query: ReadingQuery, kinds: Kinds) -> list[str]:
    """The lists of readings of a usage point that may hold what is asked for."""
    found_: list[str] = []
    for meter in (await work.shelf.children(f"{point.href}/mr", Cut(limit=groups.EVERY))).rows:
        type_ = await work.shelf.get(f"{meter.href}/rt")
        kind = mirrors.typed(canon.obj(type_) if type_ else None)
        if any(getattr(query, name) not in {None, kind.get(name)} for name in ASKED):
            continue
        kinds[meter.href] = {**kind, "series": meter.mark, "mirror": point.href, "device": point.owner}
        cut = Cut(limit=groups.EVERY, ending=query.since)
        rows = (await work.shelf.children(f"{meter.href}/rs", cut)).rows
        timely = [row for row in rows if query.until is None or row.at < query.until]
        found_ += [
            f"{row.href}/r" for row in sorted(timely, key=lambda row: (row.at, len(row.href), row.href))
        ]
    return found_


def form(row: Row, kind: dict[str, Any]) -> Reading:
    """A reading's row as it is shown."""
    made, period = canon.obj(row), canon.obj(row).timePeriod
    multiplier = kind.get("multiplier", 0)
    return Reading(
        href=row.href,
        device=kind["device"],
        series=kind["series"],
        mirror=kind["mirror"],
        start=period.start if period else None,
        duration=period.duration if period else None,
        value=None if made.value is None else Decimal(made.value).scaleb(multiplier),
        raw=made.value,
        quality=made.qualityFlags,
        **{name: kind.get(name) for name in ASKED},
    )
