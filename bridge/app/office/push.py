"""Notices to endpoints: those on their way, and dead letters, which are repeated or dropped.

The rows are the postman's (`bridge.app.push`), which hears of every change here and does the rest. A dead
letter is repeated only while its body may still be picked up; what is on its way cannot be dropped.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong
from bridge.app.office.cursor import paged
from bridge.app.push import rows
from bridge.app.push.rows import Letter
from bridge.sdk.forms.kinds import Page
from bridge.sdk.forms.push import Notice, NoticeQuery
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work


async def one(work: Work, number: str) -> Notice:
    """A notice as it is shown."""
    return form(rows.letter(await found.thing(work.shelf, f"{ours.LETTERS}/{int(number)}")))


def form(said: Letter) -> Notice:
    """A letter as it is shown."""
    names = ("endpoint", "organisation", "made", "tries", "reason", "dead")
    shown = {name: getattr(said, name) for name in names} | said.notice._asdict()
    return Notice(id=said.number, due=int(said.due), **shown)


async def list_(call: Call, query: NoticeQuery) -> Page[Notice]:
    """Notices on their way, and dead letters."""

    async def show_(row: Row) -> Notice | None:
        said = rows.letter(row)
        wanted = query.dead in {None, said.dead} and query.endpoint in {None, said.endpoint}
        return form(said) if wanted else None

    plain = query.dead is None and query.endpoint is None
    cut = Cut(owner=query.organisation)
    return await paged(call.work.shelf, ours.LETTERS, cut, query, show_, counted=plain)


async def show(call: Call) -> Notice:
    """One notice."""
    return await one(call.work, call.path["letter"])


async def _dead(call: Call) -> tuple[Row, Letter]:
    row = await found.thing(call.work.shelf, f"{ours.LETTERS}/{call.number('letter')}")
    said = rows.letter(row)
    if not said.dead:
        raise Wrong(409, "it is on its way")
    return row, said


async def repeat(call: Call) -> Reply:
    """Have a dead letter told again."""
    row, said = await _dead(call)
    if said.notice.expires <= call.work.now:
        raise Wrong(409, "its body is not to be had any more")
    again = said._replace(tries=0, due=Decimal(call.work.now), since=0, dead=False)
    call.work.put(rows.sent(again), row)
    return found.shown(one, str(said.number))


async def drop(call: Call) -> None:
    """Forget a dead letter."""
    row, _ = await _dead(call)
    call.work.drop(row, deep=False)
