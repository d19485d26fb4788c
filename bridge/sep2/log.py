"""The log of an EndDevice: events newest first, a bounded number of them kept, each with its canonical alarm.

IEEE 2030.5-2018 9.5, CSIP BASIC-027. What was taken first goes first when the log is full, whatever its own
clock said, so that a device with a wrong clock never finds its news dropped at once. What comes twice is kept
once.
"""

from __future__ import annotations

from bridge.sep2 import canon, ours, plain
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Answer
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

LEAST = 10
"""Events that every log keeps (BASIC-027)."""
EVERY = 1_000_000_000


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """Take an event of a log."""
    rows = (await work.shelf.children(spot.href, Cut(limit=EVERY))).rows
    twin = next((row for row in rows if row.body == body.data and row.profile == body.profile), None)
    if twin:
        return Answer(204, location=twin.href)
    href = f"{spot.href}/{await work.shelf.fresh()}"
    work.put(await kept(work, spot.href, body, href))
    most = max(work.policy.log_events, LEAST)
    oldest = sorted(rows, key=lambda row: ours.number(row.href))
    for row in oldest[: max(len(rows) + 1 - most, 0)]:
        work.drop(row)
    return Answer(201, location=href)


async def replaced(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Put an event in the place of what is there."""
    parent = spot.href.rpartition("/")[0]
    work.put(await kept(work, parent, body, spot.href), row)
    return Answer(204) if row else Answer(201, location=spot.href)


async def kept(work: Work, parent: str, body: Body, href: str) -> Row:
    """Give the row of an event of a log."""
    row = await plain.made(work, parent, body, href)
    about = canon.envelope(work, href, (row.owner,) if row.owner else ())
    return row._replace(record=canon.record(body.obj, body.profile, about))
