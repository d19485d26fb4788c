"""Who an event is for, where that is not everybody who sees its programme: events that are addressed.

An event that hangs from an audience is seen by the devices that have an Addressed row for it, by those who
hold such a device, and by operators; for anybody else it is not there. Where it was taken back from a device,
the row is of another type. Beyond that it is an event like any other. One device of an aggregator stands for
all: a row names it, so that nobody goes through those of all.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge.core import succession
from bridge.sep2 import ours, windows
from bridge.sep2.shelf import HIDDEN, Row
from bridge.sep2.work import Trace, Work

PLACE = f"{HIDDEN}audience"
TYPE, WITHDRAWN = "Addressed", "Withdrawn"
WITNESS = "Witness"
"""Type of the row that names a device of an aggregator in an audience; a hint that is checked each time."""
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
    lfdi = work.caller.lfdi
    if work.caller.role != "aggregator":
        return await within(work.shelf, audience, lfdi)
    if await _witnessed(work.shelf, audience, lfdi):
        return True
    everybody = await work.shelf.grouped(TYPE, audience)
    if everybody and "held" not in work.memo:
        work.memo["held"] = frozenset(await windows.holding(work))
    return any(row.owner in work.memo["held"] for row in everybody)


async def _witnessed(shelf: Trace, audience: str, aggregator: str) -> bool:
    """Whether a device that was named as one in an audience is still in it, and the aggregator's."""
    for row in await shelf.owned(WITNESS, aggregator, audience):
        device = ours.read(row)["device"]
        holders = [one.grp for one in await shelf.marked("EndDevice", device)]
        if aggregator in holders and await within(shelf, audience, device):
            return True
    return False


def witness(place: str, audience: str, device: Row) -> Row:
    """Give the row that names a device in an audience to its aggregator, once for what stands at a place."""
    list_ = f"{place}/witness"
    body = ours.body({"device": device.mark})
    return Row(f"{list_}/{device.grp}", list_, WITNESS, body, owner=device.grp, grp=audience)


async def within(shelf: Trace, audience: str, device: str) -> bool:
    """Whether an event of an audience is for a device."""
    return bool(await shelf.owned(TYPE, device, audience))


def claimed(work: Work, row: Row, claim: succession.Claim) -> succession.Claim:
    """Give what an event asks for, as the caller sees it.

    To a device every event that it sees is its own. Whoever sees those of several devices is shown that one
    takes the place of another only where both went to the same addresses.
    """
    if not addressed(row) or not claim.asks or work.caller.role not in {"operator", "aggregator"}:
        return claim
    return claim._replace(asks=frozenset({row.grp.rpartition("-")[2]}))
