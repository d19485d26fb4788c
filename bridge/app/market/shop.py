"""What prices and texts become on the 2030.5 side: documents in the lists that the standard has for them.

A price is an interval of a component of a tariff profile, one profile for each sender, provider and label; a
text is a message of the sender's own programme. mRIDs are made from whom and what they are of and end in the
issuer's number, so that the larger number is the newer one. Rows are added to a work; nothing is committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from bridge.app.market.asked import Asked
from bridge.app.market.section import Market
from bridge.core.events import State
from bridge.sep2 import audience, canon, draft, events, groups, mrid, plain, tree
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work

HEAD, TAIL = 16, 8
TEXT = 32
RECEIPT, PERSON, NONE = 1, 4, 0


def seed(*parts: object) -> str:
    """Give what a thing is known by, as one text."""
    return "|".join(map(str, parts))


def mark(work: Work, known: str, issued: int) -> str:
    """Give the mRID of an event: the larger the number, the larger it is."""
    head = sha256(known.encode()).hexdigest()[:HEAD].upper()
    return f"{head}{issued:08X}{mrid.made(known, work.policy)[-TAIL:]}"


async def home(work: Work, list_: str, type_: str, known: str, fields: Mapping[str, Any]) -> Row:
    """Give the profile or programme that events stand in; where there is none, make it, with its group."""
    name = mrid.kept(known, work.policy)
    was = next(iter(await work.shelf.marked(type_, name)), None)
    if was is not None:
        return was
    title = str(fields["description"])
    group = await groups.make(work, {"name": title, "fsa": {"description": title[:TEXT]}})
    href = f"{list_}/{await work.shelf.fresh()}"
    said = {"mRID": name, **fields, "description": title[:TEXT]}
    made = await plain.made(work, list_, draft.body(type_, said), href)
    return work.put(made._replace(grp=group.href))


async def within(work: Work, parent: str, type_: str, href: str, fields: Mapping[str, Any]) -> Row:
    """Add a resource that is no event."""
    return work.put(await plain.made(work, parent, draft.body(type_, fields), href))


async def event(  # noqa: PLR0917 - what it is made of
    work: Work, list_: str, type_: str, asked: Asked, fields: Mapping[str, Any], of: str = ""
) -> Row:
    """Give the event of a request: the one that is there by its mRID, or a new one for its audience.

    `of` is the mRID of the event that it goes with, so that both are for the same.
    """
    was = next(iter(await work.shelf.marked(type_, fields["mRID"])), None)
    if was is not None:
        return was
    word = asked.message
    created = await _created(work, list_, int(fields["mRID"], 16))
    said = {
        "creationTime": created,
        "EventStatus": {"currentStatus": 0, "dateTime": created, "potentiallySuperseded": False},
        "start": int(word.start),
        "duration": int(word.duration),
        **fields,
    }
    made = await events.stored(work, tree.spot(list_), draft.body(type_, said))
    first = audience.name(of or fields["mRID"], asked.audience[:HEAD])
    record = word.model_copy(update={"mRID": fields["mRID"]}).model_dump_json(exclude_none=True).encode()
    return _again(work, made._replace(grp=first, record=record))


async def _created(work: Work, list_: str, own: int) -> int:
    """Give when an event counts as made: not after those with a larger number, whatever came in first."""
    page = await work.shelf.children(list_, Cut(limit=events.EVERY, ending=work.now))
    later: list[int] = [canon.obj(row).creationTime for row in page.rows if int(row.mark or "0", 16) > own]
    return min([work.now, *later])


def _again(work: Work, row: Row) -> Row:
    """Put a row in place of the one that was just added for its address."""
    for at, change in enumerate(work.changes):
        if change.href == row.href:
            work.changes[at] = change._replace(row=row)
    return row


def replies(said: Market, *, person: bool) -> str:
    """Give the bits of responseRequired: that it was received, and that a person has seen it."""
    return f"{(RECEIPT if said.receipts else NONE) | (PERSON if person else NONE):02X}"


def ended(work: Work, row: Row) -> None:
    """Cancel an event (IEEE 2030.5-2018 10.2.3)."""
    made = canon.obj(row)
    status = made.EventStatus.model_copy(update={"currentStatus": int(State.CANCELLED), "dateTime": work.now})
    if made.EventStatus.currentStatus != State.CANCELLED:
        work.amend(row, body=canon.amended_row(row, EventStatus=status))
