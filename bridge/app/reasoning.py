"""An explanation asked for and shown: the holder in a sentence, a line for each record, then what was said.

It comes from the administration API (`orders.explain`); nothing is decided or worked out here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from bridge.app import contact, screen, wording
from bridge.app.fault import Fault
from bridge.sdk.client import Client
from bridge.sdk.forms.orders import Candidate, ExplainQuery, Explanation
from bridge.sdk.sending import Refused, Unanswered

COLUMNS = ("verdict", "kind", "record", "primacy", "asks for", "from", "until", "by", "door", "told", "why")


def run(asked: tuple[str, str, str], where: Mapping[str, str], *, as_json: bool) -> int:
    """Ask and show; 0 where something holds the mode."""
    found = asyncio.run(_asked(asked, where))
    if as_json:
        screen.record(found.model_dump(mode="json"))
    else:
        show(found)
    return 0 if found.holder else 1


async def _asked(asked: tuple[str, str, str], where: Mapping[str, str]) -> Explanation:
    device, mode, time = asked
    query = wording.form(ExplainQuery, {"said_at": time or None})
    place = contact.find(where)
    async with Client(place.url, place.context()) as client:
        try:
            return await client.orders.explain(device, mode, query)
        except (Refused, Unanswered) as no:
            raise Fault(place.url, str(no)) from no


def show(found: Explanation) -> None:
    """Show it to a person."""
    held = f"is held by {found.holder}" if found.holder else "is held by nobody"
    until = f" until {_moment(found.until)}" if found.until is not None else ""
    way = "told by orders" if found.carried else "comes for its controls by itself"
    screen.say(f"{found.mode} of {found.device} at {_moment(found.at)} {held}{until}; the unit {way}")
    if found.adapter:
        screen.say(f"it is reached by the adapter {found.adapter}")
    if not found.candidates:
        return
    screen.table(COLUMNS, [_row(one, carried=found.carried) for one in found.candidates])
    for line in found.drawing:
        screen.say(line)
    said = [
        (
            one.record,
            _moment(each.at),
            f"{each.status} {each.meaning}".strip(),
            _cause(each.cause),
            each.reason,
        )
        for one in found.candidates
        for each in one.answers
    ]
    if said:
        screen.table(("record", "at", "answer", "AddCause", "reason"), said)


def _row(one: Candidate, *, carried: bool) -> tuple[str, ...]:
    rank = "" if one.primacy is None else str(one.primacy)
    window = (_moment(one.start), _moment(one.end))
    told = one.told if carried else ""
    return (
        one.verdict, one.kind, one.record, rank, one.value, *window, one.party, one.door, told, one.why,
    )  # fmt: skip


def _cause(cause: int | None) -> str:
    return "" if cause is None else str(cause)


def _moment(at: int | None) -> str:
    return "" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
