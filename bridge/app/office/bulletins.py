"""Bulletins: what the operator tells the market, as "Market Closed"; kept as canonical notices, and pushed.

A bulletin is never changed: it is withdrawn, and another one is made. Who is told is said in it, and who
wants to hear of the market is said by the endpoints; nothing is sent here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong
from bridge.app.office.cursor import paged
from bridge.sdk.forms.kinds import Page
from bridge.sdk.forms.push import Bulletin, BulletinNew, BulletinQuery
from bridge.sep2 import canon, mrid, ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work
from models.der import messages

LONGEST = 192
"""Characters of a text that a canonical notice has room for."""


async def one(work: Work, number: str) -> Bulletin:
    """A bulletin as it is shown."""
    return form(await found.thing(work.shelf, f"{ours.BULLETINS}/{int(number)}"))


def form(row: Row) -> Bulletin:
    """A bulletin's row as it is shown."""
    return Bulletin(version=found.edition(row), id=ours.number(row.href), **ours.read(row))


async def list_(call: Call, query: BulletinQuery) -> Page[Bulletin]:
    """The bulletins."""

    async def show_(row: Row) -> Bulletin | None:
        return form(row)

    return await paged(call.work.shelf, ours.BULLETINS, Cut(), query, show_)


async def create(call: Call, said: BulletinNew) -> Reply:
    """Tell the market something."""
    work, number = call.work, await call.work.shelf.fresh()
    href = f"{ours.BULLETINS}/{number}"
    mark = mrid.kept(f"{href}@{work.now}", work.policy)
    body: dict[str, Any] = {
        "mrid": mark, "market": said.market, "title": said.title, "text": said.text or "",
        "priority": said.priority, "start": work.now if said.start is None else said.start,
        "duration": said.duration, "organisations": list(said.organisations), "withdrawn": False,
        "at": work.now,
    }  # fmt: skip
    work.put(
        Row(
            href, ours.BULLETINS, "Bulletin", ours.body(body), mark=mark, rank=f"{number:020d}",
            at=body["start"], record=_record(work, href, body),
        )
    )  # fmt: skip
    return found.shown(one, str(number), location=f"/bulletins/{number}")


def _record(work: Work, href: str, body: dict[str, Any]) -> bytes:
    """The canonical notice."""
    about = canon.envelope(work, href, tuple(body["organisations"]))
    text = f"{body['title']}: {body['text']}" if body["text"] else body["title"]
    return (
        messages.Notice(
            id=about.id, origin=about.origin, target=about.target, issued=about.issued,
            correlation=about.correlation, mRID=body["mrid"], originator=body["market"],
            priority=body["priority"], start=Decimal(body["start"]), duration=Decimal(body["duration"]),
            text=text[:LONGEST],
        )
        .model_dump_json(exclude_none=True)
        .encode()
    )  # fmt: skip


async def show(call: Call) -> Bulletin:
    """One bulletin."""
    return await one(call.work, call.path["bulletin"])


async def withdraw(call: Call) -> Reply:
    """Say that a bulletin holds no more."""
    row = await found.thing(call.work.shelf, f"{ours.BULLETINS}/{call.number('bulletin')}")
    said = ours.read(row)
    if said["withdrawn"]:
        raise Wrong(409, "it is withdrawn already")
    body = ours.body({**said, "withdrawn": True, "at": call.work.now})
    call.work.put(row._replace(body=body), row)
    return found.shown(one, call.path["bulletin"])
