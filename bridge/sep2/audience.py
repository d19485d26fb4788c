"""Who an event is for, where that is not everybody who sees its programme: events that are addressed.

An event that hangs from an audience is seen by the devices that have an Addressed row for it, by those who
hold such a device, and by operators; for anybody else it is not there. A device for which it was taken back
has a row of another type. Beyond that it is an event like any other. Never writes.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge.core import succession
from bridge.sep2 import windows
from bridge.sep2.shelf import HIDDEN, Row
from bridge.sep2.work import Trace, Work

PLACE = f"{HIDDEN}audience"
TYPE, WITHDRAWN = "Addressed", "Withdrawn"
EVENTS = ("TimeTariffInterval", "TextMessage")
"""Types of events that may be addressed."""


def name(mark: str, digest: str) -> str:
    """Give the audience of an event: by its mRID and by a digest of whom it was first sent to."""
    return f"{PLACE}/{mark}-{digest}"


def addressed(row: Row) -> bool:
    """Whether an event is for some only."""
    return row.grp.startswith(PLACE)


async def meant(work: Work, rows: Iterable[Row]) -> tuple[Row, ...]:
    """Give those of some events that the caller may see."""
    found = tuple(rows)
    if work.caller.role == "operator" or not any(map(addressed, found)):
        return found
    mine = {row.grp for row in found if addressed(row) and await _mine(work, row.grp)}
    return tuple(row for row in found if not addressed(row) or row.grp in mine)


async def _mine(work: Work, audience: str) -> bool:
    """Whether the caller, or a device that it holds, is in an audience."""
    if work.caller.role != "aggregator":
        return await within(work.shelf, audience, work.caller.lfdi)
    if "held" not in work.memo:
        work.memo["held"] = frozenset(await windows.holding(work))
    held: frozenset[str] = work.memo["held"]
    return any(row.owner in held for row in await work.shelf.grouped(TYPE, audience))


async def within(shelf: Trace, audience: str, device: str) -> bool:
    """Whether an event of an audience is for a device."""
    return any(row.grp == audience for row in await shelf.owned(TYPE, device))


def claimed(work: Work, row: Row, claim: succession.Claim) -> succession.Claim:
    """Give what an event asks for, as the caller sees it.

    To a device every event that it sees is its own. Whoever sees those of several devices is shown that one
    takes the place of another only where both went to the same addresses.
    """
    if not addressed(row) or not claim.asks or work.caller.role not in {"operator", "aggregator"}:
        return claim
    return claim._replace(asks=frozenset({row.grp.rpartition("-")[2]}))
