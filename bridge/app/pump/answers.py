"""Statuses in the name of a unit that does not speak IEEE 2030.5, as the responses that a head-end reads.

They are made and judged by `bridge.sep2.response`, as if the unit had posted them: what the owner did not ask
for (responseRequired) is not kept. Beside the document stands the outcome whole, with what 2030.5 has no
place for (AddCause, the reason). Nothing is committed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from bridge.core import primacy
from bridge.core.owing import Owed
from bridge.sep2 import draft, response, tree
from bridge.sep2.shelf import Shelf
from bridge.sep2.talk import Ask, Peer, Told
from bridge.sep2.work import Caller, Policy, Trace, Work
from bridge.trust import identity
from models.der import messages

LONGEST = 192
"""Characters of a reason that a record has room for."""


def work(shelf: Shelf, policy: Policy, unit: str, now: int) -> Work:
    """Give a work in the name of a unit."""
    peer = Peer(unit, identity.sfdi(unit))
    return Work(
        Ask("POST", response.FIRST, peer, now), Caller(unit, peer.sfdi, "device"), policy, Trace(shelf)
    )


async def post(
    work: Work, owed: Iterable[Owed], said: Iterable[messages.Outcome] = ()
) -> tuple[messages.Outcome, ...]:
    """Add a response for each status to a work; give the outcomes, those nobody asked for as well."""
    given = {(primacy.folded(one.subject), one.status): one for one in said}
    found: list[messages.Outcome] = []
    for one in owed:
        whole = given.get((primacy.key(one.record), one.status)) or outcome(work, one)
        found.append(whole)
        await _post(work, one, whole)
    return tuple(found)


def outcome(work: Work, one: Owed) -> messages.Outcome:
    """Give the outcome that says a status."""
    unit, mark, now = work.caller.lfdi, primacy.key(one.record), Decimal(work.now)
    return messages.Outcome(
        id=f"{unit}/{mark}/{one.status}@{work.now}",
        origin=messages.Origin(party=unit, door=messages.Door.core),
        target=messages.Target(device=(one.record.origin.party,)),
        issued=now,
        correlation=one.record.correlation,
        created=now,
        device=unit,
        subject=mark,
        status=one.status,
        reason=one.reason[:LONGEST] if one.reason else None,
    )


async def _post(work: Work, one: Owed, whole: messages.Outcome) -> None:
    """Add the response to an outcome, if it is wanted."""
    spot = tree.match(one.record.replyTo or f"{response.FIRST}/rsp") or tree.spot(f"{response.FIRST}/rsp")
    try:
        await response.posted(work, spot, draft.body(*_document(one, work)))
    except Told:
        return
    row = work.changes[-1].row
    if row is not None:
        work.changes[-1] = work.changes[-1]._replace(
            row=row._replace(record=whole.model_dump_json(exclude_none=True).encode())
        )


def _document(one: Owed, work: Work) -> tuple[str, dict[str, Any]]:
    """Give type and fields of a response; only a control has a type of its own that every edition knows."""
    control = isinstance(one.record, messages.Control)
    return "DERControlResponse" if control else "Response", {
        "createdDateTime": work.now,
        "endDeviceLFDI": work.caller.lfdi,
        "status": one.status,
        "subject": primacy.key(one.record),
    }
